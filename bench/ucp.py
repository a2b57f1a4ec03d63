"""A purchase over the Universal Commerce Protocol: four signed requests to real windows over real HTTP, and what they cost.

Run: python -m bench.ucp [flows] [processes] [clients]
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.checkout import Flows, cpu_of, measure, postgres_cpu
from bench.checkout_bare import TABLES
from bench.checkout_stage import articles, stage
from bench.http_client import Wire
from tradewind.db import open_database
from tradewind.emulators.ucp_platform import PlatformStandIn, serve_platform
from tradewind.settings import Settings

FLOWS, PROCESSES, CLIENTS = 400, 2, 8
SESSIONS = 200
WARM_FLOWS, ARTICLES, UNITS = 60, 500, 1_000_000
CPU_LIMIT_MS, CPU_AIM_MS, FLOWS_LIMIT, FLOWS_AIM, P99_LIMIT_MS = 8, 5, 100, 200, 250
START_SECONDS = 180
FIRST_PORT = 18_620
PUBLIC_URL = f"http://127.0.0.1:{FIRST_PORT}"
PATH = "/ucp/2026-04-08/checkout-sessions"
MCP_PATH, MCP_SHARE = "/ucp/mcp", 1.3
PART = {"address_locality": "New York", "address_region": "NY", "postal_code": "10001", "address_country": "US"}


@dataclass(slots=True)
class Driver:
    """Clients of one platform, which sign what they send; signing is not the servers' cost and is not measured."""

    platform: PlatformStandIn
    ports: Sequence[int]
    signs: bool = True
    tools: bool = False
    token: str = "tok_visa"
    single: list[float] = field(default_factory=list)
    creates: list[float] = field(default_factory=list)
    updates: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    errors: int = 0

    async def drive(self, name: str, flows: int, clients: int) -> float:
        """So many purchases by so many clients; how long all took."""
        numbers = iter(range(flows))

        async def client(port: int) -> None:
            wire = Wire(port)
            for number in numbers:
                begun = time.perf_counter()
                is_right = await self._flow(wire, f"{name}-{number}", number)  # apart: what is added to would be read before the wait
                self.errors += not is_right
                self.whole.append(time.perf_counter() - begun)
            wire.close()

        begun = time.perf_counter()
        await asyncio.gather(*(client(self.ports[number % len(self.ports)]) for number in range(clients)))
        return time.perf_counter() - begun

    async def _flow(self, wire: Wire, name: str, number: int) -> bool:
        """Create, an address in part, the whole address with buyer and option, complete; whether every answer was the right one."""
        lines = [
            {"item": {"id": f"S{1 + number % ARTICLES}"}, "quantity": 1},
            {"item": {"id": f"S{1 + (number * 7 + 3) % ARTICLES}"}, "quantity": 2},
        ]
        status, found = await self._ask(wire, "POST", PATH, {"line_items": lines, "context": {"address_country": "US"}}, f"{name}-c")
        if status != 201:
            return False
        path = f"{PATH}/{found['id']}"
        begun = {"line_items": lines, "fulfillment": {"methods": [{"type": "shipping", "destinations": [PART]}]}}
        status, found = await self._ask(wire, "PUT", path, begun, f"{name}-u1")
        if status != 200:
            return False
        whole = {**PART, "street_address": f"{name} 5th Ave", "first_name": "Anna", "last_name": "Schmidt"}
        method = {"type": "shipping", "destinations": [whole], "groups": [{"id": "group_1", "selected_option_id": "standard"}]}
        buyer = {"email": f"{name}@example.com", "first_name": "Anna", "last_name": "Schmidt"}
        status, found = await self._ask(
            wire, "PUT", path, {"line_items": lines, "buyer": buyer, "fulfillment": {"methods": [method]}}, f"{name}-u2"
        )
        if status != 200 or found["status"] != "ready_for_complete":
            return False
        credential = {"type": "token", "token": self.token}
        instrument = {"id": "pi_1", "handler_id": "fake_pay", "type": "card", "selected": True, "credential": credential}
        status, found = await self._ask(wire, "POST", f"{path}/complete", {"payment": {"instruments": [instrument]}}, f"{name}-p")
        return status == 200 and found["status"] == "completed"

    async def _ask(self, wire: Wire, method: str, path: str, body: Mapping[str, Any], key: str) -> tuple[int, Any]:
        if self.tools:
            return await self._call(wire, method, path, body, key)
        return await self._send(wire, method, path, body, key)

    async def _call(self, wire: Wire, method: str, path: str, body: Mapping[str, Any], key: str) -> tuple[int, Any]:
        """The same as a call of a tool, answered with the status that REST has."""
        session, _, step = path.removeprefix(PATH).strip("/").partition("/")
        name = {"POST": "complete" if step else "create", "PUT": "update"}[method]
        meta = {"ucp-agent": {"profile": self.platform.profile_url}, "idempotency-key": key}
        arguments = {"meta": meta, "checkout": body} | ({"id": session} if session else {})
        params = {"name": f"{name}_checkout", "arguments": arguments}
        _, found = await self._send(wire, "POST", MCP_PATH, {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}, key)
        return (200 if session else 201), found["result"]["structuredContent"]

    async def _send(self, wire: Wire, method: str, path: str, body: Mapping[str, Any], key: str) -> tuple[int, Any]:
        headers = {"ucp-agent": self.platform.agent, "idempotency-key": key, "request-id": key}
        if self.signs:
            headers = self.platform.signed(method, PUBLIC_URL + path, json.dumps(body).encode(), idempotency_key=key)
            headers.pop("content-type", None)
        begun = time.perf_counter()
        found = await wire.ask(method, path, body, **{name.replace("-", "_"): value for name, value in headers.items()})
        self.single.append(time.perf_counter() - begun)
        if path == PATH:
            self.creates.append(self.single[-1])
        elif method == "PUT":
            self.updates.append(self.single[-1])
        return found

    def forget(self) -> None:
        """What was measured while warming up does not count."""
        self.errors = 0
        for one in (self.single, self.whole, self.creates, self.updates):
            one.clear()


