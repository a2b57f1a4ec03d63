"""A price book turned into lookup tables, once a book: what both forms of the price, Python and SQL, are made from."""

from dataclasses import dataclass

from tradewind.kit import PPM, Rounding, divide
from tradewind.network import BAND_STEP_G
from tradewind.pricing.duties import DutyTable, duty_table
from tradewind.pricing.model import EVERY, Band, DutyRate, FxRate, LaneTerms, Margin, PriceBook
from tradewind.pricing.tariff import CERTAINTIES

_KEPT_BOOKS = 64
_KEPT_CODES = 50_000


@dataclass(frozen=True, slots=True)
class CodeTaxes:
    """What the tariff code of a product decides beside its duty, in millionths; taxes that the price does not hold are 0."""

    tax_ppm: int
    extra_ppm: int
    simplified_ppm: int
    tax_rule_id: str
    extra_rule_ids: tuple[str, ...]
    certainty: str


class BookIndex:
    """The tables of one book as dictionaries."""

    def __init__(self, book: PriceBook) -> None:
        self.book = book
        self.fx: dict[str, FxRate] = {rate.currency: rate for rate in book.fx}
        self.groups = dict(book.origins)
        self.duties: DutyTable = duty_table(book.duties)
        self.lanes: dict[str, LaneTerms] = {lane.lane_id: lane for lane in book.lanes}
        self.bands: dict[tuple[str, int], int] = {(lane.lane_id, slot): amount for lane in book.lanes for slot, amount in slots(lane)}
        self.margins: dict[str, Margin] = {margin.category: margin for margin in book.margins}
        self.sources = {rule_id: source for rule_id, source, _ in book.sources}
        self.certainties = {rule_id: certainty for rule_id, _, certainty in book.sources}
        # The share of a parcel's value that is in the base of its duty, and in the base of a tax at the border.
        self.dutied_ppm = divide(book.value_factor_ppm * (PPM + book.insurance_ppm), PPM, Rounding.HALF_UP)
        insured = book.insurance_ppm if book.tax_counts_insurance else 0
        self.taxed_ppm = divide(book.value_factor_ppm * (PPM + insured), PPM, Rounding.HALF_UP)
        self.has_tax_inside = book.tax_included and book.tax_collected
        self._codes: dict[str | None, CodeTaxes] = {}

    def duty(self, hs_code: str | None, origin: str | None) -> DutyRate | None:
        """The rate of the longest known prefix of a code, for goods of an origin (None: unknown); None when no prefix is known."""
        if hs_code is None:
            return None
        group = self.book.unknown_origin_group if origin is None else self.groups.get(origin, EVERY)
        return self.duties.find(group, hs_code)

    def taxes(self, hs_code: str | None) -> CodeTaxes:
        """The taxes of a tariff code; goods without one pay the standard rate and every extra tax that is for all goods."""
        found = self._codes.get(hs_code)
        if found is None:
            if len(self._codes) >= _KEPT_CODES:
                self._codes.clear()
            found = self._codes[hs_code] = self._taxes(hs_code or "")
        return found

    def margin(self, category: str | None) -> Margin:
        return self.margins.get(category or EVERY, self.margins[EVERY])

    def rule_ids(self, band: Band | None, duty_rule_ids: tuple[str, ...], margin_rule_id: str, taxes: CodeTaxes) -> tuple[str, ...]:
        """The ids of every rule that a price stands on, in the order of the build-up; no band for goods imported in bulk."""
        book = self.book
        if band is None:
            return (*duty_rule_ids, *book.import_fee_rule_ids, margin_rule_id, taxes.tax_rule_id)
        duties = (*duty_rule_ids, *band.rule_ids) if band.duty == "tariff" else band.rule_ids
        tax = (taxes.tax_rule_id,) if band.taxed else ()
        extra = taxes.extra_rule_ids if band.extra_taxed else ()
        return (*duties, *band.fee_rule_ids, margin_rule_id, *band.tax_rule_ids, *tax, *extra)

    def tax_rules(self) -> list[tuple[str, int, str]]:
        """Every (prefix, ppm, rule id) of the tax, the standard one with an empty prefix; of equal prefixes the higher rate only."""
        dearest = {"": (self.book.tax_ppm, self.book.tax_rule_id)}
        for prefix, ppm, rule_id in self.book.reduced_taxes:
            dearest[prefix] = max(dearest.get(prefix, (-1, "")), (ppm, rule_id))
        return [(prefix, *said) for prefix, said in dearest.items()]

    def simplified_rules(self) -> list[tuple[str, int, str]]:
        """Every (prefix, ppm, rule id) of simplified duty; of equal prefixes the higher rate only."""
        dearest: dict[str, tuple[int, str]] = {}
        for prefix, ppm, rule_id in self.book.simplified:
            dearest[prefix] = max(dearest.get(prefix, (-1, "")), (ppm, rule_id))
        return [(prefix, *said) for prefix, said in dearest.items()]

    def _taxes(self, hs_code: str) -> CodeTaxes:
        _, tax_ppm, tax_rule_id = max((one for one in self.tax_rules() if hs_code.startswith(one[0])), key=lambda one: len(one[0]))
        extra = [one for one in self.book.extra_taxes if hs_code.startswith(one[0])]
        simplified = max((one for one in self.simplified_rules() if hs_code.startswith(one[0])), key=lambda one: len(one[0]), default=None)
        return CodeTaxes(
            tax_ppm=tax_ppm if self.has_tax_inside else 0,
            extra_ppm=sum(ppm for _, ppm, _ in extra) if self.has_tax_inside else 0,
            simplified_ppm=simplified[1] if simplified else 0,
            tax_rule_id=tax_rule_id,
            extra_rule_ids=tuple(dict.fromkeys(sorted(rule_id for _, _, rule_id in extra))),
            certainty=self.tax_certainty(tax_rule_id),
        )

    def tax_certainty(self, rule_id: str) -> str:
        """How sure a tax rule is."""
        return self.book.tax_certainty if rule_id == self.book.tax_rule_id else self.certainties.get(rule_id, "likely")


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
