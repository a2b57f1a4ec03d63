"""Two thousand buyers race for fifty units over two server processes that are killed ten times: what is sold, and does everything tie?

Run: python -m bench.checkout_race [buyers] [units] [kills]
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bench.checkout_app import make_completing
from bench.checkout_stage import Article, stage
from bench.http_client import Wire
from tradewind import stock
from tradewind.adapters.payments import FakeBank
from tradewind.checkout import payment_changed, settle_waiting
from tradewind.db import Database, open_async_database, open_database
from tradewind.kit import system_clock
from tradewind.payments import reconcile
from tradewind.settings import Settings

BUYERS, UNITS, KILLS = 2_000, 50, 10
PROCESSES = 2
AT_ONCE = 32
HOLD_SECONDS, PAYMENT_SECONDS = 2, 1
TRIES = 300
START_SECONDS = 180
SETTLE_SECONDS = 240
WATCH_SECONDS = 0.002
PLACE = {"country": "US", "region": "NY", "postcode": "10001", "city": "New York", "lines": ["350 5th Ave"], "name": "Anna"}


@dataclass
class Servers:
    """Server processes that can be killed and started again."""

    environment: dict[str, str]
    ports: list[int]
    running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, port: int) -> None:
        """Starts the process of a port, without waiting for it."""
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "bench.checkout_app:create_app",
            "--factory",
            "--port",
            str(port),
            "--log-level",
            "warning",
        ]
        self.running[port] = subprocess.Popen(command, env={**os.environ, **self.environment}, stderr=subprocess.DEVNULL)

    def kill(self, port: int) -> None:
        """Kills the process of a port at once, whatever it is doing."""
        self.running[port].send_signal(signal.SIGKILL)
        self.running[port].wait()

    def stop(self) -> None:
        """Ends every process."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait()


@dataclass
class Outcome:
    """What the buyers heard, and what was true when one was refused."""

    sold: int = 0
    refused: int = 0
    refused_wrongly: int = 0
    open: int = 0
    retries: int = 0
    kills_in_sale: int = 0
    problems: list[str] = field(default_factory=list)


async def until_up(port: int) -> None:
    """Waits until the server of a port answers."""
    wire, end = Wire(port), time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            await wire.ask("GET", "/sessions/none")
        except ConnectionError:
            await asyncio.sleep(0.1)
        else:
            wire.close()
            return
    raise TimeoutError(f"no server on port {port}")


async def asked(wires: dict[int, Wire], number: int, method: str, path: str, body: Any, key: str, outcome: Outcome) -> tuple[int, Any]:
    """Asks until there is an answer, with one key: at another server when one is gone."""
    ports = list(wires)
    for attempt in range(TRIES):
        try:
            status, answer = await wires[ports[(number + attempt) % len(ports)]].ask(method, path, body, idempotency_key=key)
        except ConnectionError:
            status, answer = 0, None
        if status not in {0, 500, 503}:
            return status, answer
        outcome.retries += 1
        await asyncio.sleep(0.1 + min(attempt, 20) * 0.02)
    return 0, None


async def buy(number: int, wires: dict[int, Wire], outcome: Outcome, database: Database) -> None:
    """One buyer: a session, an address, the button; whoever is told "out of stock" is checked against what there was."""
    line = [{"offer_id": "S1", "quantity": 1}]
    status, session = await asked(wires, number, "POST", "/sessions", {"market": "us", "lines": line}, f"c{number}", outcome)
    if status != 201:
        outcome.problems.append(f"create {status} {session}")
        return
    path = f"/sessions/{session['session_id']}"
    chosen = {
        "lines": line,
        "buyer": {"email": f"b{number}@example.com"},
        "destination": {**PLACE, "lines": [f"{number} 5th Ave"]},
        "selected_option": "standard",
    }
    before, tries = _never_free(database), outcome.retries
    status, session = await asked(wires, number, "PUT", path, chosen, f"u{number}", outcome)
    if status == 200 and session["status"] == "ready_for_complete":
        before, tries = _never_free(database), outcome.retries
        paying = {"method": "card", "token": "tok_visa"}
        status, session = await asked(wires, number, "POST", f"{path}/complete", paying, f"p{number}", outcome)
    if status == 200 and session["status"] == "completed":
        outcome.sold += 1
    elif status == 200 and any(one["code"] == "out_of_stock" for one in session["messages"]):
        outcome.refused += 1
        # A hint, not a proof: units that were free before the request and after its answer may have been held in between.
        outcome.refused_wrongly += tries == outcome.retries and before > 0 and _never_free(database) > 0
    elif status == 200 and session["status"] == "complete_in_progress":
        outcome.open += 1
    else:
        outcome.problems.append(f"{status} {session and session.get('status', session)}")


