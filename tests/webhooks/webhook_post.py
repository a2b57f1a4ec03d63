"""A shop that tells its orders: the counter of the checkout tests, the whole machinery, and who listens."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from counter import Counter
from pydantic import SecretStr

from tradewind.adapters.outgoing import GuardedClient
from tradewind.adapters.webhooks import GoogleAccess, GoogleDialect, OwnDialect, UcpDialect
from tradewind.db import load_sealer
from tradewind.emulators.ucp_platform import PlatformStandIn, serve_platform
from tradewind.kit import Outgoing
from tradewind.notifications.webhooks import Delivered, Delivering, Delivery, Dialect, Endpoints, Target, TargetKind, Webhooks
from tradewind.orders import Handover, Order, Orders, OrderView
from tradewind.settings import Settings
from tradewind.ucp.signing_keys import SigningKey, new_signing_key

KEY = new_signing_key("shop-1", "ES256")
PROFILE = "https://shop.example/.well-known/ucp"
EVEN = 50
NOWHERE = "http://127.0.0.1:9/webhooks"  # the port "discard": nobody listens


@dataclass
class Post:
    """Where a test sells, ships, tells and listens."""

    counter: Counter
    orders: Orders
    platform: PlatformStandIn
    endpoints: Endpoints
    client: Outgoing
    targets: list[Target] = field(default_factory=list)
    dialects: dict[TargetKind, Dialect] = field(default_factory=dict)

    @property
    def webhooks(self) -> Webhooks:
        def find(_view: OrderView) -> Sequence[Target]:
            return self.targets

        return Webhooks(self.counter.database, self.counter.clock, find)

    def delivering(self, client: Outgoing | None = None) -> Delivering:
        return Delivering(self.counter.database, client or self.client, self.dialects, self.counter.clock, lambda: EVEN)

    def bought(self) -> Order:
        done = self.counter.buy(("S1", 1), ("S2", 2))
        assert done.order_id is not None
        return self.counter.run(self.orders.find(done.order_id)).order

    def ship(self, order: Order, **units: int) -> None:
        self.counter.run(self.orders.ship(order.order_id, Handover("DHL", "JD01", units=units), "anna"))

    def refund(self, order: Order, amount: int = 100, **units: int) -> None:
        self.counter.run(self.orders.refund(order.order_id, amount, "broken", "anna", quantities=units or None))

    def tell(self, *told: Order) -> int:
        return sum(self.counter.run(self.webhooks.tell(one.order_id)) for one in told)

    def deliver(self, client: Outgoing | None = None) -> Delivered:
        return self.counter.run(self.delivering(client).run())

    def waits(self, **span: float) -> None:
        self.counter.clock.now += timedelta(**span)

    def deliveries(self, **wanted: str) -> list[Delivery]:
        return self.counter.run(self.webhooks.deliveries(**wanted))  # type: ignore[arg-type]

    def heard(self) -> list[tuple[str, int]]:
        """What the platform took, as (order, timestamp)."""
        return [(one.body["id"], one.timestamp) for one in self.platform.received]


def ucp_target(platform: PlatformStandIn, name: str = "ucp_1", url: str = "") -> Target:
    return Target(name, TargetKind.UCP, url or platform.webhook_url, "2026-04-08", platform.profile_url)


def google_target(platform: PlatformStandIn) -> Target:
    return Target("google", TargetKind.GOOGLE, access(platform).endpoint, "2026-04-08", "https://www.google.com/ucp")


def access(platform: PlatformStandIn) -> GoogleAccess:
    return GoogleAccess(platform.address, platform.google_partner, SecretStr(platform.google_key))


@contextmanager
def open_post(settings: Settings, counter: Counter, key: SigningKey = KEY) -> Iterator[Post]:
    """The machinery on a counter, with one platform that knows the shop's key."""
    clock = counter.clock
    platform = PlatformStandIn(clock=clock, business_keys=lambda _url: {key.kid: key.jwk()})
    with serve_platform(platform):
        client = GuardedClient(allow_loopback=True)
        endpoints = Endpoints(counter.database, client, load_sealer(settings, clock()), clock)
        ucp = UcpDialect(lambda: key, lambda market, order_id: f"https://shop.example/{market}/orders/{order_id}", PROFILE, clock)
        post = Post(counter, Orders(counter.database, counter.payments, clock), platform, endpoints, client, [ucp_target(platform)])
        own = OwnDialect(endpoints.secret, clock)
        post.dialects = {TargetKind.UCP: ucp, TargetKind.OWN: own, TargetKind.GOOGLE: GoogleDialect(ucp, access(platform))}
        yield post
