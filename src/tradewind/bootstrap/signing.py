"""Composes the keys that sign this shop's messages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tradewind.settings import Settings

if TYPE_CHECKING:
    from tradewind.db import AsyncDatabase
    from tradewind.kit import Clock
    from tradewind.ucp.keys import Keyring


def make_keyring(settings: Settings, database: "AsyncDatabase", clock: "Clock") -> "Keyring":
    """The keys on an open database; `await load()` reads them, and makes the first where there is none."""
    from tradewind.db import load_sealer
    from tradewind.ucp.keys import Keyring

    return Keyring(database, load_sealer(settings, clock()), clock)


@asynccontextmanager
async def open_keyring(settings: Settings, clock: "Clock") -> AsyncIterator["Keyring"]:
    """The keys with a database of their own, for jobs and commands."""
    from tradewind.db import open_async_database

    async with open_async_database(settings, connections=1) as database:
        yield make_keyring(settings, database, clock)
