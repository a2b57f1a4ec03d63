"""Writing feeds: our TSV against the engine's bare COPY of the finished table, and the row-at-a-time way of plug-ins (csv module, lxml)."""

import csv
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from lxml import etree

from bench.listings_check import listing_rows
from bench.measure import measured
from tradewind.adapters.feeds.google import PARTS, TSV_OPTIONS, TSV_PART, XML_PART, absent_columns, write_items, write_tsv
from tradewind.db import duck
from tradewind.listings import ATTRIBUTES

PLAIN_ROWS = 20_000
BLOCK = 1_000
TURNS = 2
MEMORY_MB = 1_024
_GOOGLE = "http://base.google.com/ns/1.0"


@contextmanager
def _finished(source: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the finished listings as the table `listings`, as a shard has them; one thread, as one of its processes."""
    with duck.connect(threads=1, memory_limit_mb=MEMORY_MB, preserve_insertion_order=True) as connection:
        connection.execute(f"CREATE TEMP VIEW listings AS FROM {duck.parquet([source])}")
        yield connection


def work(source: Path, folder: Path) -> dict[str, float]:
    """The measured part: CPU seconds of the bare COPY, and of both of our fragments, in the same run over the same table."""
    columns = ", ".join(ATTRIBUTES)
    with _finished(source) as connection:

        def copy() -> None:
            connection.execute(f"COPY (SELECT {columns} FROM listings) TO '{folder}/bare.tsv' {TSV_OPTIONS}")

        def write() -> None:
            write_tsv(connection, folder / TSV_PART, absent_columns(connection))

        # In turns, and the better one of two each: the first reading also brings the table into the page cache.
        bares, ours = zip(*[(_cpu(copy), _cpu(write)) for _ in range(TURNS)], strict=True)
        rss = _cpu(lambda: write_items(connection, folder / XML_PART, absent_columns(connection)))
        bytes_written = sum((folder / name).stat().st_size for name in PARTS)
    return {"bare": min(bares), "tsv": min(ours), "rss": rss, "bytes": bytes_written}


def _cpu(step: Callable[[], object]) -> float:
    started = time.process_time()
    step()
    return time.process_time() - started


def row_at_a_time(source: Path, folder: Path) -> tuple[float, float]:
    """CPU seconds a row with the csv module, and with lxml's incremental writer, from rows that are read one by one."""
    started, rows = time.process_time(), 0
    with (folder / "plain.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t")
        writer.writerow(ATTRIBUTES)
        for row in _read(source):
            writer.writerow(row)
            rows += 1
    by_csv = (time.process_time() - started) / rows
    started = time.process_time()
    with etree.xmlfile(str(folder / "plain.xml"), encoding="utf-8") as document, document.element("rss", nsmap={"g": _GOOGLE}):
        for row in _read(source):
            with document.element("item"):
                for name, value in zip(ATTRIBUTES, row, strict=True):
                    if value is not None:
                        with document.element(f"{{{_GOOGLE}}}{name}"):
                            document.write(value)
    return by_csv, (time.process_time() - started) / rows


def _read(source: Path) -> Iterator[tuple[str | None, ...]]:
    with _finished(source) as connection:
        connection.execute(f"SELECT {', '.join(ATTRIBUTES)} FROM listings LIMIT {PLAIN_ROWS}")
        while block := connection.fetchmany(BLOCK):
            yield from block


def lines(rows: int, python: str) -> Iterator[tuple[str, dict[str, float]]]:
    """The figures of `rows` listings, told and as numbers."""
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as name:
        folder, source = Path(name), Path(name) / "listings.parquet"
        with duck.connect(threads=1, memory_limit_mb=512) as connection:
            connection.execute(f"COPY ({listing_rows(rows)}) TO '{source}' (FORMAT parquet, ROW_GROUP_SIZE 20480)")
        program = (
            "import json; from pathlib import Path; from bench.listings_feeds import work;"
            f" print(json.dumps(work(Path({str(source)!r}), Path({name!r}))))"
        )
        cost = measured([python, "-c", program])
        told = json.loads(cost.output)
        by_csv, by_lxml = row_at_a_time(source, folder)
    million = 1_000_000 / rows
    line = (
        f"feeds: {rows:,} TSV rows in {told['tsv']:.1f} CPU-s, {told['tsv'] / told['bare']:.2f} × the bare COPY ({told['bare']:.1f} CPU-s; "
        f"wanted ≤ 1.30), RSS in {told['rss']:.1f} CPU-s, {told['bytes'] / 1e6:,.0f} MB, peak {cost.peak_mb:,} MB (wanted ≤ 2,048); "
        f"per million row by row: {by_csv * 1e6:.1f} CPU-s with csv beside {told['tsv'] * million:.1f}, "
        f"{by_lxml * 1e6:.1f} with lxml beside {told['rss'] * million:.1f}"
    )
    yield (
        line,
        {
            "feeds_tsv_over_copy": told["tsv"] / told["bare"], "feeds_tsv_cpu_seconds": told["tsv"], "feeds_rss_cpu_seconds": told["rss"],
            "feeds_peak_mb": cost.peak_mb, "feeds_csv_seconds_per_million": by_csv * 1e6, "feeds_lxml_seconds_per_million": by_lxml * 1e6,
        },
    )  # fmt: skip
