"""What a price is made of: the book of one market's rules on one day, one product's input, and the price that comes out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from tradewind.markets import digest_of

EVERY = "*"
"""The key that stands for every category, every origin or every tariff code in a book's tables."""
AS_TOP = -1
"""A DutyRate.low_ppm that was not given: the rate is one number, no range."""


@dataclass(frozen=True, slots=True)
class FxRate:
    """Minor units of the market's currency for one minor unit of `currency`, buffer included, as an integer ratio."""

    currency: str
    numerator: int
    denominator: int
    rate_text: str  # major units for one major unit, without buffer, for people
    day: date
    source: str
    buffer_ppm: int
    is_stale: bool
    certainty: str


@dataclass(frozen=True, slots=True)
class DutyRate:
    """The duty of a tariff prefix for a group of origins, every layer in force added up.

    Duty of one unit = ppm × base + (per_kg_micro × weight in g / 1000 + per_item_micro) / 10^6, rounded once; the specific parts are
    millionths of a minor unit of the market's currency. `ppm` is the top of the range that an incomplete code leaves, `low_ppm` its
    bottom (as ppm when not given). `needs_person`: the rate depends on what no code tells, and nobody guesses it.
    """

    group: str
    prefix: str
    ppm: int
    rule_ids: tuple[str, ...]
    certainty: str
    low_ppm: int = AS_TOP
    per_kg_micro: int = 0
    per_item_micro: int = 0
    needs_person: bool = False

    def __post_init__(self) -> None:
        if self.low_ppm == AS_TOP:
            object.__setattr__(self, "low_ppm", self.ppm)


@dataclass(frozen=True, slots=True)
class Band:
    """What a parcel from abroad owes up to a value: the first band of its lane that it fits, at its own final price, decides.

    `up_to` is inclusive, in minor units of the market's currency (None: no limit), compared with the customs value, with its freight
    when `counts_freight`. `duty` is "none", "flat" (`flat` per tariff line), "simplified" (PriceBook.simplified) or "tariff".
    `line_fee` is per tariff line, `parcel_fee` per parcel. `certainty` is the worst of every rule named here.
    """

    up_to: int | None
    counts_freight: bool
    per_item: bool
    duty: str
    flat: int
    taxed: bool
    line_fee: int
    rule_ids: tuple[str, ...]  # of the duty that the band owes in place of the tariff
    certainty: str
    parcel_fee: int = 0
    fee_rule_ids: tuple[str, ...] = ()
    tax_rule_ids: tuple[str, ...] = ()  # why it is taxed at the sale, or not at all
    at_sale: bool = False  # the seller charges the tax on the price; otherwise the border does, on the tax base
    extra_taxed: bool = False  # PriceBook.extra_taxes are owed
    collected: bool = True  # False: the tax is owed and not in the price; the buyer pays it at the border
    free_uncollected: bool = False  # the parcel of a seller who cannot collect the tax owes none

    @property
    def fee(self) -> int:
        """Every fee of a parcel with one tariff line, in minor units."""
        return self.parcel_fee + self.line_fee


@dataclass(frozen=True, slots=True)
class LaneTerms:
    """What a lane costs to price with: its rate card, limits, and the share of the inbound freight of imported goods."""

    lane_id: str
    imported: bool
    rate_card_id: str
    volumetric_divisor: int  # cubic millimeters per gram; 0: the real weight alone counts
    max_weight_g: int
    inbound_per_kg: int
    bands: tuple[tuple[int, int], ...]  # (up to grams, minor units), ascending; multiples of BAND_STEP_G
    band_set: int = 0  # which of PriceBook.bands holds for parcels from this lane's country
    country: str = ""  # where the goods leave from


