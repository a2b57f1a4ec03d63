"""The limit of a run: read every input column of the snapshot and write the outputs, already computed, once more.

Nothing can be faster than this with the same formats, codec and threads, so the run is told as a multiple of it.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

TABLES = ("selection", "offers", "listings", "diff")
LINES = (
    "read_csv(?, header=false, auto_detect=false, delim=e'\\x01', quote='', escape='', columns={'line':'VARCHAR'}, max_line_size=10000000)"
)
COPY_LINES = "(FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER e'\\x01')"


@dataclass(frozen=True, slots=True)
class Limit:
    """Seconds of reading and of writing, and the bytes that were written."""

    read_seconds: float
    write_seconds: float
    output_bytes: int

    @property
    def seconds(self) -> float:
        return self.read_seconds + self.write_seconds


def limit_of(snapshot: Path, run: Path, threads: int = 2) -> Limit:
    """The limit for this snapshot and this finished run, in this process. Loading the outputs beforehand is not counted."""
    connection = duckdb.connect(config={"threads": threads})
    connection.execute("SET enable_progress_bar = false")
    read = sum(_read(connection, path) for path in sorted(snapshot.glob("products-*.parquet")) + sorted(run.glob("stock-*.parquet")))
    write, written = 0.0, 0
    with TemporaryDirectory(dir=run.parent) as scratch:
        for folder in sorted((run / "shards").glob("*/*")):
            if folder.is_dir():
                seconds, size = _write(connection, folder, Path(scratch))
                write, written = write + seconds, written + size
    return Limit(read, write, written)


def _read(connection: duckdb.DuckDBPyConnection, path: Path) -> float:
    started = time.perf_counter()
    connection.execute("CREATE OR REPLACE TEMP TABLE input AS SELECT * FROM read_parquet(?)", [str(path)])
    return time.perf_counter() - started


def _write(connection: duckdb.DuckDBPyConnection, folder: Path, scratch: Path) -> tuple[float, int]:
    seconds, size = 0.0, 0
    for path in sorted(folder.iterdir()):
        source, form = ("read_parquet(?)", "(FORMAT parquet)") if path.suffix == ".parquet" else (LINES, COPY_LINES)
        if path.suffix not in {".parquet", ".part"} or not path.stat().st_size:
            continue
        connection.execute(f"CREATE OR REPLACE TEMP TABLE output AS SELECT * FROM {source}", [str(path)])
        target = scratch / path.name
        started = time.perf_counter()
        connection.execute(f"COPY output TO '{target}' {form}")
        seconds += time.perf_counter() - started
        size += target.stat().st_size
    return seconds, size
