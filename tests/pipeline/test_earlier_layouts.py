"""Offers that an earlier release wrote lack the columns that came later: they are compared, replaced and shown again all the same."""

from pathlib import Path

import duckdb
from shard_builders import a_spec, a_variant, compute

from tradewind.offers.publish import COLUMNS
from tradewind.pipeline.compare import Sides, changes
from tradewind.pipeline.rows import Rows

LATER = ("band", "duty_low_amount", "hs_code", "battery", "list_price_minor", "sale_starts", "sale_ends")


def two_layouts(folder: Path) -> tuple[Path, Path]:
    """The offers of a shard, and the same as they were written before the columns came."""
    spec = a_spec(folder, [a_variant()])
    compute(spec)
    now, then = spec.target / "de" / "offers.parquet", folder / "earlier.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT * EXCLUDE ({', '.join(LATER)}) FROM '{now}') TO '{then}' (FORMAT parquet)")
    return now, then


def test_the_facts_that_came_later_are_published_over_earlier_rows(tmp_path: Path) -> None:
    now, then = two_layouts(tmp_path)
    found = changes(Sides("de", Rows((then,)), Rows((now,))), tmp_path / "offers.csv", threads=1, memory_limit_mb=256)
    assert (found.written, found.gone) == (1, ())
    assert ",851830," in (tmp_path / "offers.csv").read_text("utf-8")


def test_an_earlier_run_is_shown_again_without_them(tmp_path: Path) -> None:
    now, then = two_layouts(tmp_path)
    changes(Sides("de", Rows((now,)), Rows((then,))), tmp_path / "offers.csv", threads=1, memory_limit_mb=256)
    with duckdb.connect() as connection:
        row = connection.execute(f"SELECT * FROM read_csv('{tmp_path}/offers.csv', header=false, nullstr='\\N')").fetchall()[0]
    assert [row[COLUMNS.index(name)] for name in LATER] == [None] * len(LATER)
