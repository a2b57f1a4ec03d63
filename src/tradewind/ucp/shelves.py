"""The three operations on the catalog: search, lookup by ids, one product with its options."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tradewind.offers import Offer, public_id, searching
from tradewind.search import Filters, Question, Results, SearchIsNotBuilt, words_of
from tradewind.ucp import cursors, wire
from tradewind.ucp.capabilities import CATALOG_LOOKUP, CATALOG_SEARCH
from tradewind.ucp.choosing import Option, choice_of, effective, featured, is_available, matching, options_of
from tradewind.ucp.counter import Counter
from tradewind.ucp.cursors import Cursor
from tradewind.ucp.errors import BusinessIsAway, RequestIsInvalid, RequestIsTooLarge
from tradewind.ucp.model import Answer, Call
from tradewind.ucp.narrowing import Narrowed, narrowed
from tradewind.ucp.placing import market_of
from tradewind.ucp.policy import OK
from tradewind.ucp.v2026_04_08.asking_catalog import LONGEST_PAGE, LOOKUP, PRODUCT, SEARCH, AskedProduct
from tradewind.ucp.v2026_04_08.catalog import (
    Shelf,
    disclosure_messages,
    option_value,
    product_entry,
    selected_options,
    signaled_options,
)
from tradewind.ucp.wire import AskedContext

IDS_LIMIT = 100
SHOWN_VARIANTS = 10
QUERY_LETTERS = 200
_encode = msgspec.json.Encoder().encode
Json = dict[str, Any]


async def search(call: Call, counter: Counter) -> Answer:
    """Products by words, categories and prices, page by page. RequestIsInvalid, BusinessIsAway."""
    body = wire.read(SEARCH, call.raw)
    body.check()
    shelf = await _shelf(counter, body.context, ())
    filters = _narrowed(counter, shelf, body)
    limit, words = min(body.pagination.limit, LONGEST_PAGE), " ".join(body.query.split())[:QUERY_LETTERS]
    bound = cursors.question_digest(shelf.market.code, words, filters.categories, filters.low, filters.high)
    cursor = Cursor() if not body.pagination.cursor else cursors.read(body.pagination.cursor, bound)
    if cursor is None:
        raise RequestIsInvalid("the cursor is not of this search", hint="begin again without a cursor", path="$.pagination.cursor")
    asked = Question(
        words,
        Filters(categories=filters.categories, price_from=filters.low, price_to=filters.high),
        offset=cursor.start,
        limit=cursor.offset - cursor.start + limit + cursors.OVERLAP,
    )
    results = None if filters.is_elsewhere else await _found(counter, shelf.market.code, asked)
    page, following = cursor.page([hit.product_id for hit in results.hits] if results else [], limit)
    async with counter.database.statements() as tx:
        sold = await searching.whole(tx, shelf.market.code, page) if page else {}
    more = results is not None and bool(page) and following.offset < min(results.total, cursors.DEEPEST)
    shown = {product: _told_variants(sold[product], filters, words) for product in page if product in sold}
    told: Json = {
        "ucp": call.negotiated.active[CATALOG_SEARCH],
        "products": [product_entry(shelf, sold[product], variants, options_of(sold[product])) for product, variants in shown.items()],
        "pagination": {"has_next_page": more, "total_count": results.total if results else 0}
        | ({"cursor": cursors.written(following, bound)} if more else {}),
    }
    return _answer(told, [*filters.messages, *_understood(results, bool(page)), *_disclosed(shelf, "$.products", shown.values())])


async def lookup(call: Call, counter: Counter) -> Answer:
    """Products by ids of products or variants, or by article numbers; unknown ones are told and left out. RequestIsInvalid, RequestIsTooLarge."""
    body = wire.read(LOOKUP, call.raw)
    ids = list(dict.fromkeys(body.ids))
    if len(ids) > IDS_LIMIT:
        raise RequestIsTooLarge(f"{len(ids)} ids", hint=f"ask for at most {IDS_LIMIT} at once", path="$.ids")
    shelf = await _shelf(counter, body.context, ids)
    filters = _narrowed(counter, shelf, body)
    async with counter.database.statements() as tx:
        sold = await searching.named(tx, shelf.market.code, _spellings(ids))
    products, shown = list[Json](), list[list[Offer]]()
    resolved = {product: _inputs(filters.of(variants), ids) for product, variants in sold.items()}
    for product, inputs in resolved.items():
        if inputs:
            chosen = [offer for offer in sold[product] if offer.offer_id in inputs]
            entry = product_entry(shelf, sold[product], chosen, options_of(sold[product]))
            for variant in entry["variants"]:
                variant["inputs"] = inputs[variant["id"]]
            products.append(entry)
            shown.append(chosen)
    known = {given["id"] for inputs in resolved.values() for entries in inputs.values() for given in entries}
    missing = [{"type": "info", "code": "not_found", "content": one} for one in ids if one not in known]
    told = {"ucp": call.negotiated.active[CATALOG_LOOKUP], "products": products}
    return _answer(told, [*filters.messages, *missing, *_disclosed(shelf, "$.products", shown)])


async def product(call: Call, counter: Counter) -> Answer:
    """One product with its options: what a choice leaves, and what each further choice would find. An unknown id is a business's no."""
    body = wire.read(PRODUCT, call.raw)
    body.check()
    shelf = await _shelf(counter, body.context, [body.id])
    filters = _narrowed(counter, shelf, body)
    async with counter.database.statements() as tx:
        sold = await searching.named(tx, shelf.market.code, _spellings([body.id]))
    variants = next(iter(sold.values()), [])
    left = filters.of(variants)
    if not left:
        return _unknown(
            call, counter, shelf, "There is no such product here." if not variants else "No variant of the product passes the filters."
        )
    options = options_of(variants)
    shown, chosen = _chosen(shelf, left, options, body)
    entry = product_entry(shelf, variants, shown, options)
    if options:
        entry |= {"options": signaled_options(shelf, left, options, chosen), "selected": selected_options(shelf, chosen)}
    told = {"ucp": call.negotiated.active[CATALOG_LOOKUP], "product": entry}
    return _answer(told, [*filters.messages, *disclosure_messages(shelf, "$.product", shown)])


