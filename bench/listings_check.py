"""Judging listings: a table of rendered offers under every rule of a country and two days, and the same work row by row."""

import csv
import re
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bench.measure import measured
from tradewind.db import duck
from tradewind.listings import ATTRIBUTES, CHECKOUT_ATTRIBUTES, check
from tradewind.listings.conditions import Scope
from tradewind.listings.specification import specification

TODAY, LATER = date(2026, 11, 23), date(2027, 2, 1)
PLAIN_ROWS = 20_000
COLUMNS = (*ATTRIBUTES, *CHECKOUT_ATTRIBUTES)
_ROWS = """
SELECT 'P-' || i AS offer_id, 'P-' || i AS id, 'Wireless headphones with noise canceling, model ' || i AS title,
    repeat('Forty hours on one charge, folds flat. ', 8) || i AS description, 'https://shop.example/us/p/P-' || i AS link,
    'https://shop.example/media/' || i || '.jpg' AS image_link,
    'https://shop.example/media/' || i || '-2.jpg,https://shop.example/media/' || i || '-3.jpg' AS additional_image_link,
    CASE WHEN i % 9 = 0 THEN 'out_of_stock' ELSE 'in_stock' END AS availability, (i % 900 + 5) || '.99 USD' AS price,
    'Brand ' || i % 500 AS brand, CASE WHEN i % 3 = 0 THEN '4006381333931' END AS gtin, 'M-' || i AS mpn, NULL::VARCHAR AS identifier_exists,
    'new' AS condition, CASE WHEN i % 5 = 0 THEN '166' ELSE '505771' END AS google_product_category,
    'Electronics > Headphones' AS product_type, 'G-' || i // 4 AS item_group_id, CASE WHEN i % 2 = 0 THEN 'black' END AS color,
    CASE WHEN i % 7 = 0 THEN 'M' END AS size, NULL::VARCHAR AS material, NULL::VARCHAR AS pattern, NULL::VARCHAR AS gender,
    NULL::VARCHAR AS age_group, 'US:::0.00 USD' AS shipping, i % 2000 || ' g' AS shipping_weight, 'CN' AS ships_from_country,
    'own_facts' AS custom_label_0, 'supplier' AS custom_label_1, (i % 40 * 50)::BIGINT AS image_width, 800::BIGINT AS image_height,
    []::VARCHAR[] AS recorded, ((i % 900 + 5) * 100 + 99)::BIGINT AS price_minor, (i % 11)::BIGINT AS sold FROM range({rows}) AS t(i)
"""


def listing_rows(rows: int) -> str:
    """The query of `rows` listings with every attribute; those that the rows do not say are NULL."""
    absent = ", ".join(f"NULL::VARCHAR AS {name}" for name in COLUMNS)
    return f"FROM ({_ROWS.format(rows=rows)}) UNION ALL BY NAME SELECT {absent} WHERE false"


def work(source: Path) -> int:
    """The measured part: judge every row of the file; the number of listings that are refused on the later day."""
    with duck.connect(threads=2, memory_limit_mb=1024) as connection:
        check.prepare(connection, f"FROM {duck.parquet([source])}", COLUMNS)
        told = check.judge_checked(connection, Scope("US", "USD", frozenset(COLUMNS)), "us", TODAY, LATER)
    return told.verdicts_then["disapproved"]


def row_at_a_time(source: Path) -> float:
    """Rows a second of the way of plug-ins: each row of a TSV, each attribute's limit and form, in a loop. A part of the rules only."""
    attributes = [(name, one.limit, re.compile(one.regular)) for name, one in specification().attributes.items() if name in ATTRIBUTES]
    started, rows, broken = time.process_time(), 0, 0
    with source.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            rows += 1
            broken += sum(
                bool((value := row[name]) and ((limit and len(value) > limit) or not form.search(value)))
                for name, limit, form in attributes
            )
    return rows / (time.process_time() - started)


def lines(rows: int, python: str) -> Iterator[tuple[str, dict[str, float]]]:
    """The figures of `rows` listings, told and as numbers."""
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as folder:
        parquet, tsv = Path(folder) / "listings.parquet", Path(folder) / "listings.tsv"
        with duck.connect(threads=1, memory_limit_mb=512) as connection:
            connection.execute(f"COPY ({listing_rows(rows)}) TO '{parquet}' (FORMAT parquet)")
            columns = ", ".join(ATTRIBUTES)
            few = f"SELECT {columns} FROM '{parquet}' LIMIT {PLAIN_ROWS}"
            connection.execute(f"COPY ({few}) TO '{tsv}' (FORMAT csv, HEADER true, DELIMITER e'\\t')")
        program = f"from pathlib import Path; from bench.listings_check import work; print(work(Path({str(parquet)!r})))"
        cost = measured([python, "-c", program])
        plain = row_at_a_time(tsv)
    per_million = cost.cpu_seconds * 1_000_000 / rows
    told = (
        f"listings check: {rows:,} listings under all rules of two days in {cost.wall_seconds:.1f} s, {cost.cpu_seconds:.1f} CPU-s on 2 cores, "
        f"peak {cost.peak_mb:,} MB ({int(cost.output):,} refused; wanted per million ≤ 20 s, aim 10, ≤ 2,048 MB); "
        f"row by row, limits and forms only: {1_000_000 / plain:.1f} CPU-s per million beside {per_million:.1f}"
    )
    yield (
        told,
        {
            "listings_check_seconds": cost.wall_seconds, "listings_check_cpu_seconds": cost.cpu_seconds,
            "listings_check_peak_mb": cost.peak_mb, "listings_check_plain_rows_per_second": plain,
        },
    )  # fmt: skip
