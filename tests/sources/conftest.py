"""Builders: a file with a content, and a file staged and read back."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tradewind.adapters.sources import stage
from tradewind.catalog.ports import ReadOptions, StagedTable


@dataclass(frozen=True)
class Read:
    """A staged table and what is in its files."""

    table: StagedTable
    rows: list[tuple[Any, ...]]
    rejects: list[tuple[Any, ...]]


def read_back(table: StagedTable) -> Read:
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT * FROM {table.relation} ORDER BY _row").fetchall()
        rejects = (
            connection.execute('SELECT * FROM read_parquet($1) ORDER BY "row"', [str(table.rejects)]).fetchall() if table.rejects else []
        )
    assert table.rows == len(rows)
    assert table.rejected_rows == len({reject[0] for reject in rejects})
    assert not {row[0] for row in rows} & {reject[0] for reject in rejects}
    return Read(table, rows, rejects)


@pytest.fixture
def a_file(tmp_path: Path) -> Callable[..., Path]:
    def build(name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        data = content.encode(encoding) if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return build


@pytest.fixture
def staged(tmp_path: Path) -> Callable[..., Read]:
    def build(path: Path, **options: Any) -> Read:
        return read_back(stage(path, tmp_path / "staged", ReadOptions(threads=1, memory_limit_mb=512, **options)))

    return build


@pytest.fixture
def read(a_file: Callable[..., Path], staged: Callable[..., Read]) -> Callable[..., Read]:
    def build(name: str, content: str | bytes, written: str = "utf-8", **options: Any) -> Read:
        return staged(a_file(name, content, written), **options)

    return build
