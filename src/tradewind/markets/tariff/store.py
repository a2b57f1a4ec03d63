"""The rows of loaded tables, read from Parquet once a process."""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from tradewind.markets.errors import MarketIsInvalid
from tradewind.markets.tariff.model import LoadedTable

_KEPT_TABLES = 16
_MEMORY_MB = 256


class TableRow(NamedTuple):
    """One line of a loaded table: a code, the list it is on (or empty), and its rate.

    Rates in millionths, specific parts in millionths of a minor unit of the tariff's currency. `problem` says why a person must
    look; `is_sure` is False where the line was carried over from an older edition of the code, or holds under a condition.
    """

    code: str
    list: str
    text: str
    ppm: int
    low_ppm: int
    per_kg_micro: int
    per_item_micro: int
    problem: str
    special: str
    is_sure: bool
    valid_from: date | None
    valid_to: date | None


def table_rows(table: LoadedTable, day: date) -> tuple[TableRow, ...]:
    """The rows of a loaded table that hold on a day, in the order of their codes."""
    return tuple(
        row
        for row in _all_rows(table)
        if (row.valid_from is None or row.valid_from <= day) and (row.valid_to is None or day <= row.valid_to)
    )


@lru_cache(maxsize=_KEPT_TABLES)
def _all_rows(table: LoadedTable) -> tuple[TableRow, ...]:
    if not table.file.is_file():
        raise MarketIsInvalid(f"the loaded tariff table {table.file} is gone", hint="load it again: tradewind tariff load FILE")
    from tradewind.db import duck  # half a second that only loaded tables pay

    columns = ", ".join(TableRow._fields)
    connection = duck.connect(threads=1, memory_limit_mb=_MEMORY_MB)
    try:
        found = connection.execute(f"SELECT {columns} FROM read_parquet(?) ORDER BY code, list", [str(table.file)]).fetchall()
    finally:
        connection.close()
    return tuple(map(TableRow._make, found))
