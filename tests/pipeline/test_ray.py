"""The same run on a Ray cluster of two nodes: equal outputs, also when a node is killed in the middle."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from run_builders import a_request, a_snapshot, fake_shard, runs_of, ten_products

from real_catalog import a_run as a_real_request
from real_catalog import import_rows, sample_rows, stock_and_rates
from tradewind import bootstrap
from tradewind.adapters.placement import LocalPool
from tradewind.db import Database, duck
from tradewind.pipeline import Placement
from tradewind.settings import Settings

ray = pytest.importorskip("ray")
pytestmark = [pytest.mark.slow, pytest.mark.ray, pytest.mark.filterwarnings("ignore")]
SHARDS = 12
HEAD_ATTEMPTS = 3
STORE_BYTES = 80 * 1024 * 1024


@pytest.fixture
def cluster() -> Iterator[object]:
    paths = os.pathsep.join(map(str, Path(__file__).parents[:2]))
    os.environ.update({"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "PYTHONPATH": paths})
    made = a_head()
    try:
        ray.init(address=made.address, log_to_driver=False)
        yield made
    finally:
        ray.shutdown()
        made.shutdown()


def a_head() -> Any:
    """A head node; Ray gives its control server half a minute to start, which a loaded machine may need twice."""
    from ray.cluster_utils import Cluster

    for attempt in range(HEAD_ATTEMPTS):
        try:
            return Cluster(
                initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False, "object_store_memory": STORE_BYTES}
            )
        except RuntimeError:
            if attempt == HEAD_ATTEMPTS - 1:
                raise
    return None


def a_node(cluster):
    return cluster.add_node(num_cpus=1, object_store_memory=STORE_BYTES)


@pytest.fixture
def cluster_of_two(cluster) -> None:
    """A cluster with two nodes to compute on."""
    for _ in range(2):
        a_node(cluster)
    cluster.wait_for_nodes()


def slow_shard(spec):
    time.sleep(0.5)
    return fake_shard(spec)


def rows(home: Path, run_id: str, market: str = "us") -> list[str]:
    """The sorted hashes of every row but for the run that computed it."""
    with duck.connect(threads=1, memory_limit_mb=256) as connection:
        found = connection.execute(
            "SELECT md5((COLUMNS(* EXCLUDE run_id))::VARCHAR) FROM read_parquet(?) ORDER BY ALL",
            [f"{home}/runs/{run_id}/shards/*/{market}/offers.parquet"],
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


def real_run(settings: Settings, database: Database, placement: Placement) -> tuple[list[str], list[bytes]]:
    """What the real run over the sample catalog leaves in a fresh home: the rows' hashes, and the feeds."""
    settings.home.mkdir()
    catalog = sample_rows(every=3)
    stock_and_rates(settings, database, catalog)
    assert import_rows(settings, catalog).shard_count > 1
    parts = {"planner": bootstrap.planner(settings), "shard_function": bootstrap.run_shard, "assemble": bootstrap.assemble_feeds(settings)}
    run = runs_of(settings, database, placement=placement, **parts).run(a_real_request("us", "de", publish=False))
    feeds = settings.home / "runs" / run.run_id / "feeds"
    return rows(settings.home, run.run_id, "*"), [path.read_bytes() for path in sorted(feeds.glob("*/products.*"))]


@pytest.mark.usefixtures("cluster_of_two")
def test_the_real_shards_are_the_same_on_ray_and_on_this_machine(workspace: Settings, database: Database, tmp_path: Path) -> None:
    from tradewind.adapters.placement.ray_pool import RayPool

    smaller = workspace.model_copy(update={"shard_rows": 100})
    here, there = (
        real_run(smaller.model_copy(update={"home": tmp_path / placement.name}), database, placement)
        for placement in (LocalPool(1), RayPool())
    )
    assert len(here[0]) > 200
    assert len(here[1]) == 4
    assert there == here
