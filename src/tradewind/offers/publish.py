"""Publishing: the changed offers of one market enter PostgreSQL by COPY, in the caller's transaction, together with their publication."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from psycopg import sql
from psycopg.errors import LockNotAvailable

from tradewind.kit import TradewindError
from tradewind.offers.store import Publication

__all__ = [
    "COLUMNS",
    "LIST_COLUMNS",
    "NULL_MARK",
    "Aside",
    "OffersAreBeingRead",
    "OffersAreIncomplete",
    "Publication",
    "build_aside",
    "copy_changes",
    "count",
    "hold",
    "lock",
    "publications",
    "record",
    "swap",
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
HOLD_TRY_SECONDS, HOLD_PAUSE_SECONDS, HOLD_TRIES = 1, 3, 225  # a quarter of an hour
_NAMES = ", ".join(COLUMNS)
_COPIED = sql.SQL(", ").join(sql.Identifier(column) for column in COLUMNS)
_KEY = ("market", "offer_id")
_UPDATES = ", ".join(f"{column} = excluded.{column}" for column in COLUMNS if column not in _KEY)


class OffersAreIncomplete(TradewindError):
    """After publishing, a market would not hold the offers that its run made."""

    code = "offers_incomplete"


class OffersAreBeingRead(TradewindError):
    """A market's offers could not be exchanged, because somebody reads them without end."""

    code = "offers_being_read"
    http_status = 503


@dataclass(frozen=True, slots=True)
class Aside:
    """A market's rows in a table that is not published yet, and how many they are."""

    market: str
    table: str
    offers_count: int


class Writer(Protocol):
    """An open transaction."""

    def execute(self, query: Any, params: Any = None) -> Any: ...

    def cursor(self) -> Any: ...


def publications(tx: Writer) -> dict[str, Publication]:
    """What every market shows now, by market."""
    rows = tx.execute("SELECT market, run_id, published_at, approved_by, offers_count, previous_run_id FROM offers_publication")
    return {row["market"]: Publication(**row) for row in rows}


