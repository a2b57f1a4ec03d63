"""Publishing: the changed offers of one market enter PostgreSQL by COPY, in the caller's transaction, together with their publication."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from tradewind.kit import TradewindError
from tradewind.offers.store import Publication

__all__ = [
    "COLUMNS",
    "LIST_COLUMNS",
    "NULL_MARK",
    "OffersAreIncomplete",
    "Publication",
    "clear",
    "copy_all",
    "copy_changes",
    "count",
    "lock",
    "publications",
    "record",
]

COLUMNS = (
    "market", "offer_id", "sku", "product_id", "run_id", "language", "text_from", "title", "description", "brand", "gtin", "mpn",
    "category", "home_category", "color", "size", "material", "pattern", "gender", "age_group", "options", "specs", "images",
    "condition", "price_minor", "currency", "tax_included", "availability", "quantity", "location_id", "lane_id", "ships_from",
    "min_days", "max_days", "return_days", "weight_g", "rating_milli", "rating_count", "defaulted", "cost_amount", "freight_amount",
    "customs_value_amount", "duty_amount", "fee_amount", "margin_amount", "tax_amount", "ending_amount", "duty_ppm", "tax_ppm",
    "margin_ppm", "fx_numerator", "fx_denominator", "rate_card_id", "rule_ids", "certainty", "band", "duty_low_amount", "hs_code",
    "battery", "list_price_minor", "sale_starts", "sale_ends", "verdict", "content_hash",
)  # fmt: skip
"""The columns of offers.parquet and of the table offers_offer, in order."""

LIST_COLUMNS = frozenset({"images", "defaulted", "rule_ids"})
NULL_MARK = "\\N"
COPY_BLOCK_BYTES = 1 << 20
_NAMES = ", ".join(COLUMNS)
_KEY = ("market", "offer_id")
_UPDATES = ", ".join(f"{column} = excluded.{column}" for column in COLUMNS if column not in _KEY)


class OffersAreIncomplete(TradewindError):
    """After publishing, a market would not hold the offers that its run made."""

    code = "offers_incomplete"


class Writer(Protocol):
    """An open transaction."""

    def execute(self, query: Any, params: Any = None) -> Any: ...

    def cursor(self) -> Any: ...


def publications(tx: Writer) -> dict[str, Publication]:
    """What every market shows now, by market."""
    rows = tx.execute("SELECT market, run_id, published_at, approved_by, offers_count, previous_run_id FROM offers_publication")
    return {row["market"]: Publication(**row) for row in rows}


def lock(tx: Writer, market: str) -> str | None:
    """Keeps other publishers of the market out until the transaction ends; the id of the run it shows now."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('offers_publication:' || %s, 0))", (market,))
    row = tx.execute("SELECT run_id FROM offers_publication WHERE market = %s", (market,)).fetchone()
    return row["run_id"] if row else None


def clear(tx: Writer, market: str) -> None:
    """Takes away every offer of the market; its publication follows with `record`."""
    tx.execute("DELETE FROM offers_offer WHERE market = %s", (market,))


def count(tx: Writer, market: str) -> int:
    """How many offers the market has."""
    return int(tx.execute("SELECT count(*) AS offers FROM offers_offer WHERE market = %s", (market,)).fetchone()["offers"])


def copy_all(tx: Writer, csv: Path) -> None:
    """The rows of the CSV file into a market that has none."""
    _copy(tx, "offers_offer", csv)


def copy_changes(tx: Writer, market: str, csv: Path, gone: Iterable[str]) -> None:
    """The rows of the CSV file replace or join the market's offers, and the `gone` offer ids leave."""
    tx.execute("DELETE FROM offers_offer WHERE market = %s AND offer_id = ANY(%s)", (market, list(gone)))
    tx.execute("CREATE TEMP TABLE arriving (LIKE offers_offer) ON COMMIT DROP")
    _copy(tx, "arriving", csv)
    tx.execute(f"INSERT INTO offers_offer ({_NAMES}) SELECT {_NAMES} FROM arriving ON CONFLICT (market, offer_id) DO UPDATE SET {_UPDATES}")
    tx.execute("DROP TABLE arriving")


def record(tx: Writer, publication: Publication) -> None:
    """This publication is what the market shows; OffersAreIncomplete when its offers are not all there."""
    found = count(tx, publication.market)
    if found != publication.offers_count:
        raise OffersAreIncomplete(
            f"{publication.market} would show {found:,} offers, but {publication.run_id} made {publication.offers_count:,}",
            hint="nothing was changed; compute it again: tradewind run --fresh",
        )
    tx.execute(
        "INSERT INTO offers_publication (market, run_id, published_at, approved_by, offers_count, previous_run_id)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (market) DO UPDATE SET run_id = excluded.run_id,"
        " published_at = excluded.published_at, approved_by = excluded.approved_by, offers_count = excluded.offers_count,"
        " previous_run_id = excluded.previous_run_id",
        (
            publication.market,
            publication.run_id,
            publication.published_at,
            publication.approved_by,
            publication.offers_count,
            publication.previous_run_id,
        ),
    )


def _copy(tx: Writer, table: str, csv: Path) -> None:
    with (
        tx.cursor() as cursor,
        csv.open("rb") as source,
        cursor.copy(f"COPY {table} ({_NAMES}) FROM STDIN (FORMAT csv, NULL '{NULL_MARK}')") as target,
    ):
        while block := source.read(COPY_BLOCK_BYTES):
            target.write(block)
