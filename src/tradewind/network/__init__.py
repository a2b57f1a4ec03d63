"""Lanes from warehouses to markets: rate cards, days, calendars and the promise made from them."""

from tradewind.network.errors import NetworkIsInvalid
from tradewind.network.files import load_network, parse_network
from tradewind.network.model import BAND_STEP_G, Lane, Location, Network, Promise, RateCard, StockAuthority
from tradewind.network.rules import business_days, cut_off, is_business_day, later, promise, public_holidays

__all__ = [
    "BAND_STEP_G",
    "Lane",
    "Location",
    "Network",
    "NetworkIsInvalid",
    "Promise",
    "RateCard",
    "StockAuthority",
    "business_days",
    "cut_off",
    "is_business_day",
    "later",
    "load_network",
    "parse_network",
    "promise",
    "public_holidays",
]
