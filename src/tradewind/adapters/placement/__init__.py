"""Where shards are computed: a pool of processes on this machine, or a Ray cluster. Both run the very same function."""

from tradewind.adapters.placement.local_pool import LocalPool

__all__ = ["LocalPool"]
