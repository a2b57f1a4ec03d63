"""The stock of a run: what the catalog brought, overlaid by the counted levels, pinned in files when the run begins."""

import hashlib
import os
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from tradewind import stock
from tradewind.catalog import Snapshot
from tradewind.db import Database, duck
from tradewind.network import Location
from tradewind.pipeline.manifest import Workspace


def pin(
    workspace: Workspace, run_id: str, snapshot: Snapshot, database: Database, *, locations: Sequence[Location] = (), at: datetime
) -> tuple[str, ...]:
    """Writes stock-NNNNN.parquet for every shard; their sha256. A location that we count ourselves overrides the catalog's figure.

    What is pinned may be sold: without the buffers of the `locations`, and nothing that was counted too long ago.
    """
    folder = workspace.run(run_id)
    folder.mkdir(parents=True, exist_ok=True)
    levels = folder / ".levels.csv"
    try:
        with database.transaction(timeout_seconds=stock.EXPORT_SECONDS) as tx:
            counted = stock.export_sellable(tx, levels, locations, at)
        targets = [workspace.stock(run_id, shard) for shard in range(snapshot.shard_count)]
        for shard, target in enumerate(targets):
            if counted or any(one.buffer or _is_old(snapshot, one, at) for one in locations):
                _overlay(snapshot, shard, levels, target, locations=locations, at=at)
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


def _is_old(snapshot: Snapshot, location: Location, at: datetime) -> bool:
    return location.max_age is not None and at - snapshot.created_at > location.max_age


def _overlay(snapshot: Snapshot, shard: int, levels: Path, target: Path, *, locations: Sequence[Location], at: datetime) -> None:
    with duck.connect(threads=2, memory_limit_mb=1024) as connection:
        connection.execute(
            "CREATE TEMP TABLE level AS FROM read_csv(?, header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"',"
            " columns = {'sku': 'VARCHAR', 'location_id': 'VARCHAR', 'quantity': 'BIGINT'})",
            [str(levels)],
        )
        connection.execute("CREATE TEMP TABLE own AS SELECT sku FROM read_parquet(?)", [str(snapshot.products(shard))])
        connection.execute(
            "CREATE TEMP TABLE selling AS SELECT unnest(?::VARCHAR[]) AS location_id, unnest(?::BIGINT[]) AS buffer, unnest(?::BOOLEAN[]) AS is_old",
            [
                [one.location_id for one in locations],
                [one.buffer for one in locations],
                [_is_old(snapshot, one, at) for one in locations],
            ],
        )
        connection.execute(
            "CREATE TEMP TABLE brought AS SELECT sku, location_id,"
            " CASE WHEN is_old THEN 0 ELSE greatest(quantity - coalesce(buffer, 0), 0) END AS quantity"
            " FROM read_parquet(?) LEFT JOIN selling USING (location_id)",
            [str(snapshot.stock(shard))],
        )
        connection.execute(
            "COPY (SELECT sku, location_id, quantity::BIGINT AS quantity FROM brought ANTI JOIN level USING (sku, location_id)"
            " UNION ALL SELECT sku, location_id, quantity FROM level SEMI JOIN own USING (sku) ORDER BY sku, location_id)"
            f" TO '{str(target).replace(chr(39), chr(39) * 2)}' (FORMAT parquet, COMPRESSION zstd)"
        )
