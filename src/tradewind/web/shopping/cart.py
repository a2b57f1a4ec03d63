"""The cart: kept by the browser alone, priced anew each time it is looked at."""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tradewind.checkout import CreateSession
from tradewind.kit import Currency, Money, new_id
from tradewind.web import render
from tradewind.web.errors import ShopDoesNotSell
from tradewind.web.house import House
from tradewind.web.shopping import visit
from tradewind.web.shopping.till import Till
from tradewind.web.shopping.words import told
from tradewind.web.storefront.shop import Shop, open_shop

routes = APIRouter(include_in_schema=False)


@routes.get("/{code}/cart")
async def show(code: str, request: Request) -> Response:
    """The cart with what it would cost today."""
    shop = await shop_of(request, code, "/cart")
    held = visit.cart_of(request, code)
    session = await till_of(request).sessions.estimate(CreateSession(code, visit.wanted(held), shop.speech.language)) if held else None
    key = new_id("web", clock=shop.house.clock)
    return page("storefront/cart.html", shop, cart=held, session=session, told=told(session, shop.speech) if session else [], key=key)


@routes.post("/{code}/cart")
async def change(code: str, request: Request) -> Response:
    """Puts an offer in, sets quantities, takes lines out; what the cart cannot hold is left as it was."""
    form = await visit.read_form(request)
    shop = await shop_of(request, code, "/cart")
    cart = visit.cart_of(request, code)
    added = form.get("add", "")
    if visit.is_offer_id(added):
        cart[added] = min(cart.get(added, 0) + (_units(form.get("quantity", "1")) or 1), visit.CART_UNITS)
    for name, value in form.items():
        offer_id = name.removeprefix("units.")
        units = _units(value)
        if name.startswith("units.") and offer_id in cart and units is not None:
            cart[offer_id] = units
    cart.pop(form.get("remove", ""), None)
    kept = {offer_id: units for offer_id, units in list(cart.items())[: visit.CART_LINES] if units > 0}
    answer = RedirectResponse(shop.link("/cart"), status_code=303)
    visit.keep_cart(answer, shop.house, code, kept)
    return answer


async def shop_of(request: Request, code: str, path: str) -> Shop:
    """The market's shop for this request."""
    house: House = request.app.state.house
    async with house.database.transaction() as tx:
        return await open_shop(house, tx, code, path)


def till_of(request: Request) -> Till:
    """What takes orders here. ShopDoesNotSell."""
    house: House = request.app.state.house
    if house.till is None:
        raise ShopDoesNotSell("this shop window takes no orders at the moment", hint="start it with: tradewind serve")
    found: Till = house.till
    return found


def page(template: str, shop: Shop, *, status: int = 200, **values: Any) -> Response:
    """A page for one shopper alone: never kept by anybody, never indexed."""
    values.setdefault("data", [])
    answer = render.page(
        template,
        shop.speech.language,
        status=status,
        shop=shop,
        house=shop.house,
        speech=shop.speech,
        elsewhere=[one.market for one in shop.published if not _is_one_shoppers(shop.path) or one.market == shop.market.code],
        money=lambda minor, currency: shop.speech.money(Money(minor, Currency(currency))),
        **values,
    )
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


def totals(parts: Iterable[tuple[str, int]], currency: str, shop: Shop) -> list[tuple[str, str, str]]:
    """The lines of a sum from (type, minor units): (type, words, amount)."""
    say = shop.speech.text
    names = {
        "subtotal": say("Articles"),
        "items_discount": say("Saved by travelling together"),
        "discount": say("Discount"),
        "fulfillment": say("Delivery"),
        "tax": say("Sales tax"),
        "fee": say("Fee"),
        "total": say("Total"),
    }
    return [(kind, names.get(kind, kind), shop.speech.money(Money(amount, Currency(currency)))) for kind, amount in parts]


def _is_one_shoppers(path: str) -> bool:
    """Whether the page exists in this market alone: no other one has this checkout or order."""
    return path.startswith(("/checkout/", "/orders/"))


def _units(text: str) -> int | None:
    return min(int(text), visit.CART_UNITS) if text.isascii() and text.isdigit() and len(text) <= 4 else None
