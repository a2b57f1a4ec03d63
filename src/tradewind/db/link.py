"""One connection of the web, spoken to in as few words as possible.

psycopg adapts the values and reads the rows; what stands here is how they travel. A statement is prepared once it has come a few times,
several statements share one round trip, BEGIN goes with the first of them, and the event loop is woken once for all the answers. A purchase
needs half the processor time that way that one cursor a statement took (docs/explanation/figures.md).
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar, overload

import msgspec
import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq.abc import PGconn, PGresult
from psycopg.types.json import set_json_loads

Row = dict[str, Any]
Values = Sequence[Any] | Mapping[str, Any]
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")

PREPARED_AFTER = 3
PREPARED_LIMIT = 150
"""Statements kept prepared on a connection; a statement counts once for each combination of its values' types."""
CANCEL_SECONDS = 3
_KEPT_TEXTS = 2_000
_PLACEHOLDER = re.compile(r"%(?:\((\w+)\)s|s|%)")
_SYNC = pq.ExecStatus.PIPELINE_SYNC
_DONE = frozenset({pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK, pq.ExecStatus.EMPTY_QUERY})


class Rows:
    """The answer to a statement: `rowcount` rows were changed or found. The methods that wait are there for the look of a cursor."""

    __slots__ = ("_left", "rowcount")

    def __init__(self, rows: Sequence[Row], rowcount: int) -> None:
        self._left, self.rowcount = iter(rows), rowcount

    def one(self) -> Row | None:
        """The next row."""
        return next(self._left, None)

    def all(self) -> list[Row]:
        """Every row that is left."""
        return list(self._left)

    async def fetchone(self) -> Row | None:
        """The next row."""
        return next(self._left, None)

    async def fetchall(self) -> list[Row]:
        """Every row that is left."""
        return list(self._left)


@dataclass(frozen=True, slots=True)
class Step(Generic[A]):
    """A statement that travels with others, and what its answer means; `told` may raise, and then later answers do not count."""

    statement: str
    values: Values
    told: Callable[[Rows], A]


class _Text(NamedTuple):
    """A statement with numbered parameters; `names` in their order when they are named."""

    text: bytes
    names: tuple[str, ...] | None
    formats: tuple[PyFormat, ...]


@dataclass(slots=True)
class _Known:
    """What is known of a statement with values of these types on this connection."""

    uses: int = 0
    name: bytes = b""
    is_prepared: bool = False  # or being prepared in the round trip at hand
    columns: tuple[str, ...] | None = None


@dataclass(slots=True)
class _Asked:
    """A statement on its way; `prepares`: a PREPARE goes before it."""

    text: bytes
    values: Sequence[Any] | None
    types: tuple[int, ...]
    formats: Sequence[pq.Format] | None
    known: _Known
    prepares: bool = False


@lru_cache(maxsize=_KEPT_TEXTS)
def _text(statement: str) -> _Text:
    names: list[str] = []
    places = 0

    def numbered(found: re.Match[str]) -> str:
        nonlocal places
        if found[0] == "%%":
            return "%"
        places += 1
        if found[1] is None:
            return f"${places}"
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    text = _PLACEHOLDER.sub(numbered, statement).encode()
    return _Text(text, tuple(names) if names else None, (PyFormat.AUTO,) * (len(names) or places))


