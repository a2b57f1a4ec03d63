"""A purchase in three requests over real HTTP: its processor time, its statements, its waits; beside a bare skeleton and the database alone.

Run: python -m bench.checkout [flows] [processes] [clients]
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import conninfo
from pydantic import SecretStr

from bench.checkout_bare import TABLES
from bench.checkout_replay import captured, fdatasync_ms, replayed
from bench.checkout_stage import articles, stage
from bench.http_client import Wire
from tradewind.db import open_database
from tradewind.settings import Settings

FLOWS, PROCESSES, CLIENTS = 600, 2, 8
WARM_FLOWS = 60
ARTICLES, UNITS = 500, 1_000_000
CPU_LIMIT_MS, CPU_AIM_MS, STATEMENTS_LIMIT, P99_LIMIT_MS = 6, 3.5, 14, 150
START_SECONDS = 180
FIRST_PORT = 18_580
PLACE = {"country": "US", "region": "NY", "postcode": "10001", "city": "New York", "lines": ["350 5th Ave"], "name": "Anna"}
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Flows:
    """What so many purchases cost: processor milliseconds a flow in the servers and in PostgreSQL, and how long each took."""

    flows: int
    errors: int
    server_ms: float
    database_ms: float
    per_second: float
    p50_ms: float
    p99_ms: float
    request_p99_ms: float


def cpu_of(pid: int) -> float:
    """Processor seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def postgres_cpu(address: str) -> float:
    """Processor seconds of the whole database server: those who live, and those who have ended."""
    with psycopg.connect(address) as connection:
        row = connection.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'").fetchone()
    parent = int(Path(f"/proc/{row[0] if row else 0}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[1])
    fields = Path(f"/proc/{parent}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    total = sum(int(field) for field in fields[11:15]) / TICK
    for child in Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="utf-8").split():
        with suppress(FileNotFoundError, ProcessLookupError):  # it ended between the list and the look
            total += cpu_of(int(child))
    return total


async def flow(wire: Wire, name: str, number: int, took: list[float]) -> bool:
    """One purchase of two lines; whether every answer was the right one."""
    lines = [{"offer_id": f"S{1 + number % ARTICLES}", "quantity": 1}, {"offer_id": f"S{1 + (number * 7 + 3) % ARTICLES}", "quantity": 2}]
    key = f"{name}-{number}"
    begun = time.perf_counter()
    status, session = await wire.ask("POST", "/sessions", {"market": "us", "lines": lines}, idempotency_key=f"{key}-c")
    took.append(time.perf_counter() - begun)
    if status != 201:
        return False
    path = f"/sessions/{session['session_id']}"
    place = {**PLACE, "lines": [f"{key} 5th Ave"]}
    chosen = {"lines": lines, "buyer": {"email": f"{number}@example.com"}, "destination": place, "selected_option": "standard"}
    begun = time.perf_counter()
    status, session = await wire.ask("PUT", path, chosen, idempotency_key=f"{key}-u")
    took.append(time.perf_counter() - begun)
    if status != 200 or session["status"] != "ready_for_complete":
        return False
    begun = time.perf_counter()
    status, session = await wire.ask("POST", f"{path}/complete", {"method": "card", "token": "tok_visa"}, idempotency_key=f"{key}-p")
    took.append(time.perf_counter() - begun)
    return status == 200 and session["status"] == "completed"


async def drive(ports: Sequence[int], name: str, flows: int, clients: int) -> tuple[list[float], list[float], int, float]:
    """Seconds of every flow and of every request, the errors, and how long all took."""
    numbers, whole, single, errors = iter(range(flows)), list[float](), list[float](), 0

    async def client(port: int) -> None:
        nonlocal errors
        wire = Wire(port)
        for number in numbers:
            begun = time.perf_counter()
            is_right = await flow(wire, name, number, single)  # apart: what is added to would be read before the wait
            errors += not is_right
            whole.append(time.perf_counter() - begun)
        wire.close()

    begun = time.perf_counter()
    await asyncio.gather(*(client(ports[number % len(ports)]) for number in range(clients)))
    return whole, single, errors, time.perf_counter() - begun


def measure(application: str, environment: dict[str, str], address: str, flows: int, processes: int, clients: int) -> Flows:
    """Starts the servers, warms them, drives the flows and ends the servers."""
    ports = [FIRST_PORT + number for number in range(processes)]
    command = [sys.executable, "-m", "uvicorn", application, "--factory", "--log-level", "warning", "--no-access-log", "--port"]
    servers = [subprocess.Popen([*command, str(port)], env={**os.environ, **environment}) for port in ports]
    try:
        asyncio.run(_warm(ports, application))
        before = sum(cpu_of(one.pid) for one in servers), postgres_cpu(address)
        whole, single, errors, wall = asyncio.run(drive(ports, f"{application[6:20]}f", flows, clients))
        after = sum(cpu_of(one.pid) for one in servers), postgres_cpu(address)
    finally:
        for one in servers:
            one.terminate()
        for one in servers:
            one.wait()
    whole.sort()
    single.sort()
    return Flows(
        flows,
        errors,
        (after[0] - before[0]) / flows * 1000,
        (after[1] - before[1]) / flows * 1000,
        flows / wall,
        whole[len(whole) // 2] * 1000,
        whole[len(whole) * 99 // 100] * 1000,
        single[len(single) * 99 // 100] * 1000,
    )


async def _warm(ports: Sequence[int], application: str) -> None:
    for port in ports:
        await Wire(port).answers("/sessions/none", START_SECONDS)
    await drive(ports, f"{application[6:20]}w", WARM_FLOWS, CLIENTS)


def report(flows: int = FLOWS, processes: int = PROCESSES, clients: int = CLIENTS) -> Iterator[tuple[str, dict[str, float]]]:
    """The core, then the bare skeleton, then the same statements without Python, then the disk; one line each."""
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        with open_database(Settings(home=home)) as database:
            stage(database, ("us",), articles(ARTICLES, UNITS))
            with database.transaction() as tx:
                tx.execute(TABLES)
            address = database.address()
            with psycopg.connect(conninfo.make_conninfo(address, dbname="postgres"), autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'tradewind' AND pid <> pg_backend_pid()"
                )
                connection.execute("CREATE DATABASE bench_copy TEMPLATE tradewind")
            environment = {"TRADEWIND_HOME": str(home), "TRADEWIND_DATABASE_URL": address}
            core = measure("bench.checkout_app:create_app", environment, address, flows, processes, clients)
            bare = measure("bench.checkout_bare:create_app", environment, address, flows, processes, clients)
            copy = conninfo.make_conninfo(address, dbname="bench_copy")
            settings = Settings(home=home, database_url=SecretStr(copy))
            count, scripts = captured(settings, flows // 4, clients, Path(folder))
            alone = replayed(address, scripts, flows // 4, Path(folder))
            synced = fdatasync_ms(home)
    yield _told(core, bare, count, alone, synced, processes, clients)


def _told(core: Flows, bare: Flows, count: Any, alone: float, synced: float, processes: int, clients: int) -> tuple[str, dict[str, float]]:
    line = (
        f"{core.flows} purchases (create, address and option, complete; 2 lines), {processes} processes, {clients} clients, fsync on:"
        f" {core.server_ms:.1f} ms CPU a flow in the application (wanted <= {CPU_LIMIT_MS}, aim {CPU_AIM_MS}), {core.database_ms:.1f} ms in PostgreSQL,"
        f" {count.statements} statements (wanted <= {STATEMENTS_LIMIT}) and {count.brackets} BEGIN or COMMIT in {count.trips:.0f} round trips, flow p50 {core.p50_ms:.0f} ms, p99 {core.p99_ms:.0f} ms,"
        f" request p99 {core.request_p99_ms:.0f} ms (wanted < {P99_LIMIT_MS}), {core.per_second:.0f} flows/s, {core.errors} errors;\n"
        f"   bare FastAPI + psycopg with as many statements: {bare.server_ms:.1f} ms CPU + {bare.database_ms:.1f} in PostgreSQL, request p99 {bare.request_p99_ms:.0f} ms,"
        f" {bare.per_second:.0f} flows/s, {bare.errors} errors; core / bare = {core.server_ms / bare.server_ms:.2f};\n"
        f"   the same statements by pgbench, simple protocol, {clients} clients: {alone:.0f} flows/s; core / pgbench = {core.per_second / alone:.2f};"
        f" fdatasync of 8 kB {synced:.2f} ms (median of 200)"
    )
    figures = {
        "checkout_cpu_ms": core.server_ms,
        "checkout_database_cpu_ms": core.database_ms,
        "checkout_statements": float(count.statements),
        "checkout_round_trips": count.trips,
        "checkout_p99_ms": core.request_p99_ms,
        "checkout_flows_per_second": core.per_second,
        "checkout_errors": float(core.errors),
        "checkout_bare_cpu_ms": bare.server_ms,
        "checkout_pgbench_flows_per_second": alone,
        "checkout_fdatasync_ms": synced,
    }
    return line, figures


if __name__ == "__main__":
    for told, _figures in report(*(int(text) for text in sys.argv[1:4])):
        print(told)
