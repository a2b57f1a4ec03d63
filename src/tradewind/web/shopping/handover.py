"""Where a buyer comes in from elsewhere: a cart that an agent gathered, or a link that holds one. Nothing is ever bought by opening it."""

import json

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tradewind.checkout import Carts, CartUnknown, CreateSession
from tradewind.kit import new_id
from tradewind.offers import live
from tradewind.web.errors import CheckoutIsNotYours
from tradewind.web.house import House
from tradewind.web.shopping import visit
from tradewind.web.shopping.cart import shop_of, till_of
from tradewind.web.shopping.permalink import Permalink, read_permalink
from tradewind.web.storefront.shop import Shop

routes = APIRouter(include_in_schema=False)


@routes.get("/{code}/cart/{cart_id}")
async def take_cart(code: str, cart_id: str, request: Request, t: str = "") -> Response:
    """Puts a cart that was gathered elsewhere into this browser's own, with its codes; the link is signed and works as long as the cart."""
    shop, till = await shop_of(request, code, "/cart"), till_of(request)
    if not visit.is_signed(till.sealer, "cart", cart_id, t):
        raise CheckoutIsNotYours("this is not the link of a cart", hint="open the link as it was given to you")
    answer = visit.led(shop.link("/cart"))
    try:
        cart = await Carts(till.sessions).get(cart_id)
    except CartUnknown:
        return answer
    if cart.market == code:
        _keep(answer, request, shop, {line.offer_id: line.quantity for line in cart.lines}, cart.codes)
    return answer


@routes.get("/buy")
@routes.get("/buy/{items}")
async def open_permalink(request: Request, items: str = "") -> Response:
    """A permalink that names no market: that of its country, else one that sells what it holds."""
    house: House = request.app.state.house
    link = read_permalink(items, request.query_params.multi_items())
    country = link.fields.get("/context/address_country", "").strip().upper()
    named = sorted(code for code, one in house.rules.items() if one.country == country)
    async with house.database.statements() as tx:
        sold = await live.markets_that_sell(tx, [line.offer_id for line in link.lines]) if link.lines else []
    market = next((code for code in named if code in sold or not link.lines), None) or next(iter(sold), None)
    if market is None:
        return visit.led(link.continue_to or "/")
    return await _led(request, market, link)


@routes.get("/{code}/buy")
@routes.get("/{code}/buy/{items}")
async def open_permalink_of(code: str, request: Request, items: str = "") -> Response:
    """A permalink of a market."""
    return await _led(request, code, read_permalink(items, request.query_params.multi_items()))


async def _led(request: Request, code: str, link: Permalink) -> Response:
    shop = await shop_of(request, code, "/cart")
    fallback = link.continue_to or shop.link("/")
    if link.is_ambiguous or not link.lines:
        return visit.led(fallback)
    if link.continue_to:
        answer = visit.led(link.continue_to)
        _keep(answer, request, shop, {line.offer_id: line.quantity for line in link.lines}, link.codes)
        return answer
    return await _checkout(request, shop, link) or visit.led(fallback)


async def _checkout(request: Request, shop: Shop, link: Permalink) -> Response | None:
    """The checkout with everything that the link holds; None where nothing of it is sold here."""
    till, code = till_of(request), shop.market.code
    told = {"attribution": json.dumps(link.attribution, ensure_ascii=False)} if link.attribution else {}
    wanted = CreateSession(
        code,
        link.lines,
        shop.speech.language,
        buyer=link.buyer,
        destination=link.destination(shop.market.country),
        codes=link.codes[: visit.CODES],
        source={"surface": "permalink", **told},
    )
    # Never a key that two browsers could share: what one shopper enters is not another's.
    session = await till.sessions.create(wanted, new_id("web", clock=shop.house.clock))
    if not session.lines:
        return None
    answer = visit.led(shop.link(f"/checkout/{session.session_id}"))
    visit.keep_session(answer, shop.house, till.sealer, code, session.session_id)
    return answer


def _keep(answer: Response, request: Request, shop: Shop, lines: dict[str, int], codes: tuple[str, ...]) -> None:
    """The browser's cart with these lines in place of what it had of the same offers."""
    code = shop.market.code
    known = {offer_id: min(units, visit.CART_UNITS) for offer_id, units in lines.items() if visit.is_offer_id(offer_id)}
    cart = visit.cart_of(request, code) | known
    visit.keep_cart(answer, shop.house, code, dict(list(cart.items())[-visit.CART_LINES :]))
    if codes:
        visit.keep_codes(answer, shop.house, code, codes)
