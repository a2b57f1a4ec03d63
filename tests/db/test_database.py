"""The unit of work on a real server: what commits, what rolls back, and what an error says."""

import threading
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from tradewind.db import (
    Database,
    DatabaseIsBusy,
    DatabaseIsUnreachable,
    MigrationLevelIsTooOld,
    migration_level,
    open_async_database,
    open_database,
    upgrade,
)
from tradewind.db.database import connect
from tradewind.db.migrate import revisions
from tradewind.settings import Settings


def put(tx: psycopg.Connection, name: str) -> None:
    tx.execute("INSERT INTO db_audit_entry (actor, action, subject, detail) VALUES (%s, 'a', 's', '{}')", (name,))


def put_and_fail(database: Database, name: str) -> None:
    with database.transaction() as tx:
        put(tx, name)
        raise RuntimeError


def slowly(database: Database, *statements: str) -> None:
    with database.transaction() as tx:
        for statement in statements:
            tx.execute(statement)


def names(database: Database) -> list[str]:
    with database.transaction() as tx:
        return [row["actor"] for row in tx.execute("SELECT actor FROM db_audit_entry ORDER BY id").fetchall()]


def test_a_transaction_commits_when_its_block_ends_and_not_when_it_raises(database: Database) -> None:
    with database.transaction() as tx:
        put(tx, "kept")
    with pytest.raises(RuntimeError):
        put_and_fail(database, "lost")
    assert names(database) == ["kept"]


async def _async_actors(settings: Settings) -> list[str]:
    async with open_async_database(settings) as database, database.transaction() as tx:
        rows = await (await tx.execute("SELECT actor FROM db_audit_entry")).fetchall()
        return [row["actor"] for row in rows]


def test_the_asynchronous_twin_sees_what_the_synchronous_one_wrote(workspace: Settings, database: Database) -> None:
    import asyncio

    with database.transaction() as tx:
        put(tx, "seen")
    assert asyncio.run(_async_actors(workspace)) == ["seen"]


def test_a_statement_that_takes_too_long_is_stopped_with_a_clear_error(database: Database) -> None:
    with pytest.raises(DatabaseIsBusy, match="longer than it may"):
        slowly(database, "SET LOCAL statement_timeout = '20ms'", "SELECT pg_sleep(5)")


def test_a_longer_limit_holds_for_one_transaction_only(database: Database) -> None:
    with database.transaction(timeout_seconds=600) as tx:
        long = tx.execute("SHOW statement_timeout").fetchone()
    with database.transaction() as tx:
        usual = tx.execute("SHOW statement_timeout").fetchone()
    assert (long, usual) == ({"statement_timeout": "10min"}, {"statement_timeout": "30s"})


def test_a_row_locked_by_somebody_else_gives_a_clear_error(database: Database) -> None:
    with database.transaction() as holder:
        holder.execute("LOCK TABLE db_outbox")
        with pytest.raises(DatabaseIsBusy, match="locked by somebody else"):
            slowly(database, "SET LOCAL lock_timeout = '20ms'", "SELECT 1 FROM db_outbox")


def test_a_connection_that_the_server_closed_is_replaced(database: Database) -> None:
    with database.transaction() as tx:
        pid = tx.execute("SELECT pg_backend_pid() AS pid").fetchone()["pid"]
    with database.connection() as other:
        other.execute("SELECT pg_terminate_backend(%s, 1000)", (pid,))
    assert names(database) == []


def test_a_connection_that_ends_in_the_middle_gives_a_clear_error(database: Database) -> None:
    with pytest.raises(DatabaseIsUnreachable, match=r"stopped|broke"), database.transaction() as tx:
        tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def test_a_dead_server_is_named_without_its_password() -> None:
    settings = Settings(database_url=SecretStr("postgresql://shop:hush-hush@127.0.0.1:9/store"))
    with pytest.raises(DatabaseIsUnreachable) as caught, open_database(settings):
        pass
    assert "database store on 127.0.0.1:9 as user shop" in caught.value.message
    assert "hush-hush" not in repr(caught.value) + caught.value.message
    assert caught.value.__cause__ is None


def test_an_address_that_is_no_url_is_not_repeated() -> None:
    settings = Settings(database_url=SecretStr("postgres//shop:hush-hush@host/store"))
    with pytest.raises(DatabaseIsUnreachable) as caught, open_database(settings):
        pass
    assert "hush-hush" not in caught.value.message


def test_a_database_that_lacks_migrations_says_what_to_run(tmp_path: Path, empty_database_address: str) -> None:
    settings = Settings(home=tmp_path, database_url=SecretStr(empty_database_address))
    with pytest.raises(MigrationLevelIsTooOld) as caught, open_database(settings):
        pass
    assert caught.value.hint == "tradewind db upgrade"


def test_an_upgrade_applies_every_revision_once(empty_database_address: str) -> None:
    assert upgrade(empty_database_address) == revisions()
    assert upgrade(empty_database_address) == []
    with connect(empty_database_address) as connection:
        assert migration_level(connection).is_enough


def test_two_upgrades_at_once_apply_every_revision_once(empty_database_address: str) -> None:
    applied: list[str] = []
    threads = [threading.Thread(target=lambda: applied.extend(upgrade(empty_database_address))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert applied == revisions()


def test_a_newer_database_serves_an_older_program(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute("UPDATE alembic_version SET version_num = '9999_from_the_future'")
        assert migration_level(tx).is_enough


def test_the_names_of_the_files_are_the_chain_that_alembic_sees() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "tradewind.db:migrations")
    chain = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert list(reversed(chain)) == revisions()
