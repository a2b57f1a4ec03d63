"""How the web speaks with PostgreSQL: several statements in one round trip, each answer with its own, and nobody's answer with somebody else."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tradewind.db import AsyncDatabase, AsyncTransaction, DatabaseIsBusy, DatabaseIsUnreachable, Rows, Step, open_async_database
from tradewind.settings import Settings

MOMENT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
PUT = "INSERT INTO db_audit_entry (actor, action, subject, detail) VALUES (%(actor)s, 'a', 's', '{}')"
COUNT = "SELECT count(*)::int AS units FROM db_audit_entry"


def talk(workspace: Settings, story: Callable[[AsyncDatabase], Awaitable[Any]], connections: int = 1) -> Any:
    async def told() -> Any:
        async with open_async_database(workspace, connections=connections) as database:
            return await story(database)

    return asyncio.run(told())


def put(actor: str) -> Step[int]:
    return Step(PUT, {"actor": actor}, lambda rows: rows.rowcount)


def refused(_rows: Rows) -> int:
    raise RuntimeError("refused")


async def counted(database: AsyncDatabase) -> int:
    async with database.statements() as tx:
        row = await (await tx.execute(COUNT)).fetchone()
    return int(row["units"]) if row else -1


def test_values_come_back_as_they_went_however_often_a_statement_is_sent(workspace: Settings) -> None:
    values = {"t": "ภาษา % %s 'x'", "n": 2**40, "at": MOMENT, "none": None, "list": ["a", None], "json": '{"k": [1, 2.5, "ü"]}'}

    async def story(database: AsyncDatabase) -> None:
        statement = (
            "SELECT %(t)s::text AS t, %(n)s::bigint AS n, %(at)s::timestamptz AS at, %(none)s::text AS none, %(list)s::text[] AS list,"
            " %(json)s::jsonb AS json, '100%%' AS percent, %(n)s + 1 AS more"
        )
        for _ in range(8):
            async with database.statements() as tx:
                row = await (await tx.execute(statement, values)).fetchone()
            assert row == values | {"json": {"k": [1, 2.5, "ü"]}, "percent": "100%", "more": 2**40 + 1}

    talk(workspace, story)


SENT = st.lists(st.one_of(st.integers(-(2**62), 2**62), st.text(st.characters(exclude_characters="\0", codec="utf-8"))), max_size=6)


async def echoed(address: str, sent: list[int | str]) -> list[Any]:
    connection = await psycopg.AsyncConnection.connect(address, autocommit=True)
    link = AsyncTransaction(connection)
    link.lend()
    kinds = {int: "bigint", str: "text"}
    answers = [(await link.execute(f"SELECT %s::{kinds[type(one)]} AS v", (one,))).one() for one in sent]
    link.close()
    await connection.close()
    return [row["v"] for row in answers if row is not None]


def test_any_text_and_number_is_carried(database_address: str) -> None:
    @hypothesis_settings(max_examples=25, deadline=None)
    @given(SENT)
    def story(sent: list[int | str]) -> None:
        assert asyncio.run(echoed(database_address, sent * 2)) == sent * 2

    story()


def test_steps_that_travel_together_are_answered_in_their_order(workspace: Settings) -> None:
    async def story(database: AsyncDatabase) -> None:
        for _ in range(6):
            async with database.transaction() as tx:
                first, second, units = await tx.together(put("anna"), put("ben"), Step(COUNT, {}, Rows.all))
                assert (first, second, len(units)) == (1, 1, 1)
        assert await counted(database) == 12

    talk(workspace, story)


def test_what_fails_in_the_middle_takes_the_whole_transaction_along(workspace: Settings) -> None:
    async def story(database: AsyncDatabase) -> int:
        for bad in (Step("SELECT 1 / %s", (0,), Rows.one), Step("SELECT nothing FROM nowhere", (), Rows.one)):
            for _ in range(5):
                with pytest.raises((psycopg.errors.DivisionByZero, psycopg.errors.UndefinedTable)):
                    async with database.transaction() as tx:
                        await tx.together(put("anna"), bad, put("ben"))
        return await counted(database)

    assert talk(workspace, story) == 0


def test_a_step_that_refuses_is_heard_before_the_failure_of_a_later_one(workspace: Settings) -> None:
    async def story(database: AsyncDatabase) -> int:
        for _ in range(5):
            with pytest.raises(RuntimeError, match="refused"):
                async with database.transaction() as tx:
                    await tx.together(Step(PUT, {"actor": "anna"}, refused), Step("SELECT 1 / %s", (0,), Rows.one))
        return await counted(database)

    assert talk(workspace, story) == 0


def test_a_transaction_that_swallows_a_failure_does_not_pretend_to_have_kept_anything(workspace: Settings) -> None:
    async def swallow(database: AsyncDatabase) -> None:
        async with database.transaction() as tx:
            await tx.run(put("anna"))
            with pytest.raises(psycopg.errors.DivisionByZero):
                await tx.execute("SELECT 1 / %s", (0,))

    async def story(database: AsyncDatabase) -> int:
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            await swallow(database)
        return await counted(database)

    assert talk(workspace, story) == 0


def test_an_interrupted_statement_leaves_its_connection_to_nobody(workspace: Settings) -> None:
    async def slow(database: AsyncDatabase) -> None:
        async with database.statements() as tx:
            await tx.execute("SELECT pg_sleep(%s)", (30,))

    async def story(database: AsyncDatabase) -> int:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(slow(database), 0.2)
        return await counted(database)

    assert talk(workspace, story) == 0


def test_limits_and_lost_connections_are_told_as_ever(workspace: Settings) -> None:
    async def story(database: AsyncDatabase) -> list[dict[str, Any]]:
        with pytest.raises(DatabaseIsBusy, match="longer than it may"):
            async with database.transaction() as tx:
                await tx.execute("SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(5)")
        with pytest.raises(DatabaseIsUnreachable, match=r"stopped|broke"):
            async with database.transaction() as tx:
                await tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        async with database.transaction(timeout_seconds=600) as tx:
            return await (await tx.execute("SHOW statement_timeout")).fetchall()

    assert talk(workspace, story) == [{"statement_timeout": "10min"}]


def test_many_tasks_share_few_connections_and_each_hears_its_own_answer(workspace: Settings) -> None:
    async def one(database: AsyncDatabase, number: int) -> bool:
        async with database.transaction() as tx:
            row = (await tx.execute("SELECT %s::int AS n, repeat('x', %s) AS big", (number, number * 3_000))).one()
        return row is not None and row["n"] == number and len(row["big"]) == number * 3_000

    async def story(database: AsyncDatabase) -> list[bool]:
        return list(await asyncio.gather(*(one(database, number) for number in range(60))))

    assert all(talk(workspace, story, connections=3))


def test_a_value_larger_than_the_socket_takes_at_once_arrives(workspace: Settings) -> None:
    async def story(database: AsyncDatabase) -> Any:
        async with database.statements() as tx:
            return (await tx.execute("SELECT length(%s::text) AS n", ("x" * 8_000_000,))).one()

    assert talk(workspace, story) == {"n": 8_000_000}


def test_a_connection_that_the_server_ended_while_it_rested_is_replaced(workspace: Settings) -> None:
    async def story(database: AsyncDatabase) -> int:
        async with database.statements() as tx:
            row = (await tx.execute("SELECT pg_backend_pid() AS pid")).one()
        with psycopg.connect(database_url(workspace), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 1000)", (row["pid"] if row else 0,))
        await asyncio.sleep(1.1)
        return await counted(database)

    assert talk(workspace, story) == 0


def database_url(workspace: Settings) -> str:
    return workspace.database_url.get_secret_value() if workspace.database_url is not None else ""
