"""What a price is made of: the book of one market's rules on one day, one product's input, and the price that comes out."""

from dataclasses import dataclass, field
from datetime import date

from tradewind.markets import digest_of

EVERY = "*"
"""The key that stands for every category, every origin or every tariff code in a book's tables."""


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
    """The ad valorem duty of a tariff prefix for a group of origins, every layer in force added up, in millionths."""

    group: str
    prefix: str
    ppm: int
    rule_ids: tuple[str, ...]
    certainty: str


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
    threshold_counts_freight: bool
    low_value_up_to: int  # a direct parcel of at most this value owes low_value_duty per tariff line; 0: no such rule on this day
    low_value_duty: int
    low_value_rule_id: str
    low_value_certainty: str
    parcel_fee: int  # for a direct parcel
    parcel_fee_rule_ids: tuple[str, ...]
    parcel_fee_certainty: str
    import_fee_ppm: int  # of the customs value, for goods imported in bulk
    import_fee_rule_ids: tuple[str, ...]
    import_fee_certainty: str
    ending_step: int
    ending_last: int
    fx: tuple[FxRate, ...]
    origins: tuple[tuple[str, str], ...]  # (origin, group of origins); the group of EVERY serves the rest
    unknown_origin_group: str
    duties: tuple[DutyRate, ...]
    lanes: tuple[LaneTerms, ...]
    margins: tuple[Margin, ...]
    issues: tuple[str, ...]
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
    rule_ids: tuple[str, ...]
    certainty: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """One line of a price: what it is, how it came to be, by which rule, and how much (minor units)."""

    label: str
    formula: str
    rule_id: str
    amount: int
