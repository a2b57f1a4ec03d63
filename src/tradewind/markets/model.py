"""A market: its currency, languages and display rule, and dated rules with source and confidence."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tradewind.kit import Currency, Money
from tradewind.markets.confidence import Confidence
from tradewind.markets.tariff.model import TariffLayer


class RuleKind(StrEnum):
    """What a rule is about. Only one rule of an exclusive kind may hold on a day."""

    TAX_STANDARD = "tax_standard"  # the standard rate of VAT or its like
    TAX_REDUCED = "tax_reduced"  # another rate for goods of some tariff prefixes; the longest prefix wins, and beats the standard
    TAX_BASE = "tax_base"  # which sums the tax is charged on
    TAX_AT_SALE = "tax_at_sale"  # up to a value the seller charges the tax at the sale; above it the border does
    TAX_RELIEF = "tax_relief"  # no tax up to a value
    EXTRA_TAX = "extra_tax"  # one more tax on the tax base, such as an income tax on imports
    DUTY_BASE = "duty_base"  # which sums the duty is charged on (goods alone is FOB, with freight CIF)
    DUTY_FLAT = "duty_flat"  # an amount per tariff line up to a value of the parcel
    DUTY_RELIEF = "duty_relief"  # no duty up to a value of the parcel
    DUTY_SIMPLIFIED = "duty_simplified"  # one table of rates in place of the tariff, between two values
    VALUE_FACTOR = "value_factor"  # the share of the retail price that is the customs value of a personal import
    PARCEL_FEE = "parcel_fee"  # an amount per parcel from abroad
    LINE_FEE = "line_fee"  # an amount per distinct tariff line of a parcel from abroad
    IMPORT_FEE = "import_fee"  # a rate on the value of goods imported in bulk
    RETURN_RIGHT = "return_right"  # days in which a shopper may return
    NOTICE = "notice"  # what a page, a feed or a parcel must show
    PAPER = "paper"  # a document or registration that must exist


STACKING_KINDS = frozenset(
    {RuleKind.PARCEL_FEE, RuleKind.LINE_FEE, RuleKind.IMPORT_FEE, RuleKind.EXTRA_TAX, RuleKind.NOTICE, RuleKind.PAPER}
)


class Per(StrEnum):
    """What a threshold is compared with: the whole consignment, or each item of it."""

    CONSIGNMENT = "consignment"
    ITEM = "item"


class Level(StrEnum):
    """How deep a market's rules are: complete enough to sell, or enough for a price with stated gaps."""

    LAUNCHABLE = "launchable"
    PRICEABLE = "priceable"


@dataclass(frozen=True, slots=True)
class Rule:
    """One dated rule. `fallback` marks the safe side that holds when no other rule of its kind does.

    `counts` are the parts compared with `at_most` and `above`, or the parts of a base; `hs` limits the rule to goods of those
    tariff prefixes, `ships_from` to parcels from those countries (empty: all); `at_most` itself is inside when `inclusive`.
    """

    id: str
    kind: RuleKind
    valid_from: date
    valid_to: date | None
    source: str
    confidence: Confidence
    rate_ppm: int | None = None
    amount: Money | None = None
    at_most: Money | None = None
    counts: tuple[str, ...] = ()
    days: int | None = None
    text: str | None = None
    fallback: bool = False
    succeeded_by: str | None = None
    inclusive: bool = True
    per: Per = Per.CONSIGNMENT
    above: Money | None = None
    hs: tuple[str, ...] = ()
    rates: tuple[tuple[str, int], ...] = ()
    ships_from: tuple[str, ...] = ()
    insurance_ppm: int = 0
    registration: str | None = None
    shown_on: tuple[str, ...] = ()


class AreaKind(StrEnum):
    """What an address is to a market."""

    SERVED = "served"
    OTHER_TAX_AREA = "other_tax_area"
    OTHER_CUSTOMS_AREA = "other_customs_area"
    NOT_SERVED = "not_served"


@dataclass(frozen=True, slots=True)
class Unserved:
    """Addresses that are another tax or customs area, or that nobody delivers to.

    An address is one of them when its postcode begins with one of `postcodes`, when its state or province is one of `regions`,
    or when one of its lines matches `pattern` (a regular expression, case ignored).
    """

    postcodes: tuple[str, ...]
    reason: str
    source: str
    kind: AreaKind = AreaKind.NOT_SERVED
    regions: tuple[str, ...] = ()
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the market with its own transit or surcharge, by the beginning of its postcodes or by its regions."""

    code: str
    name: str
    source: str
    postcodes: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    """What an address is to a market: served (in a zone, or the mainland when None), or not, with the reason."""

    kind: AreaKind
    reason: str | None = None
    source: str | None = None
    zone: str | None = None

    @property
    def is_served(self) -> bool:
        return self.kind is AreaKind.SERVED


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A person's dated word that a rule which has run out still holds until a day."""

    rule: str
    until: date
    by: str
    confirmed_on: date


@dataclass(frozen=True, slots=True)
class Market:
    """A selling region. `ending_step` and `ending_last`: prices end so that price % step = last, in minor units.

    `gaps` are what its rules do not hold, in words that stand beside each price; `cash_step` is for display only, in minor units;
    `hold_minutes`: so long the units of a session are held once it is ready, 0 for not before it is paid;
    `holidays` is the country, or country/subdivision, of its calendar; with `tariff_to_load` a launch asks for a loaded tariff.
    """

    code: str
    name: str
    country: str
    currency: Currency
    languages: tuple[str, ...]
    tax_included: bool
    ending_step: int
    ending_last: int
    rules: tuple[Rule, ...]
    tariff: tuple[TariffLayer, ...]
    unserved: tuple[Unserved, ...]
    level: Level = Level.PRICEABLE
    gaps: tuple[str, ...] = ()
    tariff_to_load: bool = False
    tax_name: str = "VAT"
    cash_step: int | None = None
    hold_minutes: int = 0
    holidays: str | None = None
    zones: tuple[Zone, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """A rule that holds on a day, and whether only a person's confirmation, or only its role as the safe side, makes it hold."""

    rule: Rule
    confirmed_by: str | None = None

    @property
    def certainty(self) -> str:
        """certain, likely or estimate: a confirmed or safe-side rule is likely at best."""
        if self.rule.confidence is Confidence.DISPUTED:
            return "estimate"
        if self.rule.confidence is Confidence.CERTAIN and self.confirmed_by is None and not self.rule.fallback:
            return "certain"
        return "likely"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a market's rules that a person must look at before a launch."""

    market: str
    code: str  # gap, overlap, expired, expiring, disputed, successor
    rule: str
    message: str
    hint: str
