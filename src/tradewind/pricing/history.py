"""What an offer was sold for, and which reduction may be announced of it. Pure.

Only prices that this shop published in this market count: a strike price of the home shop never travels, and without a history
of its own an offer shows no strike-through and no percentage.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

PRIOR_DAYS = 30
"""Directive 98/6/EC, article 6a: the prior price is the lowest of at least the 30 days before the reduction."""
PRIOR_RULE = "EU.price.reduction_30_days"
BADGE_DAYS_CHARGED = 30
BADGE_WINDOW_DAYS = 200
BADGE_MAX_SALE_DAYS = 30
BADGE_ABOVE_PERCENT, BADGE_BELOW_PERCENT = 5, 90
BADGE_SOURCE = "Google Merchant Center, About sale price annotations (answer 9017019)"
_PERCENT = 100


@dataclass(frozen=True, slots=True)
class PublishedPrice:
    """The price that held from a moment on, in minor units; None: the offer was not published from then on."""

    since: datetime
    price_minor: int | None
    currency: str
    run_id: str


@dataclass(frozen=True, slots=True)
class Reduction:
    """A reduction that may be announced: the strike price, the percentage (rounded down), and what it is measured against."""

    reference_minor: int
    price_minor: int
    percent: int
    currency: str
    since: datetime
    rule_id: str


@dataclass(frozen=True, slots=True)
class Spell:
    """A price and the time in which it was asked, from `start` up to but without `end`."""

    start: datetime
    end: datetime
    price_minor: int


def spells(history: Sequence[PublishedPrice], start: datetime, end: datetime) -> tuple[Spell, ...]:
    """The prices asked between two moments, each with its time; times without a published price are left out."""
    found = []
    ordered = [*history]
    for number, price in enumerate(ordered):
        until = ordered[number + 1].since if number + 1 < len(ordered) else end
        first, last = max(price.since, start), min(until, end)
        if price.price_minor is not None and first < last:
            found.append(Spell(first, last, price.price_minor))
    return tuple(found)


def announced_reduction(history: Sequence[PublishedPrice], price_minor: int, currency: str, starts_at: datetime) -> Reduction | None:
    """What may be struck through when `price_minor` is announced as reduced from `starts_at` on; None when nothing may.

    The history must reach back 30 days in one currency: a shorter memory could hide a lower price.
    """
    since = starts_at - timedelta(days=PRIOR_DAYS)
    known = [price for price in history if price.since < starts_at]
    if not known or known[0].since > since or any(price.currency != currency for price in known[_first_of(known, since) :]):
        return None
    asked = spells(known, since, starts_at)
    if not asked:
        return None
    lowest = min(spell.price_minor for spell in asked)
    if price_minor >= lowest or price_minor <= 0:
        return None
    return Reduction(lowest, price_minor, (lowest - price_minor) * _PERCENT // lowest, currency, starts_at, PRIOR_RULE)


def asked_since(history: Sequence[PublishedPrice], price_minor: int, at: datetime) -> datetime:
    """Since when this price has been asked without another one in between; `at` when it is not the one that is asked then."""
    since = at
    for one in reversed([price for price in history if price.since <= at]):
        if one.price_minor is None:
            continue  # not published for a while, and not asked for another price either
        if one.price_minor != price_minor:
            break
        since = one.since
    return since


def running_reduction(history: Sequence[PublishedPrice], price_minor: int, currency: str, starts: date, at: datetime) -> Reduction | None:
    """What may be struck through of a price that is dated from `starts` on (UTC), as it is known at `at`.

    It counts from the moment the price is asked, never from a day written before it was: a later low price would be hidden.
    """
    begins = datetime.combine(starts, time(), UTC)
    return announced_reduction(history, price_minor, currency, max(begins, asked_since(history, price_minor, at)))


def badge_problems(
    history: Sequence[PublishedPrice], base_minor: int, sale_minor: int, starts_at: datetime, ends_at: datetime
) -> list[str]:
    """Why Google would not show its sale badge; empty when it may. The base price counts as asked where it or a higher one was."""
    problems = []
    percent = Fraction((base_minor - sale_minor) * _PERCENT, base_minor) if base_minor > 0 else Fraction(0)
    if not BADGE_ABOVE_PERCENT < percent < BADGE_BELOW_PERCENT:
        problems.append(f"the discount must be more than {BADGE_ABOVE_PERCENT} % and less than {BADGE_BELOW_PERCENT} % of the base price")
    if ends_at - starts_at > timedelta(days=BADGE_MAX_SALE_DAYS):
        problems.append(f"the sale lasts longer than {BADGE_MAX_SALE_DAYS} days")
    asked = spells(history, starts_at - timedelta(days=BADGE_WINDOW_DAYS), starts_at)
    charged = sum((spell.end - spell.start for spell in asked if spell.price_minor >= base_minor), timedelta())
    if charged < timedelta(days=BADGE_DAYS_CHARGED):
        problems.append(
            f"the base price was asked for {charged.days} of the {BADGE_DAYS_CHARGED} days needed in the {BADGE_WINDOW_DAYS} before"
        )
    return problems


def _first_of(known: Sequence[PublishedPrice], since: datetime) -> int:
    """The place of the price that held at `since`."""
    return max(number for number, price in enumerate(known) if price.since <= since)