def _never_free(database: Database) -> int:
    """The units that nobody holds at this moment, those of expired holds included."""
    with database.transaction() as tx:
        row = tx.execute(
            "SELECT available + coalesce((SELECT sum(quantity) FROM stock_reservation WHERE expires_at <= now()), 0) AS free"
            " FROM stock_level WHERE sku = 'S1'"
        ).fetchone()
    return int(row["free"]) if row else 0


async def race(servers: Servers, buyers: int, units: int, kills: int, database: Database) -> Outcome:
    """Every buyer once, with kills at random moments of the race."""
    outcome, chance, gate = Outcome(), random.Random("race"), asyncio.Semaphore(AT_ONCE)
    for port in servers.ports:
        servers.start(port)
    await asyncio.gather(*(until_up(port) for port in servers.ports))

    async def one(number: int) -> None:
        async with gate:
            wires = {port: Wire(port) for port in servers.ports}
            await buy(number, wires, outcome, database)
            for wire in wires.values():
                wire.close()

    async def killer() -> None:
        """Kills whatever is up, each time when another few units are sold: most kills fall into the sale itself."""
        up, ended = set(servers.ports), asyncio.ensure_future(work)
        for threshold in sorted(chance.choices(range(units), k=kills)):
            while (outcome.sold < threshold or not up) and not ended.done():  # noqa: ASYNC110 - two different things end the wait
                await asyncio.sleep(WATCH_SECONDS)
            if not up:
                await until_up(servers.ports[0])
                up.add(servers.ports[0])
            port = chance.choice(sorted(up))
            up.discard(port)
            outcome.kills_in_sale += outcome.sold < units
            servers.kill(port)
            servers.start(port)
            rising.append(asyncio.create_task(risen(port, up)))

    async def risen(port: int, up: set[int]) -> None:
        await until_up(port)
        up.add(port)

    rising: list[asyncio.Task[None]] = []
    work = asyncio.gather(*(one(number) for number in range(buyers)))
    hunt = asyncio.create_task(killer())
    await work
    await hunt
    await asyncio.gather(*rising)
    return outcome


async def settled(settings: Settings, database: Database) -> None:
    """What the worker does afterwards, until nothing waits: holds expire, payments find out their ends, sessions follow."""
    bank = FakeBank(settings.home / "fake-bank.sqlite3")
    async with open_async_database(settings) as opened:
        completing = make_completing(settings, opened, bank)
        end = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < end:
            with database.transaction() as tx:
                stock.expire(tx, at=system_clock())
                rows = tx.execute("SELECT id, args FROM db_outbox WHERE task = 'payments:changed' AND relayed_at IS NULL").fetchall()
                tx.execute("UPDATE db_outbox SET relayed_at = now() WHERE id = ANY(%s)", ([row["id"] for row in rows],))
            for row in rows:
                await payment_changed(completing, row["args"]["payment_id"])
            await reconcile(completing.payments)
            await settle_waiting(completing)
            with database.transaction() as tx:
                left = tx.execute(
                    "SELECT (SELECT count(*) FROM checkout_session WHERE status IN ('complete_in_progress', 'requires_escalation'))"
                    " + (SELECT count(*) FROM stock_reservation) + (SELECT count(*) FROM payments_payment"
                    " WHERE status IN ('begun', 'pending', 'unknown') OR (status = 'authorized' AND order_id IS NULL)) AS waiting"
                ).fetchone()
            if left and not left["waiting"]:
                break
            await asyncio.sleep(0.5)
    bank.close()