class AsyncTransaction:
    """The statements of one task on one connection: in a transaction each is part of it, else each is one of its own."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self.connection = connection
        set_json_loads(msgspec.json.decode, connection)
        self._transformer = Transformer(connection)
        self._known: dict[tuple[bytes, tuple[int, ...]], _Known] = {}
        self._prepared = 0
        self._socket = connection.pgconn.socket
        self._is_listening = self._is_sending = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiter: asyncio.Future[list[PGresult]] | None = None
        self._heard: list[PGresult] = []
        self._to_begin: list[bytes] = []
        self._is_begun = False

    async def execute(self, statement: str, values: Values | None = None) -> Rows:
        """The answer to one statement; several without values may stand in one text, and the last one's answer counts."""
        if values is None:
            return await self._script(statement)
        asked = self._asked(statement, values)
        (result,) = await self._talk((asked,))
        return self._rows(result, asked.known)

    @overload
    async def together(self, first: Step[A], second: Step[B], /) -> tuple[A, B]: ...
    @overload
    async def together(self, first: Step[A], second: Step[B], third: Step[C], /) -> tuple[A, B, C]: ...
    @overload
    async def together(self, first: Step[A], second: Step[B], third: Step[C], fourth: Step[D], /) -> tuple[A, B, C, D]: ...

    async def together(self, *steps: Step[Any]) -> tuple[Any, ...]:
        """Several steps in one round trip, in their order; the first that fails decides. Outside of a transaction they are one together."""
        asked = [self._asked(step.statement, step.values) for step in steps]
        results = await self._talk(asked)
        return tuple(step.told(self._rows(result, one.known)) for step, result, one in zip(steps, results, asked, strict=True))

    async def run(self, step: Step[A]) -> A:
        """One step alone."""
        return step.told(await self.execute(step.statement, step.values))

    # What AsyncDatabase does with a connection that it lends.

    def lend(self, *begin: bytes) -> None:
        """From now on a task speaks here; `begin` goes before its first statement, and makes all that follows one transaction."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        self._to_begin, self._is_begun = list(begin), False

    async def commit(self) -> None:
        """Ends the transaction; nothing to do when none of its statements was sent."""
        if self._is_begun:
            self._is_begun = False
            (answer,) = await self._exchange([b"COMMIT"], ())
            _check(answer)
            if answer.command_status == b"ROLLBACK":
                raise psycopg.errors.InFailedSqlTransaction("a statement of this transaction had failed, so nothing of it was kept")

    async def roll_back(self) -> None:
        """Undoes the transaction."""
        if self._is_begun and not self.connection.closed:
            self._is_begun = False
            await self._exchange([b"ROLLBACK"], ())

    def give_back(self) -> None:
        """Nobody speaks here until the next `lend`; the loop goes on listening, because registering twice a lease is not free."""
        self._to_begin, self._is_begun = [], False

    def close(self) -> None:
        """The loop stops listening: before the socket is closed, whose number the next one may get."""
        self._listen(is_wanted=False)
        self._loop = None

    # How statements travel.

    def _asked(self, statement: str, values: Values) -> _Asked:
        text, names, formats = _text(statement)
        given: Sequence[Any] = [values[name] for name in names] if names is not None else values  # type: ignore[assignment,call-overload]
        if len(given) != len(formats):
            raise psycopg.ProgrammingError(f"the statement has {len(formats)} places for values, not {len(given)}: {statement[:200]}")
        if not given:
            return _Asked(text, None, (), None, self._of(text, ()))
        sent = self._transformer.dump_sequence(given, formats)
        types = self._transformer.types or ()
        return _Asked(text, sent, types, self._transformer.formats, self._of(text, types))

    def _of(self, text: bytes, types: tuple[int, ...]) -> _Known:
        known = self._known.get((text, types))
        if known is None:
            if len(self._known) >= _KEPT_TEXTS:
                self._known = {key: one for key, one in self._known.items() if one.is_prepared}
            known = self._known[text, types] = _Known()
        known.uses += 1
        return known

    async def _talk(self, asked: Sequence[_Asked]) -> list[PGresult]:
        """One result for each statement; a statement that could not be prepared has the reason as its result."""
        before, self._to_begin = self._to_begin, []
        self._is_begun = self._is_begun or bool(before)
        results = iter(await self._exchange(before, asked))
        for _ in before:
            _check(next(results))
        found = []
        for one in asked:
            result = next(results)
            if one.prepares:
                one.known.is_prepared = result.status in _DONE
                executed = next(results)
                result = executed if one.known.is_prepared else result
            found.append(result)
        return found

    async def _exchange(self, before: Sequence[bytes], asked: Sequence[_Asked]) -> list[PGresult]:
        """Sends everything at once and gives the results in the same order, failed ones among them."""
        pgconn = self.connection.pgconn
        try:
            pgconn.enter_pipeline_mode()
            for text in before:
                pgconn.send_query_params(text, None)
            for one in asked:
                self._send(pgconn, one)
            pgconn.pipeline_sync()
            results = await self._listened()
            pgconn.exit_pipeline_mode()
        except BaseException:
            # An answer that comes later would reach somebody else.
            await self._abandon()
            raise
        return results

    def _send(self, pgconn: PGconn, one: _Asked) -> None:
        known = one.known
        if not known.name and known.uses > PREPARED_AFTER and self._prepared < PREPARED_LIMIT:
            self._prepared += 1
            known.name = b"tw%d" % self._prepared
        if known.name and not known.is_prepared:
            known.is_prepared = one.prepares = True
            pgconn.send_prepare(known.name, one.text, one.types)
        if known.name:
            pgconn.send_query_prepared(known.name, one.values, one.formats)
        else:
            pgconn.send_query_params(one.text, one.values, one.types, one.formats)

    async def _script(self, statements: str) -> Rows:
        """Statements without values, in the simple protocol."""
        if self._to_begin:
            await self._talk(())
        try:
            self.connection.pgconn.send_query(statements.encode())
            results = await self._listened()
        except BaseException:
            await self._abandon()
            raise
        for result in results:
            _check(result)
        return self._rows(results[-1], _Known()) if results else Rows((), -1)

    async def _listened(self) -> list[PGresult]:
        """Every result until the server has no more to say."""
        if self._loop is None:
            raise psycopg.InterfaceError("this connection is lent to nobody: statements stand inside `async with database...`")
        self._heard = []
        self._waiter = self._loop.create_future()
        self._listen(is_wanted=True)
        try:
            self._flush()
            return await self._waiter
        finally:
            self._waiter = None

    def _listen(self, *, is_wanted: bool) -> None:
        if is_wanted is self._is_listening or self._loop is None:
            return
        self._is_listening = is_wanted
        if is_wanted:
            self._loop.add_reader(self._socket, self._hear)
        else:
            self._loop.remove_reader(self._socket)

    def _flush(self) -> None:
        """Sends what is left to send, now or as soon as the socket takes it."""
        if self._loop is None:
            return
        try:
            is_left = self.connection.pgconn.flush() == 1
        except psycopg.Error as error:
            self._end(error)
            return
        if is_left:
            self._loop.add_writer(self._socket, self._flush)
        elif self._is_sending:
            self._loop.remove_writer(self._socket)
        self._is_sending = is_left

    def _hear(self) -> None:
        """The socket has something to read: takes what is there, and wakes the task when that is all."""
        if self._waiter is None or self._waiter.done():
            # A notice, or the server is going: the next statement reads it.
            self._listen(is_wanted=False)
            return
        pgconn = self.connection.pgconn
        try:
            pgconn.consume_input()
            while not pgconn.is_busy():
                result = pgconn.get_result()
                if result is not None and result.status != _SYNC:
                    self._heard.append(result)
                elif result is not None or pgconn.pipeline_status == pq.PipelineStatus.OFF or pgconn.status != pq.ConnStatus.OK:
                    self._end(None)
                    return
        except psycopg.Error as error:
            self._end(error)

    def _end(self, error: psycopg.Error | None) -> None:
        if self._waiter is None or self._waiter.done():
            return
        if error is None:
            self._waiter.set_result(self._heard)
            return
        # What the server said before it hung up tells more than that it did.
        failed = next((one for one in self._heard if one.status == pq.ExecStatus.FATAL_ERROR), None)
        self._waiter.set_exception(error_from_result(failed) if failed is not None else error)

    async def _abandon(self) -> None:
        """Closes the connection; what it was doing is stopped on the server."""
        try:
            if not self.connection.closed:
                with suppress(psycopg.Error, OSError):
                    await self.connection.cancel_safe(timeout=CANCEL_SECONDS)
        finally:
            self.close()
            await self.connection.close()

    def _rows(self, result: PGresult, known: _Known) -> Rows:
        _check(result)
        if result.status != pq.ExecStatus.TUPLES_OK:
            changed = result.command_tuples
            return Rows((), changed if changed is not None else -1)
        count = result.ntuples
        if not count:
            return Rows((), 0)
        names = known.columns
        if names is None:
            names = tuple((result.fname(number) or b"").decode() for number in range(result.nfields))
            known.columns = names if known.is_prepared else None
        self._transformer.set_pgresult(result)
        return Rows(self._transformer.load_rows(0, count, lambda row: dict(zip(names, row, strict=True))), count)


def _check(result: PGresult) -> None:
    """The error that a result is, if it is one."""
    status = result.status
    if status in _DONE:
        return
    if status == pq.ExecStatus.FATAL_ERROR:
        raise error_from_result(result)
    if status == pq.ExecStatus.PIPELINE_ABORTED:
        raise psycopg.errors.PipelineAborted("an earlier statement of the same round trip failed")
    raise psycopg.ProgrammingError(f"COPY and streams are not for a connection of the web ({pq.ExecStatus(status).name})")
