"""Rows and rejects on their way to Parquet: written as clean text first, so that memory does not grow with the file."""

import csv
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

import duckdb

from tradewind.adapters.sources import engine as duckdb_engine
from tradewind.adapters.sources.errors import RowsAreTooMany, SourceIsUnusable
from tradewind.adapters.sources.limits import BLOCK_BYTES
from tradewind.catalog.ports import REJECT_VALUE_CHARS, Progress, ReadOptions, Shape, StagedTable

_REJECT_COLUMNS = (("row", "BIGINT"), ("field", "VARCHAR"), ("value", "VARCHAR"), ("reason", "VARCHAR"), ("hint", "VARCHAR"))

_SEPARATOR = duckdb_engine.UNIT_SEPARATOR.encode()
Handle = TypeVar("Handle", bound=IO[Any])


@dataclass(slots=True)
class Reading:
    """One file being staged: where from, where to, how, and what was found out about it."""

    path: Path
    folder: Path  # scratch space, removed afterwards
    options: ReadOptions
    progress: Progress
    format: str
    encoding: str | None = None
    delimiter: str | None = None
    rejects: "RejectWriter" = field(init=False)
    _open: list[IO[Any]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.rejects = RejectWriter(self)

    def closing(self, handle: Handle) -> Handle:
        """A file that is closed at the latest with this reading."""
        self._open.append(handle)
        return handle

    def close(self) -> None:
        for handle in self._open:
            handle.close()

    def check_rows(self, rows: int) -> None:
        """RowsAreTooMany when the file has more rows than the options allow."""
        if rows > self.options.max_rows:
            raise RowsAreTooMany(f"{self.path} has more than {self.options.max_rows} rows", hint="split it into several files")


@dataclass(frozen=True, slots=True)
class Staged:
    """What a format's reader hands back: the Parquet file, still in scratch space."""

    parquet: Path
    shape: Shape
    columns: tuple[str, ...]
    rows: int
    sha256: str
    size: int
    kinds: tuple[str, ...] | None = None  # of the columns, when the file is the source itself


class ColumnWriter:
    """Rows of text as fully quoted CSV. An empty text becomes NULL, as in any CSV file."""

    def __init__(self, reading: Reading, name: str = "records.csv") -> None:
        self.path = reading.folder / name
        self.rows = 0
        self._handle = reading.closing(self.path.open("w", encoding="utf-8", newline="", buffering=BLOCK_BYTES))
        self._writer = csv.writer(self._handle, quoting=csv.QUOTE_ALL, lineterminator="\n")

    def add(self, values: Sequence[object]) -> None:
        self._writer.writerow(values)
        self.rows += 1

    def close(self) -> None:
        self._handle.close()

    def to_parquet(self, columns: Sequence[tuple[str, str]], target: Path, options: ReadOptions) -> int:
        """Writes Parquet with these columns and returns the rows; they are as many as were added."""
        self.close()
        with duckdb_engine.open_engine(options, self.path.parent) as connection:
            scan = duckdb_engine.scan_of(self.path, columns, options)
            rows = duckdb_engine.copy_to(connection, f"SELECT * FROM {scan}", target)
        return _none_lost(rows, self.rows)


class RecordWriter:
    """JSON objects with their row numbers, one a line."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._path = reading.folder / "records.txt"
        self.rows = 0
        self.keys: dict[str, None] = {}
        self._handle = reading.closing(self._path.open("wb", buffering=BLOCK_BYTES))
        self._limit = reading.options.max_line_bytes

    def add(self, row: int, keys: Iterable[str], record: bytes) -> None:
        """`record` is one line of JSON text, `keys` those of its top level; one longer than the line limit is rejected."""
        if len(record) > self._limit:
            reason = f"the record is longer than {self._limit} bytes"
            shown = record[: REJECT_VALUE_CHARS * 4].decode("utf-8", "replace")
            self._reading.rejects.add(row, reason, value=shown, hint="leave out what is not needed")
            return
        self._handle.write(b"%d%b%b\n" % (row, _SEPARATOR, record))
        self.rows += 1
        for key in keys:
            if key not in self.keys:
                self.keys[key] = None
        self._reading.check_rows(self.rows)

    def finish(self, sha256: str, size: int) -> Staged:
        self._handle.close()
        target = self._reading.folder / "staged.parquet"
        columns = (("_row", "BIGINT"), ("_record", "VARCHAR"))
        options = self._reading.options
        with duckdb_engine.open_engine(options, self._reading.folder) as connection:
            scan = duckdb_engine.scan_of(self._path, columns, options, delimiter=duckdb_engine.UNIT_SEPARATOR, quote="")
            rows = duckdb_engine.copy_to(connection, f"SELECT * FROM {scan}", target)
        return Staged(target, "record", tuple(self.keys), _none_lost(rows, self.rows), sha256, size)


class RejectWriter:
    """Rows that cannot be staged, each with its place, its value (cut) and what to do about it."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._writer: ColumnWriter | None = None
        self.rows = 0
        self._last = 0

    def add(self, row: int, reason: str, *, field: str = "", value: str = "", hint: str = "") -> None:
        """Rejects come in the order of their rows."""
        self._writer = self._writer or ColumnWriter(self._reading, "rejects.csv")
        shown = value[:REJECT_VALUE_CHARS].encode("utf-8", "replace").decode().replace("\0", "\\0")
        self._writer.add((row, field, shown, reason, hint))
        self.rows += row != self._last
        self._last = row

    def finish(self, target: Path, options: ReadOptions) -> Path | None:
        if not self._writer:
            return None
        self._writer.to_parquet(_REJECT_COLUMNS, target, options)
        return target

    def clear(self) -> None:
        """Forgets every reject, for a reader that starts over."""
        if self._writer:
            self._writer.close()
        self._writer, self.rows, self._last = None, 0, 0


def publish(reading: Reading, staged: Staged, table: str, target_folder: Path) -> StagedTable:
    """Moves the finished files to their place; until then nothing is there."""
    parquet = target_folder / f"{table}.parquet"
    scratch = reading.rejects.finish(reading.folder / "rejects.parquet", reading.options)
    rejects = target_folder / f"{table}.rejects.parquet" if scratch else None
    (target_folder / f"{table}.rejects.parquet").unlink(missing_ok=True)  # of an earlier reading
    if scratch and rejects:
        shutil.move(scratch, rejects)
    shutil.move(staged.parquet, parquet)
    return StagedTable(
        name=table,
        parquet=parquet,
        shape=staged.shape,
        columns=staged.columns,
        rows=staged.rows,
        rejected_rows=reading.rejects.rows,
        rejects=rejects,
        source_sha256=staged.sha256,
        source_bytes=staged.size,
        format=reading.format,
        encoding=reading.encoding,
        delimiter=reading.delimiter,
        kinds=staged.kinds,
    )


def compact(value: object) -> str:
    """JSON text on one line, characters beyond ASCII as themselves."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _none_lost(rows: int, expected: int) -> int:
    if rows != expected:
        raise SourceIsUnusable(
            f"staging wrote {rows} of {expected} rows", hint="this is a fault of Tradewind: report it with the file's first lines"
        )
    return rows


def engine_says(error: duckdb.Error) -> str:
    """The first line of what DuckDB said."""
    return str(error).strip().splitlines()[0][:300]
