"""The result page: what a shopper asked, what was found, and links that narrow it. The index chooses, the database says what is sold."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tradewind.kit import Currency, Money
from tradewind.offers import searching
from tradewind.offers.store import OfferCard
from tradewind.search import Counted, Filters, PriceRange, Question, Results, Sorting, price_steps, variant_for, words_of
from tradewind.web import render
from tradewind.web.errors import PageNotFound
from tradewind.web.house import House
from tradewind.web.storefront.shop import Shop, open_shop

# A recall must be gone within seconds, so a page is asked for again after this time.
KEPT = "public, max-age=5"
PAGE_SIZE = 24
LAST_PAGE = 40
TEXT_LIMIT = 200
VALUE_LIMIT = 200
ATTRIBUTES_LIMIT = 6
PRICE_LIMIT = 10**12
RELATED = 6
SUGGESTIONS_TYPE = "application/x-suggestions+json"

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that narrows, orders or turns the page."""

    label: str
    href: str
    count: int | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """The links of one facet; `everything` takes its choice back."""

    title: str
    chosen: str | None
    everything: str
    links: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a result page asks for."""

    text: str
    filters: Filters
    sorting: Sorting
    page: int
    exact: bool

    @property
    def question(self) -> Question:
        return Question(self.text, self.filters, self.sorting, (self.page - 1) * PAGE_SIZE, PAGE_SIZE, exact=self.exact)

    def link(self, shop: Shop, **changes: Any) -> str:
        """The address with something else asked; a new choice begins at the first page."""
        asked = replace(self, **{"page": 1, **changes})
        filters = asked.filters
        given: list[tuple[str, str]] = [("q", asked.text), ("category", filters.category or ""), ("brand", filters.brand or "")]
        given += [("with", pair) for pair in filters.attributes]
        given += [(name, "" if value is None else str(value)) for name, value in (("from", filters.price_from), ("to", filters.price_to))]
        given += [("stock", "1" if filters.in_stock else ""), ("exact", "1" if asked.exact else "")]
        given += [("order", "" if asked.sorting is Sorting.RELEVANCE else str(asked.sorting)), ("page", str(asked.page) * (asked.page > 1))]
        query = urlencode([(name, value) for name, value in given if value])
        return f"/{shop.market.code}/search" + (f"?{query}" if query else "")

    def narrowed(self, shop: Shop, **changes: Any) -> str:
        """The address with another choice in the filters."""
        return self.link(shop, filters=replace(self.filters, **changes))


@dataclass(frozen=True, slots=True)
class SearchView:
    """Everything that the result page says."""

    asked: Asked
    results: Results
    cards: tuple[OfferCard, ...]
    facets: tuple[Choices, ...]
    orders: tuple[Choice, ...]
    related: tuple[Choice, ...]
    before: str | None
    after: str | None
    corrected: Choice | None
    meant: Choice | None
    unfiltered: str


@routes.get("/{code}/search")
async def search(code: str, request: Request) -> Response:
    """The products that answer a question, narrowed and ordered by links."""
    house: House = request.app.state.house
    asked = _asked(request.query_params)
    async with house.database.transaction() as tx:
        shop = await open_shop(house, tx, code, "/search")
        question = replace(asked.question, price_steps=price_steps(_digits(shop)))
        results, related = await asyncio.to_thread(_answered, house, code, question)
        sold = await searching.shown(tx, code, [hit.product_id for hit in results.hits]) if results.hits else {}
    view = _view(shop, asked, results, sold, related)
    values: dict[str, Any] = {
        "shop": shop,
        "house": house,
        "speech": shop.speech,
        "data": [],
        "elsewhere": [one.market for one in shop.published],
    }
    return render.page("storefront/search.html", shop.speech.language, cache_control=KEPT, view=view, asked_text=asked.text, **values)


@routes.get("/{code}/search/suggest")
async def suggest(code: str, request: Request) -> Response:
    """What a beginning may become, in the form that browsers ask for (OpenSearch suggestions): [text, [texts], [], [addresses]]."""
    house: House = request.app.state.house
    text = _text(request.query_params, "q", TEXT_LIMIT)
    async with house.database.transaction() as tx:
        shop = await open_shop(house, tx, code, "/search")
    found = await asyncio.to_thread(_search(house).suggest, code, text)
    asked = Asked("", Filters(), Sorting.RELEVANCE, 1, exact=False)
    addresses = [house.settings.public_url + asked.link(shop, text=one) for one in found]
    return JSONResponse([text, found, [], addresses], media_type=SUGGESTIONS_TYPE, headers={"Cache-Control": KEPT})


@routes.get("/{code}/search.xml")
async def description(code: str, request: Request) -> Response:
    """The OpenSearch description, by which a browser offers the shop's search and its suggestions without a script of ours."""
    house: House = request.app.state.house
    async with house.database.transaction() as tx:
        shop = await open_shop(house, tx, code, "/search")
    html = render.environment("en").get_template("storefront/opensearch.xml").render(shop=shop)
    return Response(html, media_type="application/opensearchdescription+xml", headers={"Cache-Control": "public, max-age=3600"})


