"""Which change is urgent, by which way it goes, and whether it may go today. Pure; store.py says the same in SQL, a test compares."""

from datetime import datetime, timedelta

from tradewind.listings.sync.model import Target, Urgency, Wanted, Way

_OVERLAID = frozenset({Urgency.WITHDRAWN, Urgency.SOLD_OUT, Urgency.PRICE_RISE, Urgency.BACK_IN_STOCK, Urgency.PRICE_CUT})
LAST_URGENT = Urgency.PRICE_RISE
DAY = timedelta(days=1)
BASE_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=15)
MAX_ATTEMPTS = 8
QUOTA = "quota/"
"""How the reasons of a used-up quota begin: the listing is not to blame, so such a refusal is no attempt of it."""


def urgency(wanted: Wanted | None, held: Wanted | None) -> Urgency | None:
    """Why the channel must hear of the difference between what is wanted and what it holds; None when there is none."""
    if wanted is None:
        return Urgency.WITHDRAWN if held is not None else None
    if held is None:
        return Urgency.NEW
    differences = (
        (Urgency.SOLD_OUT, held.available and not wanted.available),
        (Urgency.PRICE_RISE, wanted.price_minor > held.price_minor),
        (Urgency.BACK_IN_STOCK, wanted.available and not held.available),
        (Urgency.PRICE_CUT, wanted.price_minor < held.price_minor),
        (Urgency.CONTENT, wanted.content_hash != held.content_hash),
    )
    return next((reason for reason, is_so in differences if is_so), None)


def way_of(reason: Urgency, target: Target) -> Way:
    """The API where it holds the full set; beside a file, only price and availability are overlaid and the rest waits for the file."""
    if target.primary is Way.API:
        return Way.API
    return Way.SUPPLEMENTAL if reason in _OVERLAID else Way.FILE


def may_send(reason: Urgency, updated_at: datetime | None, updated_before: datetime | None, now: datetime) -> bool:
    """Whether the twice-a-day rule lets this change go, after the last update and the one before it; a deletion is no update.

    Google allows two updates in any 24 hours (Merchant API, guide "quotas and limits"). The second is kept for what would sell wrongly.
    """
    asked = updated_before if reason <= LAST_URGENT else updated_at
    return reason is Urgency.WITHDRAWN or asked is None or now - asked >= DAY


def wait_after(attempts: int, jitter: float) -> timedelta:
    """How long a failed send rests: doubling, at most LONGEST_WAIT, with a jitter of 0 to 1 that spreads a crowd."""
    doublings: int = 2 ** min(attempts, 20)
    return min(BASE_WAIT * doublings, LONGEST_WAIT) * (1 + jitter) / 2


def page_price(wanted: int, held: int | None) -> int:
    """What the page and the checkout may ask while the channel still shows `held` (None: nothing): the lower of both, in minor units.

    A raise goes to the channel first and to the page when it is held there; a cut goes to the page first.
    """
    return wanted if held is None else min(wanted, held)
