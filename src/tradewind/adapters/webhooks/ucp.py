"""Orders for platforms in the words of the Universal Commerce Protocol, signed with the shop's key; and the same for Google's own endpoint."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from tradewind.kit import Clock
from tradewind.notifications.webhooks import Delivery, Dispatch, OrderHappening, primary_event_id
from tradewind.orders import OrderView
from tradewind.ucp.signing import Message, signed_headers
from tradewind.ucp.signing_keys import SigningKey
from tradewind.ucp.v2026_04_08.order import order_entity

ORDER, VERSION = "dev.ucp.shopping.order", "2026-04-08"
_ENVELOPE = {"version": VERSION, "capabilities": {ORDER: [{"version": VERSION}]}}

Permalink = Callable[[str, str], str]
"""The address of an order's page, by market and order id."""


class UcpDialect:
    """Signs with the key that `signing` gives at that moment; `profile_url` is where the shop's own profile lies."""

    def __init__(self, signing: Callable[[], SigningKey], permalink: Permalink, profile_url: str, clock: Clock) -> None:
        self._signing, self._permalink, self._profile_url, self._clock = signing, permalink, profile_url, clock

    async def dispatch(self, delivery: Delivery, timestamp: int, view: OrderView, happening: OrderHappening) -> Dispatch:
        """See Dialect."""
        del happening
        return self.signed(delivery.target.url, delivery.webhook_id, timestamp, view)

    def signed(self, url: str, webhook_id: str, timestamp: int, view: OrderView, more: Mapping[str, str] | None = None) -> Dispatch:
        """The whole order as it stands now, for `url`."""
        order = view.order
        entity = order_entity(order, view.shipments, ucp=_ENVELOPE, permalink_url=self._permalink(order.market, order.order_id))
        body = json.dumps(entity, ensure_ascii=False, separators=(",", ":")).encode()
        # Whoever repeats a webhook must be recognized: its id serves as the key of idempotency, which the signature covers too.
        headers = {
            "content-type": "application/json",
            "ucp-agent": f'profile="{self._profile_url}"',
            "webhook-id": webhook_id,
            "webhook-timestamp": str(timestamp),
            "idempotency-key": webhook_id,
        }
        added = signed_headers(Message("POST", url, headers, body), self._signing(), self._clock())
        return Dispatch(url, {**headers, **added, **(more or {})}, body)


@dataclass(frozen=True, slots=True)
class GoogleAccess:
    """The door at Google: the address of its service, the retailer's number as a partner, and the key that Google gave."""

    url: str
    partner: str
    key: SecretStr

    @property
    def endpoint(self) -> str:
        """Where order events go."""
        return f"{self.url}/v1/webhooks/partners/{self.partner}/events/order"


class GoogleDialect:
    """Google's endpoint is fixed and keyed; it wants the id of the order's own entry (a shipment's, an adjustment's) as the webhook's."""

    def __init__(self, ucp: UcpDialect, access: GoogleAccess) -> None:
        self._ucp, self._access = ucp, access

    async def dispatch(self, delivery: Delivery, timestamp: int, view: OrderView, happening: OrderHappening) -> Dispatch:
        """See Dialect."""
        del delivery
        key = {"x-goog-api-key": self._access.key.get_secret_value()}
        return self._ucp.signed(self._access.endpoint, primary_event_id(happening), timestamp, view, key)
