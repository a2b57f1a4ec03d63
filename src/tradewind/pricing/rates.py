"""Which rate prices with: a rate that was used stays until the newest one has moved by more than a threshold. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from tradewind.kit import PPM
from tradewind.pricing.ports import DatedRate, RateHistory

UsedRates = Mapping[tuple[str, str], DatedRate]
"""The rates that the last prices were made with, by (base, quote)."""


def rate_to_use(previous_used: DatedRate | None, newest: DatedRate, threshold_ppm: int) -> DatedRate:
    """The used rate while the newest differs from it by at most `threshold_ppm` of it, else the newest.

    A rate that is kept carries the day of the newest one: on that day it was seen to be near enough, so it is not old.
    """
    if previous_used is None or (previous_used.base, previous_used.quote) != (newest.base, newest.quote) or previous_used.day > newest.day:
        return newest
    before = previous_used.numerator * newest.denominator
    move = abs(newest.numerator * previous_used.denominator - before)
    if move == 0 or move * PPM > threshold_ppm * before:
        return newest
    first = previous_used.source.partition(", kept on ")[0]
    return replace(previous_used, day=newest.day, source=f"{first}, kept on {newest.day}: moved by {move * PPM // before} ppm")


@dataclass(frozen=True, slots=True)
class SteadyRates:
    """A history in front of which the used rates stand. `taken` collects what was asked, for the next time."""

    behind: RateHistory
    used: UsedRates
    threshold_ppm: int
    taken: dict[tuple[str, str], DatedRate] = field(default_factory=dict, compare=False)

    def currencies(self) -> frozenset[str]:
        """The currencies of the history."""
        return self.behind.currencies()

    def rate(self, base: str, quote: str, as_of: date) -> DatedRate | None:
        """The used rate, or the newest on or before `as_of` when it has moved too far (or when `as_of` lies before the used one)."""
        newest = self.behind.rate(base, quote, as_of)
        if newest is None:
            return None
        chosen = rate_to_use(self.used.get((base, quote)), newest, self.threshold_ppm)
        self.taken[base, quote] = chosen
        return chosen

    def customs_rate(self, base: str, quote: str, as_of: date) -> DatedRate | None:
        """The customs rate of the history, which is never kept: it holds until customs publish another."""
        return self.behind.customs_rate(base, quote, as_of)