def proof(settings: Settings, database: Database) -> dict[str, int]:
    """What must tie: orders, units, ledger, money."""
    bank = FakeBank(settings.home / "fake-bank.sqlite3")
    charges = bank.charges()
    bank.close()
    with database.transaction() as tx:
        ordered = {row["payment_id"] for row in tx.execute("SELECT payment_id FROM orders_order WHERE status = 'open'")}
        units = tx.execute("SELECT coalesce(sum(total), 0)::bigint AS units FROM orders_line").fetchone()
        level = tx.execute("SELECT on_hand, reserved, allocated, available FROM stock_level WHERE sku = 'S1'").fetchone()
        mismatches = len(stock.prove(tx).mismatches)
    money = {charge.payment_id for charge in charges if charge.state in {"authorized", "captured"}}
    return {
        "orders": len(ordered),
        "units_ordered": units["units"] if units else 0,
        "allocated": level["allocated"] if level else -1,
        "reserved": level["reserved"] if level else -1,
        "available": level["available"] if level else -1,
        "ledger_mismatches": mismatches,
        "money_without_order": len(money - ordered),
        "orders_without_money": len(ordered - money),
    }


def report(buyers: int = BUYERS, units: int = UNITS, kills: int = KILLS) -> Iterator[tuple[str, dict[str, float]]]:
    """The race, its end, and whether all of it ties. Late buyers, who come when dead sessions have given their units back, come last."""
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        with open_database(Settings(home=home)) as database:
            stage(database, ("us",), (Article("S1", units=units),))
            environment = {
                "TRADEWIND_HOME": str(home),
                "TRADEWIND_DATABASE_URL": database.address(),
                "BENCH_HOLD_SECONDS": str(HOLD_SECONDS),
                "BENCH_PAYMENT_SECONDS": str(PAYMENT_SECONDS),
                "BENCH_RECONCILE": "1",
            }
            os.environ.update({name: environment[name] for name in ("BENCH_HOLD_SECONDS", "BENCH_PAYMENT_SECONDS")})
            servers, started = Servers(environment, [18_480 + number for number in range(PROCESSES)]), time.perf_counter()
            try:
                outcome = asyncio.run(race(servers, buyers, units, kills, database))
                asyncio.run(settled(Settings(home=home, database_url=SecretStr(database.address())), database))
                late = asyncio.run(_late(servers, database, buyers, units))
            finally:
                servers.stop()
            found = proof(Settings(home=home), database)
            took = time.perf_counter() - started
    figures = {f"race_{name}": float(value) for name, value in found.items()}
    figures |= {"race_refused_wrongly": float(outcome.refused_wrongly + late.refused_wrongly), "race_seconds": took}
    yield (
        (
            f"{buyers:,} buyers for {units} units, {PROCESSES} processes, {kills} kill -9 ({outcome.kills_in_sale} of them while units were left): {outcome.sold} sold in the race, {outcome.refused:,} refused"
            f" ({outcome.refused_wrongly} while units were free), {outcome.open} left open, {outcome.retries} retries; {late.sold} sold to late buyers;"
            f" in the end {found['orders']} orders of {found['units_ordered']} units (wanted {units}), {found['available']} available, {found['reserved']} reserved,"
            f" {found['ledger_mismatches']} mismatches of the ledger, {found['money_without_order']} times money without an order,"
            f" {found['orders_without_money']} orders without money; {took:.0f} s; problems: {outcome.problems[:3] or 'none'}"
        ),
        figures,
    )


async def _late(servers: Servers, database: Database, buyers: int, units: int) -> Outcome:
    """Buyers who come afterwards take what dead sessions gave back, and are refused when nothing is left."""
    outcome = Outcome()
    wires = {port: Wire(port) for port in servers.ports}
    for number in range(buyers, buyers + units):
        await buy(number, wires, outcome, database)
        if outcome.refused:
            break
    for wire in wires.values():
        wire.close()
    return outcome


if __name__ == "__main__":
    for line, _figures in report(*(int(text) for text in sys.argv[1:4])):
        print(line)
