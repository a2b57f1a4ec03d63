"""Yesterday's rows that still stand: found by their input hash, and carried over without being computed again."""

import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

import duckdb

TABLES: Final = ("selection.parquet", "offers.parquet", "listings.parquet")
# Measured: texts hardly repeat, and looking for a dictionary of them costs a third of the writing; a row group that fits the
# processor's cache saves a tenth, and lets several threads read the file.
PARQUET: Final = "(FORMAT parquet, COMPRESSION snappy, DICTIONARY_SIZE_LIMIT 1000, ROW_GROUP_SIZE 20480)"


def copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write the rows of a query as one Parquet file."""
    connection.execute(f"COPY ({query}) TO '{quoted(path)}' {PARQUET}")


def quoted(path: Path) -> str:
    """The path inside a single-quoted SQL text."""
    return str(path).replace("'", "''")


def find_changes(connection: duckdb.DuckDBPyConnection, number: int, earlier: Path | None) -> None:
    """Make `anew_<number>` (what the market must judge again) and `replaced_<number>` (earlier rows that no longer stand)."""
    if earlier is None:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE anew_{number} AS SELECT * FROM inputs")
        connection.execute(f"CREATE OR REPLACE TEMP TABLE replaced_{number} (sku VARCHAR, offer_id VARCHAR)")
        return
    before = f"read_parquet('{quoted(earlier / 'selection.parquet')}')"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE anew_{number} AS SELECT i.* FROM inputs AS i"
        f" ANTI JOIN {before} AS b ON b.sku = i.sku AND b.input_hash = i.input_hash"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE replaced_{number} AS SELECT b.sku, b.offer_id FROM {before} AS b"
        " ANTI JOIN inputs AS i ON b.sku = i.sku AND b.input_hash = i.input_hash"
    )


def nothing_changed(connection: duckdb.DuckDBPyConnection, number: int) -> bool:
    """Whether every earlier row still stands and no new one came."""
    found = connection.execute(f"SELECT EXISTS (FROM anew_{number}) OR EXISTS (FROM replaced_{number})").fetchone()
    return found is not None and not found[0]


def link(earlier: Path, target: Path, parts: Collection[str]) -> None:
    """Let the earlier files stand in the new folder too; files of a run never change, so both may name the same bytes."""
    for name in (*TABLES, *parts):
        os.link(earlier / name, target / name)


def replaced_ids(connection: duckdb.DuckDBPyConnection, number: int) -> list[str]:
    """The offer ids whose earlier rows no longer stand."""
    return [str(row[0]) for row in connection.execute(f"SELECT offer_id FROM replaced_{number}").fetchall()]


def merge(connection: duckdb.DuckDBPyConnection, replaced: str, earlier: Path, fresh: Path, target: Path) -> None:
    """Write to `target` the earlier rows that are not in the table `replaced`, together with the fresh ones."""
    # Only the fragments promise an order; keeping one here costs a fifth.
    connection.execute("SET preserve_insertion_order = false")
    for name in TABLES:
        key = "sku" if name == "selection.parquet" else "offer_id"
        before, after = quoted(earlier / name), quoted(fresh / name)
        copy(
            connection,
            f"SELECT * FROM read_parquet('{before}') ANTI JOIN {replaced} USING ({key}) UNION ALL SELECT * FROM read_parquet('{after}')",
            target / name,
        )
    connection.execute("SET preserve_insertion_order = true")
