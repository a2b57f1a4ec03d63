"""Parquet: kept as it came when every reader can use it so; else copied with row numbers, every column as text."""

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb

from tradewind.adapters.sources import engine as duckdb_engine
from tradewind.adapters.sources.errors import ParquetIsBroken
from tradewind.adapters.sources.header import checked_header
from tradewind.adapters.sources.streams import SourceFile
from tradewind.adapters.sources.writers import Reading, Staged, engine_says
from tradewind.catalog.ports import text_of

KEPT_GROUP_ROWS = 131_072  # the rows are read in pieces: a group that is larger would be unpacked once for each of them
KEPT_GROUP_BYTES = 128 * 1024 * 1024
_ROW_NUMBER = "file_row_number"
_TEXTS = ("VARCHAR", "JSON", "ENUM")  # what can hold a NUL character


def stage_parquet(reading: Reading) -> Staged:
    """Stages every row; a text with a NUL character rejects its row."""
    content = reading.folder / "content"
    with SourceFile(reading.path) as source:
        if source.gzipped:
            with content.open("wb") as handle:
                for block in source.blocks():
                    handle.write(block)
        else:
            content.symlink_to(reading.path.resolve())
        sha256 = source.finish()
        reading.progress(source.size // 2, source.size, 0)
        try:
            staged = _kept_within_memory(reading, content, sha256, source.size)
            if staged is None:
                columns, rows = _copy_within_memory(reading, content)
                staged = Staged(reading.folder / "staged.parquet", "columns", columns, rows, sha256, source.size)
        except duckdb.Error as error:
            raise ParquetIsBroken(f"{reading.path} is not readable Parquet: {engine_says(error)}", hint="write the file again") from None
        source.check_unchanged()
    reading.progress(source.size, source.size, staged.rows)
    return staged


def _kept_within_memory(reading: Reading, content: Path, sha256: str, size: int) -> Staged | None:
    try:
        return _kept(reading, content, sha256, size)
    except duckdb.OutOfMemoryException:
        return None


def _kept(reading: Reading, content: Path, sha256: str, size: int) -> Staged | None:
    """The file itself as staged table; None when a name, a NUL character or the size of its row groups asks for a copy of our own."""
    literal = duckdb_engine.literal(content)
    with duckdb_engine.open_engine(reading.options, reading.folder) as connection:
        fields = [(str(row[0]), str(row[1])) for row in connection.execute(f"DESCRIBE SELECT * FROM read_parquet({literal})").fetchall()]
        columns = checked_header([name for name, _kind in fields], reading.path)
        if columns != tuple(name for name, _kind in fields) or _ROW_NUMBER in (name.lower() for name in columns):
            return None
        largest = f"SELECT max(row_group_num_rows), max(row_group_bytes), any_value(num_rows) FROM parquet_metadata({literal}), parquet_file_metadata({literal})"
        group_rows, group_bytes, rows = (int(value or 0) for value in connection.execute(largest).fetchone() or (0, 0, 0))
        reading.check_rows(rows)
        if group_rows > KEPT_GROUP_ROWS or group_bytes > KEPT_GROUP_BYTES:
            return None
        # Every page is read, so that a broken one is told now and not in the middle of the import.
        looks = [
            f"bool_or(contains({text_of(name, kind)}, chr(0)))" if kind.startswith(_TEXTS) else f"count({duckdb_engine.name(name)})"
            for name, kind in fields
        ]
        found = connection.execute(f"SELECT {', '.join(looks)} FROM read_parquet({literal})").fetchone() or ()
        if any(value is True for value in found):
            return None
    target = reading.folder / "staged.parquet"
    shutil.copyfile(content, target)
    return Staged(target, "columns", columns, rows, sha256, size, tuple(kind for _name, kind in fields))


def _copy_within_memory(reading: Reading, content: object) -> tuple[tuple[str, ...], int]:
    """Each thread unpacks a row group of its own, and their size is the file's choice: one thread needs the least."""
    try:
        return _copy(reading, content, reading.options.threads)
    except duckdb.OutOfMemoryException:
        if reading.options.threads == 1:
            raise
    return _copy(reading, content, 1)


def _copy(reading: Reading, content: object, threads: int) -> tuple[tuple[str, ...], int]:
    scan = f"read_parquet({duckdb_engine.literal(content)}, file_row_number = true)"
    with duckdb_engine.open_engine(replace(reading.options, threads=threads), reading.folder) as connection:
        described = [(row[0], row[1]) for row in connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()]
        fields = [(column, kind) for column, kind in described if column != _ROW_NUMBER]
        columns = checked_header([column for column, _kind in fields], reading.path)
        total = connection.execute(f"SELECT count(*) FROM {scan}").fetchone()
        expected = int(total[0]) if total else 0
        reading.check_rows(expected)
        texts = [f"{text_of(given, kind)} AS {duckdb_engine.name(name)}" for (given, kind), name in zip(fields, columns, strict=True)]
        staged = f"SELECT file_row_number + 1 AS _row, {', '.join(texts)} FROM {scan}"
        dirty = " OR ".join(f"contains({duckdb_engine.name(name)}, chr(0))" for name in columns)
        clean = f"SELECT * FROM ({staged}) WHERE NOT coalesce({dirty}, false)"
        rows = duckdb_engine.copy_to(connection, clean, reading.folder / "staged.parquet")
        if rows != expected:  # only then is it worth a second reading
            found = connection.execute(f"SELECT _row, {', '.join(_first_dirty(columns))} FROM ({staged}) WHERE {dirty} ORDER BY _row")
            for row, field, value in found.fetchall():
                reading.rejects.add(row, "it holds a NUL character", field=field, value=value, hint="delete the character")
    return columns, rows


def _first_dirty(columns: tuple[str, ...]) -> tuple[str, str]:
    cases = [(f"contains({duckdb_engine.name(name)}, chr(0))", name) for name in columns]
    field = " ".join(f"WHEN {case} THEN {duckdb_engine.literal(name)}" for case, name in cases)
    value = " ".join(f"WHEN {case} THEN {duckdb_engine.name(name)}" for case, name in cases)
    return f"CASE {field} END", f"CASE {value} END"
