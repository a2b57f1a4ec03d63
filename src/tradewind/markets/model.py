"""A market: its currency, languages and display rule, and dated rules with source and confidence."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tradewind.kit import Currency, Money


class RuleKind(StrEnum):
    """What a rule is about. Only one rule of an exclusive kind may hold on a day."""

    TAX_STANDARD = "tax_standard"  # the standard rate of VAT or its like
    TAX_BASE = "tax_base"  # which sums the tax is charged on
    DUTY_BASE = "duty_base"  # which sums the duty is charged on (goods alone is FOB, with freight CIF)
    DUTY_FLAT = "duty_flat"  # an amount per tariff line up to a value of the parcel
    DUTY_RELIEF = "duty_relief"  # no duty up to a value of the parcel
    PARCEL_FEE = "parcel_fee"  # an amount per parcel from abroad
    IMPORT_FEE = "import_fee"  # a rate on the value of goods imported in bulk
    RETURN_RIGHT = "return_right"  # days in which a shopper may return
    NOTICE = "notice"  # what a page must show


STACKING_KINDS = frozenset({RuleKind.PARCEL_FEE, RuleKind.IMPORT_FEE, RuleKind.NOTICE})


class Confidence(StrEnum):
    """How sure a rule's source is. A disputed rule makes a price an estimate."""

    CERTAIN = "certain"
    LIKELY = "likely"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Rule:
    """One dated rule. `fallback` marks the safe side that holds when no other rule of its kind does."""

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


class LayerMode(StrEnum):
    """How a tariff layer joins the others: its rate is added, or the layer it names is topped up to its rate."""

    ADD = "add"
    UP_TO = "up_to"


@dataclass(frozen=True, slots=True)
class TariffLayer:
    """One dated layer of import duty: rates by tariff prefix, in millionths.

    `chapters` are conservative defaults for codes outside the sample; `top_of_range` names codes whose finer lines differ.
    Empty `origins` means every origin but `except_origins`.
    """

    id: str
    mode: LayerMode
    valid_from: date
    valid_to: date | None
    source: str
    confidence: Confidence
    origins: tuple[str, ...] = ()
    except_origins: tuple[str, ...] = ()
    rates: tuple[tuple[str, int], ...] = ()
    chapters: tuple[tuple[str, int], ...] = ()
    every_code_ppm: int | None = None
    top_of_range: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    excluded_by: str | None = None
    tops_up: str | None = None
    succeeded_by: str | None = None

    def touches(self, origin: str | None) -> bool:
        """Whether goods of this origin fall under the layer; None stands for an origin that no layer names."""
        if self.origins:
            return origin in self.origins
        return origin not in self.except_origins


@dataclass(frozen=True, slots=True)
class Unserved:
    """Postcodes (by their beginning) that are another tax or customs area, or that nobody delivers to."""

    postcodes: tuple[str, ...]
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A person's dated word that a rule which has run out still holds until a day."""

    rule: str
    until: date
    by: str
    confirmed_on: date


@dataclass(frozen=True, slots=True)
class Market:
    """A selling region. `ending_step` and `ending_last`: prices end so that price % step = last, in minor units."""

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
    code: str  # gap, overlap, expired, expiring, disputed
    rule: str
    message: str
    hint: str
