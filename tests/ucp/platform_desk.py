"""A platform that calls operations directly, without a carrier: what it sends, and what it is answered."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tradewind.bootstrap.selling import close_till, make_till
from tradewind.bootstrap.ucp import make_counter
from tradewind.db import open_async_database
from tradewind.kit import new_id
from tradewind.settings import Settings
from tradewind.ucp import OPERATIONS, Answer, Call, Counter, Operation, PlatformProfile, negotiate
from tradewind.ucp.capabilities import served
from tradewind.ucp.model import V2026_04_08, Declared

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLATFORM = "https://agent.example/.well-known/ucp"


def a_profile(url: str = PLATFORM, without: str = "") -> PlatformProfile:
    """A platform that can do everything that is served, but for one capability."""
    names = [one.name for one in served(V2026_04_08) if one.name != without]
    return PlatformProfile(url, V2026_04_08, {name: (Declared(V2026_04_08),) for name in names})


@dataclass
class Hands:
    """A clock whose hands a test moves."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class PlatformDesk:
    """Where a platform calls; each answer is its status and its JSON."""

    runner: asyncio.Runner
    counter: Counter
    clock: Hands
    profile: PlatformProfile = field(default_factory=a_profile)

    def call(
        self, operation: Operation, body: Any = None, resource_id: str = "", *, key: str = "", platform: PlatformProfile | None = None
    ) -> Answer:
        """The answer as it would be sent."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        negotiated = negotiate(platform or self.profile)
        asked = Call(operation, resource_id, raw, key or new_id("key"), negotiated, self.clock())
        return self.runner.run(OPERATIONS[operation](asked, self.counter))

    def ask(self, operation: Operation, body: Any = None, resource_id: str = "", **more: Any) -> dict[str, Any]:
        """The JSON of the answer."""
        found: dict[str, Any] = json.loads(self.call(operation, body, resource_id, **more).body)
        return found


@contextmanager
def open_desk(settings: Settings, change: Callable[[Counter], Counter] = lambda counter: counter) -> Iterator[PlatformDesk]:
    """A desk over a workspace, composed as the window composes it, with a clock of its own."""
    clock = Hands()
    with asyncio.Runner() as runner:
        connected = open_async_database(settings)
        database = runner.run(connected.__aenter__())
        till = make_till(settings, database, clock)
        try:
            yield PlatformDesk(runner, change(make_counter(settings, database, till, clock)), clock)
        finally:
            close_till(till)
            runner.run(connected.__aexit__(None, None, None))
