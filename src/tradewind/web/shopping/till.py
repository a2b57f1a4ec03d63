"""What the pages of a purchase work with; bootstrap opens it for a process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tradewind.checkout import Completing, Sessions
from tradewind.db import AsyncDatabase, Sealer
from tradewind.kit import Money
from tradewind.orders import Orders


@dataclass(frozen=True, slots=True)
class TestInstrument:
    """A token of a provider that moves no money, and what it does, for a shop that is only tried out."""

    token: str
    words: str


@dataclass(frozen=True, slots=True)
class Till:
    """Sessions, completing, and what signs links. `instruments` are the test cards of an invented provider, else empty."""

    sessions: Sessions
    completing: Completing
    orders: Orders
    sealer: Sealer
    instruments: Sequence[TestInstrument] = ()
    close: Callable[[], None] = lambda: None

    def methods(self, market: str, amount: Money) -> tuple[str, ...]:
        """The payment methods that a shopper of the market may choose from for this amount."""
        return tuple(one.method.method_id for one in self.completing.payments.offered(market, amount))


OpenTill = Callable[[AsyncDatabase], Till]
