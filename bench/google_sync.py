"""Planning what Google must hear of a market, and pushing it to the emulator: real ledger, official client, emulator in its own process.

Run: python -m bench.google_sync plan|push [listings] [changed]
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx

from bench.listings_check import _ROWS
from tradewind.adapters.google_merchant import GoogleAccounts, connect
from tradewind.db import Database, duck, open_database
from tradewind.kit import system_clock
from tradewind.listings.sync import Pusher, Result, Target, Urgency
from tradewind.listings.topology import parse_topology
from tradewind.pipeline.channel import Channel
from tradewind.pipeline.manifest import Workspace
from tradewind.settings import Settings

RUN = "run_bench"
SHARD = 50_000
TARGET = Target("us", "accounts/1001", "US", "en", "")
# What Google might allow: the push must stay below both without being refused once.
PER_MINUTE, PER_DAY = 180_000, 2_000_000
PLAN_LIMIT_SECONDS = 15
TOPOLOGY = (
    'advanced_account = 1000\n[[account]]\nnumber = 1001\nsite = "https://shop.example"\n[[account.feed]]\nmarket = "us"\nlanguage = "en"\n'
)
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the clock, and CPU seconds of this process and of the database server."""

    wall: float
    here: float
    server: float


def write(home: Path, listings: int, changed: int, generation: int) -> None:
    """The files of a published run in shards; the first `changed` of each hundred have another price and hash in each generation."""
    with duck.connect(threads=1, memory_limit_mb=512) as connection:
        for shard, start in enumerate(range(0, listings, SHARD)):
            folder = Workspace(home).shard(RUN, shard) / "us"
            folder.mkdir(parents=True, exist_ok=True)
            moved = f"CASE WHEN i % 100 < {changed * 100 // listings} THEN {generation} ELSE 0 END"
            rows = _ROWS.format(rows=f"{start}, {min(start + SHARD, listings)}")
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE made AS SELECT *, 'ok' AS verdict, sha256(offer_id || {moved}) AS content_hash,"
                f" 'en' AS language, price_minor + {moved} AS now_minor FROM (SELECT *, i FROM ({rows.replace('AS sold FROM', 'AS sold, i FROM')}))"
            )
            connection.execute(f"COPY (SELECT * EXCLUDE (i, now_minor, language) FROM made) TO '{folder / 'listings.parquet'}'")
            offers = "SELECT offer_id, now_minor AS price_minor, availability, language FROM made"
            connection.execute(f"COPY ({offers}) TO '{folder / 'offers.parquet'}'")


@contextmanager
def workspace(listings: int) -> Iterator[Channel]:
    """A published market of so many listings, all of which Google holds."""
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        with open_database(Settings(home=home)) as database:
            write(home, listings, 0, 0)
            with database.transaction() as tx:
                tx.execute(
                    "INSERT INTO offers_publication (market, run_id, published_at, offers_count) VALUES ('us', %s, now(), %s)",
                    (RUN, listings),
                )
            channel = Channel(database, home, system_clock)
            channel.plan(TARGET)
            with database.transaction(timeout_seconds=600) as tx:
                tx.execute(
                    "UPDATE listings_held SET held_hash = wanted_hash, held_price = wanted_price, held_available = wanted_available,"
                    " held_version = 1, held_at = now(), urgency = NULL"
                )
                tx.execute("ANALYZE listings_held")
            yield channel


def planned(channel: Channel, listings: int, changed: int) -> tuple[dict[Urgency, int], Cost]:
    """What waits after so many listings changed, and what finding it out cost."""
    write(channel.home, listings, changed, 7)
    return _cost(channel.database, lambda: channel.plan(TARGET))


def _cost(database: Database, work: Any) -> tuple[Any, Cost]:
    server, here, started = _server_cpu(database), time.process_time(), time.perf_counter()
    found = work()
    return found, Cost(time.perf_counter() - started, time.process_time() - here, _server_cpu(database) - server)


