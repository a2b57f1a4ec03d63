"""Decisions about webhooks: what happened, when to try again, when to give up. Pure."""

import base64
import hashlib
import hmac
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from tradewind.notifications.webhooks.model import OrderHappening, TargetKind
from tradewind.orders import Order, OrderEvent

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=6)
MAX_ATTEMPTS = 14
"""With the waits between them these take about two days."""
MAX_REFUSALS = 5
JITTER_PERCENT = 20
PAUSE_AFTER = 5
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=30)
RETRY_AFTER_LIMIT = timedelta(hours=1)
_GOOD, _BAD, _SERVER = 200, 300, 500
_LATER = frozenset({408, 425, 429})
_GONE = 410
_PROTOCOL_EVENTS = frozenset(OrderEvent) - {OrderEvent.WITHDRAWN}  # who withdrew is a matter between buyer and seller


def happenings(order: Order) -> list[OrderHappening]:
    """Everything that happened to an order, the oldest first, each counted within its name."""
    seen: Counter[str] = Counter()
    found = []
    for entry in order.timeline:
        seen[entry.name] += 1
        found.append(OrderHappening(order.order_id, entry.name, seen[entry.name], entry.detail, entry.at))
    return found


def is_for(kind: TargetKind, event: str, events: Sequence[str] = ()) -> bool:
    """Whether a target hears of an event."""
    return (not events or event in events) if kind is TargetKind.OWN else event in _PROTOCOL_EVENTS


def webhook_id(target_id: str, happening: OrderHappening) -> str:
    """The id of this happening for this target: the same whenever it is made."""
    return str(uuid5(NAMESPACE_URL, f"tradewind/{target_id}/{happening.order_id}/{happening.key}"))


def primary_event_id(happening: OrderHappening) -> str:
    """The id that the happening has inside the order's entity: that of its shipment's or its adjustment's entry."""
    detail = happening.detail
    if "shipment_id" in detail:
        return f"{detail['shipment_id']}.{happening.event}"
    if "adjustment_id" in detail:
        return str(detail["adjustment_id"])
    return f"{happening.order_id}.{happening.event}" + (f".{happening.number}" if happening.number > 1 else "")


def is_heard(status: int) -> bool:
    """Whether the target has taken the webhook."""
    return _GOOD <= status < _BAD


def gives_up(kind: TargetKind, status: int | None, attempts: int) -> bool:
    """Whether a person must look now, after so many attempts; `status` is None where nobody answered.

    A server that fails is waited for. One that says no is asked a few times more, because a key may be on its way to it; Google says
    that a no must not be repeated; and 410 is for ever.
    """
    if attempts >= MAX_ATTEMPTS or status == _GONE:
        return True
    if status is None or status >= _SERVER or status in _LATER:
        return False
    return kind is TargetKind.GOOGLE or attempts >= MAX_REFUSALS


def wait(attempts: int, retry_after: str, spread: int) -> timedelta:
    """How long until the next attempt: four times longer each time, a little spread (`spread` in 0…100), never before the target asked."""
    grown: timedelta = min(FIRST_WAIT * 4 ** max(0, min(attempts - 1, 10)), LONGEST_WAIT)
    spread_out = grown * (100 + JITTER_PERCENT * (spread - 50) // 50) / 100
    asked = (
        timedelta(seconds=int(retry_after)) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 7 else timedelta(0)
    )
    return max(spread_out, min(asked, RETRY_AFTER_LIMIT))


def pause(failures: int) -> timedelta | None:
    """How long a target is left alone after so many failures in a row; None while it is still asked."""
    if failures < PAUSE_AFTER:
        return None
    longer: timedelta = FIRST_PAUSE * 2 ** min(failures - PAUSE_AFTER, 10)
    return min(longer, LONGEST_PAUSE)


def shared_secret_headers(secret: str, webhook: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of the Standard Webhooks: an HMAC-SHA256 over id, time and body by the shared secret (`whsec_…`)."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    made = hmac.new(key, f"{webhook}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {"webhook-id": webhook, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{base64.b64encode(made).decode()}"}