@dataclass(frozen=True, slots=True)
class Margin:
    """The wanted and the lowest share of the net price, in millionths."""

    category: str
    target_ppm: int
    floor_ppm: int
    rule_id: str


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Every rule that prices one market on one day, resolved; small, frozen and picklable. Amounts in the market's minor units."""

    market: str
    as_of: date
    currency: str
    tax_included: bool
    tax_ppm: int
    tax_rule_id: str
    tax_certainty: str
    tax_counts_freight: bool
    duty_counts_freight: bool
    import_fee_ppm: int  # of the customs value, for goods imported in bulk
    import_fee_rule_ids: tuple[str, ...]
    import_fee_certainty: str
    ending_step: int
    ending_last: int
    fx: tuple[FxRate, ...]
    origins: tuple[tuple[str, str], ...]  # (origin, group of origins); the group of EVERY serves the rest
    unknown_origin_group: str
    duties: Sequence[DutyRate]  # a DutyTable, or single rates in tests
    lanes: tuple[LaneTerms, ...]
    margins: tuple[Margin, ...]
    issues: tuple[str, ...]
    bands: tuple[tuple[Band, ...], ...] = ()  # one set for each kind of country that lanes leave from: LaneTerms.band_set
    value_factor_ppm: int = 1_000_000  # the share of a direct parcel's value that is its customs value
    insurance_ppm: int = 0  # notional insurance on the customs value, in the duty base
    tax_counts_insurance: bool = False
    tax_counts_fee: bool = True
    tax_collected: bool = True  # False: the seller has no registration to charge the tax with, and the price holds none
    reduced_taxes: tuple[tuple[str, int, str], ...] = ()  # (tariff prefix, ppm, rule id); the longest prefix wins
    simplified: tuple[tuple[str, int, str], ...] = ()  # (tariff prefix or "", ppm, rule id) of "simplified" bands; the longest wins
    extra_taxes: tuple[tuple[str, int, str], ...] = ()  # (tariff prefix or "", ppm, rule id) on the tax base; all that match add up
    sources: tuple[tuple[str, str, str], ...] = ()  # (rule id, source, certainty) of the rules and layers in force
    gaps: tuple[str, ...] = ()  # what the market's rules do not hold, in words
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", digest_of(self))


@dataclass(frozen=True, slots=True)
class PriceInput:
    """The facts of one variant that its price depends on, and the lane that serves it."""

    sku: str
    category: str | None
    cost_minor: int | None
    cost_currency: str | None
    weight_g: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    hs_code: str | None
    origin: str | None
    location_id: str
    lane_id: str
    imported: bool


@dataclass(frozen=True, slots=True)
class Landed:
    """A landed price and its build-up, in minor units. The seven parts add up to the price exactly; `problem` replaces a price."""

    sku: str
    currency: str
    price_minor: int | None
    cost_amount: int | None
    freight_amount: int | None
    customs_value_amount: int | None
    duty_amount: int | None
    duty_low_amount: int | None  # what the duty comes to at the bottom of the range that an incomplete tariff code leaves
    fee_amount: int | None
    margin_amount: int | None
    tax_amount: int | None
    ending_amount: int | None
    duty_ppm: int | None
    tax_ppm: int | None
    margin_ppm: int | None
    fx_numerator: int | None
    fx_denominator: int | None
    rate_card_id: str | None
    band: int | None  # which band of its lane the parcel fell into; None for goods already imported
    rule_ids: tuple[str, ...]
    certainty: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """One line of a price: what it is, how it came to be, by which rules and sources, how sure it is, and how much (minor units).

    `low` is the bottom of the range when the amount is the top of one.
    """

    label: str
    formula: str
    rule_id: str
    amount: int
    source: str = ""
    certainty: str = "certain"
    low: int | None = None


@dataclass(frozen=True, slots=True)
class LocationPrice:
    """What a variant would cost from one location, beside the price that is listed.

    `difference`: how much less the business keeps when it serves from here at the listed price (negative: more), never the buyer's.
    """

    location_id: str
    lane_id: str
    is_listed: bool
    landed: Landed
    difference: int | None  # None: one of the two has no price
