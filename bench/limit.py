"""The limit of a run: read every input column of the snapshot and write the outputs, already computed, once more.

Nothing can be faster than this with the same formats, codec and threads, so the run is told as a multiple of it. Shards are spread
over as many threads of this one process as the run has processes: a single connection would keep only one core busy with them.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from tradewind.pipeline.incremental import PARQUET

LINES = (
    "read_csv(?, header=false, auto_detect=false, delim=e'\\x01', quote='', escape='', columns={'line':'VARCHAR'}, max_line_size=10000000)"
)
COPY_LINES = "(FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER e'\\x01')"


@dataclass(frozen=True, slots=True)
class Limit:
    """Seconds of reading and of writing (wall time divided among the threads), their CPU seconds, and the bytes that were written."""

    read_seconds: float
    write_seconds: float
    cpu_seconds: float
    output_bytes: int

    @property
    def seconds(self) -> float:
        return self.read_seconds + self.write_seconds


@dataclass(slots=True)
class _Clock:
    """The time that one thread spends on what counts."""

    wall: float = 0.0
    cpu: float = 0.0
    written: int = 0

    def run(self, connection: duckdb.DuckDBPyConnection, statement: str, arguments: Sequence[str] = ()) -> None:
        wall, cpu = time.perf_counter(), time.thread_time()
        connection.execute(statement, list(arguments) or None)
        self.wall, self.cpu = self.wall + time.perf_counter() - wall, self.cpu + time.thread_time() - cpu


def limit_of(snapshot: Path, run: Path, threads: int = 2) -> Limit:
    """The limit for this snapshot and this finished run, in this process. Loading the outputs beforehand is not counted."""
    inputs = sorted(snapshot.glob("products-*.parquet")) + sorted(run.glob("stock-*.parquet"))
    folders = [folder for folder in sorted((run / "shards").glob("*/*")) if folder.is_dir()]
    with ThreadPoolExecutor(threads) as pool, TemporaryDirectory(dir=run.parent) as scratch:
        reads = list(pool.map(_read, [inputs[part::threads] for part in range(threads)]))
        targets = [Path(scratch) / str(part) for part in range(threads)]
        writes = list(pool.map(_write, [folders[part::threads] for part in range(threads)], targets))
    return Limit(
        sum(clock.wall for clock in reads) / threads,
        sum(clock.wall for clock in writes) / threads,
        sum(clock.cpu for clock in (*reads, *writes)),
        sum(clock.written for clock in writes),
    )


def _connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1, "preserve_insertion_order": True})
    connection.execute("SET enable_progress_bar = false")
    return connection


def _read(paths: Sequence[Path]) -> _Clock:
    clock = _Clock()
    with _connect() as connection:
        for path in paths:
            clock.run(connection, "CREATE OR REPLACE TEMP TABLE input AS SELECT * FROM read_parquet(?)", [str(path)])
    return clock


def _write(folders: Sequence[Path], scratch: Path) -> _Clock:
    clock = _Clock()
    scratch.mkdir()
    with _connect() as connection:
        for path in (path for folder in folders for path in sorted(folder.iterdir())):
            if path.suffix not in {".parquet", ".part"} or not path.stat().st_size:
                continue
            source, form = ("read_parquet(?)", PARQUET) if path.suffix == ".parquet" else (LINES, COPY_LINES)
            connection.execute(f"CREATE OR REPLACE TEMP TABLE output AS SELECT * FROM {source}", [str(path)])
            target = scratch / path.name
            clock.run(connection, f"COPY output TO '{target}' {form}")
            clock.written += target.stat().st_size
    return clock
