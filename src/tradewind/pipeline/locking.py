"""One run at a time in a workspace, and signals that stop it politely."""

import fcntl
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from tradewind.pipeline.errors import RunIsBusy, RunStopped
from tradewind.pipeline.manifest import Workspace

LOCK = ".lock"


@contextmanager
def alone(workspace: Workspace) -> Iterator[None]:
    """Holds the workspace's runs; RunIsBusy when another process does. The lock dies with its process."""
    workspace.runs.mkdir(parents=True, exist_ok=True)
    path = workspace.runs / LOCK
    with path.open("a+", encoding="ascii") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "unknown"
            raise RunIsBusy(
                f"process {holder} already works on the runs in {workspace.home}", hint="wait until it is done: tradewind run list"
            ) from None
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        yield


@contextmanager
def stoppable() -> Iterator[None]:
    """SIGTERM and SIGINT become RunStopped inside, so that everything is left in order."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, _stop) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _stop(number: int, _frame: FrameType | None) -> None:
    name = signal.Signals(number).name
    raise RunStopped(f"the run was stopped by {name}; what it has finished is kept", hint="go on where it stopped with: tradewind run")