@contextmanager
def emulator() -> Iterator[tuple[str, str, int]]:
    """The emulator in its own process, in full mode: gRPC and REST address, and its process id."""
    command = [sys.executable, "-m", "tradewind", "google", "emulator", "--strict-updates"]
    limits = ["--per-minute", str(PER_MINUTE), "--per-day", str(PER_DAY)]
    with subprocess.Popen([*command, *limits], stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise RuntimeError("a pipe was asked for")
        grpc_address, rest_url = (process.stdout.readline().split()[1] for _ in range(2))
        try:
            yield grpc_address, rest_url, process.pid
        finally:
            process.terminate()


def pushed(channel: Channel, grpc_address: str) -> tuple[dict[Result, int], list[int]]:
    """Sends what waits; the results, and the megabytes of this process while it did."""
    memory: list[int] = []

    async def watch_memory() -> None:
        while True:
            memory.append(_resident_mb())
            await asyncio.sleep(0.5)

    async def work() -> dict[Result, int]:
        account = parse_topology(TOPOLOGY).accounts[0]
        async with grpc.aio.insecure_channel(grpc_address) as opened:
            accounts = GoogleAccounts(opened)
            for step in await accounts.differences(account):
                await step.apply()
            source = await accounts.source_of(account, account.feeds[0])
        watcher = asyncio.create_task(watch_memory())
        async with connect({"us": "USD"}, None, grpc_address) as port:
            pusher = Pusher(channel.database, port, channel.rows, system_clock, random.SystemRandom())
            report = await pusher.push(account.target(account.feeds[0], source or ""))
        watcher.cancel()
        return dict(report.results)

    return asyncio.run(work()), memory


def plan_lines(listings: int, changed: int) -> Iterator[tuple[str, dict[str, float]]]:
    """How long a full plan takes."""
    with workspace(listings) as channel:
        waiting, cost = planned(channel, listings, changed)
    told = ", ".join(f"{number:,} {reason.name.lower()}" for reason, number in waiting.items())
    line = (
        f"full plan of {listings:,} listings of which {changed:,} changed: {cost.wall:.1f} s (wanted <= {PLAN_LIMIT_SECONDS} for 1,000,000),"
        f" CPU {cost.here:.1f} s here and {cost.server:.1f} s in PostgreSQL; waiting: {told}"
    )
    yield line, {"google_plan_seconds": cost.wall, "google_plan_cpu": cost.here + cost.server}


def push_lines(listings: int, changed: int) -> Iterator[tuple[str, dict[str, float]]]:
    """How fast changed products are pushed, what it costs here, and whether memory stays flat and quotas whole."""
    with workspace(listings) as channel:
        write(channel.home, listings, changed, 7)
        channel.plan(TARGET)
        with emulator() as (grpc_address, rest_url, pid):
            before = _ticks(pid)
            (results, memory), cost = _cost(channel.database, lambda: pushed(channel, grpc_address))
            theirs, report = _ticks(pid) - before, httpx.get(f"{rest_url}/emulator/report", timeout=120).json()
    sent = results.get(Result.SUCCEEDED, 0)
    thirds = [max(memory[len(memory) * part // 3 : len(memory) * (part + 1) // 3] or [0]) for part in range(3)]
    line = (
        f"{sent:,} changed products of {listings:,} pushed in {cost.wall:.1f} s: {sent / cost.wall:,.0f} a second; client CPU"
        f" {cost.here / max(sent, 1) * 1e6:,.0f} us an insert (PostgreSQL {cost.server / max(sent, 1) * 1e6:,.0f}, emulator {theirs / max(sent, 1) * 1e6:,.0f});"
        f" memory by thirds {thirds[0]}, {thirds[1]}, {thirds[2]} MB; refused by quota {report['quota_refusals']},"
        f" breaches of the update policy {report['update_policy_violations']}, other results {json.dumps({k.value: v for k, v in results.items() if k is not Result.SUCCEEDED})}"
    )
    yield (
        line,
        {
            "google_push_rate": sent / cost.wall,
            "google_push_client_cpu_us": cost.here / max(sent, 1) * 1e6,
            "google_push_memory_mb": thirds[2],
            "google_push_memory_growth_mb": thirds[2] - thirds[0],
            "google_push_quota_refusals": report["quota_refusals"],
        },
    )


def _server_cpu(database: Database) -> float:
    """CPU seconds of this database's backends, those of the pool, which stay open during the measurement."""
    with database.transaction() as tx:
        pids = [row["pid"] for row in tx.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")]
    return sum(_ticks(pid) for pid in pids)


def _resident_mb() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * _PAGE // 2**20


def _ticks(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    which, *sizes = sys.argv[1:]
    given = [int(size) for size in sizes]
    made = plan_lines if which == "plan" else push_lines
    default = (1_000_000, 10_000) if which == "plan" else (1_000_000, 100_000)
    for told, _figures in made(*(given or default)):
        print(told)
