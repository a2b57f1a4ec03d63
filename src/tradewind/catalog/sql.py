"""Loads this room's statements from their .sql files."""

from functools import cache
from importlib import resources

import duckdb


@cache
def statements(name: str) -> tuple[str, ...]:
    """The statements of a file, split at the semicolons that end a line."""
    text = resources.files("tradewind.catalog").joinpath(name).read_text(encoding="utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
    return tuple(part.strip() for part in (code + "\n").split(";\n") if part.strip())


def run(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Runs every statement of a file."""
    for statement in statements(name):
        connection.execute(statement)