def report(flows: int = FLOWS, processes: int = PROCESSES, clients: int = CLIENTS) -> Iterator[tuple[str, dict[str, float]]]:
    """The flow signed, unsigned, beside a bare skeleton, as calls of tools, with many sessions at once and a slow provider; one line each."""
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        with open_database(Settings(home=home)) as database:
            stage(database, ("us",), articles(ARTICLES, UNITS))
            with database.transaction() as tx:
                tx.execute(TABLES)
            address = database.address()
            environment = {
                "TRADEWIND_HOME": str(home),
                "TRADEWIND_DATABASE_URL": address,
                "TRADEWIND_PUBLIC_URL": PUBLIC_URL,
                "TRADEWIND_LOG_LEVEL": "WARNING",
            }
            ports = [FIRST_PORT + number for number in range(processes)]
            with serve_platform(PlatformStandIn()) as platform:
                signed = measured(Driver(platform, ports), environment, address, flows, clients)
                plain = measured(Driver(platform, ports, signs=False), environment, address, flows, clients)
                bare = measure("bench.checkout_bare:create_app", environment, address, flows, processes, clients)
                tools = measured(Driver(platform, ports, tools=True), environment, address, flows, clients)
                slow = Driver(platform, ports, token="tok_slow")
                held = measured(slow, environment, address, SESSIONS, SESSIONS)
    yield _told(signed, plain, bare, processes, clients)
    yield _told_tools(signed, tools)
    yield _told_slow(slow, held)


