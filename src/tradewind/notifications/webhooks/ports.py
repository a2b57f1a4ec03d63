"""What the machinery asks of its surroundings: who must hear of an order, and how each kind of target is spoken to."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tradewind.db import AsyncTransaction
from tradewind.notifications.webhooks.model import Delivery, OrderHappening, Target
from tradewind.orders import OrderView

Within = Callable[[AsyncTransaction, Any], Awaitable[None]]
"""What must happen in the very transaction of a change, such as keeping the answer to an idempotency key; it hears what was made."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A webhook as it leaves: where to, and the whole of its headers and body, signed."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Dialect(Protocol):
    """Renders the order as it stands now, in a target's words, and signs it. Called in the moment of sending."""

    async def dispatch(self, delivery: Delivery, timestamp: int, view: OrderView, happening: OrderHappening) -> Dispatch: ...


class TargetFinder(Protocol):
    """Which targets outside the retailer's house hear of this order: its platform, Google, both or none."""

    def __call__(self, view: OrderView) -> Sequence[Target]: ...
