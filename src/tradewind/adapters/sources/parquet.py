"""Parquet: copied with row numbers; every column as text, nested values as JSON text."""

from dataclasses import replace

import duckdb

from tradewind.adapters.sources import engine as duckdb_engine
from tradewind.adapters.sources.errors import ParquetIsBroken
from tradewind.adapters.sources.header import checked_header
from tradewind.adapters.sources.streams import SourceFile
from tradewind.adapters.sources.writers import Reading, Staged, engine_says

_NESTED = ("STRUCT", "MAP", "UNION")


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
            columns, rows = _copy_within_memory(reading, content)
        except duckdb.Error as error:
            raise ParquetIsBroken(f"{reading.path} is not readable Parquet: {engine_says(error)}", hint="write the file again") from None
        source.check_unchanged()
    reading.progress(source.size, source.size, rows)
    return Staged(reading.folder / "staged.parquet", "columns", columns, rows, sha256, source.size)


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
        fields = [(column, kind) for column, kind in described if column != "file_row_number"]
        columns = checked_header([column for column, _kind in fields], reading.path)
        total = connection.execute(f"SELECT count(*) FROM {scan}").fetchone()
        expected = int(total[0]) if total else 0
        reading.check_rows(expected)
        texts = [f"{_as_text(given, kind)} AS {duckdb_engine.name(name)}" for (given, kind), name in zip(fields, columns, strict=True)]
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


def _as_text(column: str, kind: str) -> str:
    quoted = duckdb_engine.name(column)
    if kind.endswith("]") or kind.startswith(_NESTED):
        return f"to_json({quoted})::VARCHAR"
    return f"nullif({quoted}::VARCHAR, '')"
