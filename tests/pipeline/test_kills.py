"""Runs that are killed with -9: no market is ever half published, and the next run goes on where the last one stopped."""

import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest
from pydantic import SecretStr
from run_builders import (
    a_request,
    a_snapshot,
    always_dying_shard,
    dying_shard,
    failing_shard,
    fake_shard,
    runs_of,
    slow_shard,
    ten_products,
)

from tradewind.adapters.placement import LocalPool
from tradewind.db import Database, open_database
from tradewind.pipeline import RunStopped, ShardFailed, reading
from tradewind.settings import Settings

pytestmark = pytest.mark.slow

SPAWN = multiprocessing.get_context("spawn")


def run_in_child(home: Path, address: str, kill_at: str | None, shard_function, workers: int) -> None:
    def checkpoint(name: str) -> None:
        if name == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    settings = Settings(home=home, database_url=SecretStr(address))
    placement = {"placement": LocalPool(workers)} if workers else {}
    with open_database(settings) as database:
        runs_of(settings, database, checkpoint=checkpoint, shard_function=shard_function, **placement).run(a_request())


def a_child(settings: Settings, kill_at: str | None = None, shard_function=fake_shard, workers: int = 0):
    address = settings.database_url.get_secret_value()
    child = SPAWN.Process(target=run_in_child, args=(settings.home, address, kill_at, shard_function, workers))
    child.start()
    return child


def shown(settings: Settings, database: Database) -> tuple[set[int], str, str]:
    """What shoppers see: the prices, the published run, and the feed."""
    with database.transaction() as tx:
        prices = {row["price_minor"] for row in tx.execute("SELECT price_minor FROM offers_offer").fetchall()}
        run_id = tx.execute("SELECT run_id FROM offers_publication").fetchone()["run_id"]
    return prices, run_id, (settings.home / "feeds" / "us" / "products.tsv").read_text()


@pytest.mark.parametrize(("point", "committed"), [("compared", False), ("copied", False), ("committed", True), ("linked", True)])
def test_a_kill_while_publishing_leaves_all_or_nothing(workspace: Settings, database: Database, point: str, committed: bool) -> None:
    a_snapshot(workspace.home, ten_products(1000))
    runs = runs_of(workspace, database)
    first = runs.run(a_request())
    a_snapshot(workspace.home, ten_products(1010), name="snap_b")
    child = a_child(workspace, kill_at=point)
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    assert shown(workspace, database)[0] == ({2020} if committed else {2000})
    runs.publisher.repair()
    prices, run_id, feed = shown(workspace, database)
    assert (prices == {2020}, run_id != first.run_id, "1010" in feed) == (committed,) * 3
    assert runs.run(a_request()).market("us").state == "published"
    assert (shown(workspace, database)[0], "1010" in shown(workspace, database)[2]) == ({2020}, True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_run_killed_at_any_moment_ends_like_one_that_was_not(workspace: Settings, database: Database, seed: int, tmp_path: Path) -> None:
    a_snapshot(workspace.home, ten_products(), shards=6)
    for attempt in range(2):
        child = a_child(workspace, shard_function=slow_shard, workers=2)
        time.sleep(random.Random(seed * 10 + attempt).uniform(1.5, 4.0))
        child.kill()
        child.join(30)
    run = runs_of(workspace, database).run(a_request())
    whole = workspace.model_copy(update={"home": tmp_path / "whole"})
    a_snapshot(whole.home, ten_products(), shards=6)
    reference = runs_of(whole, database).run(a_request(publish=False))
    feeds = [home / "runs" / one.run_id / "feeds/us/products.tsv" for home, one in ((workspace.home, run), (whole.home, reference))]
    assert feeds[0].read_bytes() == feeds[1].read_bytes()
    assert len(reading.runs(workspace.home)) <= 2


@pytest.mark.slow
def test_workers_end_when_their_run_is_killed(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products(), shards=6)
    child = a_child(workspace, shard_function=slow_shard, workers=2)
    deadline = time.monotonic() + 30
    while not (workers := children_of(child.pid)) and time.monotonic() < deadline:
        time.sleep(0.1)
    child.kill()
    child.join(30)
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert workers
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]


def children_of(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(text) for text in found.read_text().split()] if found.exists() else []


def test_a_dead_worker_is_replaced_and_its_shard_done_again(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products(), shards=3)
    run = runs_of(workspace, database, placement=LocalPool(2), shard_function=dying_shard).run(a_request())
    assert (run.market("us").state, run.market("us").chosen) == ("published", 10)


@pytest.mark.slow
def test_a_shard_that_always_kills_its_worker_is_named(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products(), shards=2)
    with pytest.raises(ShardFailed, match="shard 1 died 3 times"):
        runs_of(workspace, database, placement=LocalPool(1), shard_function=always_dying_shard).run(a_request())


def test_a_shard_that_raises_is_named(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products(), shards=2)
    with pytest.raises(ShardFailed, match="shard 1 failed: ValueError: the sums differ"):
        runs_of(workspace, database, placement=LocalPool(1), shard_function=failing_shard).run(a_request())


def terminating_shard(spec):
    """The run's own process is asked to end in the middle."""
    if spec.shard == 1:
        os.kill(os.getpid(), signal.SIGTERM)
    return fake_shard(spec)


def test_a_polite_stop_keeps_what_is_done_and_says_how_to_go_on(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products(), shards=3)
    with pytest.raises(RunStopped) as stopped:
        runs_of(workspace, database, shard_function=terminating_shard).run(a_request())
    assert "tradewind run" in stopped.value.hint
    said: list[str] = []
    runs_of(workspace, database, say=said.append).run(a_request())
    assert "1 of 3 shards are done" in said[0]
