"""What became of an order, by a signed link: the confirmation page, and the status afterwards."""

from datetime import date
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tradewind.books import given_back
from tradewind.markets import postal_lines, withdrawal_function
from tradewind.network import public_holidays
from tradewind.orders import Order, OrderEvent, OrderStatus, OrderView
from tradewind.web.errors import CheckoutIsNotYours, ShopDoesNotSell
from tradewind.web.shopping import visit
from tradewind.web.shopping.cart import page, shop_of, till_of, totals
from tradewind.web.shopping.checkout import method_name
from tradewind.web.storefront.shop import Shop

routes = APIRouter(include_in_schema=False)


@routes.get("/{code}/orders/{order_id}")
async def show(code: str, order_id: str, request: Request, t: str = "") -> Response:
    """The order for whoever holds its link."""
    shop, view = await _opened(code, order_id, request, t)
    return _shown(shop, view, t)


@routes.post("/{code}/orders/{order_id}/withdraw")
async def withdraw(code: str, order_id: str, request: Request) -> Response:
    """Withdraws from the contract, in the two steps that the law wants: the first asks, the second does."""
    form = await visit.read_form(request)
    token = form.get("t", "")
    shop, view = await _opened(code, order_id, request, token)
    if not _may_withdraw(shop, view):
        return _shown(shop, view, token)
    if form.get("do") != "confirm":
        return _shown(shop, view, token, is_asking=True)
    await till_of(request).orders.withdraw(order_id, "buyer")
    return RedirectResponse(shop.link(f"/orders/{order_id}", t=token), status_code=303)


@routes.get("/{code}/orders/{order_id}/{name}.pdf")
async def paper(code: str, order_id: str, name: str, request: Request, t: str = "") -> Response:
    """The invoice (`invoice`), or the credit note of an adjustment, for whoever holds the order's link."""
    shop, _ = await _opened(code, order_id, request, t)
    books = till_of(request).books
    if books is None:
        raise ShopDoesNotSell("this shop window writes no invoices", hint="start it with: tradewind serve")
    made = await (books.invoice(order_id) if name == "invoice" else books.credit_note(order_id, name))
    del shop
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{made.number}.pdf"'}
    return Response(made.content, media_type="application/pdf", headers=headers)


def _papers(shop: Shop, view: OrderView, token: str) -> list[tuple[str, str]]:
    """The papers of an order as (name, address); an invoice is there once a parcel has left."""
    if not view.shipments:
        return []
    say, base = shop.speech.text, f"/orders/{view.order.order_id}"
    notes = [(say("Credit note"), shop.link(f"{base}/{one.adjustment_id}.pdf", t=token)) for one in given_back(view)]
    return [(say("Invoice"), shop.link(f"{base}/invoice.pdf", t=token)), *notes]


async def _opened(code: str, order_id: str, request: Request, token: str) -> tuple[Shop, OrderView]:
    shop, till = await shop_of(request, code, f"/orders/{order_id}"), till_of(request)
    if visit.is_signed(till.sealer, "order", order_id, token):
        view = await till.orders.find(order_id)
        if view.order.market == code:
            return shop, view
    raise CheckoutIsNotYours("this is not the link of an order", hint="open the link of your confirmation mail")


def _shown(shop: Shop, view: OrderView, token: str, *, is_asking: bool = False) -> Response:
    can = _may_withdraw(shop, view)
    return page(
        "storefront/order.html",
        shop,
        order=view.order,
        token=token,
        can_withdraw=can,
        is_asking=is_asking,
        papers=_papers(shop, view, token),
        **_told(shop, view.order),
    )


def _may_withdraw(shop: Shop, view: OrderView) -> bool:
    """Whether the law gives the right, its time runs, and it was not used yet."""
    rules, order = shop.house.rules.get(shop.market.code), view.order
    if rules is None or order.status is OrderStatus.CANCELED or any(one.name == OrderEvent.WITHDRAWN for one in order.timeline):
        return False
    function = withdrawal_function(rules, order.placed_at.date(), shop.house.confirmations)
    received = [one.delivered_at.date() for one in view.shipments if one.delivered_at]
    is_whole = bool(received) and len(received) == len(view.shipments)
    closed = public_holidays(shop.market.country, max(received).year) if is_whole else frozenset[date]()
    return function is not None and function.is_open(shop.today, max(received) if is_whole else None, closed)


def _told(shop: Shop, order: Order) -> dict[str, Any]:
    say, facts = shop.speech.text, order.facts
    place = facts.get("destination") or {}
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
        "withdrawn": say("You withdrew from the contract"),
    }
    return {
        "totals": totals(facts["totals"], order.currency, shop),
        "arrives": shop.speech.span(*days) if len(days) == 2 else "",
        "address": [*postal_lines(place), shop.speech.country_name(place["country"])] if place else [],
        "method": method_name(shop, str(facts.get("payment_method", ""))),
        "return_days": (facts.get("policies") or {}).get("return_days", 0),
        "events": [
            (events[one.name], shop.speech.day(one.at.date()), str(one.detail.get("tracking", "")))
            for one in order.timeline
            if one.name in events
        ],
        "picture": shop.picture,
    }
