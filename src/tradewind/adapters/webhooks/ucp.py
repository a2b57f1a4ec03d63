"""Orders for platforms in the words of the Universal Commerce Protocol, signed with the shop's key; and the same for Google's own endpoint."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from tradewind.kit import Clock
from tradewind.notifications.webhooks import Delivery, Dispatch, OrderHappening, Target, primary_event_id
from tradewind.orders import OrderView
from tradewind.ucp.signing import Message, signed_headers
from tradewind.ucp.signing_detached import HEADER, detached
from tradewind.ucp.signing_keys import SigningKey
from tradewind.ucp.v2026_01_23 import order as january
from tradewind.ucp.v2026_04_08.order import order_entity

ORDER, JANUARY, APRIL = "dev.ucp.shopping.order", "2026-01-23", "2026-04-08"
_ENVELOPES = {version: {"version": version, "capabilities": {ORDER: [{"version": version}]}} for version in (JANUARY, APRIL)}

Permalink = Callable[[str, str], str]
"""The address of an order's page, by market and order id."""


class UcpDialect:
    """Signs with the key that `signing` gives at that moment; `profile_url` is where the shop's own profile lies."""

    def __init__(self, signing: Callable[[], SigningKey], permalink: Permalink, profile_url: str, clock: Clock) -> None:
        self._signing, self._permalink, self._profile_url, self._clock = signing, permalink, profile_url, clock

    async def dispatch(self, delivery: Delivery, timestamp: int, view: OrderView, happening: OrderHappening) -> Dispatch:
        """See Dialect."""
        del happening
        return self.signed(delivery.target, delivery.webhook_id, timestamp, view)

    def signed(self, target: Target, webhook_id: str, timestamp: int, view: OrderView, more: Mapping[str, str] | None = None) -> Dispatch:
        """The whole order as it stands now, in the version that was negotiated when it was placed."""
        source = view.order.facts.get("source") or {}
        if source.get("ucp_version", target.version) == JANUARY:
            return self._of_january(target.url, webhook_id, timestamp, view, more or {})
        url, body = target.url, _dumped(order_entity(view.order, view.shipments, ucp=_ENVELOPES[APRIL], permalink_url=self._page(view)))
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

    def _of_january(self, url: str, webhook_id: str, timestamp: int, view: OrderView, more: Mapping[str, str]) -> Dispatch:
        """2026-01-23 has id and time of the event in the body, and a detached JWS over the body's bytes."""
        entity = january.order_entity(view.order, view.shipments, ucp=_ENVELOPES[JANUARY], permalink_url=self._page(view))
        at = datetime.fromtimestamp(timestamp, UTC)
        body = _dumped({**entity, "event_id": webhook_id, "created_time": at.isoformat().replace("+00:00", "Z")})
        headers = {
            "content-type": "application/json",
            "ucp-agent": f'profile="{self._profile_url}"',
            HEADER: detached(body, self._signing()),
        }
        return Dispatch(url, {**headers, **more}, body)

    def _page(self, view: OrderView) -> str:
        return self._permalink(view.order.market, view.order.order_id)


def _dumped(entity: Mapping[str, Any]) -> bytes:
    return json.dumps(entity, ensure_ascii=False, separators=(",", ":")).encode()


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
        key = {"x-goog-api-key": self._access.key.get_secret_value()}
        target = replace(delivery.target, url=self._access.endpoint)
        return self._ucp.signed(target, primary_event_id(happening), timestamp, view, key)
