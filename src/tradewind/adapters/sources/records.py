"""The exact reading of delimited text, record by record: every broken record is rejected with its reason."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tradewind.adapters.sources.errors import QuotesAreBroken
from tradewind.adapters.sources.limits import MAX_REPLAYS
from tradewind.adapters.sources.writers import ColumnWriter, Reading, Staged

_PROGRESS_ROWS = 5_000
_UNCLOSED = "a quote is opened and never closed"


class _Lines:
    """Physical lines of a file that can be given back, so that an unclosed quote costs one record and not the rest of the file."""

    def __init__(self, handle: TextIO, limit: int) -> None:
        self._handle = handle
        self._waiting: deque[str] = deque()
        self._limit = limit
        self._size = 0
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self.taken and self._size > self._limit:
            raise StopIteration
        line = self._waiting.popleft() if self._waiting else self._handle.readline()
        if not line:
            raise StopIteration
        self.taken.append(line)
        self._size += len(line)
        self.number += 1
        return line

    def begin(self) -> None:
        """A new record starts."""
        self.taken, self._size = [], 0

    def give_back(self) -> None:
        """All but the first line of this record are read again as records of their own."""
        self._waiting.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1
        self.taken = self.taken[:1]


@dataclass(frozen=True, slots=True)
class Read:
    """What is known of the file on disk once its bytes were read."""

    sha256: str
    size: int


def stage_by_record(reading: Reading, content: Path, columns: tuple[str, ...], above: int, read: Read) -> Staged:
    """Stages the clean records of a UTF-8 file and rejects the others; `above` records stand above the names of the columns."""
    size = read.size
    writer = ColumnWriter(reading)
    limit = reading.options.max_line_bytes
    csv.field_size_limit(max(csv.field_size_limit(), 2 * limit))
    total = content.stat().st_size
    with content.open(encoding="utf-8-sig", newline="") as handle:
        passed = row = done = 0
        for record, problem, raw, line in _records(_Lines(handle, limit), reading):
            if passed <= above and not problem:
                passed += 1
                continue
            row += 1
            done += len(raw)
            reading.check_rows(row)
            fault = problem or _problem(record, columns)
            if fault:
                reading.rejects.add(row, f"{fault} (line {line})", value=raw, hint=_hint(fault, reading.delimiter or ","))
            else:
                writer.add((row, *record))
            if row % _PROGRESS_ROWS == 0:
                reading.progress(min(size, done * size // total), size, row)
    target = reading.folder / "staged.parquet"
    rows = writer.to_parquet([("_row", "BIGINT"), *((column, "VARCHAR") for column in columns)], target, reading.options)
    reading.progress(size, size, row)
    return Staged(target, "columns", columns, rows, read.sha256, size)


def _records(lines: _Lines, reading: Reading) -> Iterator[tuple[list[str], str, str, int]]:
    """Each record with its problem (or an empty text), its raw text and the number of its first line."""
    replays = 0
    while True:
        lines.begin()
        reader = csv.reader(lines, delimiter=reading.delimiter or ",", strict=True)
        start = lines.number + 1
        try:
            record = next(reader)
            problem = ""
        except StopIteration:
            return
        except csv.Error as error:
            record, problem = [], _reason(str(error))
        raw = "".join(lines.taken)
        if problem:
            replays += len(lines.taken) > 1
            if replays > MAX_REPLAYS:
                raise QuotesAreBroken(
                    f"{reading.path}: more than {MAX_REPLAYS} quotes are never closed, the last one in line {start}",
                    hint="export it again with quotes doubled inside quoted fields",
                )
            lines.give_back()
        if record or problem:
            yield record, problem, raw, start


def _reason(text: str) -> str:
    if "unexpected end of data" in text:
        return _UNCLOSED
    if "expected after" in text:
        return "text follows a closing quote"
    if "new-line character" in text:
        return "a line end stands inside a field without quotes"
    return text


def _problem(record: list[str], columns: tuple[str, ...]) -> str:
    if len(record) > len(columns):
        return f"it has {len(record)} fields, the header has {len(columns)}: too many"
    if len(record) < len(columns):
        return f"it has {len(record)} fields, the header has {len(columns)}: too few"
    for column, value in zip(columns, record, strict=True):
        if "\0" in value:
            return f'the field "{column}" holds a NUL character'
    return ""


def _hint(problem: str, delimiter: str) -> str:
    if "NUL" in problem:
        return "delete the character (byte 00); no database keeps it"
    if "quote" in problem:
        return 'write a quote inside a quoted field twice: ""'
    shown = "a tab" if delimiter == "\t" else f'"{delimiter}"'
    return f"put quotes around a field that holds {shown} or a line end"
