"""The process that the local pool's workers are forked from: it has imported what a shard needs, and has one thread.

It imports for a second. A command that will need it starts it before its own imports, so that both happen at once; that is why this
module imports nothing of the house.
"""

import multiprocessing
from multiprocessing import forkserver
from typing import Final

CONTEXT: Final = multiprocessing.get_context("forkserver")
# What a shard's function imports when it is called; by name, since the function's own module leaves that to the last moment.
_IMPORTED_ONCE = ("tradewind.bootstrap", "tradewind.pipeline.shard", "tradewind.adapters.feeds", "tradewind.cli.run")


def start_ahead() -> None:
    """Starts the process that workers come from, unless it runs already, and waits for nothing."""
    CONTEXT.set_forkserver_preload(list(_IMPORTED_ONCE))
    forkserver.ensure_running()


def stop() -> None:
    """Ends it. Left to itself it lives as long as the caller, and what it used of the CPU is never counted."""
    forkserver._forkserver._stop()  # type: ignore[attr-defined]  # noqa: SLF001 - there is no public way
