"""What the window reads of the published offers: short asynchronous PostgreSQL statements, each bounded.

The table holds exactly what is published, so a reader never has to ask which run is the right one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradewind.db import AsyncTransaction, Step
from tradewind.kit import Currency, Money
from tradewind.offers.model import Availability, Offer, PriceLines, TextOrigin

PAGE_SIZE = 24
VARIANTS_LIMIT = 60
FACET_LIMIT = 12
MARKETS_LIMIT = 250
CATEGORIES_LIMIT = 400
SITEMAP_SIZE = 10_000
LISTED_LIMIT = 201  # one more than a program may ask for, to know whether more follow

_CARD = """
    o.offer_id, o.product_id, o.title, o.language, o.brand, o.category, o.price_minor, o.currency, o.tax_included,
    o.availability, o.images[1] AS image, o.min_days, o.max_days, o.rating_milli, o.rating_count
"""


Reader = AsyncTransaction


@dataclass(frozen=True, slots=True)
class Publication:
    """Which run a market shows, since when, and who approved it."""

    market: str
    run_id: str
    published_at: datetime
    approved_by: str | None
    offers_count: int
    previous_run_id: str | None
    withdrawals: int = 0  # grows with each withdrawal and return


@dataclass(frozen=True, slots=True)
class OfferCard:
    """What a list shows of a product: its first available variant, and how many variants there are."""

    offer_id: str
    product_id: str
    title: str
    language: str
    brand: str | None
    category: str
    price: Money
    tax_included: bool
    availability: Availability
    image: str | None
    min_days: int
    max_days: int
    rating_milli: int | None
    rating_count: int | None
    variant_count: int


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """A category of a market, how many offers it has, and its best offer (the one to show a picture of)."""

    category: str
    offers_count: int
    best: OfferCard


@dataclass(frozen=True, slots=True)
class MarketTerms:
    """The promises that hold for every offer of a market: days are business days after the order."""

    min_days: int
    max_days: int
    return_days: int
    tax_included: bool
    currency: str
    ships_from: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value that a list can be narrowed to, with its number of offers."""

    value: str
    offers_count: int


@dataclass(frozen=True, slots=True)
class CategoryQuery:
    """A page of a category. `order` is "name", "price" or "price_down"; `after` is the last seen key (price, offer_id)."""

    market: str
    categories: tuple[str, ...]
    brand: str | None = None
    color: str | None = None
    order: str = "name"
    after: tuple[int, str] | None = None
    limit: int = PAGE_SIZE


async def publications(tx: Reader) -> list[Publication]:
    """Every published market, by code."""
    return await tx.run(publishing())


def publishing() -> Step[list[Publication]]:
    """The same, to travel with another statement."""
    return Step(
        "SELECT market, run_id, published_at, approved_by, offers_count, previous_run_id, withdrawals"
        " FROM offers_publication ORDER BY market LIMIT %(limit)s",
        {"limit": MARKETS_LIMIT},
        lambda rows: [Publication(**row) for row in rows.all()],
    )


async def offer(tx: Reader, market: str, offer_id: str) -> Offer | None:
    """The published offer, or None."""
    return await tx.run(showing(market, offer_id))


def showing(market: str, offer_id: str) -> Step[Offer | None]:
    """The same, to travel with another statement."""
    return Step(
        "SELECT * FROM offers_offer WHERE market = %(market)s AND offer_id = %(offer_id)s AND withdrawn_at IS NULL",
        {"market": market, "offer_id": offer_id},
        lambda rows: next((offer_from(row) for row in rows.all()), None),
    )


async def offers_page(
    tx: Reader, market: str, *, product_id: str | None = None, category: str | None = None, after: str = "", limit: int = LISTED_LIMIT
) -> list[Offer]:
    """Published offers of the market by id, behind the id `after`; of one product or category when it is named."""
    asked = {"product_id": product_id, "category": category}
    same = "".join(f" AND {name} = %({name})s" for name, value in asked.items() if value is not None)
    rows = await _all(
        tx,
        f"SELECT * FROM offers_offer WHERE market = %(market)s AND offer_id > %(after)s AND withdrawn_at IS NULL{same}"
        " ORDER BY offer_id LIMIT %(limit)s",
        asked | {"market": market, "after": after, "limit": min(limit, LISTED_LIMIT)},
    )
    return [offer_from(row) for row in rows]


async def is_withdrawn(tx: Reader, market: str, offer_id: str) -> bool:
    """Whether the market sold the offer until it was withdrawn."""
    found = await _all(
        tx,
        "SELECT 1 AS found FROM offers_offer WHERE market = %(market)s AND offer_id = %(offer_id)s AND withdrawn_at IS NOT NULL",
        {"market": market, "offer_id": offer_id},
    )
    return bool(found)


async def in_stock(tx: Reader, market: str, offer_ids: Sequence[str]) -> frozenset[str]:
    """Those of the offers that can be bought now: what was read once for a publication may have sold out since."""
    rows = await _all(
        tx,
        "SELECT offer_id FROM offers_offer WHERE market = %(market)s AND offer_id = ANY(%(ids)s) AND availability = 'in_stock'"
        " AND withdrawn_at IS NULL",
        {"market": market, "ids": list(offer_ids)},
    )
    return frozenset(row["offer_id"] for row in rows)


