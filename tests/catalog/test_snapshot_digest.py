"""What an import makes of the generator's catalog, to the last fact: a faster way to import must give the same snapshot."""

import hashlib
from pathlib import Path

import duckdb
import pytest
from bench.generate import generate

from tradewind.adapters.sources import stage
from tradewind.catalog import ImportRequest, Snapshot, import_catalog

ROWS = 9_000  # enough for two workers
# Another generator, category list or release of DuckDB (whose hash() draws the generator's values) may change it; an import may not.
EXPECTED = "a28c6624f73f1fa6d6b431c62f80161e3dd9dc6e0e95dd2f7fe9b8f0aa1da8df"

pytestmark = pytest.mark.slow


def digest(snapshot: Snapshot) -> str:
    """The sha256 of every row of the snapshot's own files, in their order."""
    found = hashlib.sha256()
    with duckdb.connect(config={"threads": 1}) as connection:
        for path in sorted(snapshot.folder.glob("*.parquet")):
            for row in connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall():
                found.update(f"{path.name} {row!r}\n".encode())
    return found.hexdigest()


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("threads", [1, 2])
def test_the_generators_catalog_becomes_the_same_snapshot(tmp_path: Path, form: str, threads: int) -> None:
    source = tmp_path / f"catalog.{form}"
    generate(source, ROWS, seed=7)
    request = ImportRequest(source, tmp_path / "home", shard_rows=4_000, threads=threads)
    assert digest(import_catalog(request, stage).snapshot) == EXPECTED
