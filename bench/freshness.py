"""How fast stock changes reach the row that pages read, at a steady rate, through the same service as file and API.

Changes fall due evenly; each is timed from its due moment to the end of the transaction that wrote its offers, so waiting counts.
Run: python -m bench.freshness [seconds] [changes a second]
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tradewind.db import Database, open_database
from tradewind.network import load_network
from tradewind.pipeline import live
from tradewind.settings import Settings
from tradewind.stock import StockDelta

SECONDS = 60
RATE = 1_000
OFFERS = 20_000
MARKETS = ("us", "de", "th")
BATCH = 250
P99_LIMIT_MS = 5_000
_GIVEN = {
    "market": "m.market", "offer_id": "'S' || n", "sku": "'S' || n", "product_id": "'P' || n", "location_id": "'SZX-1'",
    "availability": "'in_stock'", "quantity": "100", "price_minor": "1000", "cost_amount": "1000",
}  # fmt: skip
_BY_TYPE = {"text": "'x'", "bigint": "0", "boolean": "false", "jsonb": "'{}'", "ARRAY": "'{}'"}
# What the table asks for, so that a new column needs no change here.
_NEEDED = (
    "SELECT column_name, data_type FROM information_schema.columns"
    " WHERE table_name = 'offers_offer' AND is_nullable = 'NO' AND column_default IS NULL ORDER BY ordinal_position"
)


def prepare(database: Database, offers: int = OFFERS) -> None:
    """Skus in every market, all in stock in one place and held so by a channel in every market."""
    with database.transaction(timeout_seconds=600) as tx:
        needed = {row["column_name"]: row["data_type"] for row in tx.execute(_NEEDED)}
        values = [_GIVEN.get(name, _BY_TYPE[kind]) for name, kind in needed.items()]
        tx.execute(
            f"INSERT INTO offers_offer ({', '.join(needed)}) SELECT {', '.join(values)}"
            f" FROM generate_series(1, {offers}) AS n, unnest(ARRAY{list(MARKETS)}) AS m (market)"
        )
        for market in MARKETS:
            tx.execute(
                "INSERT INTO offers_publication (market, run_id, published_at, offers_count) VALUES (%s, 'r', now(), %s)", (market, offers)
            )
        tx.execute(
            "INSERT INTO stock_level (sku, location_id, on_hand, updated_at, counted_at)"
            f" SELECT 'S' || n, 'SZX-1', 100, now(), now() FROM generate_series(1, {offers}) AS n"
        )
        tx.execute(
            "INSERT INTO listings_held (feed, offer_id, wanted_hash, wanted_price, wanted_available, wanted_at, held_hash, held_price,"
            " held_available, held_version, held_at)"
            " SELECT market || '-' || language, offer_id, 'h', price_minor, true, now(), 'h', price_minor, true, 1, now() FROM offers_offer"
        )
        tx.execute("ANALYZE offers_offer, stock_level, listings_held")


def drive(database: Database, seconds: int, rate: int, offers: int = OFFERS) -> tuple[list[float], float, float]:
    """Milliseconds of every change, the CPU seconds of this process, and how long it took."""
    terms, chance = live.terms_of(load_network()), random.Random("freshness")
    total, done, took = seconds * rate, 0, []
    cpu, started, begun = time.process_time(), time.perf_counter(), datetime.now(UTC)
    while done < total:
        due = min(int((time.perf_counter() - started) * rate), total)
        if due == done:
            time.sleep(1 / rate)
            continue
        upto = min(due, done + BATCH)
        deltas = [
            StockDelta(f"d{number}", f"S{chance.randint(1, offers)}", "SZX-1", None, chance.choice((0, 5, 50)), None, begun)
            for number in range(done, upto)
        ]
        with database.transaction() as tx:
            live.change_stock(tx, deltas, terms, datetime.now(UTC))
        now = time.perf_counter() - started
        took += [(now - number / rate) * 1000 for number in range(done, upto)]
        done = upto
    return took, time.process_time() - cpu, time.perf_counter() - started


def report(seconds: int = SECONDS, rate: int = RATE, home: Path | None = None) -> Iterator[tuple[str, dict[str, float]]]:
    """One line with its limit; the server's CPU is that of its processes, read from the operating system."""
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as folder:
        Path(folder).chmod(0o755)
        with open_database(Settings(home=home or Path(folder) / "home")) as database:
            prepare(database)
            before = _server_cpu(database)
            took, cpu, wall = drive(database, seconds, rate)
            server = _server_cpu(database) - before
    took.sort()
    p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
    figures = {
        "freshness_p50_ms": p50,
        "freshness_p99_ms": p99,
        "freshness_changes_per_second": len(took) / wall,
        "freshness_cpu": cpu + server,
    }
    line = (
        f"{len(took):,} stock changes at {rate:,} a second, each for {len(MARKETS)} markets and their channels' queues: to the page's row p50 {p50:,.0f} ms,"
        f" p99 {p99:,.0f} ms (wanted < {P99_LIMIT_MS:,}); {len(took) / wall:,.0f} a second done in {wall:.1f} s,"
        f" CPU {cpu:.1f} s here and {server:.1f} s in PostgreSQL"
    )
    yield line, figures


def _server_cpu(database: Database) -> float:
    """CPU seconds of the backends of this database, those of the pool, which stay open during the measurement."""
    with database.transaction() as tx:
        pids = [row["pid"] for row in tx.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")]
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    for told, _figures in report(*(int(text) for text in sys.argv[1:3])):
        print(told)
