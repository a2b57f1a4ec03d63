"""Small workspaces for runs: a snapshot of a few products, and a shard function that prices them by one line of SQL."""

import hashlib
import json
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tradewind.catalog import Counts, Snapshot
from tradewind.catalog.snapshots import point_latest, write_manifest
from tradewind.db import Database, duck
from tradewind.offers.publish import COLUMNS
from tradewind.pipeline import MarketPlan, RunRequest, Runs, ShardMarketResult, ShardResult, ShardSpec, silent
from tradewind.pipeline.manifest import Workspace
from tradewind.pipeline.publishing import Checkpoint, Publisher, passing
from tradewind.pipeline.shard import read_result
from tradewind.settings import Settings

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class TickingClock:
    """A clock that moves a second each time it is read, so that ids and times differ."""

    now: datetime = NOON
    step: timedelta = field(default=timedelta(seconds=1))

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


class InlinePlacement:
    """Computes shards in this process, one after the other."""

    name = "inline"

    def ready(self, function, shards):
        return nullcontext()

    def run(self, function, specs: Sequence[ShardSpec]) -> Iterator[ShardResult]:
        for spec in specs:
            yield function(spec)


def a_snapshot(home: Path, costs: dict[str, int], *, name: str = "snap_a", shards: int = 2, weight: int = 500) -> Snapshot:
    """A snapshot of one product for each entry of `costs` (sku: cost in fen)."""
    folder = home / "catalog" / "snapshots" / name
    folder.mkdir(parents=True)
    with duck.connect(threads=1, memory_limit_mb=256) as connection:
        connection.execute("CREATE TABLE product (sku VARCHAR, cost_minor BIGINT, shard BIGINT)")
        rows = [(sku, cost, int(hashlib.sha256(sku.encode()).hexdigest(), 16) % shards) for sku, cost in sorted(costs.items())]
        connection.executemany("INSERT INTO product VALUES (?, ?, ?)", rows)
        for shard in range(shards):
            connection.execute(
                f"COPY (SELECT sku, sku AS product_id, 'audio' AS category, cost_minor, 'CNY' AS cost_currency, {weight}::BIGINT AS weight_g,"
                f" MAP {{'en': 'Title of ' || sku}} AS titles, 'en' AS language, ['https://x/' || sku || '.jpg'] AS images"
                f" FROM product WHERE shard = {shard} ORDER BY sku) TO '{folder}/products-{shard:05d}.parquet'"
            )
            connection.execute(
                f"COPY (SELECT sku, 'SZX-1' AS location_id, 10::BIGINT AS quantity FROM product WHERE shard = {shard} ORDER BY sku)"
                f" TO '{folder}/stock-{shard:05d}.parquet'"
            )
    counts = Counts(len(costs), len(costs), 0, len(costs), len(costs), len(costs), 0, 0)
    snapshot = Snapshot(name, folder, NOON, "test", "en", (), counts, shards, 0)
    write_manifest(snapshot, folder)
    point_latest(home, name)
    return snapshot


def ten_products(cost: int = 1000) -> dict[str, int]:
    """Ten products of equal cost in fen."""
    return {f"SKU-{number:02d}": cost for number in range(10)}


@dataclass(frozen=True)
class FakeBook:
    """A price book that only has what a manifest asks for."""

    market: str
    issues: tuple[str, ...] = ()
    duties: tuple[()] = ()


def a_planner(markets: Sequence[str], as_of: date) -> tuple[MarketPlan, ...]:
    """Plans without rules; the fake shard needs none."""
    return tuple(
        MarketPlan(
            market=market,
            country=market.upper(),
            as_of=as_of,
            languages=("en",),
            currency="USD",
            tax_included=False,
            return_days=14,
            public_url="http://127.0.0.1:8000",
            price=FakeBook(market),  # type: ignore[arg-type]
            lanes=None,  # type: ignore[arg-type]
            policy=None,  # type: ignore[arg-type]
            glossary=None,  # type: ignore[arg-type]
            attributes=None,  # type: ignore[arg-type]
            digest=f"rules of {market}",
        )
        for market in markets
    )


def fake_shard(spec: ShardSpec) -> ShardResult:
    """Contract-shaped files at twice the cost; a product that costs nothing is left out."""
    if done := read_result(spec.target):
        return done
    scratch = spec.target.with_name(f".{spec.target.name}.{os.getpid()}")
    results = tuple(_market(spec, plan.market, scratch / plan.market) for plan in spec.plans)
    result = ShardResult(spec.shard, 0.1, 50, results)
    (scratch / "result.json").write_text(json.dumps(asdict(result)))
    scratch.rename(spec.target)
    return result


def slow_shard(spec: ShardSpec) -> ShardResult:
    """The fake shard, slowly enough to be killed in between."""
    time.sleep(0.3)
    return fake_shard(spec)