async def _shelf(counter: Counter, context: AskedContext, ids: Sequence[str]) -> Shelf:
    code = await market_of(counter, (context.address_country,), context.currency, ids)
    market = counter.markets.get(code)
    if market is None or counter.disclosing is None:
        raise BusinessIsAway(f'the market "{code}" has no shelf here', hint="try again later")
    return Shelf(
        market,
        counter.speech(market.languages[0], market.country),
        counter.public_url,
        counter.store_name,
        [{"type": kind, "url": url} for kind, url in counter.links.policies(code)],
        counter.disclosing,
        counter.clock().date(),
    )


def _narrowed(counter: Counter, shelf: Shelf, body: Any) -> Narrowed:
    desk = counter.sessions.shop.desks(shelf.market.code, shelf.day)
    return narrowed(body.filters, body.context.currency, desk, shelf.speech.language)


async def _found(counter: Counter, market: str, asked: Question) -> Results:
    if counter.search is None:
        raise BusinessIsAway("this shop has no search", hint="look products up by their ids")
    try:
        found: Results = await asyncio.to_thread(counter.search.answer, market, asked)
    except SearchIsNotBuilt as error:
        raise BusinessIsAway(error.message, hint="try again later") from error
    return found


def _told_variants(variants: Sequence[Offer], filters: Narrowed, words: str) -> list[Offer]:
    """The variants of a result, the best first: within the price, named in the query, to be had now."""
    named, options = {word.casefold() for word in words_of(words)}, options_of(variants)

    def rank(offer: Offer) -> tuple[bool, int, bool, str]:
        values = {part.casefold() for value in choice_of(offer, options).values() for part in value.split()}
        return (not filters.costs(offer), -len(named & values), not is_available(offer), offer.offer_id)

    return sorted(variants, key=rank)[:SHOWN_VARIANTS]


