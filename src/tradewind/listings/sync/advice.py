"""Whether a feed should travel through the API, or as a file that the API only overlays: decided by quotas. Pure."""

from dataclasses import dataclass

from tradewind.listings.sync.model import REFRESH_AFTER, Budget, SyncCounts, Target, Way
from tradewind.listings.sync.rules import way_of

# A first load that takes longer than this keeps products away from shoppers, and a file would have them there tomorrow.
PATIENT_DAYS = 3
# What is left of a day's calls besides refreshes must still carry the day's changes.
REFRESH_SHARE_PERCENT = 50


@dataclass(frozen=True, slots=True)
class Advice:
    """What the quotas mean for a feed. Days are None where nothing limits; `refreshes` are the calls a day that keep it from expiring."""

    way: Way
    calls_waiting: int
    calls_a_day: int | None
    days: int | None
    refreshes: int
    message: str


def advise(target: Target, counts: SyncCounts, budget: Budget, urgent_reserve_percent: int) -> Advice:
    """The way that the quotas of now allow, beside the one that google.toml asks for."""
    listings = max(counts.held, sum(counts.waiting.values()))
    calls = sum(number for reason, number in counts.waiting.items() if way_of(reason, target) is not Way.FILE)
    refreshes = 0 if target.primary is Way.FILE else -(-listings // REFRESH_AFTER.days)
    if budget.per_day is None or budget.left_today is None:
        return Advice(target.primary, calls, None, None, refreshes, "no quota is known: nothing was called yet, or nothing limits")
    usable = max(budget.per_day * (100 - urgent_reserve_percent) // 100, 1)
    today = max(budget.left_today - (budget.per_day - usable), 0)
    days = -(-max(calls - today, 0) // usable)
    as_api = -(-listings // REFRESH_AFTER.days)
    too_many = as_api * 100 > usable * REFRESH_SHARE_PERCENT
    if target.primary is Way.API and (days > PATIENT_DAYS or too_many):
        why = f"keeping {listings:,} products takes {as_api:,} calls a day" if too_many else f"what waits takes {days} more days"
        message = (
            f'{why}, {usable:,} are there: set primary = "file"; Google then fetches the feed daily and the API overlays price and stock'
        )
        return Advice(Way.FILE, calls, budget.per_day, days, refreshes, message)
    if target.primary is Way.FILE and not too_many and -(-listings // usable) <= PATIENT_DAYS:
        message = f'{listings:,} products fit into {usable:,} calls a day: primary = "api" would show new products sooner'
        return Advice(Way.API, calls, budget.per_day, days, refreshes, message)
    fits = "today" if days == 0 else f"in {days} more days"
    return Advice(target.primary, calls, budget.per_day, days, refreshes, f"what waits goes {fits}, and so do refreshes")