def dying_shard(spec: ShardSpec) -> ShardResult:
    """The fake shard, but shard 1 kills its process until a file says that it has done so once."""
    marker = spec.target.parent.parent / "died"
    if spec.shard == 1 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return fake_shard(spec)


def always_dying_shard(spec: ShardSpec) -> ShardResult:
    """Shard 1 kills its process every time."""
    if spec.shard == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return fake_shard(spec)


def failing_shard(spec: ShardSpec) -> ShardResult:
    """Shard 1 raises."""
    if spec.shard == 1:
        raise ValueError("the sums differ")
    return fake_shard(spec)


def assemble(shards: Sequence[Path], folder: Path, market: str) -> None:
    """The fragments one after the other."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "products.tsv").write_text(f"{market}\n" + "".join((shard / "products.tsv.part").read_text() for shard in shards))


def runs_of(settings: Settings, database: Database, **changes: object) -> Runs:
    """The service over a workspace, with everything that is slow replaced by something small."""
    checkpoint: Checkpoint = changes.pop("checkpoint", passing)  # type: ignore[assignment]
    parts: dict[str, object] = {
        "settings": settings,
        "publisher": Publisher(Workspace(settings.home), database, checkpoint=checkpoint),
        "planner": a_planner,
        "placement": InlinePlacement(),
        "shard_function": fake_shard,
        "assemble": assemble,
        "clock": TickingClock(),
        "progress": silent,
        "say": lambda _text: None,
    }
    return Runs(**parts | changes)  # type: ignore[arg-type]


def a_request(*markets: str, **changes: object) -> RunRequest:
    """A run of today for the markets (us when none is named)."""
    return RunRequest(**{"markets": markets or ("us",), "as_of": TODAY, "by": "Anna"} | changes)  # type: ignore[arg-type]


def _market(spec: ShardSpec, market: str, folder: Path) -> ShardMarketResult:
    folder.mkdir(parents=True)
    values = dict.fromkeys(COLUMNS, "NULL") | {
        "market": f"'{market}'", "offer_id": "sku", "sku": "sku", "product_id": "sku", "run_id": f"'{spec.run_id}'", "language": "'en'",
        "text_from": "'supplier'", "title": "'A \"title\", with \\ of ' || sku", "description": "'line\nline'", "category": "'audio'", "options": "'{}'",
        "specs": "'{\"a\": \"b\"}'", "images": "['https://x/' || sku || '.jpg?a=\"b\",\\c']", "condition": "'new'", "currency": "'USD'",
        "tax_included": "false", "availability": "'in_stock'", "quantity": "10::BIGINT", "location_id": "'SZX-1'", "lane_id": "'L'",
        "ships_from": "'CN'", "defaulted": "[]::VARCHAR[]", "rule_ids": "['US.duty']", "rate_card_id": "'card'", "certainty": "'certain'",
        "verdict": "'ok'", "price_minor": "2 * cost_minor", "cost_amount": "cost_minor", "margin_amount": "cost_minor",
        "content_hash": "sha256(sku || cost_minor)", "weight_g": "weight_g", "brand": "''",
    }  # fmt: skip
    zeros = [
        "min_days",
        "max_days",
        "return_days",
        "freight_amount",
        "customs_value_amount",
        "duty_amount",
        "fee_amount",
        "tax_amount",
        "ending_amount",
        "duty_ppm",
    ]
    values |= dict.fromkeys([*zeros, "tax_ppm", "margin_ppm", "fx_numerator", "fx_denominator"], "0::BIGINT")
    chosen = ", ".join(f"{value} AS {column}" for column, value in values.items())
    with duck.connect(threads=1, memory_limit_mb=256, preserve_insertion_order=True) as connection:
        source = f"read_parquet('{spec.products}')"
        connection.execute(f"COPY (SELECT {chosen} FROM {source} WHERE cost_minor > 0 ORDER BY sku) TO '{folder}/offers.parquet'")
        connection.execute(
            "COPY (SELECT sku, sku AS product_id, cost_minor > 0 AS chosen, CASE WHEN cost_minor > 0 THEN [] ELSE ['missing_cost'] END AS"
            " reasons, CASE WHEN cost_minor > 0 THEN NULL ELSE 'missing_cost' END AS primary_reason, 500::BIGINT AS quality, 'h' AS"
            f" input_hash, sku AS offer_id FROM {source} ORDER BY sku) TO '{folder}/selection.parquet'"
        )
        rows = connection.execute(f"SELECT sku || ' ' || cost_minor FROM {source} WHERE cost_minor > 0 ORDER BY 1").fetchall()
        count = connection.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0]
    (folder / "products.tsv.part").write_text("".join(f"{row[0]}\n" for row in rows))
    left = {"missing_cost": count - len(rows)} if count > len(rows) else {}
    return ShardMarketResult(market, count, len(rows), left, {"ok": len(rows)}, count, len(rows), 0, 0, 0)
