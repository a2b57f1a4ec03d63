"""A price book turned into lookup tables, once a book: what both forms of the price, Python and SQL, are made from."""

from tradewind.network import BAND_STEP_G
from tradewind.pricing.model import EVERY, DutyRate, FxRate, LaneTerms, Margin, PriceBook
from tradewind.pricing.tariff import CERTAINTIES, PREFIX_LENGTHS

IMPORTED, LOW_VALUE, GENERAL = "imported", "low_value", "general"
"""How duty is owed: paid in bulk before; by the low-value rule of a direct parcel; by the tariff on a direct parcel."""

_KEPT_BOOKS = 64


class BookIndex:
    """The tables of one book as dictionaries."""

    def __init__(self, book: PriceBook) -> None:
        self.book = book
        self.fx: dict[str, FxRate] = {rate.currency: rate for rate in book.fx}
        self.groups = dict(book.origins)
        self.duties: dict[tuple[str, str], DutyRate] = {(duty.group, duty.prefix): duty for duty in book.duties}
        self.lanes: dict[str, LaneTerms] = {lane.lane_id: lane for lane in book.lanes}
        self.bands: dict[tuple[str, int], int] = {(lane.lane_id, slot): amount for lane in book.lanes for slot, amount in slots(lane)}
        self.margins: dict[str, Margin] = {margin.category: margin for margin in book.margins}

    def duty(self, hs_code: str | None, origin: str | None) -> DutyRate | None:
        """The rate of the longest known prefix of a code, for goods of an origin (None: unknown); None when no prefix is known."""
        if hs_code is None:
            return None
        group = self.book.unknown_origin_group if origin is None else self.groups.get(origin, EVERY)
        found = (self.duties.get((group, hs_code[:length])) for length in PREFIX_LENGTHS if len(hs_code) >= length)
        return next((duty for duty in found if duty is not None), None)

    def margin(self, category: str | None) -> Margin:
        return self.margins.get(category or EVERY, self.margins[EVERY])

    def rule_ids(self, regime: str, duty_rule_ids: tuple[str, ...], margin_rule_id: str) -> tuple[str, ...]:
        """The ids of every rule that a price of this regime stands on, in the order of the build-up."""
        book = self.book
        if regime == LOW_VALUE:
            duty_rule_ids = (book.low_value_rule_id,)
        fees = book.import_fee_rule_ids if regime == IMPORTED else book.parcel_fee_rule_ids
        return (*duty_rule_ids, *fees, margin_rule_id, book.tax_rule_id)


def slots(lane: LaneTerms) -> list[tuple[int, int]]:
    """The lane's card as (number of steps of BAND_STEP_G, minor units), one entry for every step up to its limit."""
    found, slot = list[tuple[int, int]](), 1
    for up_to, amount in lane.bands:
        last = up_to // BAND_STEP_G
        found.extend((one, amount) for one in range(slot, last + 1))
        slot = last + 1
    return found


def rank(certainty: str) -> int:
    """0 certain, 1 likely, 2 estimate: the greatest of several is the worst."""
    return CERTAINTIES.index(certainty)


_indexes: dict[str, BookIndex] = {}


def index_of(book: PriceBook) -> BookIndex:
    """The index of a book, made once (a book is recognized by its digest)."""
    found = _indexes.get(book.digest)
    if found is None:
        if len(_indexes) >= _KEPT_BOOKS:
            _indexes.clear()
        found = _indexes[book.digest] = BookIndex(book)
    return found