def _understood(results: Results | None, is_any: bool) -> list[Json]:
    """What was searched instead of what was typed; nothing found needs no words."""
    if results is None or not is_any:
        return []
    corrected = results.understanding.corrected
    found = [{"type": "info", "code": "query_corrected", "content": f"Results for: {corrected}"}] if corrected else []
    return found + (
        [{"type": "info", "code": "nearest_matches", "content": "No product has all the words; these come nearest."}]
        if results.nearest
        else []
    )


def _disclosed(shelf: Shelf, path: str, shown: Any) -> list[Json]:
    return [told for number, variants in enumerate(shown) for told in disclosure_messages(shelf, f"{path}[{number}]", variants)]


def _spellings(ids: Sequence[str]) -> list[str]:
    """The ids, and those under which article numbers with unusual signs are sold."""
    return list(dict.fromkeys([*ids, *(public_id(one) for one in ids)]))


def _inputs(variants: Sequence[Offer], ids: Sequence[str]) -> dict[str, list[Json]]:
    """For each variant that an id names, which ids those are: a variant's own exactly, a product's for the one that stands for it."""
    found: dict[str, list[Json]] = {}
    for one in ids:
        exact = next((offer for offer in variants if one in {offer.offer_id, offer.sku}), None)
        if exact is not None:
            found.setdefault(exact.offer_id, []).append({"id": one, "match": "exact"})
        elif variants and variants[0].product_id == one:
            found.setdefault(featured(variants).offer_id, []).append({"id": one, "match": "featured"})
    return found


def _chosen(shelf: Shelf, variants: Sequence[Offer], options: Sequence[Option], body: AskedProduct) -> tuple[list[Offer], dict[str, str]]:
    """The variants to show, the featured one first, and the choice that holds. A variant's own id decides alone."""
    own = next((offer for offer in variants if body.id in {offer.offer_id, offer.sku} and offer.product_id != body.id), None)
    if own is not None or not body.selected:
        first = own or featured(variants)
        chosen = choice_of(first, options)
        return [first, *(offer for offer in matching(variants, chosen) if offer.offer_id != first.offer_id)], chosen
    names = {shelf.option_name(one.key).casefold(): one for one in options} | {one.key.casefold(): one for one in options}
    chosen = effective(
        variants, _wanted(body, options, names), [names[name.casefold()].key for name in body.preferences if name.casefold() in names]
    )
    left = matching(variants, chosen)
    first = featured(left)
    return [first, *(offer for offer in left if offer.offer_id != first.offer_id)], chosen


def _wanted(body: AskedProduct, options: Sequence[Option], names: Mapping[str, Option]) -> dict[str, str]:
    """The values that were chosen, by their ids or else by their names; what we do not know is dropped."""
    by_id = {option_value(one.key, label)["id"]: (one.key, label) for one in options for label in one.values}
    found: dict[str, str] = {}
    for one in body.selected:
        option = names.get(one.name.strip().casefold())
        key, label = by_id.get(one.id) or (option.key if option else "", option.value_named(one.label) if option else None)
        if label is not None:
            found[key] = label
    return found


def _unknown(call: Call, counter: Counter, shelf: Shelf, content: str) -> Answer:
    told = {
        "ucp": {**call.negotiated.active[CATALOG_LOOKUP], "status": "error"},
        "messages": [{"type": "error", "code": "not_found", "content": content, "severity": "unrecoverable"}],
        "continue_url": counter.links.shop(shelf.market.code),
    }
    return Answer(OK, _encode(told))


def _answer(told: Json, messages: Sequence[Json]) -> Answer:
    return Answer(OK, _encode(told | ({"messages": list(messages)} if messages else {})))
