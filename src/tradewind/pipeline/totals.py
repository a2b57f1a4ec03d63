"""What the shards of a run counted, added up for each market."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tradewind.pipeline.manifest import MarketRun
from tradewind.pipeline.model import ShardResult

REFUSED_SHOWN = 5


def total(part: MarketRun, shards: Sequence[ShardResult]) -> MarketRun:
    """The market's part of a run with the sums of its shards' counts."""
    results = [next(one for one in shard.markets if one.market == part.market) for shard in shards]

    def added(name: str) -> dict[str, int]:
        keys = sorted({key for result in results for key in getattr(result, name)})
        return {key: sum(getattr(result, name).get(key, 0) for result in results) for key in keys}

    numbers = {
        name: sum(getattr(result, name) for result in results)
        for name in ("considered", "chosen", "computed", "new", "changed", "gone", "unchanged")
    }
    notes = (*part.notes, *_refused([one for result in results for one in result.refused_prices]))
    return replace(part, left_out=added("left_out"), verdicts=added("verdicts"), notes=notes, **numbers)


def _refused(prices: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The set prices that were not used, the first of them by name."""
    for sku, why in prices[:REFUSED_SHOWN]:
        yield f"set price not used, {sku}: {why}"
    if len(prices) > REFUSED_SHOWN:
        yield f"set prices not used: {len(prices) - REFUSED_SHOWN:,} more (tradewind price check)"
