"""An import that is killed leaves nothing that anybody sees; chunks side by side give what one chunk gives."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.catalog.building import quarantine, rows

from tradewind.adapters.sources import stage
from tradewind.catalog import ImportRequest, Snapshot, import_catalog, list_snapshots, load_snapshot
from tradewind.catalog.errors import SnapshotNotFound
from tradewind.catalog.importing import MIN_NORMALIZER_MB, MIN_ROWS_SIDE_BY_SIDE

pytestmark = pytest.mark.slow
MAPPING = """language = "en"
currency = "USD"
[attributes]
sku = "id"
product_id = "p"
title = "name"
description = "text"
gtin = "g"
home_price = "price"
[[stock]]
column = "q"
location = "SZX-1"
"""
# Says that the phase has begun, and waits there to be killed.
IMPORTER = """
import sys, time
from pathlib import Path
from tradewind.adapters.sources import stage
from tradewind.catalog import ImportRequest, import_catalog

folder, wanted = Path(sys.argv[1]), sys.argv[2]
def step(phase, done, total):
    if phase == wanted:
        print(phase, flush=True)
        time.sleep(60)
import_catalog(ImportRequest(folder / "goods.csv", folder / "home", folder / "goods.mapping.toml"), stage, step=step)
"""


def a_catalog(folder: Path, count: int) -> None:
    """Rows with shared GTINs, repeated ids, bad prices, missing titles and noisy texts."""
    lines = ["id,p,name,text,g,price,q"]
    for number in range(count):
        sku = f"S{number - 7}" if number % 97 == 7 else f"S{number}"
        name = "" if number % 113 == 5 else f"Cup &amp; <b>saucer</b>  {number}"
        gtin = "4006381333931" if number % 50 == 0 else ""
        price = "cheap" if number % 211 == 3 else f"{number % 90 + 1}.50"
        lines.append(f"{sku},P{number // 3},{name},<p>Ｆｕｌｌ {number % 7}</p><!-- x -->,{gtin},{price},{number % 5}")
    (folder / "goods.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "goods.mapping.toml").write_text(MAPPING, encoding="utf-8")


def request(folder: Path, **extra: Any) -> ImportRequest:
    home = extra.pop("home", "home")
    return ImportRequest(folder / "goods.csv", folder / home, folder / "goods.mapping.toml", **extra)


def facts(snapshot: Snapshot) -> list[dict[str, Any]]:
    return rows(f"SELECT * FROM read_parquet('{snapshot.all_products}') ORDER BY sku")


@pytest.mark.parametrize("phase", ["read", "normalize", "shards"])
def test_an_import_killed_in_the_middle_is_never_seen_and_the_next_one_succeeds(tmp_path: Path, phase: str) -> None:
    a_catalog(tmp_path, 300)
    process = subprocess.Popen([sys.executable, "-c", IMPORTER, str(tmp_path), phase], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline().strip() == phase
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert list((tmp_path / "home" / "catalog").glob(".importing-*"))
    assert list_snapshots(tmp_path / "home") == []
    with pytest.raises(SnapshotNotFound):
        load_snapshot(tmp_path / "home")
    outcome = import_catalog(request(tmp_path), stage)
    assert (outcome.already_known, outcome.snapshot.counts.rows_read) == (False, 300)
    assert not list((tmp_path / "home" / "catalog").glob(".importing-*"))


def test_chunks_side_by_side_give_the_rows_of_one_chunk(tmp_path: Path) -> None:
    a_catalog(tmp_path, MIN_ROWS_SIDE_BY_SIDE + 500)
    one = import_catalog(request(tmp_path, home="one", threads=1), stage).snapshot
    two = import_catalog(request(tmp_path, home="two", threads=2, memory_limit_mb=2 * MIN_NORMALIZER_MB), stage).snapshot
    assert one.counts == two.counts
    assert one.counts.rows_quarantined > 100
    assert facts(one) == facts(two)
    assert [quarantine(one, kind) for kind in ("quarantine", "issues")] == [quarantine(two, kind) for kind in ("quarantine", "issues")]
    assert rows(f"SELECT * FROM read_parquet('{one.all_stock}') ORDER BY ALL") == rows(
        f"SELECT * FROM read_parquet('{two.all_stock}') ORDER BY ALL"
    )
