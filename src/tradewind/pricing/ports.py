"""What pricing asks of the outside: exchange rates with their day and source, and the tax at a destination."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class DatedRate:
    """Units of `quote` for one unit of `base` (major units), as an exact ratio, with the day it was published."""

    base: str
    quote: str
    numerator: int
    denominator: int
    day: date
    source: str


class RateHistory(Protocol):
    """A table of exchange rates by day."""

    def rate(self, base: str, quote: str, as_of: date) -> DatedRate | None:
        """The newest rate published on or before `as_of`; None when the table has none."""

    def currencies(self) -> frozenset[str]:
        """Every currency that the table has ever had a rate for."""

    def customs_rate(self, base: str, quote: str, as_of: date) -> DatedRate | None:
        """The rate of customs that holds on the day; None when none was loaded. It never stands in for a rate of the shop."""


class TaxStatus(StrEnum):
    """How a tax calculation ended. Unknown: the provider did not answer, so nothing may be assumed."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One line to tax: its amount in minor units for all of its quantity, tax excluded, and its product class when it has one."""

    line_id: str
    amount: int
    quantity: int = 1
    product_class: str | None = None


@dataclass(frozen=True, slots=True)
class TaxAddress:
    """Where the goods go: the country, and for the United States the state as two letters."""

    country: str
    state: str
    postcode: str
    county: str = ""
    city: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True)
class LineTax:
    """The tax of one line in minor units, and why: the rule behind it, how sure it is, and the reason in words."""

    line_id: str
    amount: int
    rate_ppm: int
    rule_id: str
    certainty: str  # certain, likely, estimate
    reason: str


@dataclass(frozen=True, slots=True)
class TaxResult:
    """The taxes of a basket: one per line, that of the shipping, and their sum in minor units. Lines are empty unless it succeeded."""

    status: TaxStatus
    currency: str
    lines: tuple[LineTax, ...]
    shipping: LineTax | None
    total: int
    reference: str
    message: str = ""

    @property
    def certainty(self) -> str:
        """The worst certainty of any line; estimate when nothing was calculated."""
        order = ("certain", "likely", "estimate")
        said = [one.certainty for one in (*self.lines, *((self.shipping,) if self.shipping else ()))]
        return max(said, key=order.index, default="estimate")


class TaxPort(Protocol):
    """What calculates tax at the destination: a rate file, or a provider in the shape of Stripe Tax."""

    def calculate(self, lines: Sequence[TaxLine], address: TaxAddress, shipping: int, currency: str, reference: str) -> TaxResult:
        """The tax of the lines and the shipping (minor units); `reference` names the attempt, and the same one is charged once."""
