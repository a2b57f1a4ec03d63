"""A Ray cluster: the same shard function, placed on other machines. The workspace must be a folder that all of them share."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

# Nothing of a run leaves the cluster, and no service is started that the run does not need.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_DISABLE_IMPORT_WARNING", "1")

import ray
from ray.exceptions import RayError, RayTaskError

from tradewind.pipeline import MAX_ATTEMPTS, ShardFailed, ShardFunction, ShardResult, ShardSpec

# Shards waiting inside the cluster beyond its processors, so that a free one never waits for us.
QUEUED_AHEAD = 2


class RayPool:
    """Runs shards on the cluster that RAY_ADDRESS names; on a Ray of this machine alone when it names none."""

    name = "ray"

    def __init__(self, address: str | None = None) -> None:
        self.address = address or os.environ.get("RAY_ADDRESS")

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
            done, _ = ray.wait(list(running), num_returns=1)
            spec = running.pop(done[0])
            result = _result(done[0], spec, attempts[spec.shard])
            if result is None:
                waiting.appendleft(spec)
            else:
                yield result
    finally:
        for left in running:
            ray.cancel(left, force=True)


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
