"""The database: embedded server, pool, unit of work, migrations, outbox, idempotency keys, audit trail, locks, DuckDB connections.

`with open_database(settings) as database: with database.transaction() as tx: tx.execute(sql, parameters)`; rows are dictionaries.
"""

from tradewind.db import audit, duck, idempotency, locks, outbox
from tradewind.db.database import AsyncDatabase, AsyncTransaction, Database, Transaction
from tradewind.db.errors import AnotherOneIsRunning, DatabaseIsBusy, DatabaseIsUnreachable, IdempotencyKeyWasReused, MigrationLevelIsTooOld
from tradewind.db.migrate import migration_level, migration_level_async, upgrade
from tradewind.db.opening import open_address, open_async_database, open_database

__all__ = [
    "AnotherOneIsRunning",
    "AsyncDatabase",
    "AsyncTransaction",
    "Database",
    "DatabaseIsBusy",
    "DatabaseIsUnreachable",
    "IdempotencyKeyWasReused",
    "MigrationLevelIsTooOld",
    "Transaction",
    "audit",
    "duck",
    "idempotency",
    "locks",
    "migration_level",
    "migration_level_async",
    "open_address",
    "open_async_database",
    "open_database",
    "outbox",
    "upgrade",
]
