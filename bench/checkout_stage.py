"""A stage for purchases: offers at their landed prices with stock, the desks of their markets, and the shop around them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from tradewind.adapters.fx import EcbHistory
from tradewind.checkout import MarketDesk
from tradewind.checkout.desks import KeptDesks, desk_of
from tradewind.db import Database
from tradewind.markets import load_market
from tradewind.network import load_network
from tradewind.pricing import PriceBook, PriceInput, landed, load_margins, price_book

CODES = ("851830", "610910", "640399", "950300", "490199", "732393", "420212")
CATEGORIES = ("headphones", "tops", "shoes", "toys", "office", "kitchen", "bags")
LOCATION = "SZX-1"
_BY_TYPE = {"text": "x", "bigint": 0, "boolean": False, "jsonb": "{}", "ARRAY": []}
# What the table asks for, so that a new column needs no change here.
_NEEDED = (
    "SELECT column_name, data_type FROM information_schema.columns"
    " WHERE table_name = 'offers_offer' AND is_nullable = 'NO' AND column_default IS NULL ORDER BY ordinal_position"
)


@dataclass(frozen=True, slots=True)
class Article:
    """An article for sale in every staged market."""

    sku: str
    cost: int = 4_000
    weight_g: int = 400
    kind: int = 0
    units: int = 100


def a_book(market: str, day: date) -> PriceBook:
    return price_book(load_market(market), day, load_network(), EcbHistory(), load_margins(), {})


def a_desk(market: str, day: date) -> MarketDesk:
    """The desk of a market with the package's own rules and network."""
    return desk_of(load_market(market), a_book(market, day), load_network())


def desks() -> KeptDesks:
    return KeptDesks(a_desk)


def articles(count: int, units: int) -> list[Article]:
    """Different articles, so many units each."""
    return [Article(f"S{n}", 1_500 + 37 * (n % 100), 100 + 13 * (n % 60), n % len(CODES), units) for n in range(1, count + 1)]


def stage(database: Database, markets: Sequence[str], goods: Sequence[Article], at: datetime | None = None) -> None:
    """Writes the offers at their landed prices, and counts their stock."""
    at = at or datetime.now(UTC)
    with database.transaction(timeout_seconds=600) as tx:
        needed = {row["column_name"]: row["data_type"] for row in tx.execute(_NEEDED).fetchall()}
        statement = f"INSERT INTO offers_offer ({', '.join(needed)}, hs_code) VALUES ({', '.join(['%s'] * (len(needed) + 1))})"
        for market in markets:
            book = a_book(market, at.date())
            rows = [_row(market, article, book, needed) for article in goods]
            with tx.cursor() as cursor:
                cursor.executemany(statement, rows)
            tx.execute(
                "INSERT INTO offers_publication (market, run_id, published_at, offers_count) VALUES (%s, 'r', %s, %s)",
                (market, at, len(goods)),
            )
        with tx.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO stock_level (sku, location_id, on_hand, updated_at, counted_at) VALUES (%s, %s, %s, %s, %s)",
                [(article.sku, LOCATION, article.units, at, at) for article in goods],
            )
            cursor.executemany(
                "INSERT INTO stock_movement (sku, location_id, on_hand, reason, reference, moved_at) VALUES (%s, %s, %s, 'count', 'stage', %s)",
                [(article.sku, LOCATION, article.units, at) for article in goods if article.units],
            )
        tx.execute("ANALYZE offers_offer, stock_level")


def _row(market: str, article: Article, book: PriceBook, needed: dict[str, str]) -> list[object]:
    lane, code = f"{LOCATION}.{market}", CODES[article.kind]
    item = PriceInput(
        article.sku, CATEGORIES[article.kind], article.cost, "CNY", article.weight_g, None, None, None, code, "CN", LOCATION, lane, imported=False
    )  # fmt: skip
    price = landed(item, book).price_minor or 0
    given: dict[str, object] = {
        "market": market, "offer_id": article.sku, "sku": article.sku, "product_id": article.sku, "title": f"Article {article.sku}",
        "language": "en", "category": CATEGORIES[article.kind], "price_minor": price, "cost_amount": price, "currency": book.currency,
        "tax_included": book.tax_included, "availability": "in_stock" if article.units else "out_of_stock", "quantity": article.units,
        "location_id": LOCATION, "lane_id": lane, "ships_from": "CN", "min_days": 6, "max_days": 10, "return_days": 30,
        "weight_g": article.weight_g, "certainty": "certain", "text_from": "supplier", "condition": "new", "verdict": "ok",
    }  # fmt: skip
    return [given.get(name, _BY_TYPE[kind]) for name, kind in needed.items()] + [code]
