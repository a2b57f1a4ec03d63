"""What search reads of the published offers: all of a market in the order of its products, some products, and the cards of a page."""

from collections.abc import Iterator, Sequence
from typing import Any

from tradewind.db import Transaction
from tradewind.offers.model import Offer
from tradewind.offers.store import OfferCard, Reader, card_from, offer_from

BLOCK_ROWS = 5_000
VARIANTS_LIMIT = 60
PRODUCTS_LIMIT = 100
NAMED_LIMIT = 100
"""So many products may be told whole at once."""

_FACTS = """
    offer_id, sku, product_id, language, title, left(description, 1000) AS description, brand, gtin, mpn, category, color, size, material,
    pattern, gender, age_group, options, specs, price_minor, availability, rating_milli, rating_count, cardinality(images) > 0 AS has_image
"""
_CARD = "currency, tax_included, images[1] AS image, min_days, max_days"
_SOLD = "market = %(market)s AND withdrawn_at IS NULL"


def products(tx: Transaction, market: str) -> Iterator[list[dict[str, Any]]]:
    """The variants of every product of the market, product by product; nothing is held but the one that is read."""
    with tx.cursor(name="offers_searching") as cursor:
        cursor.itersize = BLOCK_ROWS
        cursor.execute(f"SELECT {_FACTS} FROM offers_offer WHERE {_SOLD} ORDER BY product_id, offer_id", {"market": market})
        yield from _grouped(cursor)


def some_products(tx: Transaction, market: str, product_ids: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
    """The same for these products; those that are not sold are left out."""
    rows = tx.execute(
        f"SELECT {_FACTS} FROM offers_offer WHERE {_SOLD} AND product_id = ANY(%(ids)s) ORDER BY product_id, offer_id",
        {"market": market, "ids": list(product_ids)},
    )
    yield from _grouped(rows)


def products_of(tx: Transaction, market: str, offer_ids: Sequence[str]) -> list[str]:
    """The products that these offers are of; withdrawn ones count, those that are no longer published do not."""
    rows = tx.execute(
        "SELECT DISTINCT product_id FROM offers_offer WHERE market = %s AND offer_id = ANY(%s) ORDER BY product_id",
        (market, list(offer_ids)),
    )
    return [row["product_id"] for row in rows]


def offers_count(tx: Transaction, market: str) -> int:
    """How many offers of the market are on sale."""
    row = tx.execute(f"SELECT count(*) AS offers FROM offers_offer WHERE {_SOLD}", {"market": market}).fetchone()
    return int(row["offers"]) if row else 0


async def shown(tx: Reader, market: str, product_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The variants of a page's products as they are sold at this moment, by product; `card_of` makes a card of one."""
    cursor = await tx.execute(
        f"SELECT {_FACTS}, {_CARD} FROM offers_offer WHERE {_SOLD} AND product_id = ANY(%(ids)s) ORDER BY product_id, offer_id LIMIT %(limit)s",
        {"market": market, "ids": list(product_ids)[:PRODUCTS_LIMIT], "limit": PRODUCTS_LIMIT * VARIANTS_LIMIT},
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in await cursor.fetchall():
        found.setdefault(row["product_id"], []).append(row)
    return found


async def whole(tx: Reader, market: str, product_ids: Sequence[str]) -> dict[str, list[Offer]]:
    """The variants of some products with everything that is known of them, by product; what is not sold is missing."""
    cursor = await tx.execute(
        f"SELECT * FROM offers_offer WHERE {_SOLD} AND product_id = ANY(%(ids)s) ORDER BY product_id, offer_id LIMIT %(limit)s",
        {"market": market, "ids": list(product_ids)[:NAMED_LIMIT], "limit": NAMED_LIMIT * VARIANTS_LIMIT},
    )
    found: dict[str, list[Offer]] = {}
    for row in await cursor.fetchall():
        held = found.setdefault(row["product_id"], [])
        if len(held) < VARIANTS_LIMIT:
            held.append(offer_from(row))
    return found


async def named(tx: Reader, market: str, ids: Sequence[str]) -> dict[str, list[Offer]]:
    """The same for whatever these ids name: products, or offers that are sold."""
    cursor = await tx.execute(
        f"SELECT DISTINCT product_id FROM offers_offer WHERE {_SOLD} AND (product_id = ANY(%(ids)s) OR offer_id = ANY(%(ids)s))"
        " ORDER BY product_id LIMIT %(limit)s",
        {"market": market, "ids": list(ids), "limit": NAMED_LIMIT},
    )
    products = [row["product_id"] for row in await cursor.fetchall()]
    return await whole(tx, market, products) if products else {}


async def offers_everywhere(tx: Reader, offer_ids: Sequence[str]) -> list[Offer]:
    """These offers in every market that sells them."""
    cursor = await tx.execute(
        "SELECT * FROM offers_offer WHERE market = ANY(ARRAY(SELECT market FROM offers_publication)) AND offer_id = ANY(%(ids)s)"
        " AND withdrawn_at IS NULL ORDER BY market, offer_id LIMIT %(limit)s",
        {"ids": list(offer_ids)[:NAMED_LIMIT], "limit": NAMED_LIMIT * VARIANTS_LIMIT},
    )
    return [offer_from(row) for row in await cursor.fetchall()]


def card_of(row: dict[str, Any], variant_count: int) -> OfferCard:
    """The card of a variant that `shown` read."""
    return card_from({**row, "variant_count": variant_count})


def _grouped(rows: Any) -> Iterator[list[dict[str, Any]]]:
    held: list[dict[str, Any]] = []
    for row in rows:
        if held and row["product_id"] != held[0]["product_id"]:
            yield held
            held = []
        if len(held) < VARIANTS_LIMIT:
            held.append(row)
    if held:
        yield held
