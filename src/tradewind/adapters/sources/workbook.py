"""Excel workbooks (XLSX): one sheet, row by row; numbers and dates as plain text."""

import datetime as dt
import re
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from decimal import Decimal
from itertools import chain, dropwhile, islice
from typing import Any

from tradewind.adapters.sources.errors import HeaderIsMissing, SheetIsMissing, SourceIsTooLarge, WorkbookIsBroken
from tradewind.adapters.sources.header import HEADER_LOOK, checked_header, header_place
from tradewind.adapters.sources.limits import MAX_SHARED_STRINGS_BYTES, MAX_WORKBOOK_BYTES
from tradewind.adapters.sources.shared_strings import SharedStrings, open_workbook
from tradewind.adapters.sources.streams import SourceFile
from tradewind.adapters.sources.values import character_problem
from tradewind.adapters.sources.writers import ColumnWriter, Reading, Staged

_ZEROS = re.compile(r"0{2,32}")
_EXCEL_DIGITS = 15  # Excel shows and keeps no more
# What zipfile, zlib and openpyxl raise on damaged files; openpyxl lets whatever its parsing hits come through.
_DAMAGE = (
    *(OSError, KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, RuntimeError, EOFError),
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, ArithmeticError),
)
_CONTROL = re.compile(r"_x([0-9A-Fa-f]{4})_")


def stage_workbook(reading: Reading) -> Staged:
    """Stages the rows below the one that names the columns; `_row` is the row's number in the sheet below that header, from 1."""
    content = reading.folder / "workbook.xlsx"
    with SourceFile(reading.path) as source:
        with content.open("wb") as handle:
            for block in source.blocks():
                handle.write(block)
                reading.progress(source.position // 2, source.size, 0)
        sha256 = source.finish()
    try:
        _check_size(content, reading)
        columns, writer = _read(content, reading)
    except _DAMAGE as error:
        raise _broken(reading, error) from None
    target = reading.folder / "staged.parquet"
    rows = writer.to_parquet([("_row", "BIGINT"), *((column, "VARCHAR") for column in columns)], target, reading.options)
    reading.progress(source.size, source.size, rows)
    return Staged(target, "columns", columns, rows, sha256, source.size)


def _broken(reading: Reading, error: Exception) -> WorkbookIsBroken:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return WorkbookIsBroken(f"{reading.path} is not a readable XLSX workbook: {reason}", hint="open it in Excel and save it again as .xlsx")


def _check_size(content: Any, reading: Reading) -> None:
    with zipfile.ZipFile(content) as archive:
        for entry in archive.infolist():
            limit = MAX_SHARED_STRINGS_BYTES if entry.filename.endswith("sharedStrings.xml") else MAX_WORKBOOK_BYTES
            if entry.file_size > limit:
                raise SourceIsTooLarge(
                    f"{reading.path}: {entry.filename} unpacks to {entry.file_size} bytes, more than {limit}", hint="save it as CSV"
                )


def _read(content: Any, reading: Reading) -> tuple[tuple[str, ...], ColumnWriter]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns about styles and validations, which are not read
        strings = SharedStrings(reading.folder / "texts")
        try:
            book = open_workbook(content, strings)
            try:
                return _rows(_sheet(book, reading), reading)
            finally:
                book.close()
        finally:
            strings.close()


def _sheet(book: Any, reading: Reading) -> Any:
    wanted = reading.options.sheet
    if wanted is None:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not visible:
            raise SheetIsMissing(f"{reading.path} has no visible sheet", hint="name one: sheet = …")
        return visible[0]
    for sheet in book.worksheets:
        if sheet.title == wanted:
            return sheet
    names = ", ".join(f'"{name}"' for name in book.sheetnames[:20])
    raise SheetIsMissing(f'{reading.path} has no sheet "{wanted}"', hint=f"it has {names}")


def _rows(sheet: Any, reading: Reading) -> tuple[tuple[str, ...], ColumnWriter]:
    sheet.reset_dimensions()  # some programs write a wrong size, and rows beyond it would be lost
    writer = ColumnWriter(reading)
    rows = dropwhile(lambda values: not values, map(_values, sheet.iter_rows()))
    first = list(islice(rows, HEADER_LOOK))
    if not first:
        raise HeaderIsMissing(f'{reading.path}: the sheet "{sheet.title}" is empty', hint="name another one: sheet = …")
    place = header_place(first)
    columns = checked_header(first[place], reading.path)
    for row, values in enumerate(chain(first[place + 1 :], rows), start=1):
        reading.check_rows(row)
        if values:
            _take(writer, reading, row, values, columns)
    return columns, writer


def _values(cells: Sequence[Any]) -> list[str]:
    """The texts of a row, without the empty ones at its end."""
    values = [plain(cell) for cell in cells]
    while values and values[-1] == "":
        values.pop()
    return values


def _take(writer: ColumnWriter, reading: Reading, row: int, values: list[str], columns: tuple[str, ...]) -> None:
    width = len(columns)
    if len(values) > width:
        reason = f"it has a value in column {len(values)}, the header has {width}"
        return reading.rejects.add(row, reason, value=values[-1], hint="name the column in the header, or clear the cell")
    for column, value in zip(columns, values, strict=False):
        problem = character_problem(value) if not value.isascii() or "\0" in value else ""
        if problem:
            return reading.rejects.add(row, problem, field=column, value=value, hint="delete the character")
    return writer.add((row, *values, *[""] * (width - len(values))))


def plain(cell: Any) -> str:
    """A cell's value as text: 8809069585921, 19.9, 2026-11-23, true. Zeros that the cell's format shows in front are kept."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return _CONTROL.sub(_unescaped, value) if "_x" in value else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        text = _digits(value)
        shown = cell.number_format
        return text.zfill(len(shown)) if text.isdigit() and shown and _ZEROS.fullmatch(shown) else text
    return _moment(value)


def _moment(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def _digits(value: float) -> str:
    if isinstance(value, int):
        return format(value, "d")
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN is the value that differs from itself
        return ""
    text = format(Decimal(format(value, f".{_EXCEL_DIGITS}g")), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))