def _search(house: House) -> Any:
    if house.search is None:
        raise PageNotFound("this window has no search", hint="start it with: tradewind serve")
    return house.search


def _answered(house: House, code: str, question: Question) -> tuple[Results, list[str]]:
    found = _search(house)
    return found.answer(code, question), found.suggest(code, question.text, RELATED)


def _asked(given: Any) -> Asked:
    def number(name: str, most: int) -> int | None:
        text = given.get(name, "")
        return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 16 else None

    pairs = [pair[:VALUE_LIMIT].replace("\0", "") for pair in given.getlist("with")[:ATTRIBUTES_LIMIT]]
    order = given.get("order", "")
    return Asked(
        text=_text(given, "q", TEXT_LIMIT),
        filters=Filters(
            category=_text(given, "category", VALUE_LIMIT) or None,
            brand=_text(given, "brand", VALUE_LIMIT) or None,
            attributes=tuple(dict.fromkeys(pair for pair in pairs if "=" in pair)),
            price_from=number("from", PRICE_LIMIT),
            price_to=number("to", PRICE_LIMIT),
            in_stock=given.get("stock") == "1",
        ),
        sorting=Sorting(order) if order in set(Sorting) else Sorting.RELEVANCE,
        page=max(1, number("page", LAST_PAGE) or 1),
        exact=given.get("exact") == "1",
    )


def _text(given: Any, name: str, limit: int) -> str:
    return " ".join(given.get(name, "").replace("\0", "").split())[:limit]


def _view(shop: Shop, asked: Asked, results: Results, sold: Mapping[str, list[dict[str, Any]]], related: Sequence[str]) -> SearchView:
    meaning = results.understanding
    pages = min(LAST_PAGE, math.ceil(results.total / PAGE_SIZE))
    words = words_of(asked.text)
    chosen = [
        (variant_for(sold[hit.product_id], asked.filters, words), sold[hit.product_id]) for hit in results.hits if hit.product_id in sold
    ]
    say = shop.speech.text
    orders = {
        Sorting.RELEVANCE: say("Best match"),
        Sorting.PRICE: say("Price: low to high"),
        Sorting.PRICE_DOWN: say("Price: high to low"),
        Sorting.RATING: say("Best rated"),
    }
    return SearchView(
        asked=asked,
        results=results,
        cards=tuple(searching.card_of(dict(row), len(variants)) for row, variants in chosen if row is not None),
        facets=tuple(_facets(shop, asked, results)),
        orders=tuple(Choice(name, asked.link(shop, sorting=key), chosen=asked.sorting is key) for key, name in orders.items()),
        related=tuple(Choice(one, asked.link(shop, text=one, filters=Filters())) for one in related if one != asked.text.lower()),
        before=asked.link(shop, page=asked.page - 1) if asked.page > 1 else None,
        after=asked.link(shop, page=asked.page + 1) if asked.page < pages else None,
        corrected=Choice(meaning.corrected, asked.link(shop, exact=True)) if meaning.corrected and results.total else None,
        meant=Choice(meaning.did_you_mean, asked.link(shop, text=meaning.did_you_mean)) if meaning.did_you_mean else None,
        unfiltered=asked.link(shop, filters=Filters()),
    )


