"""The header row of a table: its delimiter, its names, and what is wrong with them."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from tradewind.adapters.sources.errors import HeaderIsDuplicated, HeaderIsEmpty, HeaderIsMissing, HeaderIsReserved
from tradewind.adapters.sources.limits import MAX_COLUMNS

DELIMITERS = ("\t", ",", ";", "|")
HEADER_LOOK = 20  # so many rows are looked at for the names of the columns
_SNIFF_RECORDS = HEADER_LOOK
_NO_NAME = re.compile(r"[\d\s.,:;/%€$£¥฿+-]*")
_ROW = "_row"


def sample_records(text: str, delimiter: str, limit: int = _SNIFF_RECORDS) -> list[list[str]]:
    """The first records of a text; a last one that is cut off is included."""
    found: list[list[str]] = []
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    try:
        for record in reader:
            if record:
                found.append(record)
            if len(found) >= limit:
                break
    except csv.Error:
        pass
    return found


def header_place(rows: Sequence[Sequence[str]]) -> int:
    """The place of the row that names the columns.

    It is the first, unless that is a short line (a title, a date) above a table whose own first row holds a name for every column and no number.
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    widest = max(filled, default=0)
    for place, count in enumerate(filled):
        if 2 * count > widest:
            return place if place == 0 or (count >= widest and _are_names(rows[place])) else 0
    return 0


def _are_names(row: Sequence[str]) -> bool:
    names = [cell.strip().casefold() for cell in row]
    return len(set(names)) == len(names) and not any(_NO_NAME.fullmatch(name) for name in names)


def sniff_delimiter(text: str) -> str | None:
    """The delimiter that splits the header into the most names and the rows after it alike; None for a single column."""
    best: tuple[int, int, str] | None = None
    for delimiter in DELIMITERS:
        records = sample_records(text, delimiter)
        records = records[header_place(records) :]
        if not records or len(records[0]) < 2:
            continue
        width = len(records[0])
        body = records[1:-1] or records[1:]
        alike = sum(1 for record in body if len(record) == width) * 100 // len(body) if body else 100
        score = (alike, width, delimiter)
        if best is None or score[:2] > best[:2]:
            best = score
    return best[2] if best else None


def checked_header(names: Sequence[str], path: Path) -> tuple[str, ...]:
    """The names without surrounding spaces; an error names the first column that is wrong."""
    columns = tuple(name.strip().lstrip("\ufeff") for name in names)
    if not any(columns):
        raise HeaderIsMissing(f"{path}: the first row holds no column names", hint="put a row of names above the data")
    if len(columns) > MAX_COLUMNS:
        raise HeaderIsMissing(f"{path}: the first row has {len(columns)} fields, more than {MAX_COLUMNS}", hint="check the delimiter")
    seen: dict[str, int] = {}
    for place, column in enumerate(columns, 1):
        if not column:
            raise HeaderIsEmpty(f"{path}: column {place} of {len(columns)} has no name", hint="name it in the first row, or delete it")
        if "\0" in column or "\n" in column.strip("\n"):
            column_shown = column.replace("\0", "\\0").replace("\n", "\\n")[:100]
            raise HeaderIsMissing(
                f'{path}: the name of column {place}, "{column_shown}", holds a line end or a NUL', hint="is the first row really a header?"
            )
        folded = column.lower()
        if folded == _ROW:
            raise HeaderIsReserved(f'{path}: column {place} is named "{column}", a name that staging needs itself', hint="rename it")
        if folded in seen:
            raise HeaderIsDuplicated(
                f'{path}: the columns {seen[folded]} and {place} are both named "{column}" (large and small letters count alike)',
                hint="rename one of them in the first row",
            )
        seen[folded] = place
    return columns
