"""A worker beside the window, for a shop on one machine: mails go out and payments settle without a second terminal."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tradewind.settings import Settings

STOP_SECONDS_MORE = 5


@contextmanager
def worker_beside(settings: "Settings") -> Iterator[None]:
    """Runs `tradewind worker` as a process of its own; it ends with this block, after its open jobs."""
    command = [sys.executable, "-m", "tradewind", "worker"]
    # The server sends itself the signal that ended it once more; without a handler that would end this process before its worker.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    worker = subprocess.Popen(command, env=os.environ | {"TRADEWIND_HOME": str(settings.home)})
    try:
        yield
    finally:
        worker.terminate()
        try:
            worker.wait(settings.drain_seconds + STOP_SECONDS_MORE)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
