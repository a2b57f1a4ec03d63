"""Loading every market and the United States' tariff: cold (parsed and resolved) and cached, and what a loaded tariff costs a price.

Run: python -m bench.tariff [folder of the exports]. Times are CPU seconds, beside the wall; each is measured in a process of its own.
The parts: `export` reads the official file into tables (once an edition); `cold` opens every market and resolves the American tariff
from its tables; `cached` does the same when it was resolved before, which is what every run and every server start does.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

EXPORTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "tariff"
FILES = (
    "us_hts_full_2025-05.csv.gz", "us_s301_product_lists_2026-05.csv", "us_s301_forced_labor_rates_2026-07-24.csv",
    "us_s301fl_exempt_tech_subset.csv", "us_s232_annex_products_2026-04.csv", "us_s122_exempt_products.csv",
)  # fmt: skip
DAY = date(2026, 10, 30)
COLD_LIMIT, CACHED_LIMIT = 3.0, 0.3
WANTED_PRICES = 500_000
ROWS = 500_000
THREADS = 2


def export(folder: Path, exports: Path) -> dict[str, float]:
    from tradewind.markets import TariffOrder, load_tariff

    rows = 0
    for name in FILES:
        rows += load_tariff(folder / "tariffs", TariffOrder(exports / name, "us", "USD", "bench", DAY)).loaded.rows
    return {"rows": rows}


def markets(folder: Path, _exports: Path) -> dict[str, float]:
    from tradewind.markets import layers_in_force, load_markets
    from tradewind.pricing.tariff import resolve_tariff

    found = load_markets(folder)
    market = found["us"]
    table = resolve_tariff(layers_in_force(market, DAY, {}), market.country, DAY).duties
    return {"markets": len(found), "prefixes": len(table.prefixes), "rates": len(table.rates), "bytes": len(table.packed())}


def prices(folder: Path, _exports: Path) -> dict[str, float]:
    """Prices a second of the SQL form with the loaded tariff, and how long its tables take to load."""
    from bench.pricing import INPUT, ROUNDS, best
    from tradewind.adapters.fx import EcbHistory
    from tradewind.db import duck
    from tradewind.markets import load_market
    from tradewind.network import load_network
    from tradewind.pricing import load, load_margins, price_book

    book = price_book(load_market("us", folder), DAY, load_network(), EcbHistory(), load_margins(), {})
    connection = duck.connect(threads=THREADS, memory_limit_mb=2048)
    start = time.process_time()
    load(connection, book)
    loaded = time.process_time() - start
    connection.execute(INPUT, {"rows": ROWS, "lane": "LAX-1.us", "direct": "SZX-1.us"})
    cpu = time.process_time()
    seconds = best(connection, None)
    # On a busy machine the wall says little: the processor time of the rounds on two cores is the other measure.
    by_cpu = (time.process_time() - cpu) / ROUNDS / THREADS
    return {"load_seconds": loaded, "prices_per_second": ROWS / seconds, "prices_per_cpu_second": ROWS / by_cpu}


PARTS = {"export": export, "markets": markets, "prices": prices}


def part(name: str, folder: Path, exports: Path) -> dict[str, float]:
    """One part in a process of its own: its figures, its CPU seconds without the start of Python, and its wall seconds."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.tariff", name, str(folder), str(exports)],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ),
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def lines(exports: Path = EXPORTS) -> Iterator[tuple[str, dict[str, float]]]:
    """Every figure as a line for people, and the same as numbers."""
    if not exports.is_dir():
        yield f"the reference exports are not at {exports}: nothing was measured", {}
        return
    folder = Path(tempfile.mkdtemp(prefix="tradewind-bench-"))
    try:
        made = part("export", folder, exports)
        yield (
            f"read the exports once: {made['rows']:,.0f} rows in {made['cpu']:.2f} CPU-s ({made['wall']:.2f} s)",
            {"tariff_export": made["cpu"]},
        )
        cold = part("markets", folder, exports)
        table = f"{cold['prefixes']:,.0f} prefixes, {cold['rates']:,.0f} rates, {cold['bytes'] / 1e6:.1f} MB"
        yield (
            f"{cold['markets']:.0f} markets and the American tariff, cold: {cold['cpu']:.2f} CPU-s ({cold['wall']:.2f} s; wanted < {COLD_LIMIT:.0f}); {table}",
            {"tariff_cold": cold["cpu"]},
        )
        cached = min((part("markets", folder, exports) for _ in range(3)), key=lambda one: one["cpu"])
        yield (
            f"the same, cached: {cached['cpu']:.3f} CPU-s ({cached['wall']:.3f} s; wanted < {CACHED_LIMIT})",
            {"tariff_cached": cached["cpu"]},
        )
        speed = part("prices", folder, exports)
        per_second = speed["prices_per_second"]
        yield (
            f"prices with every layer of the loaded tariff: {per_second:,.0f} a second on 2 threads, {speed['prices_per_cpu_second']:,.0f} by processor time (wanted > {WANTED_PRICES:,})",
            {"tariff_prices_per_second": per_second},
        )
        yield f"its tables load into an engine in {speed['load_seconds']:.2f} CPU-s", {"tariff_load": speed["load_seconds"]}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    if len(sys.argv) > 2:
        import tradewind.pricing  # noqa: F401 - the start of Python and its imports are not what is measured

        cpu, wall = time.process_time(), time.perf_counter()
        found = PARTS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
        print(json.dumps(found | {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}))
        return
    for line, _ in lines(Path(sys.argv[1]) if len(sys.argv) > 1 else EXPORTS):
        print(line, flush=True)


if __name__ == "__main__":
    main()
