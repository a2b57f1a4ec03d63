"""A Ray cluster: the same shard function, placed on other machines. The workspace must be a folder that all of them share."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

# Nothing of a run leaves the cluster, and no service is started that the run does not need.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_DISABLE_IMPORT_WARNING", "1")

import ray
from ray.exceptions import RayError, RayTaskError

from tradewind.pipeline import MAX_ATTEMPTS, ShardFailed, ShardFunction, ShardResult, ShardSpec

# Shards waiting inside the cluster beyond its processors, so that a free one never waits for us.
QUEUED_AHEAD = 2
LOOK_SECONDS = 15
LOOKS_WITHOUT_PROCESSORS = 4


class RayPool:
    """Runs shards on the cluster that RAY_ADDRESS names; on a Ray of this machine alone when it names none."""

    name = "ray"

    def __init__(self, address: str | None = None) -> None:
        self.address = address or os.environ.get("RAY_ADDRESS")

    def ready(self, function: ShardFunction, shards: int) -> AbstractContextManager[None]:  # noqa: ARG002 - a cluster starts its own
        """Nothing: a cluster runs already."""
        return nullcontext()

    def run(self, function: ShardFunction, specs: Sequence[ShardSpec]) -> Iterator[ShardResult]:
        """Each shard's result as it is done. A shard whose node dies is placed anew, MAX_ATTEMPTS times in all."""
        started = not ray.is_initialized()
        if started:
            ray.init(address=self.address, include_dashboard=False, log_to_driver=False, configure_logging=False)
        try:
            yield from _map(ray.remote(max_retries=0, num_cpus=1)(function), specs)
        finally:
            if started:
                ray.shutdown()


def _map(remote: Any, specs: Sequence[ShardSpec]) -> Iterator[ShardResult]:
    waiting, attempts = deque(specs), dict.fromkeys((spec.shard for spec in specs), 0)
    running: dict[Any, ShardSpec] = {}
    room = int(ray.cluster_resources().get("CPU", 1)) + QUEUED_AHEAD
    try:
        while waiting or running:
            while waiting and len(running) < room:
                spec = waiting.popleft()
                attempts[spec.shard] += 1
                running[remote.remote(spec)] = spec
            reference = _next(list(running))
            spec = running.pop(reference)
            result = _result(reference, spec, attempts[spec.shard])
            if result is None:
                waiting.appendleft(spec)
            else:
                yield result
    finally:
        for left in running:
            ray.cancel(left, force=True)


def _next(running: Sequence[Any]) -> Any:
    """The next shard that ended. Ray waits for ever on a cluster that has lost its last processor; we do not."""
    without_processors = 0
    while True:
        done, _ = ray.wait(running, num_returns=1, timeout=LOOK_SECONDS)
        if done:
            return done[0]
        without_processors = 0 if ray.cluster_resources().get("CPU") else without_processors + 1
        if without_processors >= LOOKS_WITHOUT_PROCESSORS:
            raise ShardFailed(
                f"the Ray cluster has had no processor for {LOOK_SECONDS * without_processors} s; {len(running)} shards wait",
                hint="look at the cluster with: ray status; the finished shards are kept: tradewind run --on ray",
            )


def _result(reference: Any, spec: ShardSpec, attempt: int) -> ShardResult | None:
    """The shard's result; None when the node or process that computed it is gone and it may be tried again."""
    try:
        result: ShardResult = ray.get(reference)
    except RayTaskError as error:
        cause = error.cause
        raise ShardFailed(f"shard {spec.shard} failed: {cause}", hint="the finished shards are kept: tradewind run --on ray") from error
    except RayError as error:
        if attempt < MAX_ATTEMPTS:
            return None
        raise ShardFailed(
            f"the place computing shard {spec.shard} died {attempt} times: {type(error).__name__}",
            hint="look at the cluster with: ray status; the finished shards are kept: tradewind run --on ray",
        ) from error
    return result
