"""Prices a second: the scalar form, the SQL form, and the limit (DuckDB reading the same rows and writing rows of the same shape).

Run: python -m bench.pricing [rows]
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb

from tradewind.adapters.fx import EcbHistory
from tradewind.db import duck
from tradewind.markets import TariffOrder, load_market, load_tariff
from tradewind.network import load_network
from tradewind.pricing import PriceBook, PriceInput, landed, load, load_margins, price, price_book

AS_OF = date(2026, 10, 30)
MARKETS = {"us": "LAX-1.us", "de": "DUI-1.de", "th": "BKK-1.th"}
SCALAR_ROWS = 20_000
ROUNDS = 3
THREADS = 2
# Odd multipliers walk through the lists without repeating their combinations soon.
INPUT = """
CREATE OR REPLACE TEMP TABLE price_input AS
SELECT 'SKU-' || lpad(i::VARCHAR, 9, '0') AS sku,
    ['headphones', 'tops', 'laptops', 'kitchen', 'toys', 'shoes', 'bags', 'jewelry'][1 + i % 8] AS category,
    (500 + i * 7919 % 250000)::BIGINT AS cost_minor, 'CNY' AS cost_currency, (50 + i * 104729 % 4000)::BIGINT AS weight_g,
    (40 + i * 31 % 300)::BIGINT AS length_mm, (30 + i * 37 % 200)::BIGINT AS width_mm, (20 + i * 41 % 120)::BIGINT AS height_mm,
    codes[1 + i * 613 % len(codes)] AS hs_code, ['CN', 'CN', 'CN', 'VN', 'JP', NULL][1 + i % 6] AS origin,
    'x' AS location_id, CASE WHEN i % 3 = 0 THEN $lane ELSE $direct END AS lane_id, i % 3 = 0 AS imported
FROM range($rows) AS rows(i), (SELECT list(prefix ORDER BY prefix) AS codes FROM price_duty WHERE length(prefix) IN (6, 8))
"""


US_FILES = (
    "us_hts8_rates_2025-05.csv.gz", "us_s301_product_lists_2026-05.csv", "us_s301_forced_labor_rates_2026-07-24.csv",
    "us_s301fl_exempt_tech_subset.csv", "us_s232_annex_products_2026-04.csv", "us_s122_exempt_products.csv",
)  # fmt: skip


def a_book(market: str, rules: Path | None = None) -> PriceBook:
    return price_book(load_market(market, rules), AS_OF, load_network(), EcbHistory(), load_margins(), {})


def american_tariff(folder: Path) -> Path | None:
    """A rules folder with the whole American tariff and its lists, when the reference data lie beside the project."""
    shared = Path(os.environ.get("TRADEWIND_SHARED", Path(__file__).parents[2] / "shared")) / "data" / "tariff"
    if not all((shared / name).is_file() for name in US_FILES):
        return None
    for name in US_FILES:
        load_tariff(folder / "tariffs", TariffOrder(shared / name, "us", "USD", "bench", AS_OF))
    return folder


def timed(action: Callable[[], object]) -> tuple[float, float]:
    """The least processor seconds and the least wall seconds of some rounds."""
    cpu, wall = list[float](), list[float]()
    for _ in range(ROUNDS):
        start, started = time.process_time(), time.perf_counter()
        action()
        cpu.append(time.process_time() - start)
        wall.append(time.perf_counter() - started)
    return min(cpu), min(wall)


def best(connection: duckdb.DuckDBPyConnection, statement: str | None) -> float:
    """The least wall seconds of some rounds of a statement; None measures the price itself."""
    return timed(lambda: price(connection) if statement is None else connection.execute(statement))[1]


def scalar_median(connection: duckdb.DuckDBPyConnection, book: PriceBook) -> float:
    """The median time of one item, in microseconds."""
    items = [PriceInput(*row) for row in connection.execute(f"SELECT * FROM price_input LIMIT {SCALAR_ROWS}").fetchall()]
    times = []
    for item in items:
        start = time.perf_counter()
        landed(item, book)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6


def measure(connection: duckdb.DuckDBPyConnection, name: str, book: PriceBook, rows: int) -> None:
    start = time.process_time()
    load(connection, book)
    loaded = time.process_time() - start
    lane = MARKETS[book.market]
    connection.execute(INPUT, {"rows": 1, "lane": lane, "direct": f"SZX-1.{book.market}"})
    planned, _ = timed(lambda: price(connection))
    connection.execute(INPUT, {"rows": rows, "lane": lane, "direct": f"SZX-1.{book.market}"})
    cpu, wall = timed(lambda: price(connection))
    echo = "CREATE OR REPLACE TEMP TABLE echo AS SELECT i.*, o.* FROM price_input AS i POSITIONAL JOIN price_output AS o"
    limit, _ = timed(lambda: connection.execute(echo))
    print(
        f"{name:14} {len(book.duties):>9,} duties, {len(book.bands[0])} bands;  tables {1000 * loaded:.0f} ms, statement {1000 * planned:.0f} ms;"
        f"  SQL {THREADS * rows / cpu:>9,.0f} prices/s of {THREADS} processors by CPU time, {rows / wall:>9,.0f} by the clock;"
        f"  {cpu / limit:.1f} × reading and writing the same rows;  scalar p50 {scalar_median(connection, book):.0f} µs"
    )


def main(rows: int) -> None:
    connection = duck.connect(threads=THREADS, memory_limit_mb=2048)
    print(f"{rows:,} products, {THREADS} threads, best of {ROUNDS}")
    for market in MARKETS:
        measure(connection, market, a_book(market), rows)
    with tempfile.TemporaryDirectory() as folder:
        rules = american_tariff(Path(folder))
        if rules is None:
            print("us, whole tariff: the reference data are not here")
        else:
            start = time.process_time()
            book = a_book("us", rules)
            print(f"us, whole tariff: book {1000 * (time.process_time() - start):.0f} ms of CPU")
            measure(connection, "us, whole", book, rows)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
