"""The published prices of a run's dated offers, pinned in a file when it begins, and as tables of a shard."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

import duckdb

from tradewind.pricing.history import BADGE_WINDOW_DAYS, PRIOR_DAYS, PublishedPrice

_COLUMNS = {
    "market": "VARCHAR", "sku": "VARCHAR", "entry": "BIGINT", "since_us": "BIGINT", "price_minor": "BIGINT", "currency": "VARCHAR"
}  # fmt: skip
_TABLE = f"CREATE OR REPLACE TEMP TABLE price_past ({', '.join(f'{name} {kind}' for name, kind in _COLUMNS.items())})"
BLOCK = 50_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# The window of the badge may begin before the longest sale that is still announced.
_NEEDED = timedelta(days=BADGE_WINDOW_DAYS + 2 * PRIOR_DAYS)


def write_past(
    connection: duckdb.DuckDBPyConnection, histories: Iterable[tuple[str, str, Sequence[PublishedPrice]]], target: Path, at: datetime
) -> int:
    """Write (market, sku, history) rows as one Parquet file, as far back as a reduction at `at` needs; how many prices."""
    connection.execute(_TABLE)
    unnested = ", ".join(f"unnest(?::{kind}[])" for kind in _COLUMNS.values())
    for block in _blocks(_rows(histories, at)):
        connection.execute(f"INSERT INTO price_past SELECT {unnested}", [list(column) for column in zip(*block, strict=True)])
    quoted = str(target).replace("'", "''")
    connection.execute(f"COPY (FROM price_past ORDER BY market, sku, entry) TO '{quoted}' (FORMAT parquet)")
    row = connection.execute("SELECT count(*) FROM price_past").fetchone()
    return int(row[0]) if row else 0


def _rows(histories: Iterable[tuple[str, str, Sequence[PublishedPrice]]], at: datetime) -> Iterator[tuple[object, ...]]:
    for market, sku, history in histories:
        for number, one in enumerate(needed(history, at)):
            yield market, sku, number, (one.since - _EPOCH) // _MICROSECOND, one.price_minor, one.currency


def _blocks(rows: Iterator[tuple[object, ...]]) -> Iterator[list[tuple[object, ...]]]:
    while block := list(islice(rows, BLOCK)):
        yield block


def needed(history: Sequence[PublishedPrice], at: datetime) -> Sequence[PublishedPrice]:
    """The newest part of a history: what began since, and the price that held when that time began."""
    first = max((number for number, one in enumerate(history) if one.since <= at - _NEEDED), default=0)
    return history[first:]


def load_past(connection: duckdb.DuckDBPyConnection, file: Path | None, day: date) -> None:
    """Make `price_past` from a pinned file (empty without one), and `price_key`: sku, and what of it and of the day decides reductions.

    Within a day the same history gives the same reduction or a more careful one, so rows of that day may be carried over.
    """
    connection.execute(_TABLE)
    if file is not None:
        connection.execute(f"INSERT INTO price_past SELECT {', '.join(_COLUMNS)} FROM read_parquet(?)", [str(file)])
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE price_key AS SELECT sku, ? || ' ' || string_agg(concat_ws(' ', market, since_us,"
        " coalesce(price_minor::VARCHAR, '-'), currency), ' ' ORDER BY market, entry) AS past FROM price_past GROUP BY sku",
        [day.isoformat()],
    )


def pasts(connection: duckdb.DuckDBPyConnection, market: str) -> Mapping[str, Sequence[PublishedPrice]]:
    """The histories of a market's products that `price_input` holds, by sku, oldest first."""
    rows = connection.execute(
        "SELECT sku, since_us, price_minor, currency FROM price_past SEMI JOIN price_input USING (sku) WHERE market = ?"
        " ORDER BY sku, entry",
        [market],
    ).fetchall()
    found: dict[str, list[PublishedPrice]] = {}
    for sku, since_us, price_minor, currency in rows:
        found.setdefault(sku, []).append(PublishedPrice(_EPOCH + since_us * _MICROSECOND, price_minor, currency, ""))
    return found
