"""The stock of a run: what the catalog brought, overlaid by the counted levels, pinned in files when the run begins."""

import hashlib
import os
import shutil
from pathlib import Path

from tradewind import stock
from tradewind.catalog import Snapshot
from tradewind.db import Database, duck
from tradewind.pipeline.manifest import Workspace


def pin(workspace: Workspace, run_id: str, snapshot: Snapshot, database: Database) -> tuple[str, ...]:
    """Writes stock-NNNNN.parquet for every shard; their sha256. A location that we count ourselves overrides the catalog's figure."""
    folder = workspace.run(run_id)
    folder.mkdir(parents=True, exist_ok=True)
    levels = folder / ".levels.csv"
    try:
        with database.transaction(timeout_seconds=stock.EXPORT_SECONDS) as tx:
            counted = stock.export_available(tx, levels)
        targets = [workspace.stock(run_id, shard) for shard in range(snapshot.shard_count)]
        for shard, target in enumerate(targets):
            if counted:
                _overlay(snapshot, shard, levels, target)
            else:
                _same(snapshot.stock(shard), target)
    finally:
        levels.unlink(missing_ok=True)
    return tuple(hashlib.sha256(target.read_bytes()).hexdigest() for target in targets)


def _same(source: Path, target: Path) -> None:
    # A snapshot never changes, so its file may stand in the run as well.
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _overlay(snapshot: Snapshot, shard: int, levels: Path, target: Path) -> None:
    with duck.connect(threads=2, memory_limit_mb=1024) as connection:
        connection.execute(
            "CREATE TEMP TABLE level AS FROM read_csv(?, header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"',"
            " columns = {'sku': 'VARCHAR', 'location_id': 'VARCHAR', 'quantity': 'BIGINT'})",
            [str(levels)],
        )
        connection.execute("CREATE TEMP TABLE own AS SELECT sku FROM read_parquet(?)", [str(snapshot.products(shard))])
        connection.execute("CREATE TEMP TABLE brought AS FROM read_parquet(?)", [str(snapshot.stock(shard))])
        connection.execute(
            "COPY (SELECT sku, location_id, quantity::BIGINT AS quantity FROM brought ANTI JOIN level USING (sku, location_id)"
            " UNION ALL SELECT sku, location_id, quantity FROM level SEMI JOIN own USING (sku) ORDER BY sku, location_id)"
            f" TO '{str(target).replace(chr(39), chr(39) * 2)}' (FORMAT parquet, COMPRESSION zstd)"
        )
