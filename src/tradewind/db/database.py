"""Connections and the unit of work: `with database.transaction() as tx` commits when the block ends, and rolls back when it raises."""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from types import TracebackType
from typing import TypeAlias

import psycopg
from psycopg import conninfo as conninfo_module
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, ConnectionPool, PoolTimeout

from tradewind.db.errors import DatabaseIsBusy, DatabaseIsUnreachable
from tradewind.db.link import AsyncTransaction
from tradewind.db.sealing import Keys, hold_keys

Transaction: TypeAlias = psycopg.Connection[DictRow]

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

    def __init__(self, address: Callable[[], str], *, connections: int = CONNECTIONS, keys: Keys | None = None) -> None:
        self.address = address
        self._pool: ConnectionPool[Transaction] = ConnectionPool(
            address,
            connection_class=psycopg.Connection[DictRow],
            kwargs={"row_factory": dict_row, "connect_timeout": CONNECT_SECONDS, "application_name": "tradewind"},
            min_size=0,
            max_size=connections,
            timeout=CONNECT_SECONDS,
            configure=lambda connection: _limit(connection, keys),
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


class _Connection(psycopg.AsyncConnection[DictRow]):
    """A pooled connection with what speaks on it."""

    link: AsyncTransaction | None = None
    used_at: float = 0

    async def close(self) -> None:
        """Closes it, once nobody listens any more."""
        if self.link is not None:
            self.link.close()
        await super().close()


class AsyncDatabase:
    """The twin of Database for the web, where nothing may block."""

    def __init__(self, address: Callable[[], Awaitable[str]], *, connections: int = CONNECTIONS, keys: Keys | None = None) -> None:
        self.address = address
        self._pool: AsyncConnectionPool[_Connection] = AsyncConnectionPool(
            address,
            connection_class=_Connection,
            # A transaction begins only where `transaction` asks for one, so a single statement costs a single round trip.
            kwargs={"row_factory": dict_row, "connect_timeout": CONNECT_SECONDS, "application_name": "tradewind", "autocommit": True},
            min_size=0,
            max_size=connections,
            timeout=CONNECT_SECONDS,
            configure=lambda connection: _limit_async(connection, keys),
            check=_check_rested,
            num_workers=1,
            open=False,
        )

    async def open(self) -> None:
        """Starts the pool; no connection is made yet."""
        await self._pool.open()

    async def close(self) -> None:
        """Closes every connection."""
        await self._pool.close()

    def transaction(self, *, timeout_seconds: int = STATEMENT_SECONDS) -> AbstractAsyncContextManager[AsyncTransaction]:
        """One transaction whose statements may take `timeout_seconds` each. DatabaseIsUnreachable, DatabaseIsBusy."""
        if timeout_seconds == STATEMENT_SECONDS:
            return _Lease(self._pool, (b"BEGIN",))
        return _Lease(self._pool, (b"BEGIN", b"SET LOCAL statement_timeout = '%ds'" % timeout_seconds))

    def statements(self) -> AbstractAsyncContextManager[AsyncTransaction]:
        """A connection on which every statement is a transaction of its own: for reads, and for one statement that does everything."""
        return _Lease(self._pool, ())


class _Lease:
    """A connection in the hands of one task; a class and no generator, because a purchase takes five."""

    __slots__ = ("_begin", "_connection", "_link", "_pool")

    def __init__(self, pool: AsyncConnectionPool[_Connection], begin: tuple[bytes, ...]) -> None:
        self._pool, self._begin = pool, begin
        self._connection: _Connection | None = None
        self._link: AsyncTransaction | None = None

    async def __aenter__(self) -> AsyncTransaction:
        try:
            connection = self._connection = await self._pool.getconn()
        except (PoolTimeout, psycopg.Error) as error:
            raise _cleared(error) from None
        link = self._link = connection.link or AsyncTransaction(connection)
        link.lend(*self._begin)
        return link

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        connection, link = self._connection, self._link
        if connection is None or link is None:
            return
        try:
            if self._begin:
                await (link.commit() if error is None else link.roll_back())
        except psycopg.Error as broken:
            # Where the block itself failed, its own error tells why.
            if error is None:
                error = broken
        finally:
            link.give_back()
            connection.used_at = time.monotonic()
            await self._pool.putconn(connection)
        if isinstance(error, psycopg.Error):
            told = _cleared(error)
            if told is not error or kind is None:
                raise told from error


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


def _limit(connection: Transaction, keys: Keys | None) -> None:
    hold_keys(connection, keys)
    connection.execute(_LIMITS, _LIMIT_VALUES)
    connection.commit()


async def _limit_async(connection: _Connection, keys: Keys | None) -> None:
    hold_keys(connection, keys)
    connection.link = AsyncTransaction(connection)
    await connection.execute(_LIMITS, _LIMIT_VALUES)


async def _check_rested(connection: _Connection) -> None:
    """Asks the server only on a connection that has rested: a request takes one several times within milliseconds."""
    if time.monotonic() - connection.used_at > RESTED_SECONDS:
        link = connection.link or AsyncTransaction(connection)
        link.lend()
        await link.execute("")


@contextmanager
def _clear_errors(address: Callable[[], str]) -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise _no_connection(address, error) from None
    except psycopg.Error as error:
        told = _cleared(error)
        if told is error:
            raise
        raise told from error


def _cleared(error: psycopg.Error) -> Exception:
    """The error in our own words where the caller cannot know more; else itself."""
    said = _first_line(error)
    told: Exception = error
    match error:
        case PoolTimeout():
            told = DatabaseIsUnreachable(f"no database connection became free: {said}", hint=_HINT)
        case psycopg.errors.LockNotAvailable():
            told = DatabaseIsBusy(f"a row stayed locked by somebody else for {LOCK_SECONDS} s: {said}", hint=_TRY_AGAIN)
        case psycopg.errors.DeadlockDetected():
            told = DatabaseIsBusy(f"two changes waited for each other: {said}", hint=_TRY_AGAIN)
        case psycopg.errors.QueryCanceled():
            told = DatabaseIsBusy(f"a statement took longer than it may: {said}", hint=_TRY_AGAIN)
        case psycopg.errors.AdminShutdown() | psycopg.errors.CrashShutdown() | psycopg.errors.CannotConnectNow():
            told = DatabaseIsUnreachable(f"the database server stopped: {said}", hint=_HINT)
        case psycopg.OperationalError() if error.sqlstate is None:
            # No SQLSTATE: the connection itself broke. With one, the server answered, and the caller may know what it means.
            told = DatabaseIsUnreachable(f"the connection to the database broke: {said}", hint=_HINT)
    return told


_TRY_AGAIN = "try again in a moment"
_HINT = "is the server running? `tradewind doctor` checks it; the setting is TRADEWIND_DATABASE_URL"


def _no_connection(address: Callable[[], str], error: PoolTimeout) -> Exception:
    try:
        with connect(address()):
            pass
    except DatabaseIsUnreachable as reason:
        return reason
    return _cleared(error)


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
