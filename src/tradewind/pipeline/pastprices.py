"""What dated offers were published at before a run: pinned in one file when it begins, so that a shard stays a pure function."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from tradewind.db import Database, duck
from tradewind.offers import public_id
from tradewind.pipeline.manifest import Workspace
from tradewind.pipeline.model import MarketPlan
from tradewind.pricing import OFFERS_LIMIT, PriceKind, PublishedPrice, price_histories, write_past

READ_SECONDS = 600
_MEMORY_MB = 512


def pin_prices(workspace: Workspace, run_id: str, plans: Sequence[MarketPlan], database: Database, at: datetime) -> str | None:
    """Writes prices.parquet with the history of every offer that a sale or a list price may announce; its sha256, None when none may."""
    wanted = {plan.market: _dated(plan) for plan in plans}
    if not any(wanted.values()):
        return None
    target = workspace.prices(run_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    with duck.connect(threads=1, memory_limit_mb=_MEMORY_MB) as connection:
        write_past(connection, _histories(wanted, database), target, at)
    return hashlib.sha256(target.read_bytes()).hexdigest()


def pinned(workspace: Workspace, run_id: str) -> Path | None:
    """The file of a run; None when no offer of it may announce anything."""
    path = workspace.prices(run_id)
    return path.absolute() if path.is_file() else None


def _dated(plan: MarketPlan) -> list[str]:
    return sorted({row.sku for row in plan.set_prices if row.kind is not PriceKind.FIXED and row.ends is not None})


def _histories(wanted: dict[str, list[str]], database: Database) -> Iterator[tuple[str, str, Sequence[PublishedPrice]]]:
    for market, skus in wanted.items():
        for start in range(0, len(skus), OFFERS_LIMIT):
            block = {public_id(sku): sku for sku in skus[start : start + OFFERS_LIMIT]}
            with database.transaction(timeout_seconds=READ_SECONDS) as tx:
                found = price_histories(tx, market, list(block))
            yield from ((market, block[offer_id], history) for offer_id, history in found.items())
