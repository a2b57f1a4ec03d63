"""Where shards are computed: a pool of processes on this machine, or a Ray cluster. Both run the very same function."""

from typing import TYPE_CHECKING, Any

from tradewind.adapters.placement.forking import start_ahead

if TYPE_CHECKING:
    from tradewind.adapters.placement.local_pool import LocalPool

__all__ = ["LocalPool", "start_ahead"]


def __getattr__(name: str) -> Any:
    # Left to the last moment: it imports the pipeline, and start_ahead is called before anything heavy is imported.
    if name == "LocalPool":
        from tradewind.adapters.placement.local_pool import LocalPool

        return LocalPool
    raise AttributeError(name)
