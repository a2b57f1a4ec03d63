"""What a run needs from outside: a place to compute shards, and what joins feed fragments into feeds."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import duckdb

from tradewind.pipeline.model import ShardResult, ShardSpec

ShardFunction = Callable[[ShardSpec], ShardResult]
"""A pure function at module level, so that it can be sent to another process or machine."""

FeedAssembler = Callable[[Sequence[Path], Path, str], None]
"""Joins the fragments of (shard folders of one market, in order) into feeds in (folder), for (market)."""

LeaveOut = Callable[[Path, frozenset[str]], None]
"""Takes the listings of (offer ids) out of the feeds in (folder)."""


def keep_all(_folder: Path, _offer_ids: frozenset[str]) -> None:
    """For feeds that are not Google's: nothing is taken out."""


FeedsFollow = Callable[[str], None]
"""Called when the published feeds of (market) are others than before, or leave something out."""


def nobody_follows(_market: str) -> None:
    """For feeds that nobody fetches but at their addresses."""


# A shard that fails because its process dies is tried this often before the run gives up.
MAX_ATTEMPTS = 3


class FeedFragments(Protocol):
    """What writes a channel's feed fragments; adapters/feeds keeps the promise."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The fragments' file names."""

    def write(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        """Write the fragments of the temp table `listings` into `folder`, sorted by id."""

    def merge(self, earlier: Path, fresh: Path, replaced: Collection[str], target: Path) -> None:
        """Write to `target` the earlier fragments (there may be none) without the ids in `replaced`, together with the fresh ones."""


class Placement(Protocol):
    """Maps the shard function over specs, somewhere."""

    name: str

    def ready(self, function: ShardFunction, shards: int) -> AbstractContextManager[None]:
        """While it lasts, a run of this function over at most so many shards may come: what takes long to start is started."""

    def run(self, function: ShardFunction, specs: Sequence[ShardSpec]) -> Iterator[ShardResult]:
        """Each shard's result as it is done, in any order. ShardFailed names the shard that cannot be computed."""


Progress = Callable[[int, int, ShardResult | None], None]
"""Told how many shards of how many are done, and the last one's result."""


def silent(_done: int, _total: int, _result: ShardResult | None) -> None:
    """The progress of a caller that shows none."""
