"""Prices a second: the scalar form, the SQL form, and the limit (DuckDB reading the same rows and writing rows of the same shape).

Run: python -m bench.pricing [rows]
"""

import sys
import time
from datetime import date

import duckdb

from tradewind.adapters.fx import EcbHistory
from tradewind.db import duck
from tradewind.markets import load_market
from tradewind.network import load_network
from tradewind.pricing import PriceBook, PriceInput, landed, load, load_margins, price, price_book

AS_OF = date(2026, 10, 30)
MARKETS = {"us": "LAX-1.us", "de": "DUI-1.de", "th": "BKK-1.th"}
SCALAR_ROWS = 20_000
ROUNDS = 3
# Odd multipliers walk through the lists without repeating their combinations soon.
INPUT = """
CREATE OR REPLACE TEMP TABLE price_input AS
SELECT 'SKU-' || lpad(i::VARCHAR, 9, '0') AS sku,
    ['headphones', 'tops', 'laptops', 'kitchen', 'toys', 'shoes', 'bags', 'jewelry'][1 + i % 8] AS category,
    (500 + i * 7919 % 250000)::BIGINT AS cost_minor, 'CNY' AS cost_currency, (50 + i * 104729 % 4000)::BIGINT AS weight_g,
    (40 + i * 31 % 300)::BIGINT AS length_mm, (30 + i * 37 % 200)::BIGINT AS width_mm, (20 + i * 41 % 120)::BIGINT AS height_mm,
    codes[1 + i * 613 % len(codes)] AS hs_code, ['CN', 'CN', 'CN', 'VN', 'JP', NULL][1 + i % 6] AS origin,
    'x' AS location_id, CASE WHEN i % 3 = 0 THEN $lane ELSE $direct END AS lane_id, i % 3 = 0 AS imported
FROM range($rows) AS rows(i), (SELECT list(prefix ORDER BY prefix) AS codes FROM price_duty WHERE length(prefix) = 6)
"""


def a_book(market: str) -> PriceBook:
    return price_book(load_market(market), AS_OF, load_network(), EcbHistory(), load_margins(), {})


def best(connection: duckdb.DuckDBPyConnection, statement: str | None) -> float:
    """The shortest of some rounds, in seconds; None measures the price itself."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        if statement is None:
            price(connection)
        else:
            connection.execute(statement)
        times.append(time.perf_counter() - start)
    return min(times)


def scalar_seconds(connection: duckdb.DuckDBPyConnection, book: PriceBook) -> float:
    items = [PriceInput(*row) for row in connection.execute(f"SELECT * FROM price_input LIMIT {SCALAR_ROWS}").fetchall()]
    landed(items[0], book)
    start = time.perf_counter()
    for item in items:
        landed(item, book)
    return (time.perf_counter() - start) / len(items)


def main(rows: int) -> None:
    connection = duck.connect(threads=2, memory_limit_mb=2048)
    print(f"{rows:,} products, 2 threads, best of {ROUNDS}")
    for market, lane in MARKETS.items():
        start = time.perf_counter()
        book = a_book(market)
        resolved = time.perf_counter()
        load(connection, book)
        loaded = time.perf_counter()
        connection.execute(INPUT, {"rows": rows, "lane": lane, "direct": f"SZX-1.{market}"})
        seconds = best(connection, None)
        limit = best(
            connection, "CREATE OR REPLACE TEMP TABLE echo AS SELECT i.*, o.* FROM price_input AS i POSITIONAL JOIN price_output AS o"
        )
        one = scalar_seconds(connection, book)
        print(
            f"{market}  book {1000 * (resolved - start):.0f} ms, tables {1000 * (loaded - resolved):.0f} ms;"
            f"  SQL {rows / seconds:,.0f} prices/s;  limit (read and write the same rows) {rows / limit:,.0f} rows/s, {seconds / limit:.1f} ×;"
            f"  scalar {1 / one:,.0f} prices/s ({one * 1e6:.0f} µs each)"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