def varying(market: str, product_id: str) -> Step[list[Offer]]:
    """The published variants of a product, at most VARIANTS_LIMIT."""
    return Step(
        "SELECT * FROM offers_offer WHERE market = %(market)s AND product_id = %(product_id)s AND withdrawn_at IS NULL"
        " ORDER BY offer_id LIMIT %(limit)s",
        {"market": market, "product_id": product_id, "limit": VARIANTS_LIMIT},
        lambda rows: [offer_from(row) for row in rows.all()],
    )


def selling_markets(offer_id: str, markets: Sequence[str]) -> Step[list[str]]:
    """Those of `markets` in which the same variant is published (an offer's id comes from its sku)."""
    return Step(
        "SELECT market FROM offers_offer WHERE market = ANY(%(markets)s) AND offer_id = %(offer_id)s AND withdrawn_at IS NULL ORDER BY market",
        {"markets": list(markets), "offer_id": offer_id},
        lambda rows: [row["market"] for row in rows.all()],
    )


async def category_page(tx: Reader, query: CategoryQuery) -> list[OfferCard]:
    """One card a product, in the wanted order, starting behind `after`; ask for limit + 1 to know whether more follow."""
    same = "".join(f" AND {{t}}.{name} = %({name})s" for name in ("brand", "color") if getattr(query, name) is not None)
    behind, order = _ordering(query)
    # A product is shown by its first available variant among those that match; the index (market, product_id) finds its rivals.
    sql = f"""
        SELECT {_CARD},
               (SELECT count(*) FROM offers_offer v WHERE v.market = o.market AND v.product_id = o.product_id AND v.withdrawn_at IS NULL)
                   AS variant_count
          FROM offers_offer o
         WHERE o.market = %(market)s AND o.category = ANY(%(categories)s) AND o.withdrawn_at IS NULL{same.format(t="o")}{behind}
           AND NOT EXISTS (
               SELECT 1 FROM offers_offer r
                WHERE r.market = o.market AND r.product_id = o.product_id AND r.category = ANY(%(categories)s){same.format(t="r")}
                  AND r.withdrawn_at IS NULL AND (r.availability, r.offer_id) < (o.availability, o.offer_id))
         ORDER BY {order} LIMIT %(limit)s"""
    price, offer_id = query.after or (0, "")
    params = {
        "market": query.market,
        "categories": list(query.categories),
        "brand": query.brand,
        "color": query.color,
        "price": price,
        "after": offer_id,
        "limit": query.limit,
    }
    return [card_from(row) for row in await _all(tx, sql, params)]


async def facets(tx: Reader, market: str, categories: Sequence[str]) -> dict[str, tuple[FacetValue, ...]]:
    """The most frequent values of "brand" and "color" there, at most FACET_LIMIT each. Reads all the offers: keep the answer for as long as its run."""
    rows = await _all(
        tx,
        "SELECT name, value, offers_count FROM (SELECT name, value, offers_count, row_number() OVER (PARTITION BY name ORDER BY offers_count DESC,"
        " value) AS place FROM (SELECT CASE GROUPING(brand) WHEN 0 THEN 'brand' ELSE 'color' END AS name, coalesce(brand, color) AS value,"
        " count(*) AS offers_count FROM offers_offer WHERE market = %(market)s AND category = ANY(%(categories)s) AND withdrawn_at IS NULL"
        " GROUP BY GROUPING SETS ((brand), (color))) AS counted WHERE value IS NOT NULL) AS placed WHERE place <= %(limit)s ORDER BY name, place",
        {"market": market, "categories": list(categories), "limit": FACET_LIMIT},
    )
    told = [(row["name"], FacetValue(row["value"], row["offers_count"])) for row in rows]
    return {wanted: tuple(value for name, value in told if name == wanted) for wanted in ("brand", "color")}


async def categories_of(tx: Reader, market: str) -> list[CategoryCount]:
    """The market's categories with their counts and best offers. Reads the whole market: keep the answer for as long as its run."""
    sql = f"""
        WITH counted AS (
            SELECT category, count(*) AS offers_count FROM offers_offer
             WHERE market = %(market)s AND withdrawn_at IS NULL GROUP BY category LIMIT %(limit)s
        ), best AS (
            SELECT DISTINCT ON (o.category) {_CARD}, 1 AS variant_count
              FROM offers_offer o
             WHERE o.market = %(market)s AND o.withdrawn_at IS NULL
             ORDER BY o.category, (o.images[1] IS NULL), o.availability, (o.text_from = 'fallback'),
                      o.rating_milli DESC NULLS LAST, o.rating_count DESC NULLS LAST, o.offer_id
        )
        SELECT counted.offers_count, best.* FROM counted JOIN best USING (category) ORDER BY category"""
    rows = await _all(tx, sql, {"market": market, "limit": CATEGORIES_LIMIT})
    return [CategoryCount(row["category"], row["offers_count"], card_from(row)) for row in rows]


