"""What the catalog needs from outside: any file turned into one staged Parquet table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

MAX_LINE_BYTES = 16 * 1024 * 1024
MAX_ROWS = 50_000_000
REJECT_VALUE_CHARS = 500
_NESTED = ("STRUCT", "MAP", "UNION")

Shape = Literal["columns", "record"]
Progress = Callable[[int, int, int], None]
"""Called with (bytes done, bytes total, rows so far); bytes are those of the file on disk."""


def silent(_bytes_done: int, _bytes_total: int, _rows: int) -> None:
    """The progress of a caller that shows none."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a file is to be read; None means that it is found out from the content."""

    table: str | None = None  # name of the staged table; None takes the file's name
    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    items: str | None = None  # dotted path to the array (JSON, YAML) or the item's tag (XML)
    salvage: bool = False
    max_line_bytes: int = MAX_LINE_BYTES
    max_rows: int = MAX_ROWS
    threads: int = 2
    memory_limit_mb: int = 1024


@dataclass(frozen=True, slots=True)
class StagedTable:
    """One source file as read. `parquet` holds `_row BIGINT` (1-based place in the file) and either every column as
    VARCHAR (shape "columns"; an empty field is NULL) or `_record VARCHAR` with one JSON object (shape "record").
    With `kinds` it is the source itself, copied: the columns keep their types and `_row` is their place; `relation` reads all alike.
    `rejects` is None or a Parquet file with row BIGINT, field, value, reason, hint (VARCHAR); a rejected row is never staged.
    """

    name: str
    parquet: Path
    shape: Shape
    columns: tuple[str, ...]  # without _row; of a record, the keys of its top level in order of first appearance
    rows: int
    rejected_rows: int
    rejects: Path | None
    source_sha256: str  # of the bytes on disk
    source_bytes: int
    format: str
    encoding: str | None = None
    delimiter: str | None = None
    kinds: tuple[str, ...] | None = None  # the columns' types in a Parquet source that is kept as its maker wrote it

    @property
    def relation(self) -> str:
        """What a statement reads the rows from, each column as text beside its `_row`."""
        return relation_of(self.parquet, None if self.kinds is None else list(zip(self.columns, self.kinds, strict=True)))

    @property
    def rows_read(self) -> int:
        """Staged and rejected rows together: law 5, nothing is lost."""
        return self.rows + self.rejected_rows


def relation_of(parquet: Path, kinds: Sequence[tuple[str, str]] | None) -> str:
    """The rows of a staged file as text; `kinds` are the columns of a source that was kept as it came, with their types."""
    path = "'" + str(parquet).replace("'", "''") + "'"
    if kinds is None:
        return f"read_parquet({path})"
    texts = ", ".join(f"{text_of(column, kind)} AS {_quoted(column)}" for column, kind in kinds)
    return f"(SELECT file_row_number + 1 AS _row, {texts} FROM read_parquet({path}, file_row_number = true))"


def text_of(column: str, kind: str) -> str:
    """The column as text: nested values are JSON, an empty text is NULL."""
    if kind.endswith("]") or kind.startswith(_NESTED):
        return f"to_json({_quoted(column)})::VARCHAR"
    return f"nullif({_quoted(column)}, '')" if kind == "VARCHAR" else f"nullif({_quoted(column)}::VARCHAR, '')"


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


class Staging(Protocol):
    """Turns a file into a staged table inside `target_folder`; raises a TradewindError that names the place of what is broken."""

    def __call__(self, path: Path, target_folder: Path, options: ReadOptions, progress: Progress) -> StagedTable: ...
