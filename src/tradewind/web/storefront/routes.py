"""The shop's addresses."""

import re
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from tradewind.offers import Availability, store
from tradewind.stock import expected_on
from tradewind.web import render
from tradewind.web.errors import OfferIsWithdrawn, PageNotFound
from tradewind.web.house import House
from tradewind.web.speech import speech
from tradewind.web.storefront import structured
from tradewind.web.storefront.product import product_view
from tradewind.web.storefront.shop import Shop, open_shop, shop_of

# A rollback must show within a minute, so a page may be kept for less than that.
KEPT = "public, max-age=30"
SELECTION_SIZE = 8
FACET_VALUE_LIMIT = 200
ORDERS = ("name", "price", "price_down")
POLICIES = ("delivery", "returns", "contact")
_PRICED_KEY = re.compile(r"^(\d{1,15})~([A-Za-z0-9._-]{1,50})$", re.ASCII)

routes = APIRouter(include_in_schema=False)


@routes.get("/")
async def choose_market(request: Request) -> Response:
    """Every published market; nobody is sent anywhere by a guess about the address of their machine."""
    house: House = request.app.state.house
    async with house.database.transaction() as tx:
        published = tuple(await store.publications(tx))
    if not published:
        return render.page("storefront/empty.html", "en", status=200, house=house, speech=speech("en", "US"))
    found = [(market := house.market(one.market), speech(market.language, market.country), one) for one in published]
    return render.page("storefront/markets.html", "en", cache_control=KEPT, house=house, speech=speech("en", "US"), markets=found)


@routes.get("/{code}")
async def market_without_slash(code: str, request: Request) -> Response:
    """The market's home has one address."""
    house: House = request.app.state.house
    async with house.database.transaction() as tx:
        shop = await open_shop(house, tx, code, "/")
    return RedirectResponse(shop.link("/"), status_code=308)


@routes.get("/{code}/")
async def market_home(code: str, request: Request) -> Response:
    """Departments, a selection and what the market promises."""
    house: House = request.app.state.house
    async with house.database.transaction() as tx:
        shop = await open_shop(house, tx, code, "/")
        shown = [one.best for one in shop.facts.categories if one.best.image]
        buyable = await store.in_stock(tx, code, [one.offer_id for one in shown])
    best = sorted((one for one in shown if one.offer_id in buyable), key=_appeal)[: SELECTION_SIZE + 1]
    terms = shop.facts.terms
    data = [structured.store(shop, terms.return_days if terms else None)]
    return _page("storefront/home.html", shop, data, hero=best[0] if best else None, selection=best[1:] or best, terms=terms)


async def category(request: Request) -> Response:
    """A category page by page, narrowed and ordered by links."""
    house: House = request.app.state.house
    code, category = request.path_params["code"], request.path_params["category"]
    asked = request.query_params
    async with house.database.statements() as tx:
        shop = await open_shop(house, tx, code, f"/c/{category}")
        below = shop.below(category)
        if not below:
            raise PageNotFound(f'the category "{category}" has no offers in this market', hint="choose a department on the home page")
        slugs = tuple(one.category for one in below)
        query = _query(code, slugs, asked)
        cards = await store.category_page(tx, query)
        facets = await house.facets(tx, shop.publication, slugs)
    more, cards = len(cards) > store.PAGE_SIZE, cards[: store.PAGE_SIZE]
    trail = shop.trail(category)
    steps = structured.breadcrumbs(shop, trail)
    return _page(
        "storefront/category.html",
        shop,
        [steps],
        category=category,
        trail=trail,
        children=[] if len(below) == 1 and below[0].category == category else below,
        offers_count=sum(one.offers_count for one in below),
        cards=cards,
        query=query,
        next_key=_key(query, cards[-1]) if more else None,
        first_page=query.after is None,
        brands=facets["brand"],
        colors=facets["color"],
    )


async def product(request: Request) -> Response:
    """One offer: everything a shopper must know before buying."""
    house: House = request.app.state.house
    code, offer_id = request.path_params["code"], request.path_params["offer_id"]
    async with house.database.statements() as tx:
        published, offer = await tx.together(store.publishing(), store.showing(code, offer_id))
        shop = await shop_of(house, tx, published, code, f"/p/{offer_id}")
        if offer is None and await store.is_withdrawn(tx, code, offer_id):
            raise OfferIsWithdrawn(f'the article "{offer_id}" was withdrawn from sale', hint="")
        if offer is None:
            raise PageNotFound(f'the product "{offer_id}" is not sold in this market', hint="it may have been taken out of the assortment")
        markets = [one.market for one in published]
        variants, elsewhere = await tx.together(store.varying(code, offer.product_id), store.selling_markets(offer_id, markets))
        sold_out = offer.availability is Availability.OUT_OF_STOCK
        expected = await expected_on(tx, offer.sku, offer.location_id, shop.today) if sold_out else None
    trail = [*shop.trail(offer.category), (offer.title, f"/p/{offer.offer_id}")]
    data = [structured.product(shop, offer, variants, expected), structured.breadcrumbs(shop, trail)]
    view = product_view(shop, offer, variants)
    return _page("storefront/product.html", shop, data, offer=offer, view=view, trail=trail, elsewhere=elsewhere, expected=expected)


# The pages that are asked for most, without FastAPI's reading of arguments, which was a twelfth of a page.
often = (Route("/{code}/p/{offer_id}", product), Route("/{code}/c/{category}", category))


@routes.get("/{code}/about/{policy}")
async def about(code: str, policy: str, request: Request) -> Response:
    """What holds for delivery, returns and contact in this market: only what the offers themselves promise."""
    if policy not in POLICIES:
        raise PageNotFound(f'there is no page "{policy}"', hint="see the links at the foot of the page")
    house: House = request.app.state.house
    async with house.database.transaction() as tx:
        shop = await open_shop(house, tx, code, f"/about/{policy}")
    return _page("storefront/about.html", shop, [], policy=policy, terms=shop.facts.terms)


def _page(template: str, shop: Shop, data: list[dict[str, Any]], **values: Any) -> Response:
    values.setdefault("elsewhere", [one.market for one in shop.published])
    return render.page(
        template, shop.speech.language, cache_control=KEPT, shop=shop, house=shop.house, speech=shop.speech, data=data, **values
    )


def _query(code: str, slugs: tuple[str, ...], asked: Any) -> store.CategoryQuery:
    order = asked.get("order", "name")
    brand, color = (asked.get(name, "").replace("\0", "")[:FACET_VALUE_LIMIT] or None for name in ("brand", "color"))
    key = _PRICED_KEY.match(asked.get("after", ""))
    after = (int(key[1]), key[2]) if key else None
    return store.CategoryQuery(code, slugs, brand, color, order if order in ORDERS else "name", after, store.PAGE_SIZE + 1)


def _key(query: store.CategoryQuery, last: store.OfferCard) -> str:
    return f"{0 if query.order == 'name' else last.price.minor}~{last.offer_id}"


def _appeal(card: store.OfferCard) -> tuple[object, ...]:
    """Well rated by many first; then by id, so that the row stays still between two visits."""
    return (-(card.rating_milli or 0), -(card.rating_count or 0), card.offer_id)
