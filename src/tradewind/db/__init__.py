"""The database: embedded server, pool, unit of work, migrations, outbox, idempotency keys, audit trail, locks, sealed personal data,
DuckDB connections.

`with open_database(settings) as database: with database.transaction() as tx: tx.execute(sql, parameters)`; rows are dictionaries.
"""

from tradewind.db import audit, duck, idempotency, locks, outbox
from tradewind.db.database import AsyncDatabase, Database, Transaction
from tradewind.db.errors import (
    AnotherOneIsRunning,
    DatabaseIsBusy,
    DatabaseIsUnreachable,
    DataKeysAreInvalid,
    IdempotencyKeyWasReused,
    MigrationLevelIsTooOld,
    SealIsBroken,
)
from tradewind.db.link import AsyncTransaction, Rows, Step
from tradewind.db.migrate import migration_level, migration_level_async, upgrade
from tradewind.db.opening import open_address, open_async_database, open_database
from tradewind.db.sealing import DataKey, Sealer, load_sealer, rotate_keys, sealer_of

__all__ = [
    "AnotherOneIsRunning",
    "AsyncDatabase",
    "AsyncTransaction",
    "DataKey",
    "DataKeysAreInvalid",
    "Database",
    "DatabaseIsBusy",
    "DatabaseIsUnreachable",
    "IdempotencyKeyWasReused",
    "MigrationLevelIsTooOld",
    "Rows",
    "SealIsBroken",
    "Sealer",
    "Step",
    "Transaction",
    "audit",
    "duck",
    "idempotency",
    "load_sealer",
    "locks",
    "migration_level",
    "migration_level_async",
    "open_address",
    "open_async_database",
    "open_database",
    "outbox",
    "rotate_keys",
    "sealer_of",
    "upgrade",
]