def measured(driver: Driver, environment: Mapping[str, str], address: str, flows: int, clients: int) -> Flows:
    """Starts the windows, warms them, drives the flows and ends the windows."""
    command = [sys.executable, "-m", "tradewind", "serve", "--port"]
    quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, **environment}}
    servers = [subprocess.Popen([*command, str(port)], **quiet) for port in driver.ports]  # type: ignore[call-overload]
    try:
        asyncio.run(_warm(driver))
        driver.forget()
        before = sum(cpu_of(one.pid) for one in servers), postgres_cpu(address)
        wall = asyncio.run(driver.drive(f"f{driver.token}{driver.signs}{driver.tools}", flows, clients))
        after = sum(cpu_of(one.pid) for one in servers), postgres_cpu(address)
    finally:
        for one in servers:
            one.terminate()
        for one in servers:
            one.wait()
    whole, single = sorted(driver.whole), sorted(driver.single)
    return Flows(
        flows,
        driver.errors,
        (after[0] - before[0]) / flows * 1000,
        (after[1] - before[1]) / flows * 1000,
        flows / wall,
        whole[len(whole) // 2] * 1000,
        whole[len(whole) * 99 // 100] * 1000,
        single[len(single) * 99 // 100] * 1000,
    )


async def _warm(driver: Driver) -> None:
    for port in driver.ports:
        await Wire(port).answers("/.well-known/ucp", START_SECONDS)
    token, driver.token = driver.token, "tok_visa"
    await driver.drive(f"w{token}{driver.signs}{driver.tools}", WARM_FLOWS, CLIENTS)
    driver.token = token


def _told_tools(signed: Flows, tools: Flows) -> tuple[str, dict[str, float]]:
    share = tools.server_ms / signed.server_ms
    line = (
        f"the same {tools.flows} purchases as calls of tools (MCP, signed): {tools.server_ms:.1f} ms CPU a flow, {share:.2f} of REST"
        f" (wanted <= {MCP_SHARE}), {tools.per_second:.0f} flows/s, request p99 {tools.request_p99_ms:.0f} ms, {tools.errors} errors"
    )
    return line, {"ucp_mcp_cpu_ms": tools.server_ms, "ucp_mcp_share": share, "ucp_mcp_errors": float(tools.errors)}


def _told(signed: Flows, plain: Flows, bare: Flows, processes: int, clients: int) -> tuple[str, dict[str, float]]:
    line = (
        f"{signed.flows} purchases over UCP (create, two updates, complete; signed by the platform, verified), {processes} windows, {clients} clients,"
        f" fsync on: {signed.server_ms:.1f} ms CPU a flow in the windows (wanted <= {CPU_LIMIT_MS}, aim {CPU_AIM_MS}),"
        f" {signed.database_ms:.1f} ms in PostgreSQL, {signed.per_second:.0f} flows/s (wanted >= {FLOWS_LIMIT}, aim {FLOWS_AIM}),"
        f" request p99 {signed.request_p99_ms:.0f} ms (wanted < {P99_LIMIT_MS}), flow p50 {signed.p50_ms:.0f} ms, p99 {signed.p99_ms:.0f} ms,"
        f" {signed.errors} errors;\n"
        f"   without signatures: {plain.server_ms:.1f} ms CPU, {plain.per_second:.0f} flows/s, request p99 {plain.request_p99_ms:.0f} ms, {plain.errors} errors;\n"
        f"   a bare FastAPI + psycopg skeleton, three unsigned requests with as many statements (14): {bare.server_ms:.1f} ms CPU + {bare.database_ms:.1f} in PostgreSQL;"
        f" UCP / bare = {signed.server_ms / bare.server_ms:.2f}"
    )
    figures = {
        "ucp_cpu_ms": signed.server_ms,
        "ucp_database_cpu_ms": signed.database_ms,
        "ucp_flows_per_second": signed.per_second,
        "ucp_p99_ms": signed.request_p99_ms,
        "ucp_errors": float(signed.errors),
        "ucp_unsigned_cpu_ms": plain.server_ms,
        "ucp_bare_cpu_ms": bare.server_ms,
    }
    return line, figures


def _told_slow(driver: Driver, held: Flows) -> tuple[str, dict[str, float]]:
    (first, late), (changed, changed_late) = _p50_p95(driver.creates), _p50_p95(driver.updates)
    line = (
        f"{SESSIONS} purchases at once with a provider that takes 3 s: create p50 {first:.2f} s, p95 {late:.2f} s (Google wants <= 1, <= 4);"
        f" update p50 {changed:.2f} s, p95 {changed_late:.2f} s (<= 1, <= 5); {held.per_second:.0f} flows/s, {held.errors} errors"
    )
    return line, {
        "ucp_slow_create_p50_s": first,
        "ucp_slow_create_p95_s": late,
        "ucp_slow_update_p95_s": changed_late,
        "ucp_slow_errors": float(held.errors),
    }


def _p50_p95(times: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(times)
    return (ordered[len(ordered) // 2], ordered[len(ordered) * 95 // 100]) if ordered else (0.0, 0.0)


if __name__ == "__main__":
    for told, _figures in report(*(int(text) for text in sys.argv[1:4])):
        print(told)