async def terms(tx: Reader, market: str) -> MarketTerms | None:
    """What holds for every offer of the market: the widest span of days, the shortest return window. None without offers."""
    rows = await _all(
        tx,
        "SELECT min(min_days) AS min_days, max(max_days) AS max_days, min(return_days) AS return_days,"
        " bool_and(tax_included) AS tax_included, min(currency) AS currency, array_agg(DISTINCT ships_from) AS ships_from"
        " FROM offers_offer WHERE market = %(market)s AND withdrawn_at IS NULL",
        {"market": market},
    )
    row = rows[0]
    if row["currency"] is None:
        return None
    return MarketTerms(**{**row, "ships_from": tuple(sorted(row["ships_from"]))})


async def sitemap_starts(tx: Reader, market: str) -> list[str]:
    """The first offer id of every sitemap file of the market, each file holding SITEMAP_SIZE pages."""
    rows = await _all(
        tx,
        "SELECT offer_id FROM (SELECT offer_id, row_number() OVER (ORDER BY offer_id) - 1 AS position FROM offers_offer"
        " WHERE market = %(market)s AND withdrawn_at IS NULL) AS numbered WHERE position %% %(size)s = 0 ORDER BY offer_id",
        {"market": market, "size": SITEMAP_SIZE},
    )
    return [row["offer_id"] for row in rows]


async def sitemap_page(tx: Reader, market: str, start: str) -> list[str]:
    """The offer ids of one sitemap file, from `start` on."""
    rows = await _all(
        tx,
        "SELECT offer_id FROM offers_offer WHERE market = %(market)s AND offer_id >= %(start)s AND withdrawn_at IS NULL"
        " ORDER BY offer_id LIMIT %(limit)s",
        {"market": market, "start": start, "limit": SITEMAP_SIZE},
    )
    return [row["offer_id"] for row in rows]


def offer_from(row: dict[str, Any]) -> Offer:
    """The offer that a row of offers_offer (or of offers.parquet with its JSON decoded) holds."""
    lines = PriceLines(
        cost=row["cost_amount"],
        freight=row["freight_amount"],
        duty=row["duty_amount"],
        fee=row["fee_amount"],
        margin=row["margin_amount"],
        tax=row["tax_amount"],
        ending=row["ending_amount"],
        duty_ppm=row["duty_ppm"],
        tax_ppm=row["tax_ppm"],
        margin_ppm=row["margin_ppm"],
        fx_numerator=row["fx_numerator"],
        fx_denominator=row["fx_denominator"],
        customs_value=row["customs_value_amount"],
        rate_card_id=row["rate_card_id"],
        rule_ids=tuple(row["rule_ids"] or ()),
        certainty=row["certainty"],
        band=row["band"],
        duty_low=row["duty_low_amount"],
    )
    same = {name: row[name] for name in _PLAIN}
    return Offer(
        **same,
        text_from=TextOrigin(row["text_from"]),
        options=row["options"] or {},
        specs=row["specs"] or {},
        images=tuple(row["images"] or ()),
        availability=Availability(row["availability"]),
        defaulted=tuple(row["defaulted"] or ()),
        price_lines=lines,
    )


_PLAIN = [
    "market",
    "offer_id",
    "sku",
    "product_id",
    "run_id",
    "language",
    "title",
    "description",
    "brand",
    "gtin",
    "mpn",
    "category",
    "home_category",
    "color",
    "size",
    "material",
    "pattern",
    "gender",
    "age_group",
    "condition",
    "price_minor",
    "currency",
    "tax_included",
    "quantity",
    "location_id",
    "lane_id",
    "ships_from",
    "min_days",
    "max_days",
    "return_days",
    "weight_g",
    "rating_milli",
    "rating_count",
    "verdict",
    "content_hash",
    "hs_code",
    "battery",
    "list_price_minor",
    "sale_starts",
    "sale_ends",
]


def card_from(row: dict[str, Any]) -> OfferCard:
    """The card that a row holds."""
    names = ("offer_id", "product_id", "title", "language", "brand", "category", "tax_included", "image", "min_days", "max_days")
    return OfferCard(
        **{name: row[name] for name in names},
        price=Money(row["price_minor"], Currency(row["currency"])),
        availability=Availability(row["availability"]),
        rating_milli=row["rating_milli"],
        rating_count=row["rating_count"],
        variant_count=row["variant_count"],
    )


def _ordering(query: CategoryQuery) -> tuple[str, str]:
    """The condition that continues behind the last seen row, and the order that makes it right."""
    found = {
        "name": (" AND o.offer_id > %(after)s", "o.offer_id"),
        "price": (" AND (o.price_minor, o.offer_id) > (%(price)s, %(after)s)", "o.price_minor, o.offer_id"),
        "price_down": (" AND (-o.price_minor, o.offer_id) > (-%(price)s::bigint, %(after)s)", "-o.price_minor, o.offer_id"),
    }[query.order]
    return (found[0] if query.after else "", found[1])


async def _all(tx: Reader, sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    cursor = await tx.execute(sql, params)
    rows: list[dict[str, Any]] = await cursor.fetchall()
    return rows
