"""Measures the import: `python -m bench.import_catalog --rows 200000`. CSV and Parquet, all normalizing included, rows/s and peak memory.

The limit beside it is what DuckDB needs to read every column of the same file and write it as Parquet again, in the same process.
"""

import argparse
import resource
import shutil
import tempfile
import time
from pathlib import Path

import duckdb

from bench.generate import generate
from tradewind.bootstrap import import_catalog
from tradewind.settings import Settings

AIMS = {"csv": 40_000, "parquet": 60_000}  # rows a second on 2 cores


def main() -> None:
    """Generates a catalog, imports it as CSV and as Parquet, and prints one line for each."""
    parser = argparse.ArgumentParser(prog="python -m bench.import_catalog", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tradewind-bench-"))
    try:
        for form, aim in AIMS.items():
            _measure(folder, form, aim, arguments.rows, arguments.seed, arguments.threads)
    finally:
        shutil.rmtree(folder)


def _measure(folder: Path, form: str, aim: int, rows: int, seed: int, threads: int) -> None:
    source = folder / f"catalog.{form}"
    generate(source, rows, seed)
    started = time.perf_counter()
    with duckdb.connect(config={"threads": threads}) as connection:
        reader = f"read_csv('{source}', all_varchar = true)" if form == "csv" else f"read_parquet('{source}')"
        connection.execute(f"COPY (SELECT * FROM {reader}) TO '{folder / 'limit.parquet'}' (FORMAT parquet)")
    limit = time.perf_counter() - started
    used = time.process_time()
    started = time.perf_counter()
    counts = import_catalog(Settings(home=folder / f"home-{form}", workers=threads), source).snapshot.counts
    wall = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{form:<8} {rows:>9,} rows  {wall:7.1f} s  {rows / wall:>8,.0f} rows/s (aim {aim:,})  {time.process_time() - used:6.1f} CPU-s  "
        f"limit {limit:.1f} s, {wall / limit:.1f} times  {counts.rows_quarantined:,} quarantined  peak {peak:,.0f} MB"
    )


if __name__ == "__main__":
    main()
