"""What the pages of a purchase work with; bootstrap opens it for a process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from tradewind.books import Books
from tradewind.checkout import Completing, Sessions
from tradewind.db import AsyncDatabase, Sealer
from tradewind.kit import Money
from tradewind.notifications.webhooks import Endpoints, Webhooks
from tradewind.orders import Orders
from tradewind.web.middleware import POLICY

CARD = "card"
FIELD_METHODS = frozenset({CARD, "apple_pay", "google_pay"})
_NO_SCRIPT = "script-src 'none'; connect-src 'self'; "


@dataclass(frozen=True, slots=True)
class TestInstrument:
    """A token of a provider that moves no money, and what it does, for a shop that is only tried out."""

    token: str
    words: str


@dataclass(frozen=True, slots=True)
class CardFields:
    """A provider's own fields for cards: its publishable key, its script, and the hosts that the page must let it speak to."""

    provider: str
    key: str
    script: str
    hosts: Sequence[str] = ()

    @property
    def policy(self) -> str:
        """The Content-Security-Policy of a page with these fields: everybody else stays shut out, and no script stands in the page."""
        own = urlsplit(self.script)
        hosts = " ".join(dict.fromkeys((f"{own.scheme}://{own.netloc}", *self.hosts)))
        return f"{POLICY.replace(_NO_SCRIPT, '')}; script-src 'self' {hosts}; frame-src {hosts}; connect-src 'self' {hosts}"


@dataclass(frozen=True, slots=True)
class Till:
    """Sessions, completing, and what signs links. `instruments` are the test cards of an invented provider, else empty.

    `card_fields` are those of a provider that takes cards only by its own fields.
    """

    sessions: Sessions
    completing: Completing
    orders: Orders
    sealer: Sealer
    instruments: Sequence[TestInstrument] = ()
    card_fields: CardFields | None = None
    by_fields: frozenset[str] = frozenset()  # providers whose cards come only through fields of theirs
    close: Callable[[], None] = lambda: None
    books: Books | None = None  # invoices, where the window can write them
    endpoints: Endpoints | None = None  # the retailer's own, for its programs
    webhooks: Webhooks | None = None

    def methods(self, market: str, amount: Money) -> tuple[str, ...]:
        """The payment methods that a shopper of the market may choose from for this amount, and that this page can take."""
        offered = self.completing.payments.offered(market, amount)
        return tuple(one.method.method_id for one in offered if self._can_take(one.method.method_id, one.provider))

    def fields_for(self, market: str, amount: Money) -> CardFields | None:
        """The fields that this page needs for cards, if it needs any."""
        provider = next((one.provider for one in self.completing.payments.offered(market, amount) if one.method.method_id == CARD), None)
        return self.card_fields if self.card_fields is not None and provider == self.card_fields.provider else None

    def _can_take(self, method: str, provider: str) -> bool:
        if provider not in self.by_fields or method not in FIELD_METHODS:
            return True
        return method == CARD and self.card_fields is not None and self.card_fields.provider == provider


OpenTill = Callable[[AsyncDatabase], Till]
