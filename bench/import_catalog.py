"""Measures the import: `python -m bench.import_catalog --rows 300000`. CSV and Parquet, all normalizing included, rows/s and peak memory.

The import is a command of its own, so its peak memory is not that of the generator. The floor beside it is what DuckDB needs to read
every column of the same file, hash each row once and write it as Parquet: whatever keeps the rows and tells changed ones apart does that.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from bench.generate import generate
from bench.measure import measured

AIMS = {"csv": 40_000, "parquet": 60_000}  # rows a second on 2 cores


def main() -> None:
    """Generates catalogs, imports each, and prints one line for each."""
    parser = argparse.ArgumentParser(prog="python -m bench.import_catalog", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[200_000], help="several sizes show whether memory grows with the file")
    parser.add_argument("--form", choices=[*AIMS], nargs="+", default=[*AIMS])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", type=int, default=1024, help="megabytes that the import may use (TRADEWIND_MEMORY_LIMIT_MB)")
    arguments = parser.parse_args()
    for rows in arguments.rows:
        for form in arguments.form:
            folder = Path(tempfile.mkdtemp(prefix="tradewind-bench-"))
            try:
                print(_measure(folder, form, rows, arguments), flush=True)
            finally:
                shutil.rmtree(folder)


def _measure(folder: Path, form: str, rows: int, arguments: argparse.Namespace) -> str:
    source = folder / f"catalog.{form}"
    generate(source, rows, arguments.seed)
    floor_wall, floor_cpu = _floor(source, folder / "floor.parquet", form, arguments.threads)
    settings = {
        "TRADEWIND_HOME": str(folder / "home"),
        "TRADEWIND_WORKERS": str(arguments.threads),
        "TRADEWIND_MEMORY_LIMIT_MB": str(arguments.memory),
    }
    cost = measured([sys.executable, "-m", "tradewind", "catalog", "import", str(source)], env=settings)
    return (
        f"{form:<8} {rows:>9,} rows  {cost.wall_seconds:7.1f} s  {rows / cost.wall_seconds:>8,.0f} rows/s (aim {AIMS[form]:,})  "
        f"{cost.cpu_seconds:6.1f} CPU-s = {cost.cpu_seconds / rows * 1e6:.0f} µs a row  peak {cost.peak_mb:,} MB  "
        f"floor {floor_wall:.1f} s, {floor_cpu / rows * 1e6:.0f} µs a row: {cost.cpu_seconds / floor_cpu:.1f} times its CPU"
    )


def _floor(source: Path, target: Path, form: str, threads: int) -> tuple[float, float]:
    """Wall and CPU seconds of reading the file, hashing each row and writing all of it as Parquet."""
    wall, used = time.perf_counter(), time.process_time()
    with duckdb.connect(config={"threads": threads, "memory_limit": "4GB"}) as connection:
        reader = f"read_csv('{source}', all_varchar = true)" if form == "csv" else f"read_parquet('{source}')"
        connection.execute(
            f"COPY (SELECT *, sha256(concat_ws(chr(31), *COLUMNS(*))) AS row_hash FROM {reader}) TO '{target}' (FORMAT parquet)"
        )
    target.unlink()
    return time.perf_counter() - wall, time.process_time() - used


if __name__ == "__main__":
    main()
