"""What pricing asks of the outside: exchange rates with their day and source."""

from dataclasses import dataclass
from datetime import date
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
