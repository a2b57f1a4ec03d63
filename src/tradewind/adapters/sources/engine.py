"""What DuckDB does for staging: text columns out of clean delimited text, and Parquet out of anything."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from tradewind.adapters.sources.limits import BLOCK_BYTES, ROW_GROUP_ROWS
from tradewind.catalog.ports import ReadOptions
from tradewind.db import duck

# Between row number and record; JSON text cannot hold it unescaped.
UNIT_SEPARATOR = "\x1f"
LINE_FEED = "\\n"  # spelled with a backslash, as DuckDB wants it


def open_engine(options: ReadOptions, temp_folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection that keeps the order of the rows in the file."""
    return duck.connect(
        threads=options.threads,
        memory_limit_mb=options.memory_limit_mb,
        temp_folder=temp_folder,
        preserve_insertion_order=True,
    )


def literal(value: object) -> str:
    """A text as an SQL literal."""
    return "'" + str(value).replace("'", "''") + "'"


def name(column: str) -> str:
    """A column's name as an SQL identifier."""
    return '"' + column.replace('"', '""') + '"'


def scan_of(
    path: Path,
    columns: Sequence[tuple[str, str]],
    options: ReadOptions,
    *,
    delimiter: str = ",",
    quote: str = '"',
    header: bool = False,
    line_end: str | None = LINE_FEED,
) -> str:
    """The table function that reads clean delimited text: nothing guessed, every broken row refused."""
    types = ", ".join(f"{literal(column)}: {literal(kind)}" for column, kind in columns)
    line = options.max_line_bytes + 4 * BLOCK_BYTES  # the file's own limit was checked before; this one has room for what we add
    # Left alone, DuckDB takes the first carriage return, even one inside quotes, for the line end of the whole file.
    ends = f"new_line = {literal(line_end)}, " if line_end else ""
    return (
        f"read_csv({literal(path)}, auto_detect = false, header = {header}, delim = {literal(delimiter)}, quote = {literal(quote)}, "
        f"escape = {literal(quote)}, columns = {{{types}}}, strict_mode = true, compression = 'none', "
        f"{ends}max_line_size = {line}, buffer_size = {2 * line})"
    )


def copy_to(engine: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    """Writes the query's rows to Parquet and returns how many there are."""
    row = engine.execute(f"COPY ({query}) TO {literal(target)} (FORMAT parquet, ROW_GROUP_SIZE {ROW_GROUP_ROWS})").fetchone()
    return int(row[0]) if row else 0
