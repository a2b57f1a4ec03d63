"""What operations work with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tradewind.checkout import Carts, CheckoutSession, Completing, Message, Sessions
from tradewind.content import Speech
from tradewind.db import AsyncDatabase
from tradewind.kit import Clock
from tradewind.markets import Market
from tradewind.orders import Orders
from tradewind.ucp.disclosing import Disclosing
from tradewind.ucp.handlers import PaymentHandlers
from tradewind.ucp.model import Answer, Call
from tradewind.ucp.ports import ShopLinks


@dataclass(frozen=True, slots=True)
class Counter:
    """What operations work with; made once a process."""

    database: AsyncDatabase
    sessions: Sessions
    carts: Carts
    completing: Completing
    orders: Orders
    markets: Mapping[str, Market]
    handlers: PaymentHandlers
    links: ShopLinks
    speech: Callable[[str, str], Speech]
    sentence: Callable[[Message, CheckoutSession, Speech], str]
    clock: Clock
    public_url: str
    default_market: str = "us"
    search: Any = None
    disclosing: Disclosing | None = None
    store_name: str = ""

    async def learn(self, offer_ids: Sequence[str]) -> None:
        """Sees to it that what these offers must disclose is known when an answer about them is made."""
        if self.disclosing is not None:
            await self.disclosing.learn(self.database, offer_ids, self.speech, self.clock())


Handler = Callable[[Call, Counter], Awaitable[Answer]]
