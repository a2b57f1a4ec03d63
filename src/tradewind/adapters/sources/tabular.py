"""CSV, TSV and their kin (Shopify, Google): DuckDB reads clean files; anything doubtful is read again record by record.

DuckDB is fast but drops or merges rows of broken files without a word (strict or not), so its answer stands only when it rejects
nothing and its rows are as many as a count of line ends outside quotes, made while the bytes were checked.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tradewind.adapters.sources import engine as duckdb_engine
from tradewind.adapters.sources.encodings import Utf8Stream, check_utf8
from tradewind.adapters.sources.header import HEADER_LOOK, checked_header, header_place, sample_records
from tradewind.adapters.sources.records import Read, stage_by_record
from tradewind.adapters.sources.streams import SourceFile
from tradewind.adapters.sources.writers import Reading, Staged

_REPLACED = "\ufffd"
_NO_MARKS = bytes(byte for byte in range(256) if byte not in b'"\n')


@dataclass(slots=True)
class RecordCounter:
    """Counts records by the line ends outside quotes; `plain` turns false when line ends are mixed."""

    records: int = 0
    _quoted: bool = False
    _returns: int = 0
    _pairs: int = 0
    _last: bytes = b""

    def feed(self, block: bytes) -> None:
        if b"\r" in block:
            self._returns += block.count(b"\r")
            self._pairs += block.count(b"\r\n")
        if self._last == b"\r" and block.startswith(b"\n"):
            self._pairs += 1
        if self._quoted or b'"' in block:
            marks = (b'"' if self._quoted else b"") + block.translate(None, _NO_MARKS)
            parts = marks.replace(b'""', b"").split(b'"')  # a pair with nothing between changes nothing, and most are such
            self.records += b"".join(parts[::2]).count(b"\n")
            self._quoted = len(parts) % 2 == 0
        else:
            self.records += block.count(b"\n")
        self._last = block[-1:]

    @property
    def total(self) -> int:
        """Records, the header among them; a last line needs no line end."""
        return self.records + (self._last not in (b"", b"\n"))

    @property
    def plain(self) -> bool:
        return self._returns == self._pairs and not self._quoted


def stage_tabular(reading: Reading, sample: str) -> Staged:
    """Stages delimited text; `sample` is the decoded beginning of the file."""
    delimiter = reading.delimiter or ","
    first = sample_records(sample, delimiter, HEADER_LOOK)
    above = header_place(first)  # titles: DuckDB would take them for the header
    columns = checked_header(first[above] if first else [], reading.path)
    reading.delimiter = delimiter
    with SourceFile(reading.path) as source:
        in_place = not source.gzipped and reading.encoding == "utf-8"
        # DuckDB checks the encoding of what it reads in place, except that of the header.
        trusted = in_place and not any(_REPLACED in column for column in columns)
        stream = Utf8Stream(source, reading.encoding or "utf-8", reading.options.max_line_bytes, trusted=trusted)
        content = reading.folder / "content"
        if in_place:
            content.symlink_to(reading.path.resolve())  # a neutral name: DuckDB takes [ and * in a path for a pattern
        attempt = _Attempt(reading, content, columns, None if "\r" in sample else duckdb_engine.LINE_FEED)
        if in_place:
            attempt.start()
        try:
            counter = _drain(reading, stream, None if in_place else content)
        except BaseException:
            attempt.stop()
            raise
        rows = counter.total - 1
        sha256 = source.finish()
        clean = counter.plain and not stream.has_nul and len(columns) > 1 and not above
        if clean and not in_place:
            attempt.start()
        if not clean:
            attempt.stop()
        staged_rows = attempt.result()
        source.check_unchanged()
    reading.check_rows(max(rows, 0))
    if clean and staged_rows == rows:
        reading.progress(source.size, source.size, rows)
        return Staged(attempt.target, "columns", columns, rows, sha256, source.size)
    attempt.target.unlink(missing_ok=True)
    if trusted:
        check_utf8(reading.path, reading.options.max_line_bytes)
    return stage_by_record(reading, content, columns, above, Read(sha256, source.size))


def _drain(reading: Reading, stream: Utf8Stream, copy_to: Path | None) -> RecordCounter:
    counter = RecordCounter()
    handle = copy_to.open("wb") if copy_to else None
    try:
        for block in stream.blocks():
            counter.feed(block)
            if handle:
                handle.write(block)
            reading.progress(stream.source.position, stream.source.size, max(counter.records - 1, 0))
    finally:
        if handle:
            handle.close()
    return counter


class _Attempt:
    """DuckDB's reading of the file, beside the check of its bytes."""

    def __init__(self, reading: Reading, content: Path, columns: tuple[str, ...], line_end: str | None) -> None:
        self.target = reading.folder / "staged.parquet"
        types = [(column, "VARCHAR") for column in columns]
        scan = duckdb_engine.scan_of(content, types, reading.options, delimiter=reading.delimiter or ",", header=True, line_end=line_end)
        self._query = f"SELECT row_number() OVER () AS _row, * FROM {scan}"
        self._open: Callable[[], duckdb.DuckDBPyConnection] = lambda: duckdb_engine.open_engine(reading.options, reading.folder)
        self._engine: duckdb.DuckDBPyConnection | None = None
        self._thread: threading.Thread | None = None
        self._rows: int | None = None

    def start(self) -> None:
        self._engine = self._open()
        self._thread = threading.Thread(target=self._run, args=(self._engine,), name="staging", daemon=True)
        self._thread.start()

    def result(self) -> int | None:
        """The rows written, or None when DuckDB found anything to complain about."""
        if self._thread and self._engine:
            self._thread.join()
            self._engine.close()
            self._thread = self._engine = None
        return self._rows

    def stop(self) -> None:
        """Gives up; the rows are None then, or meaningless."""
        if self._engine:
            self._engine.interrupt()
        self.result()

    def _run(self, engine: duckdb.DuckDBPyConnection) -> None:
        try:
            self._rows = duckdb_engine.copy_to(engine, self._query, self.target)
        except duckdb.Error:
            self._rows = None
