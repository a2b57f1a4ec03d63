"""What became of an order, by a signed link: the confirmation page, and the status afterwards."""

from datetime import date
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tradewind import orders
from tradewind.kit import Currency, Money
from tradewind.orders import Order
from tradewind.web.errors import CheckoutIsNotYours
from tradewind.web.shopping import visit
from tradewind.web.shopping.cart import page, shop_of, till_of
from tradewind.web.shopping.checkout import method_name
from tradewind.web.storefront.shop import Shop

routes = APIRouter(include_in_schema=False)


@routes.get("/{code}/orders/{order_id}")
async def show(code: str, order_id: str, request: Request, t: str = "") -> Response:
    """The order for whoever holds its link."""
    shop, till = await shop_of(request, code, f"/orders/{order_id}"), till_of(request)
    found = None
    if visit.is_signed(till.sealer, "order", order_id, t):
        async with shop.house.database.transaction() as tx:
            found = await orders.store.order(tx, order_id)
    if found is None or found.market != code:
        raise CheckoutIsNotYours("this is not the link of an order", hint="open the link of your confirmation mail")
    return page("storefront/order.html", shop, order=found, **_told(shop, found))


def _told(shop: Shop, order: Order) -> dict[str, Any]:
    say, facts = shop.speech.text, order.facts
    names = {
        "subtotal": say("Articles"),
        "items_discount": say("Saved by travelling together"),
        "discount": say("Discount"),
        "fulfillment": say("Delivery"),
        "tax": say("Sales tax"),
        "fee": say("Fee"),
        "total": say("Total"),
    }
    delivery = facts.get("delivery") or {}
    days = [date.fromisoformat(delivery[name]) for name in ("earliest", "latest") if delivery.get(name)]
    events = {
        "created": say("Order placed"),
        "processing": say("Being prepared"),
        "shipped": say("On its way"),
        "delivered": say("Delivered"),
        "canceled": say("Canceled"),
        "refunded": say("Money returned"),
        "returned": say("Came back"),
    }
    return {
        "totals": [
            (kind, names.get(kind, kind), shop.speech.money(Money(amount, Currency(order.currency)))) for kind, amount in facts["totals"]
        ],
        "arrives": shop.speech.span(*days) if len(days) == 2 else "",
        "destination": facts.get("destination") or {},
        "method": method_name(shop, str(facts.get("payment_method", ""))),
        "return_days": (facts.get("policies") or {}).get("return_days", 0),
        "events": [
            (events[one.name], shop.speech.day(one.at.date()), str(one.detail.get("tracking", "")))
            for one in order.timeline
            if one.name in events
        ],
        "picture": shop.picture,
    }
