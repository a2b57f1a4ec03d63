"""A pool of processes that knows which shard each of them works on, and notices when one dies.

The standard pool breaks as a whole when a process is killed, cannot tell whose work killed it, and leaves its processes behind when
the parent is killed. Here each worker has its own pipe, and ends itself when its parent is gone.

Workers are forked from a process of their own that has imported what they need, and has one thread: so that is imported once, not by
each of them, and none inherits a connection or a lock of the caller.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection as wires
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any

from tradewind.adapters.placement import forking
from tradewind.kit import TradewindError
from tradewind.pipeline import MAX_ATTEMPTS, ShardFailed, ShardFunction, ShardResult, ShardSpec

STOP_SECONDS = 5


@dataclass(slots=True, eq=False)
class _Worker:
    process: ForkServerProcess
    wire: "Connection[Any, Any]"
    spec: ShardSpec | None = None


class LocalPool:
    """Runs shards on this machine in `workers` processes."""

    name = "local"

    def __init__(self, workers: int) -> None:
        self.workers = workers

    @contextmanager
    def ready(self, function: ShardFunction, shards: int) -> Iterator[None]:  # noqa: ARG002 - all functions import the same
        """The process that workers come from starts, when the command has not started it ahead: meanwhile the caller plans."""
        forking.start_ahead()
        try:
            yield
        finally:
            forking.stop()

    def run(self, function: ShardFunction, specs: Sequence[ShardSpec]) -> Iterator[ShardResult]:
        """Each shard's result as it is done. A dead process is replaced and its shard tried again, MAX_ATTEMPTS times in all."""
        waiting, attempts = deque(specs), dict.fromkeys((spec.shard for spec in specs), 0)
        workers = [_start(function) for _ in range(min(self.workers, len(specs)))]
        try:
            yield from _map(function, workers, waiting, attempts)
        finally:
            _stop(workers)


def _map(function: ShardFunction, workers: list[_Worker], waiting: deque[ShardSpec], attempts: dict[int, int]) -> Iterator[ShardResult]:
    for worker in workers:
        _give(worker, waiting, attempts)
    while busy := _ready(workers):
        for worker in busy:
            spec, outcome = worker.spec, _receive(worker)
            if outcome is None:
                _check_attempts(spec, attempts, worker.process.exitcode)
                waiting.extendleft([spec] if spec else [])
                # A new process takes the dead one's place in the list, which is what gets stopped at the end.
                workers[workers.index(worker)] = _start(function)
            else:
                yield outcome
        for idle in workers:
            if idle.spec is None or idle in busy:
                _give(idle, waiting, attempts)


def _start(function: ShardFunction) -> _Worker:
    ours, theirs = forking.CONTEXT.Pipe()
    process = forking.CONTEXT.Process(target=_work, args=(function, theirs), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _give(worker: _Worker, waiting: deque[ShardSpec], attempts: dict[int, int]) -> None:
    worker.spec = waiting.popleft() if waiting else None
    if worker.spec is None:
        return
    attempts[worker.spec.shard] += 1
    try:
        worker.wire.send(worker.spec)
    except OSError:
        worker.process.join(STOP_SECONDS)  # it died before its work came; the receiving end notices and tries again


def _ready(workers: Sequence[_Worker]) -> list[_Worker]:
    """Those that have something to say, waiting for the first; none when nobody is at work."""
    busy = {worker.wire: worker for worker in workers if worker.spec}
    return [busy[wire] for wire in wires.wait(list(busy)) if isinstance(wire, Connection)] if busy else []


def _receive(worker: _Worker) -> ShardResult | None:
    """The result, or None when the process is gone; an error of the shard is raised with the shard's number."""
    try:
        outcome = worker.wire.recv()
    except (EOFError, OSError):
        worker.process.join(STOP_SECONDS)
        return None
    if isinstance(outcome, ShardResult):
        return outcome
    raise shard_failed(worker.spec.shard if worker.spec else -1, outcome)


def shard_failed(shard: int, error: BaseException | str) -> ShardFailed:
    """The error of a shard, with what to do about it."""
    hint = error.hint if isinstance(error, TradewindError) and error.hint else "the finished shards are kept: tradewind run"
    return ShardFailed(f"shard {shard} failed: {error}", hint=hint)


def _check_attempts(spec: ShardSpec | None, attempts: dict[int, int], exit_code: int | None) -> None:
    if spec and attempts[spec.shard] >= MAX_ATTEMPTS:
        raise ShardFailed(
            f"the process computing shard {spec.shard} died {MAX_ATTEMPTS} times (exit code {exit_code})",
            hint="usually memory ran out: set TRADEWIND_WORKERS=1 or a lower TRADEWIND_MEMORY_LIMIT_MB, then: tradewind run",
        )


def _stop(workers: Sequence[_Worker]) -> None:
    for worker in workers:
        worker.wire.close()
        if worker.spec:
            worker.process.terminate()
    for worker in workers:
        worker.process.join(STOP_SECONDS)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join(STOP_SECONDS)
        worker.process.close()


def _work(function: ShardFunction, wire: "Connection[Any, Any]") -> None:
    # Ctrl-C reaches the whole group; the parent decides what happens to its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    while True:
        try:
            spec = wire.recv()
        except EOFError:
            return
        try:
            outcome: object = function(spec)
        except TradewindError as error:
            outcome = error
        except Exception as error:  # noqa: BLE001 - whatever a shard raises must reach the parent as text
            outcome = f"{type(error).__name__}: {error}"
        wire.send(outcome)


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        wires.wait([parent.sentinel])
    os._exit(1)