def _facets(shop: Shop, asked: Asked, results: Results) -> list[Choices]:
    filters, facets, say = asked.filters, results.facets, shop.speech.text
    found = [
        _choices(
            say("Category"),
            shop.category_name(filters.category) if filters.category else None,
            asked.narrowed(shop, category=None),
            [Choice(shop.category_name(one.value), asked.narrowed(shop, category=one.value), one.count) for one in facets.categories],
        ),
        _choices(say("Brand"), filters.brand, asked.narrowed(shop, brand=None), _values(shop, asked, "brand", facets.brands)),
        _prices(shop, asked, facets.prices),
    ]
    chosen = {pair.partition("=")[0]: pair for pair in filters.attributes}
    for key in {**dict.fromkeys(chosen), **dict.fromkeys(facets.attributes)}:
        others = tuple(pair for pair in filters.attributes if pair != chosen.get(key))
        links = [
            Choice(one.value, asked.narrowed(shop, attributes=(*others, pair)), one.count, chosen=pair == chosen.get(key))
            for one in facets.attributes.get(key, ())
            for pair in (f"{key}={one.value}",)
        ]
        value = chosen[key].partition("=")[2] if key in chosen else None
        found.append(_choices(_attribute_name(shop, key), value, asked.narrowed(shop, attributes=others), links))
    if filters.in_stock or 0 < facets.in_stock < results.total:
        link = Choice(say("In stock"), asked.narrowed(shop, in_stock=True), facets.in_stock, chosen=filters.in_stock)
        value = say("In stock") if filters.in_stock else None
        found.append(Choices(say("Availability"), value, asked.narrowed(shop, in_stock=False), (link,)))
    return [one for one in found if one is not None]


def _choices(title: str, chosen: str | None, everything: str, links: Sequence[Choice]) -> Choices | None:
    """The facet, where there is something to choose or to take back."""
    return Choices(title, chosen, everything, tuple(links)) if len(links) > 1 or chosen else None


def _values(shop: Shop, asked: Asked, name: str, values: Sequence[Counted]) -> list[Choice]:
    chosen = getattr(asked.filters, name)
    return [Choice(one.value, asked.narrowed(shop, **{name: one.value}), one.count, chosen=one.value == chosen) for one in values]


def _prices(shop: Shop, asked: Asked, ranges: Sequence[PriceRange]) -> Choices | None:
    low, high = asked.filters.price_from, asked.filters.price_to
    links = [
        Choice(
            _span(shop, one.low, one.high),
            asked.narrowed(shop, price_from=one.low, price_to=one.high),
            one.count,
            chosen=(one.low, one.high) == (low, high),
        )
        for one in ranges
    ]
    chosen = _span(shop, low, high) if low is not None or high is not None else None
    return _choices(shop.speech.text("Price"), chosen, asked.narrowed(shop, price_from=None, price_to=None), links)


def _span(shop: Shop, low: int | None, high: int | None) -> str:
    currency, say = _currency(shop), shop.speech.text
    shown = {name: None if minor is None else shop.speech.money(Money(minor, currency)) for name, minor in (("low", low), ("high", high))}
    if shown["high"] is None:
        return say("from %(price)s") % {"price": shown["low"]}
    return say("up to %(price)s") % {"price": shown["high"]} if shown["low"] is None else f"{shown['low']} – {shown['high']}"


def _attribute_name(shop: Shop, key: str) -> str:
    say = shop.speech.text
    names = {
        "color": say("Color"),
        "size": say("Size"),
        "material": say("Material"),
        "pattern": say("Pattern"),
        "gender": say("For whom"),
        "age_group": say("Age"),
    }
    return names.get(key) or key[:1].upper() + key[1:]


def _currency(shop: Shop) -> Currency:
    return Currency(shop.facts.terms.currency if shop.facts.terms else shop.market.currency)


def _digits(shop: Shop) -> int:
    return _currency(shop).digits
