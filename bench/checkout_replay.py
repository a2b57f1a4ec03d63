"""The statements of purchases, written down while they happen and played again by pgbench: what the database alone could do."""

import asyncio
import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import conninfo

from bench.checkout_app import make_completing
from tradewind.adapters.payments import FakeBank
from tradewind.checkout import Buyer, CreateSession, Destination, PaymentInstrument, UpdateSession, WantedLine
from tradewind.db import AsyncTransaction, open_async_database
from tradewind.db.programs import installed_programs
from tradewind.settings import Settings

SYNCS, SYNC_BYTES = 200, 8192
REPLAY_SECONDS = 120
BRACKETS = ("BEGIN", "COMMIT")


@dataclass
class Recorder:
    """Every statement that leaves for the server, with its values, and how often something left."""

    flows: list[list[str]] = field(default_factory=list)
    trips: int = 0
    texts: dict[int, str] = field(default_factory=dict)
    writer: Any = None

    def note(self, *statements: str) -> None:
        """One round trip of the flow at hand."""
        if self.flows:
            self.trips += 1
            self.flows[-1].extend(statements)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many statements a flow has, how many BEGIN or COMMIT stand around them, and in how many round trips all of them travel."""

    statements: int
    brackets: int
    trips: float


def captured(settings: Settings, flows: int, clients: int, folder: Path) -> tuple[Counted, list[Path]]:
    """Buys so many times on a copy of the database, in this process, and writes a script for each client."""
    assert settings.database_url is not None
    template = settings.database_url.get_secret_value()
    replay = conninfo.make_conninfo(template, dbname="bench_replay")
    with psycopg.connect(conninfo.make_conninfo(template, dbname="postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE bench_replay TEMPLATE bench_copy")
    with psycopg.connect(replay) as writing:
        recorder = Recorder(writer=psycopg.ClientCursor(writing))
        asked, exchange = AsyncTransaction._asked, AsyncTransaction._exchange  # noqa: SLF001 - everything that leaves goes this way

        def noted(self: Any, statement: str, values: Any) -> Any:
            one = asked(self, statement, values)
            recorder.texts[id(one)] = recorder.writer.mogrify(statement, values) if values else statement
            return one

        async def exchanged(self: Any, before: Any, statements: Any) -> Any:
            recorder.note(*(text.decode() for text in before), *(recorder.texts.pop(id(one)) for one in statements))
            return await exchange(self, before, statements)

        AsyncTransaction._asked = noted  # type: ignore[method-assign]  # noqa: SLF001
        AsyncTransaction._exchange = exchanged  # type: ignore[method-assign]  # noqa: SLF001
        try:
            asyncio.run(_buy(settings, flows, recorder))
        finally:
            AsyncTransaction._asked = asked  # type: ignore[method-assign]  # noqa: SLF001
            AsyncTransaction._exchange = exchange  # type: ignore[method-assign]  # noqa: SLF001
    scripts = [folder / f"client-{number}.sql" for number in range(clients)]
    for number, script in enumerate(scripts):
        own = [one for flow in recorder.flows[number::clients] for one in flow]
        script.write_text("".join(f"{' '.join(one.split())};\n" for one in own), encoding="utf-8")
    last = recorder.flows[-1]
    brackets = sum(one.strip().upper() in BRACKETS for one in last)
    return Counted(len(last) - brackets, brackets, recorder.trips / flows), scripts


async def _buy(settings: Settings, flows: int, recorder: Recorder) -> None:
    bank = FakeBank(settings.home / "capture-bank.sqlite3")
    async with open_async_database(settings) as database:
        completing = make_completing(settings, database, bank)
        for number in range(flows):
            recorder.flows.append([])
            lines = (WantedLine(f"S{1 + number % 400}", 1), WantedLine(f"S{1 + (number * 7 + 3) % 400}", 2))
            session = await completing.sessions.create(CreateSession("us", lines), f"c{number}")
            place = Destination("US", "NY", "10001", "New York", (f"{number} 5th Ave",), "Anna")
            wanted = UpdateSession(lines, Buyer(f"r{number}@example.com"), place, "standard")
            session = await completing.sessions.update(session.session_id, wanted, idempotency_key=f"u{number}")
            await completing.complete(session.session_id, PaymentInstrument("card", "tok_visa"), idempotency_key=f"p{number}")
    bank.close()


def replayed(address: str, scripts: Sequence[Path], flows: int, folder: Path) -> float:
    """Flows a second when pgbench plays the scripts at the same time, each once."""
    parts = conninfo.conninfo_to_dict(conninfo.make_conninfo(address, dbname="bench_replay"))
    pgbench = installed_programs() / "pgbench"
    environment = {**os.environ, "PGHOST": str(parts["host"]), "PGUSER": str(parts["user"]), "PGPORT": str(parts.get("port", "5432"))}
    command = [str(pgbench), "-n", "-c", "1", "-t", "1", "-f"]
    begun = time.perf_counter()
    players = [
        subprocess.Popen(
            [*command, str(script), "bench_replay"], env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        for script in scripts
    ]
    for player in players:
        _, said = player.communicate(timeout=REPLAY_SECONDS)
        if player.returncode:
            raise RuntimeError(said.decode()[-500:])
    return flows / (time.perf_counter() - begun)


def fdatasync_ms(folder: Path) -> float:
    """The median time that this disk takes to keep a written block."""
    took = []
    path = folder / "sync.bin"
    with path.open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            file.write(os.urandom(SYNC_BYTES))
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - begun) * 1000)
    path.unlink()
    return statistics.median(took)
