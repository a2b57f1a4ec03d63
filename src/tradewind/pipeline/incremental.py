"""Yesterday's rows that still stand: found by their inputs' hash, and kept in the files they lie in, with what changed beside them."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from tradewind.pipeline.ports import FeedFragments
from tradewind.pipeline.rows import PATCH, REPLACED, Rows, ids, replaced_ids

TABLES: Final = ("selection.parquet", "offers.parquet", "listings.parquet")
INPUTS: Final = "inputs.parquet"
"""In a shard's folder: the hash of everything that was read of each sku."""
FOLD_FROM_ONE_IN: Final = 10
"""A patch that holds one row for so many whole ones is folded into them: readers and feeds pay for each of its rows again and again."""
# Measured: texts hardly repeat, and looking for a dictionary of them costs a third of the writing; a row group that fits the
# processor's cache saves a tenth, and lets several threads read the file.
PARQUET: Final = "(FORMAT parquet, COMPRESSION snappy, DICTIONARY_SIZE_LIMIT 1000, ROW_GROUP_SIZE 20480)"


def copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write the rows of a query as one Parquet file."""
    connection.execute(f"COPY ({query}) TO '{quoted(path)}' {PARQUET}")


def quoted(path: Path) -> str:
    """The path inside a single-quoted SQL text."""
    return str(path).replace("'", "''")


def find_changes(connection: duckdb.DuckDBPyConnection, number: int, earlier: Path | None) -> bool:
    """Make `anew_<number>` (inputs to be judged again) and `replaced_<number>` (earlier rows that no longer stand); whether there are any.

    `earlier` is the shard folder of a run whose rules were equal.
    """
    if earlier is None:
        connection.execute(f"CREATE OR REPLACE TEMP VIEW anew_{number} AS FROM inputs")
        connection.execute(f"CREATE OR REPLACE TEMP TABLE replaced_{number} (sku VARCHAR, offer_id VARCHAR)")
        return True
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE differing AS SELECT i.sku, i.input_hash, b.sku AS earlier_sku FROM inputs AS i"
        f" FULL JOIN read_parquet('{quoted(earlier / INPUTS)}') AS b ON b.sku = i.sku WHERE b.input_hash IS DISTINCT FROM i.input_hash"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE anew_{number} AS SELECT sku, input_hash FROM differing WHERE sku IS NOT NULL")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE replaced_{number} AS SELECT earlier_sku AS sku, public_id(earlier_sku) AS offer_id"
        " FROM differing WHERE earlier_sku IS NOT NULL"
    )
    found = connection.execute("SELECT EXISTS (FROM differing)").fetchone()
    return found is not None and bool(found[0])


def link(earlier: Path, target: Path, parts: Collection[str]) -> None:
    """Let the earlier files stand in the new folder too; files of a run never change, so both may name the same bytes."""
    for name in (*TABLES, *parts):
        os.link(earlier / name, target / name)
    if (earlier / PATCH).is_dir():
        (target / PATCH).mkdir()
        for path in (earlier / PATCH).iterdir():
            os.link(path, target / PATCH / path.name)


@dataclass(frozen=True, slots=True)
class Kept:
    """A market's folder of the earlier run, and the table of what no longer stands in it (sku, offer_id)."""

    earlier: Path
    replaced: str


def keep(connection: duckdb.DuckDBPyConnection, kept: Kept, fresh: Path, target: Path, feeds: FeedFragments) -> None:
    """Make `target` from the earlier rows and feed lines that still stand, and the fresh ones.

    The earlier whole files stay, with a patch beside them: all that changed since they were written. A large patch is folded into them.
    """
    earlier, replaced, patch = kept.earlier, kept.replaced, target / PATCH
    before = [str(row[0]) for row in connection.execute(f"SELECT offer_id FROM {replaced}").fetchall()]
    _patch(connection, replaced, earlier / PATCH, fresh, patch)
    feeds.merge(earlier / PATCH, fresh, before, patch)
    if _is_large(connection, earlier, patch):
        _fold(connection, earlier, patch, target)
        feeds.merge(earlier, patch, replaced_ids(patch), target)
        for path in patch.iterdir():
            path.unlink()
        patch.rmdir()
    else:
        for name in (*TABLES, *feeds.parts):
            os.link(earlier / name, target / name)


def _patch(connection: duckdb.DuckDBPyConnection, replaced: str, earlier: Path, fresh: Path, patch: Path) -> None:
    patch.mkdir()
    gone = f"SELECT offer_id FROM {replaced}"
    if not earlier.is_dir():
        for name in TABLES:
            (fresh / name).rename(patch / name)
    else:
        gone += f" UNION FROM {ids([earlier / REPLACED])}"
        for name in TABLES:
            before, after = quoted(earlier / name), quoted(fresh / name)
            kept = f"SELECT * FROM read_parquet('{before}') ANTI JOIN {replaced} USING (offer_id)"
            copy(connection, f"{kept} UNION ALL SELECT * FROM read_parquet('{after}')", patch / name)
    connection.execute(f"COPY ({gone} ORDER BY 1) TO '{quoted(patch / REPLACED)}' (FORMAT csv, HEADER)")


def _is_large(connection: duckdb.DuckDBPyConnection, earlier: Path, patch: Path) -> bool:
    table = TABLES[0]
    counts = [f"(SELECT count(*) FROM read_parquet('{quoted(path)}'))" for path in (patch / table, earlier / table)]
    row = connection.execute(f"SELECT {', '.join(counts)}, (SELECT count(*) FROM {ids([patch / REPLACED])})").fetchone()
    changed, whole, gone = row or (0, 0, 0)
    return bool(max(changed, gone) * FOLD_FROM_ONE_IN > whole)


def _fold(connection: duckdb.DuckDBPyConnection, earlier: Path, patch: Path, target: Path) -> None:
    # Only the fragments promise an order; keeping one here costs a fifth.
    connection.execute("SET preserve_insertion_order = false")
    for name in TABLES:
        copy(connection, f"FROM {Rows((earlier / name,), (patch / REPLACED,), (patch / name,)).sql}", target / name)
    connection.execute("SET preserve_insertion_order = true")
