"""What can go wrong with the database. Every class is a sentence.

TradewindError
├── EmbeddedDatabaseDidNotStart, EmbeddedDatabaseIsUnreachable, WorkspaceBelongsToSomebodyElse, WorkspaceIsNotWritable
├── DatabaseIsUnreachable, DatabaseIsBusy
├── MigrationLevelIsTooOld
├── AnotherOneIsRunning
├── IdempotencyKeyWasReused
├── DataKeysAreInvalid, SealIsBroken
└── BackupIsDamaged, BackupFailed, RestoreWouldOverwrite
"""

from tradewind.kit import TradewindError


class EmbeddedDatabaseDidNotStart(TradewindError):
    """The embedded PostgreSQL could not be created or started."""

    code = "embedded_database_did_not_start"
    http_status = 503


class EmbeddedDatabaseIsUnreachable(TradewindError):
    """A server holds the workspace but does not answer, and this process may not stop it."""

    code = "embedded_database_unreachable"
    http_status = 503


class WorkspaceBelongsToSomebodyElse(TradewindError):
    """The workspace has another owner, whose server this user must not run."""

    code = "workspace_belongs_to_somebody_else"
    http_status = 503


class WorkspaceIsNotWritable(TradewindError):
    """The workspace folder cannot be made or written."""

    code = "workspace_not_writable"
    http_status = 503


class DatabaseIsUnreachable(TradewindError):
    """No connection: nothing listens, the name or password is wrong, or every connection is in use."""

    code = "database_unreachable"
    http_status = 503


class DatabaseIsBusy(TradewindError):
    """A lock or a statement took longer than its limit."""

    code = "database_busy"
    http_status = 503


class MigrationLevelIsTooOld(TradewindError):
    """The database lacks migrations that this version of Tradewind needs."""

    code = "migration_level_too_old"
    http_status = 503


class AnotherOneIsRunning(TradewindError):
    """Work that only one process may do is being done by another."""

    code = "another_one_is_running"
    http_status = 409


class IdempotencyKeyWasReused(TradewindError):
    """The key was seen before with a different request."""

    code = "idempotency_key_reused"
    http_status = 409


class BackupFailed(TradewindError):
    """The backup or the restore could not be completed; what was there before is unchanged."""

    code = "backup_failed"


class BackupIsDamaged(TradewindError):
    """The file is not a backup of Tradewind, or its checksums do not agree."""

    code = "backup_damaged"
    http_status = 400


class RestoreWouldOverwrite(TradewindError):
    """The target already holds data."""

    code = "restore_would_overwrite"
    http_status = 409


class DataKeysAreInvalid(TradewindError):
    """The keys that seal personal data are missing or unreadable, or may not be changed here."""

    code = "data_keys_invalid"
    http_status = 503


class SealIsBroken(TradewindError):
    """A sealed value does not open: its key is not held, it was changed, or it was copied to another row."""

    code = "seal_broken"
    http_status = 503
