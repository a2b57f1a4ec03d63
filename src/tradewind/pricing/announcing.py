"""Which reduction an offer announces: a dated price of the retailer's own, measured against what was really asked. Pure.

A sale, or a price beside a list price, is announced while its row holds and only when the row has a last day. What is struck through
is the lowest price of the thirty days before it, whatever list price is written: that one is the most that may be struck.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tradewind.pricing.history import PublishedPrice, Reduction, running_reduction
from tradewind.pricing.making import Made


@dataclass(frozen=True, slots=True)
class Announced:
    """A reduction as an offer shows it: the struck price in minor units, and the first and the last day (UTC) of the lower one."""

    list_price_minor: int
    starts: date
    ends: date
    reduction: Reduction


def announcement(made: Made, history: Sequence[PublishedPrice], at: datetime) -> Announced | None:
    """What may be announced of a price that was made, by the history known at `at`; None when nothing may."""
    row, dated = made.landed, made.sale or made.listed
    if dated is None or dated.ends is None or row.price_minor is None:
        return None
    found = running_reduction(history, row.price_minor, row.currency, dated.starts, at)
    if found is None or found.since.date() > dated.ends:
        return None
    if made.listed is not None and found.reference_minor > made.listed.price.minor:
        return None
    return Announced(found.reference_minor, found.since.date(), dated.ends, found)
