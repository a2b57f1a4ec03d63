"""From settings to an open database: the embedded server when no URL is set, migrated; the given one otherwise, checked."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from tradewind.db.database import CONNECTIONS, AsyncDatabase, Database, connect
from tradewind.db.embedded import DATABASE, EmbeddedServer, running_server
from tradewind.db.migrate import require_level, upgrade
from tradewind.db.sealing import Keys, Sealer, load_sealer
from tradewind.kit import system_clock
from tradewind.settings import Settings


@contextmanager
def open_address(settings: Settings) -> Iterator[Callable[[], str]]:
    """A function that gives the address of the database, started when it is embedded; nothing is migrated or checked."""
    if settings.database_url is not None:
        address = settings.database_url.get_secret_value()
        yield lambda: address
        return
    with running_server(settings.home) as server:
        server.ensure_database(DATABASE)
        yield lambda: _embedded_address(server)


@contextmanager
def open_database(settings: Settings, *, connections: int = CONNECTIONS) -> Iterator[Database]:
    """The database of this workspace, ready for use. The embedded server is migrated; elsewhere MigrationLevelIsTooOld may be raised."""
    with open_address(settings) as address:
        _prepare(settings, address())
        database = Database(address, connections=connections, keys=_keys(settings))
        database.open()
        try:
            yield database
        finally:
            database.close()


@asynccontextmanager
async def open_async_database(settings: Settings, *, connections: int = CONNECTIONS) -> AsyncIterator[AsyncDatabase]:
    """The same for the web: starting and migrating happen in a thread."""
    opened = open_address(settings)
    address = await asyncio.to_thread(opened.__enter__)

    async def current() -> str:
        return await asyncio.to_thread(address)

    try:
        await asyncio.to_thread(_prepare, settings, address())
        database = AsyncDatabase(current, connections=connections, keys=_keys(settings))
        await database.open()
        try:
            yield database
        finally:
            await database.close()
    finally:
        await asyncio.to_thread(opened.__exit__, None, None, None)


def _keys(settings: Settings) -> Keys:
    """The keys that seal personal data here, read when something is first sealed or opened."""
    held: list[Sealer] = []

    def keys() -> Sealer:
        if not held:
            held.append(load_sealer(settings, system_clock()))
        return held[0]

    return keys


def _prepare(settings: Settings, address: str) -> None:
    if settings.database_url is None:
        upgrade(address)
        return
    with connect(address) as connection:
        require_level(connection)


def _embedded_address(server: EmbeddedServer) -> str:
    server.ensure_running()
    return server.address(DATABASE)
