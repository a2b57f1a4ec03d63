"""The one factory of DuckDB connections: the settings and macros that every batch statement counts on.

Extensions are never fetched: what a statement needs is in the wheel. The progress bar prints on stdout, where `--json` speaks.
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb

# `//` truncates in DuckDB and floors in Python, and a division by zero is NULL there: this rounds as kit.divide(…, HALF_UP) does.
# `& -1` changes no integer, and is refused for DOUBLE and DECIMAL, which have no place in money.
_MACROS = (
    """
    CREATE OR REPLACE TEMP MACRO half_up(numerator, denominator) AS (
        CASE WHEN denominator = 0 THEN error('half_up: the denominator is zero')::BIGINT
             WHEN ((numerator & -1) < 0) = (denominator < 0) THEN ((numerator + denominator // 2) // denominator)::BIGINT
             ELSE ((numerator - denominator // 2) // denominator)::BIGINT
        END
    )
    """,
)


def connect(
    *,
    threads: int,
    memory_limit_mb: int,
    temp_folder: Path | None = None,
    preserve_insertion_order: bool = False,
) -> duckdb.DuckDBPyConnection:
    """A private in-memory connection. It may exceed `memory_limit_mb` by about a quarter; larger sorts spill into `temp_folder`."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": f"{memory_limit_mb}MB",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": preserve_insertion_order,
    }
    # DuckDB's own default is a folder `.tmp` wherever the command happens to run.
    config["temp_directory"] = str(temp_folder or Path(tempfile.gettempdir()) / f"tradewind-duckdb-{os.getuid()}")
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")
    for macro in _MACROS:
        connection.execute(macro)
    return connection


def parquet(paths: Sequence[Path]) -> str:
    """The files as a table function in a statement; the paths are quoted."""
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    return f"read_parquet([{listed}])"
