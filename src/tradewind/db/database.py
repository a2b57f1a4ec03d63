"""Connections and the unit of work: `with database.transaction() as tx` commits when the block ends, and rolls back when it raises."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeAlias
from weakref import WeakKeyDictionary

import psycopg
from psycopg import conninfo as conninfo_module
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, ConnectionPool, PoolTimeout

from tradewind.db.errors import DatabaseIsBusy, DatabaseIsUnreachable

Transaction: TypeAlias = psycopg.Connection[DictRow]
AsyncTransaction: TypeAlias = psycopg.AsyncConnection[DictRow]

CONNECT_SECONDS = 10
STATEMENT_SECONDS = 30
LOCK_SECONDS = 5
IDLE_IN_TRANSACTION_SECONDS = 60
CONNECTIONS = 8
RESTED_SECONDS = 1

_LIMITS = (
    "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false),"
    " set_config('idle_in_transaction_session_timeout', %s, false), set_config('TimeZone', 'UTC', false)"
)
_LIMIT_VALUES = tuple(f"{seconds}s" for seconds in (STATEMENT_SECONDS, LOCK_SECONDS, IDLE_IN_TRANSACTION_SECONDS))
_LOCAL_STATEMENT_TIMEOUT = "SELECT set_config('statement_timeout', %s, true)"


class Database:
    """A pool of connections. `address` is asked again for every new connection, so a server that was restarted is found."""

    def __init__(self, address: Callable[[], str], *, connections: int = CONNECTIONS) -> None:
        self.address = address
        self._pool: ConnectionPool[Transaction] = ConnectionPool(
            address,
            connection_class=psycopg.Connection[DictRow],
            kwargs={"row_factory": dict_row, "connect_timeout": CONNECT_SECONDS, "application_name": "tradewind"},
            min_size=0,
            max_size=connections,
            timeout=CONNECT_SECONDS,
            configure=_limit,
            check=ConnectionPool.check_connection,
            num_workers=1,
            open=False,
        )

    def open(self) -> None:
        """Starts the pool; no connection is made yet."""
        self._pool.open()

    def close(self) -> None:
        """Closes every connection."""
        self._pool.close()

    @contextmanager
    def transaction(self, *, timeout_seconds: int = STATEMENT_SECONDS) -> Iterator[Transaction]:
        """One transaction whose statements may take `timeout_seconds` each. DatabaseIsUnreachable, DatabaseIsBusy."""
        with _clear_errors(self.address), self._pool.connection() as connection, connection.transaction():
            if timeout_seconds != STATEMENT_SECONDS:
                connection.execute(_LOCAL_STATEMENT_TIMEOUT, (f"{timeout_seconds}s",))
            yield connection

    @contextmanager
    def connection(self) -> Iterator[Transaction]:
        """A connection of one's own outside the pool, each statement its own transaction, without a time limit: for locks and migrations."""
        with connect(self.address()) as connection:
            yield connection


class AsyncDatabase:
    """The twin of Database for the web, where nothing may block."""

    def __init__(self, address: Callable[[], Awaitable[str]], *, connections: int = CONNECTIONS) -> None:
        self.address = address
        self._pool: AsyncConnectionPool[AsyncTransaction] = AsyncConnectionPool(
            address,
            connection_class=psycopg.AsyncConnection[DictRow],
            # A transaction begins only where `transaction` asks for one, so a single statement costs a single round trip.
            kwargs={"row_factory": dict_row, "connect_timeout": CONNECT_SECONDS, "application_name": "tradewind", "autocommit": True},
            min_size=0,
            max_size=connections,
            timeout=CONNECT_SECONDS,
            configure=_limit_async,
            check=_check_rested,
            reset=_note_use,
            num_workers=1,
            open=False,
        )

    async def open(self) -> None:
        """Starts the pool; no connection is made yet."""
        await self._pool.open()

    async def close(self) -> None:
        """Closes every connection."""
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self, *, timeout_seconds: int = STATEMENT_SECONDS) -> AsyncIterator[AsyncTransaction]:
        """One transaction whose statements may take `timeout_seconds` each. DatabaseIsUnreachable, DatabaseIsBusy."""
        with _clear_errors(None):
            async with self._pool.connection() as connection, connection.transaction():
                if timeout_seconds != STATEMENT_SECONDS:
                    await connection.execute(_LOCAL_STATEMENT_TIMEOUT, (f"{timeout_seconds}s",))
                yield connection

    @asynccontextmanager
    async def statements(self) -> AsyncIterator[AsyncTransaction]:
        """A connection on which every statement is a transaction of its own: for reads, and for one statement that does everything."""
        with _clear_errors(None):
            async with self._pool.connection() as connection:
                yield connection


