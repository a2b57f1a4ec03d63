"""The same run on a Ray cluster of two nodes: equal outputs, also when a node is killed in the middle."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest
from run_builders import a_request, a_snapshot, fake_shard, runs_of, ten_products

from tradewind.adapters.placement import LocalPool
from tradewind.db import Database, duck
from tradewind.settings import Settings

ray = pytest.importorskip("ray")
pytestmark = [pytest.mark.slow, pytest.mark.ray, pytest.mark.filterwarnings("ignore")]
SHARDS = 12
STORE_BYTES = 80 * 1024 * 1024


@pytest.fixture
def cluster() -> Iterator[object]:
    os.environ.update({"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "PYTHONPATH": str(Path(__file__).parent)})
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False, "object_store_memory": STORE_BYTES})
    try:
        ray.init(address=made.address, log_to_driver=False)
        yield made
    finally:
        ray.shutdown()
        made.shutdown()


def a_node(cluster):
    return cluster.add_node(num_cpus=1, object_store_memory=STORE_BYTES)


def slow_shard(spec):
    time.sleep(0.5)
    return fake_shard(spec)


def rows(home: Path, run_id: str) -> list[str]:
    """The sorted hashes of every row but for the run that computed it."""
    with duck.connect(threads=1, memory_limit_mb=256) as connection:
        found = connection.execute(
            "SELECT md5((COLUMNS(* EXCLUDE run_id))::VARCHAR) FROM read_parquet(?) ORDER BY ALL",
            [f"{home}/runs/{run_id}/shards/*/us/offers.parquet"],
        ).fetchall()
    return sorted(map(str, found))


def alive_nodes_settle_at(count: int, seconds: int = 60) -> bool:
    """The cluster notices a killed node by missed heartbeats, which takes some seconds."""
    deadline = time.monotonic() + seconds
    while sum(node["Alive"] for node in ray.nodes()) != count and time.monotonic() < deadline:
        time.sleep(0.2)
    return sum(node["Alive"] for node in ray.nodes()) == count


def test_ray_and_the_local_pool_make_the_same_and_a_killed_node_changes_nothing(
    workspace: Settings, database: Database, cluster, tmp_path: Path
) -> None:
    from tradewind.adapters.placement.ray_pool import RayPool

    nodes = [a_node(cluster), a_node(cluster)]
    cluster.wait_for_nodes()
    outputs = []
    for number, placement in enumerate((LocalPool(1), RayPool())):
        settings = workspace.model_copy(update={"home": tmp_path / f"home{number}"})
        a_snapshot(settings.home, ten_products(), shards=SHARDS)
        killer = Timer(2.0, lambda: cluster.remove_node(nodes[1], allow_graceful=False))
        if placement.name == "ray":
            killer.start()
        function = slow_shard if placement.name == "ray" else fake_shard
        run = runs_of(settings, database, placement=placement, shard_function=function).run(a_request(publish=False))
        killer.cancel()
        outputs.append((rows(settings.home, run.run_id), (settings.home / "runs" / run.run_id / "feeds/us/products.tsv").read_bytes()))
    assert len(outputs[0][0]) == len(ten_products())
    assert outputs[0] == outputs[1]
    assert alive_nodes_settle_at(2)
