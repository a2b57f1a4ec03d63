"""Locks by name that the server releases when their holder's connection ends, however it ends."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.rows import DictRow

from tradewind.db.database import Database, Transaction
from tradewind.db.errors import AnotherOneIsRunning
from tradewind.db.link import AsyncTransaction

_KEY = "hashtextextended(%s, 0)"
_IN_TRANSACTION = f"SELECT pg_advisory_xact_lock({_KEY})"


@contextmanager
def only_one(database: Database, name: str, *, hint: str = "wait until it has ended, then try again") -> Iterator[None]:
    """Work that one process at a time may do, such as `run`: AnotherOneIsRunning at once when somebody else does it."""
    with database.connection() as connection:
        row = connection.execute(f"SELECT pg_try_advisory_lock({_KEY}) AS taken", (name,)).fetchone()
        if row is None or not row["taken"]:
            raise AnotherOneIsRunning(f"another process holds the lock {name!r} of this database", hint=hint)
        yield


@contextmanager
def hold(connection: psycopg.Connection[DictRow], name: str) -> Iterator[None]:
    """Waits for the lock and holds it while the block runs; on a connection of one's own (`Database.connection`)."""
    connection.execute(f"SELECT pg_advisory_lock({_KEY})", (name,))
    try:
        yield
    finally:
        connection.execute(f"SELECT pg_advisory_unlock({_KEY})", (name,))


def lock(tx: Transaction, name: str) -> None:
    """Waits for the lock and holds it until the transaction ends. DatabaseIsBusy after the lock timeout."""
    tx.execute(_IN_TRANSACTION, (name,))


async def lock_async(tx: AsyncTransaction, name: str) -> None:
    """The same on an asynchronous transaction."""
    await tx.execute(_IN_TRANSACTION, (name,))
