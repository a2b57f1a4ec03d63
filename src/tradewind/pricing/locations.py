"""One variant from every location that could serve it, while one listed price binds. Pure."""

from collections.abc import Sequence

from tradewind.pricing.errors import DutyIsUnknown
from tradewind.pricing.making import at_price
from tradewind.pricing.model import Landed, LocationPrice, PriceBook, PriceInput
from tradewind.pricing.rules import landed


def landed_by_location(items: Sequence[PriceInput], book: PriceBook, listed: Landed | None = None) -> list[LocationPrice]:
    """One variant from every location that could serve it; the first of `items` is the one whose price is listed.

    `listed` is that price when a person set it, else it is computed. It binds: from another location duty, tax, fees and freight are those of that location at the listed price, and
    what is kept more or less than at the listed location is the business's.
    """
    first = listed or landed(items[0], book)
    found = [LocationPrice(items[0].location_id, items[0].lane_id, True, first, 0 if first.problem is None else None)]
    for item in items[1:]:
        own = landed(item, book)
        found.append(LocationPrice(item.location_id, item.lane_id, False, own, _difference(first, own, item, book)))
    return found


def _difference(listed: Landed, own: Landed, item: PriceInput, book: PriceBook) -> int | None:
    if listed.price_minor is None or own.price_minor is None:
        return None
    try:
        served = at_price(listed.price_minor, own, item, book)
    except DutyIsUnknown:  # the listed price puts the parcel into a band whose duty nobody knows
        return None
    return _kept(listed) - _kept(served)


def _kept(row: Landed) -> int:
    return (row.margin_amount or 0) + (row.ending_amount or 0)
