"""Which other agencies of the United States want papers for a tariff code: the flags of customs, where their file was loaded."""

from datetime import date
from pathlib import Path

from tradewind.markets.tariff.files import loaded_table
from tradewind.markets.tariff.store import table_rows

PGA_TABLE, PGA_TARIFF = "pga", "us"
_SHORTEST = 4


def flags_for(folder: Path | None, hs_code: str, day: date) -> tuple[str, ...] | None:
    """The flags (FD2, EP7, …) of a code and of the lines below it, sorted; None when the file was not loaded or the code is too short.

    Load it with `tradewind tariff load FILE --market us`; `folder` is the folder of the retailer's rules.
    """
    table = loaded_table(folder, PGA_TARIFF, PGA_TABLE) if folder is not None else None
    if table is None or len(hs_code) < _SHORTEST:
        return None
    rows = (row for row in table_rows(table, day) if row.code.startswith(hs_code) or hs_code.startswith(row.code))
    return tuple(sorted({flag for row in rows for flag in row.list.split()}))