@contextmanager
def connect(address: str) -> Iterator[Transaction]:
    """A single connection in autocommit mode. DatabaseIsUnreachable says where it tried and why, never the password."""
    try:
        connection = psycopg.connect(
            address, row_factory=dict_row, autocommit=True, connect_timeout=CONNECT_SECONDS, application_name="tradewind"
        )
    except psycopg.Error as error:
        raise _unreachable(address, error) from None
    with connection:
        yield connection


def place(address: str) -> str:
    """Where an address points, for people: user, host and database, without the password."""
    try:
        parts = conninfo_module.conninfo_to_dict(address)
    except psycopg.ProgrammingError:
        return "an address that is not a PostgreSQL URL"
    host = parts.get("host") or parts.get("hostaddr") or "localhost"
    port = parts.get("port") or "5432"
    return f"database {parts.get('dbname') or parts.get('user')} on {host}:{port} as user {parts.get('user')}"


def _limit(connection: Transaction) -> None:
    connection.execute(_LIMITS, _LIMIT_VALUES)
    connection.commit()


async def _limit_async(connection: AsyncTransaction) -> None:
    await connection.execute(_LIMITS, _LIMIT_VALUES)


# A request takes a connection several times within milliseconds; asking each time whether it still lives was a tenth of a purchase.
_used: WeakKeyDictionary[AsyncTransaction, float] = WeakKeyDictionary()


async def _note_use(connection: AsyncTransaction) -> None:
    _used[connection] = time.monotonic()


async def _check_rested(connection: AsyncTransaction) -> None:
    """Asks the server only on a connection that has rested for a moment."""
    if time.monotonic() - _used.get(connection, 0) > RESTED_SECONDS:
        await AsyncConnectionPool.check_connection(connection)


@contextmanager
def _clear_errors(address: Callable[[], str] | None) -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise _no_connection(address, error) from None
    except psycopg.errors.LockNotAvailable as error:
        raise DatabaseIsBusy(
            f"a row stayed locked by somebody else for {LOCK_SECONDS} s: {_first_line(error)}", hint="try again in a moment"
        ) from error
    except psycopg.errors.DeadlockDetected as error:
        raise DatabaseIsBusy(f"two changes waited for each other: {_first_line(error)}", hint="try again in a moment") from error
    except psycopg.errors.QueryCanceled as error:
        raise DatabaseIsBusy(f"a statement took longer than it may: {_first_line(error)}", hint="try again in a moment") from error
    except (psycopg.errors.AdminShutdown, psycopg.errors.CrashShutdown, psycopg.errors.CannotConnectNow) as error:
        raise DatabaseIsUnreachable(f"the database server stopped: {_first_line(error)}", hint=_HINT) from error
    except psycopg.OperationalError as error:
        # No SQLSTATE: the connection itself broke. With one, the server answered, and the caller may know what it means.
        if error.sqlstate is None:
            raise DatabaseIsUnreachable(f"the connection to the database broke: {_first_line(error)}", hint=_HINT) from error
        raise


_HINT = "is the server running? `tradewind doctor` checks it; the setting is TRADEWIND_DATABASE_URL"


def _no_connection(address: Callable[[], str] | None, error: PoolTimeout) -> DatabaseIsUnreachable:
    if address is not None:
        try:
            with connect(address()):
                pass
        except DatabaseIsUnreachable as reason:
            return reason
    return DatabaseIsUnreachable(f"no database connection became free: {_first_line(error)}", hint=_HINT)


def _unreachable(address: str, error: psycopg.Error) -> DatabaseIsUnreachable:
    reason = _first_line(error)
    password = ""
    try:
        password = str(conninfo_module.conninfo_to_dict(address).get("password") or "")
    except psycopg.ProgrammingError:
        reason = "the address cannot be read"  # libpq repeats the address, which holds the password
    if password:
        reason = reason.replace(password, "[hidden]")
    return DatabaseIsUnreachable(f"cannot connect to {place(address)}: {reason}", hint=_HINT)


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
