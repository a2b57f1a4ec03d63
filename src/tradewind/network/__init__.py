"""Lanes from warehouses to markets: rate cards, days, calendars and the promise made from them."""
