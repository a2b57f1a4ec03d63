"""Migrations: Alembic revisions of plain SQL, run in the program itself. A revision's id is the name of its file, so names sort."""

import re
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.rows import DictRow

from tradewind.db.database import connect
from tradewind.db.errors import MigrationLevelIsTooOld
from tradewind.db.link import AsyncTransaction

_VERSIONS = Path(__file__).parent / "migrations" / "versions"
_REVISION_FILE = re.compile(r"\d{4}_[a-z0-9_]+\.py")
_LEVEL = "SELECT version_num FROM alembic_version"
_LOCK = "tradewind migrations"
_LOCK_SECONDS = 120


@dataclass(frozen=True, slots=True)
class MigrationLevel:
    """What the database has (None: nothing yet) and what this program needs."""

    current: str | None
    needed: str

    @property
    def is_enough(self) -> bool:
        """Whether this program can work. A newer database serves an older program: migrations only add, then enforce later."""
        return self.current is not None and self.current >= self.needed


def revisions() -> list[str]:
    """The ids of all revisions of this program, oldest first. Read from file names: importing Alembic takes a second."""
    return sorted(path.stem for path in _VERSIONS.iterdir() if _REVISION_FILE.fullmatch(path.name))


def migration_level(connection: psycopg.Connection[DictRow]) -> MigrationLevel:
    """The level of this database beside the level this program needs; for /readyz and doctor."""
    exists = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL AS yes").fetchone()
    row = connection.execute(_LEVEL).fetchone() if exists and exists["yes"] else None
    return MigrationLevel(row["version_num"] if row else None, revisions()[-1])


async def migration_level_async(connection: AsyncTransaction) -> MigrationLevel:
    """The same on an asynchronous connection."""
    found = await (await connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL AS yes")).fetchone()
    row = await (await connection.execute(_LEVEL)).fetchone() if found and found["yes"] else None
    return MigrationLevel(row["version_num"] if row else None, revisions()[-1])


def require_level(connection: psycopg.Connection[DictRow]) -> None:
    """MigrationLevelIsTooOld unless this program can work on this database."""
    level = migration_level(connection)
    if not level.is_enough:
        raise MigrationLevelIsTooOld(
            f"the database is at level {level.current or 'nothing'}, this version of Tradewind needs {level.needed}",
            hint="tradewind db upgrade",
        )


def upgrade(address: str) -> list[str]:
    """Brings the database to this program's level and gives the revisions applied. Two upgrades at once wait for each other."""
    with connect(address) as connection:
        if migration_level(connection).is_enough:
            return []
        connection.execute("SELECT set_config('lock_timeout', %s, false)", (f"{_LOCK_SECONDS}s",))
        connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (_LOCK,))
        before = migration_level(connection)
        if before.is_enough:
            return []
        _run_alembic(address)
        return [name for name in revisions() if before.current is None or name > before.current]


def _run_alembic(address: str) -> None:
    import sqlalchemy
    from alembic import command
    from alembic.config import Config

    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(address), poolclass=sqlalchemy.pool.NullPool)
    config = Config()
    config.set_main_option("script_location", "tradewind.db:migrations")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
