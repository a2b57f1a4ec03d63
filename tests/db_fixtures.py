"""A real PostgreSQL for every test that asks: one embedded server for all workers of a test run, one fresh database per test."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import conninfo
from psycopg import errors as postgres_errors
from pydantic import SecretStr

from tradewind.db import Database, open_database, upgrade
from tradewind.db.database import connect
from tradewind.db.embedded import EmbeddedServer, running_server
from tradewind.db.locks import hold
from tradewind.settings import Settings

TEMPLATE = "template_tradewind"
_UNSAFE_BUT_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "autovacuum=off")
_numbers = itertools.count(1)


_RUN = "TRADEWIND_TEST_RUN"


def pytest_configure() -> None:
    """Names this test run before pytest-xdist's workers are started, so that they inherit the name."""
    os.environ.setdefault(_RUN, f"{os.getpid()}")


def pytest_unconfigure(config: pytest.Config) -> None:
    """The process that named the run removes its files, after every worker has ended."""
    if not hasattr(config, "workerinput") and os.environ.get(_RUN) == f"{os.getpid()}":
        shutil.rmtree(_home(), ignore_errors=True)


def _home() -> Path:
    return Path(tempfile.gettempdir()) / f"tradewind-tests-{os.geteuid()}-{os.environ[_RUN]}"


@pytest.fixture(scope="session")
def database_server() -> Iterator[EmbeddedServer]:
    """The server of this test run; pytest-xdist's workers share it, and the last one stops it."""
    with running_server(_home(), options=_UNSAFE_BUT_FAST) as server:
        _make_template(server)
        yield server


@pytest.fixture
def database_address(database_server: EmbeddedServer) -> Iterator[str]:
    """The address of a fresh, migrated database."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with connect(database_server.address("postgres")) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        yield _as_url(database_server.address(name))
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_database_address(database_server: EmbeddedServer) -> Iterator[str]:
    """The address of a database without any table."""
    name = f"empty_{os.getpid()}_{next(_numbers)}"
    with connect(database_server.address("postgres")) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield _as_url(database_server.address(name))
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def workspace(tmp_path: Path, database_address: str) -> Settings:
    """Settings of an empty workspace with a fresh, migrated database."""
    home = tmp_path / "var"
    home.mkdir()
    return Settings(home=home, database_url=SecretStr(database_address))


@pytest.fixture
def database(workspace: Settings) -> Iterator[Database]:
    """The open database of `workspace`."""
    with open_database(workspace) as opened:
        yield opened


def _make_template(server: EmbeddedServer) -> None:
    with connect(server.address("postgres")) as connection, hold(connection, "test template"):
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (TEMPLATE,)).fetchone()
        if found is None:
            fresh = f"{TEMPLATE}_new"
            try:
                connection.execute(f"CREATE DATABASE {fresh}")
            except postgres_errors.DuplicateDatabase:
                connection.execute(f"DROP DATABASE {fresh} WITH (FORCE)")
                connection.execute(f"CREATE DATABASE {fresh}")
            upgrade(server.address(fresh))
            connection.execute(f"ALTER DATABASE {fresh} RENAME TO {TEMPLATE}")


def _as_url(address: str) -> str:
    parts = conninfo.conninfo_to_dict(address)
    return f"postgresql://{parts['user']}@/{parts['dbname']}?host={parts['host']}&port={parts['port']}"
