"""A rollback of one market: two published runs of so many offers, the newer one taken back. The search index is its job's, and apart.

Run: python -m bench.rollback [offers] [changed]
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.google_sync import _server_cpu
from tradewind.db import duck, open_database
from tradewind.offers.publish import COLUMNS
from tradewind.pipeline import manifest
from tradewind.pipeline.manifest import Manifest, MarketRun, Workspace
from tradewind.pipeline.publishing import Decision, Publisher
from tradewind.settings import Settings

MARKET, SHARD = "us", 50_000
WANTED_SECONDS = 60
DAY = datetime(2026, 11, 23, tzinfo=UTC)
_FIXED = {
    "market": f"'{MARKET}'", "offer_id": "sku", "sku": "sku", "product_id": "sku", "language": "'en'", "text_from": "'supplier'",
    "title": "'Steel bottle for a long day outside, number ' || i", "description": "repeat('Keeps drinks warm for twelve hours. ', 17) || i",
    "brand": "'Brand ' || i % 500", "gtin": "lpad(i::VARCHAR, 13, '0')", "category": "'kitchen'", "options": "'{}'",
    "specs": "'{\"capacity\": \"500 ml\", \"color\": \"red\"}'", "images": "['https://shop.example/media/' || i || '.jpg']", "condition": "'new'",
    "currency": "'USD'", "tax_included": "false", "availability": "'in_stock'", "quantity": "10::BIGINT", "location_id": "'SZX-1'",
    "lane_id": "'SZX-1.us'", "ships_from": "'CN'", "defaulted": "[]::VARCHAR[]", "rule_ids": "['US.duty', 'US.fee']", "rate_card_id": "'card'",
    "certainty": "'certain'", "verdict": "'ok'",
}  # fmt: skip
_NUMBERS = (
    "min_days", "max_days", "return_days", "weight_g", "customs_value_amount", "duty_ppm", "tax_ppm", "margin_ppm", "fx_numerator", "fx_denominator",
)  # fmt: skip
_PARTS = ("freight_amount", "duty_amount", "fee_amount", "margin_amount", "tax_amount", "ending_amount")


def _run(workspace: Workspace, run_id: str, offers: int, changed: int) -> Manifest:
    """The files of a computed run; `changed` offers of it have another price than in a run without changes."""
    values = dict.fromkeys(COLUMNS, "NULL") | dict.fromkeys(_NUMBERS, "1::BIGINT") | dict.fromkeys(_PARTS, "0::BIGINT") | _FIXED
    moved = f"CASE WHEN hash(i) % {offers} < {changed} THEN 1 ELSE 0 END"
    values |= {"run_id": f"'{run_id}'", "price_minor": f"2000 + i % 900 + {moved}", "cost_amount": f"2000 + i % 900 + {moved}"}
    values["content_hash"] = f"sha256(sku || {moved})"
    columns = ", ".join(f"{value} AS {name}" for name, value in values.items())
    with duck.connect(threads=1, memory_limit_mb=512) as connection:
        for shard, start in enumerate(range(0, offers, SHARD)):
            folder = workspace.shard(run_id, shard) / MARKET
            folder.mkdir(parents=True)
            rows = f"SELECT i, 'SKU-' || i AS sku FROM range({start}, {min(start + SHARD, offers)}) AS t (i)"
            connection.execute(f"COPY (SELECT {columns} FROM ({rows})) TO '{folder / 'offers.parquet'}' (FORMAT parquet)")
    workspace.run_feeds(run_id, MARKET).mkdir(parents=True)
    part = MarketRun(MARKET, "plan", "USD", state="approved", chosen=offers)
    made = Manifest(run_id, "snap", "2026-11-23", DAY, "bench", "plan", "code", 1, "local", (part,), computed_at=DAY)
    manifest.save(workspace, made)
    return made


def lines(offers: int, changed: int) -> Iterator[tuple[str, dict[str, float]]]:
    """What taking back a run costs, in which `changed` of the `offers` differ."""
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        with open_database(Settings(home=home)) as database:
            workspace = Workspace(home.absolute())
            publisher, decision = Publisher(workspace, database), Decision("run.publish", "bench", DAY)
            for run_id, differing in (("run_1", 0), ("run_2", changed)):
                publisher.publish(_run(workspace, run_id, offers, differing), MARKET, decision)
            server, here, started = _server_cpu(database), _own_cpu(), time.perf_counter()
            publisher.roll_back(MARKET, replace(decision, action="run.rollback"))
            wall, mine, theirs = time.perf_counter() - started, _own_cpu() - here, _server_cpu(database) - server
    line = (
        f"rollback of {offers:,} offers of which {changed:,} differ: {wall:.1f} s (wanted <= {WANTED_SECONDS}), CPU {mine:.1f} s here and"
        f" {theirs:.1f} s in PostgreSQL; load of the machine {os.getloadavg()[0]:.1f}"
    )
    yield line, {"rollback_seconds": wall, "rollback_cpu": mine + theirs}


def _own_cpu() -> float:
    return time.process_time()


if __name__ == "__main__":
    given = [int(size) for size in sys.argv[1:]]
    for told, _figures in lines(*(given or (1_000_000, 1_000_000))):
        print(told)
