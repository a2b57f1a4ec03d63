"""Events for the retailer's own systems, by the Standard Webhooks: an id, a time, a shared secret's signature, and the order as it stands."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from tradewind.kit import Clock
from tradewind.notifications.webhooks import Delivery, Dispatch, OrderHappening, shared_secret_headers
from tradewind.orders import Adjustment, OrderLine, OrderView, fulfillment_status

_FACTS = ("language", "buyer", "destination", "delivery", "totals", "codes", "payment_method", "tax_included")


class OwnDialect:
    """`secret` gives an endpoint's secret by its id."""

    def __init__(self, secret: Callable[[str], Awaitable[str]], clock: Clock) -> None:
        self._secret, self._clock = secret, clock

    async def dispatch(self, delivery: Delivery, timestamp: int, view: OrderView, happening: OrderHappening) -> Dispatch:
        """See Dialect. The time is that of the attempt, because receivers refuse old ones; never earlier than the last of the order."""
        told = {
            "id": delivery.webhook_id,
            "type": f"order.{happening.event}",
            "occurred_at": _instant(happening.at),
            "detail": dict(happening.detail),
            "data": order_told(view),
        }
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        at = max(timestamp, int(self._clock().timestamp()))
        signed = shared_secret_headers(await self._secret(delivery.target.target_id), delivery.webhook_id, at, body)
        return Dispatch(delivery.target.url, {"content-type": "application/json", **signed}, body)


def order_told(view: OrderView) -> dict[str, Any]:
    """The order in Tradewind's own words: amounts in minor units of its currency, times in UTC."""
    order = view.order
    names = ("order_id", "number", "session_id", "market", "status", "hold", "currency", "total_amount", "email")
    return {
        **{name: getattr(order, name) for name in names},
        "fulfillment_status": fulfillment_status(order, view.shipments).value,
        "placed_at": _instant(order.placed_at),
        "updated_at": _instant(order.updated_at),
        **{name: order.facts.get(name) for name in _FACTS},
        "lines": [_line(one) for one in order.lines],
        "shipments": [
            {
                **{name: getattr(one, name) for name in ("shipment_id", "carrier", "tracking", "tracking_url")},
                "lines": [{"line_id": line.line_id, "quantity": line.quantity} for line in one.lines],
                "shipped_at": _instant(one.shipped_at),
                "delivered_at": _instant(one.delivered_at),
            }
            for one in view.shipments
        ],
        "adjustments": [_adjustment(one) for one in order.adjustments],
    }


def _line(line: OrderLine) -> dict[str, Any]:
    names = (
        "line_id",
        "offer_id",
        "sku",
        "title",
        "unit_price",
        "listed",
        "discount",
        "paid",
        "tax",
        "original",
        "total",
        "fulfilled",
        "status",
    )
    return {name: getattr(line, name) for name in names}


def _adjustment(one: Adjustment) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in ("adjustment_id", "type", "status", "amount", "reason")}
    return {**told, "quantities": dict(one.quantities), "made_at": _instant(one.made_at)}


def _instant(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at is not None else None