def lock(tx: Writer, market: str) -> str | None:
    """Keeps other publishers out until the transaction ends (two that swap tables would wait for each other); the run it shows now."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('offers_publication', 0))")
    row = tx.execute("SELECT run_id FROM offers_publication WHERE market = %s", (market,)).fetchone()
    return row["run_id"] if row else None


def count(tx: Writer, market: str) -> int:
    """How many offers the market has."""
    return int(tx.execute("SELECT count(*) AS offers FROM offers_offer WHERE market = %s", (market,)).fetchone()["offers"])


def build_aside(tx: Writer, market: str, csv: Path) -> Aside:
    """The rows of the CSV file, all of them the market's, in a table beside the published ones: nobody sees it before `swap`.

    A new table is copied into and indexed in half the time that replacing each row in its place takes, and leaves no dead rows.
    """
    number = tx.execute("SELECT pg_current_xact_id()::text AS number").fetchone()["number"]
    aside = Aside(market, f"offers_offer_{market}_{number}", 0)
    name, mine = sql.Identifier(aside.table), sql.Literal(market)
    # The constraint tells ATTACH what it would else read every row for.
    tx.execute(
        sql.SQL(
            "CREATE TABLE {} (LIKE offers_offer INCLUDING DEFAULTS INCLUDING CONSTRAINTS, CONSTRAINT of_one_market CHECK (market = {}))"
        ).format(name, mine)
    )
    # Frozen: nobody may see the table before this transaction ends, and no later reader has to mark the rows as seen.
    _copy(tx, name, csv, frozen=True)
    # Only what is asked for by: a sample of every text costs seconds.
    for statement in (
        "ALTER TABLE {} ADD PRIMARY KEY (market, offer_id)",
        "CREATE INDEX ON {} (market, category, offer_id)",
        "CREATE INDEX ON {} (market, product_id)",
        "CREATE INDEX ON {} (market, sku) WHERE changed_at IS NOT NULL",
        "ANALYZE {} (market, offer_id, sku, product_id, category, brand, color, availability, price_minor)",
    ):
        tx.execute(sql.SQL(statement).format(name))
    found = tx.execute(sql.SQL("SELECT count(*) AS offers FROM {}").format(name)).fetchone()["offers"]
    return Aside(market, aside.table, int(found))


def hold(tx: Writer, *, tries: int = HOLD_TRIES, pause: Callable[[float], object] = time.sleep) -> None:
    """From here to the end of the transaction everybody else waits for the offers: it must be short. OffersAreBeingRead.

    A backup reads for minutes, and whoever waits for it makes all others wait behind him: so it is tried for a moment, again and again.
    """
    for _ in range(tries):
        tx.execute("SAVEPOINT hold")
        usual = tx.execute("SELECT current_setting('lock_timeout') AS usual").fetchone()["usual"]
        try:
            tx.execute(f"SET LOCAL lock_timeout = '{HOLD_TRY_SECONDS}s'")
            tx.execute("LOCK TABLE offers_offer IN ACCESS EXCLUSIVE MODE")
        except LockNotAvailable:
            tx.execute("ROLLBACK TO SAVEPOINT hold")
            pause(HOLD_PAUSE_SECONDS)
        else:
            tx.execute("SELECT set_config('lock_timeout', %s, true)", (usual,))
            tx.execute("RELEASE SAVEPOINT hold")
            return
    minutes = tries * (HOLD_TRY_SECONDS + HOLD_PAUSE_SECONDS) // 60
    raise OffersAreBeingRead(
        f"somebody has been reading all offers for {minutes} minutes, such as a backup; nothing was changed",
        hint="wait until it is done (pg_stat_activity shows it), then decide again",
    )


def swap(tx: Writer, aside: Aside) -> None:
    """The table built aside becomes the market's, and the one before it goes; after `hold`."""
    before = tx.execute(
        "SELECT part.relname FROM pg_inherits JOIN pg_class AS part ON part.oid = inhrelid WHERE inhparent = 'offers_offer'::regclass"
        " AND pg_get_expr(part.relpartbound, part.oid) = format('FOR VALUES IN (%%L)', %s::text)",
        (aside.market,),
    ).fetchone()
    if before:
        tx.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(before["relname"])))
    tx.execute("DELETE FROM offers_offer_rest WHERE market = %s", (aside.market,))
    name = sql.Identifier(aside.table)
    tx.execute(sql.SQL("ALTER TABLE offers_offer ATTACH PARTITION {} FOR VALUES IN ({})").format(name, sql.Literal(aside.market)))
    tx.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT of_one_market").format(name))


def copy_changes(tx: Writer, market: str, csv: Path, gone: Iterable[str]) -> None:
    """The rows of the CSV file replace or join the market's offers, and the `gone` offer ids leave."""
    tx.execute("DELETE FROM offers_offer WHERE market = %s AND offer_id = ANY(%s)", (market, list(gone)))
    tx.execute("CREATE TEMP TABLE arriving (LIKE offers_offer) ON COMMIT DROP")
    _copy(tx, sql.Identifier("arriving"), csv)
    tx.execute(f"INSERT INTO offers_offer ({_NAMES}) SELECT {_NAMES} FROM arriving ON CONFLICT (market, offer_id) DO UPDATE SET {_UPDATES}")
    tx.execute("DROP TABLE arriving")


def record(tx: Writer, publication: Publication, found: int) -> None:
    """This publication is what the market shows; OffersAreIncomplete when the `found` offers are not all of them."""
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


def _copy(tx: Writer, table: sql.Identifier, csv: Path, *, frozen: bool = False) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, NULL {}, FREEZE {})").format(
        table, _COPIED, sql.Literal(NULL_MARK), sql.Literal(frozen)
    )
    with tx.cursor() as cursor, csv.open("rb") as source, cursor.copy(statement) as target:
        while block := source.read(COPY_BLOCK_BYTES):
            target.write(block)
