"""The batch stream: from a catalog snapshot to offers, listings and feeds, in shards; restartable, gated, published at once.

`service` is the run, `reading` what pages and commands read of it, `story` everything about one product.
"""

from tradewind.pipeline.errors import RunStopped, ShardFailed
from tradewind.pipeline.model import MarketPlan, ShardMarketResult, ShardResult, ShardSpec
from tradewind.pipeline.ports import MAX_ATTEMPTS, FeedAssembler, Placement, Progress, ShardFunction, silent
from tradewind.pipeline.rows import PATCH, replaced_ids
from tradewind.pipeline.service import RunRequest, Runs
from tradewind.pipeline.shard import run_shard

__all__ = [
    "MAX_ATTEMPTS",
    "PATCH",
    "FeedAssembler",
    "MarketPlan",
    "Placement",
    "Progress",
    "RunRequest",
    "RunStopped",
    "Runs",
    "ShardFailed",
    "ShardFunction",
    "ShardMarketResult",
    "ShardResult",
    "ShardSpec",
    "replaced_ids",
    "run_shard",
    "silent",
]
