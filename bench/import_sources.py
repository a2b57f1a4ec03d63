"""How fast each format is staged, beside its limit: DuckDB's plain COPY of the same rows from CSV to Parquet, in the same run.

`python -m bench.import_sources [--rows N]`; figures are this machine's while it does nothing else.
"""

import argparse
import csv
import gzip
import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from tradewind.adapters.sources import stage
from tradewind.catalog.ports import ReadOptions

COLUMNS = ("sku", "title", "description", "brand", "gtin", "price", "cost", "weight", "image", "stock", "color", "size")
WORDS = [
    "无线",
    "蓝牙",
    "耳机",
    "降噪",
    "便携",
    "充电宝",
    "wireless",
    "noise",
    "canceling",
    "headphones",
    "black",
    "steel",
    "bottle",
    "camping",
    "kettle",
    "travel",
    "mug",
]
SLOW_SHARE = 10  # formats parsed value by value in Python get a tenth of the rows


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """About 1 KB each, quotes and commas inside, half of the text Chinese."""
    chance = random.Random(7)
    for number in range(count):
        title = " ".join(chance.choices(WORDS, k=12))
        text = "<p>" + " ".join(chance.choices(WORDS, k=90)) + ", " + title + "</p>"
        gtin = str(chance.randrange(10**12, 10**13))
        yield (f"SKU{number}", title, text, "Acme, Inc", gtin, "19.99", "12.00", "420", f"https://x.example/{number}.jpg", "7", "黑色", "")


def write_csv(path: Path, count: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([COLUMNS, *rows(count)])


def write_dirty_csv(path: Path, count: int) -> None:
    """One row in a thousand has a field too many: the whole file is read record by record."""
    with path.open("w", newline="", encoding="utf-8") as handle:
        body = (row if number % 1000 else (*row, "more") for number, row in enumerate(rows(count)))
        csv.writer(handle).writerows([COLUMNS, *body])


def write_gzip_csv(path: Path, count: int) -> None:
    write_csv(path.with_suffix(""), count)
    with path.with_suffix("").open("rb") as plain, gzip.open(path, "wb", compresslevel=3) as packed:
        shutil.copyfileobj(plain, packed)


def write_parquet(path: Path, count: int) -> None:
    write_csv(path.with_suffix(".csv"), count)
    plain_copy(path.with_suffix(".csv"), path)


def records(count: int) -> Iterator[str]:
    return (json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) for row in rows(count))


def write_json_lines(path: Path, count: int) -> None:
    path.write_text("\n".join(records(count)) + "\n", encoding="utf-8")


def write_json(path: Path, count: int) -> None:
    path.write_text("[" + ",\n".join(records(count)) + "]", encoding="utf-8")


def write_yaml(path: Path, count: int) -> None:
    path.write_text("".join(f"- {record}\n" for record in records(count)), encoding="utf-8")


def write_xml(path: Path, count: int) -> None:
    head = '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>\n'
    with path.open("w", encoding="utf-8") as handle:
        handle.write(head)
        for row in rows(count):
            fields = (f"<g:{name}>{value.replace('<', '&lt;')}</g:{name}>" for name, value in zip(COLUMNS, row, strict=True))
            handle.write(f"<item>{''.join(fields)}</item>\n")
        handle.write("</channel></rss>\n")


def write_workbook(path: Path, count: int) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Products")
    sheet.append(COLUMNS)
    for row in rows(count):
        sheet.append(row)
    book.save(path)


FORMATS: dict[str, tuple[Callable[[Path, int], None], int]] = {
    "t.csv": (write_csv, 1),
    "t.csv.gz": (write_gzip_csv, 1),
    "dirty.csv": (write_dirty_csv, 1),
    "t.parquet": (write_parquet, 1),
    "t.jsonl": (write_json_lines, 1),
    "t.json": (write_json, SLOW_SHARE),
    "t.xml": (write_xml, SLOW_SHARE),
    "t.yaml": (write_yaml, SLOW_SHARE),
    "t.xlsx": (write_workbook, SLOW_SHARE),
}


def plain_copy(source: Path, target: Path) -> float:
    """Seconds that DuckDB needs for the same rows with nothing checked and no row numbers."""
    columns = ", ".join(f"'{column}': 'VARCHAR'" for column in COLUMNS)
    scan = f"read_csv('{source}', auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', columns = {{{columns}}})"
    with duckdb.connect(config={"threads": 2}) as connection:
        started = time.perf_counter()
        connection.execute(f"COPY (SELECT * FROM {scan}) TO '{target}' (FORMAT parquet, ROW_GROUP_SIZE 20480)")
        return time.perf_counter() - started


def main() -> None:
    """Prints one line a format: rows/s, MB/s of the file, CPU seconds, and the share of the limit's speed."""
    parser = argparse.ArgumentParser(prog="python -m bench.import_sources", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    count = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as folder:
        work = Path(folder)
        write_csv(work / "limit.csv", count)
        limit = count / plain_copy(work / "limit.csv", work / "limit.parquet")
        print(f"limit        DuckDB CSV to Parquet, unchecked   {limit:>9,.0f} rows/s")
        for name, (write, share) in FORMATS.items():
            path = work / name
            write(path, count // share)
            cpu, started = time.process_time(), time.perf_counter()
            table = stage(path, work / "staged", ReadOptions(table=name))
            wall, cpu = time.perf_counter() - started, time.process_time() - cpu
            speed, megabytes = table.rows_read / wall, table.source_bytes / wall / 1e6
            shown = (
                f"{table.rows:>8,} rows, {table.rejected_rows:>4} rejected {speed:>9,.0f} rows/s {megabytes:>5.0f} MB/s {cpu:>5.1f} s CPU"
            )
            print(f"{name:<12} {shown}   {speed / limit:>4.0%} of the limit", flush=True)
            path.unlink()


if __name__ == "__main__":
    main()
