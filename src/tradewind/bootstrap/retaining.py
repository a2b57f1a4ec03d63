"""Composes retention: what every room keeps for a time only, and for how long by the settings."""

from datetime import timedelta
from typing import TYPE_CHECKING

from tradewind.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from tradewind.db import Database
    from tradewind.db.retention import Old
    from tradewind.kit import Clock


def retention_rules(settings: Settings, now: "datetime") -> "list[tuple[Old, datetime]]":
    """Each kind of rows with the moment before which it is old."""
    from tradewind.checkout.retention import OLD_CARTS, OLD_COMPLETED, OLD_SESSIONS
    from tradewind.db.retention import OLD_JOBS, OLD_KEYS, OLD_OUTBOX

    kept = {
        OLD_KEYS: timedelta(hours=settings.keep_idempotency_hours),
        OLD_OUTBOX: timedelta(hours=settings.keep_idempotency_hours),
        OLD_JOBS: timedelta(days=settings.keep_jobs_days),
        OLD_CARTS: timedelta(days=settings.keep_carts_days),
        OLD_SESSIONS: timedelta(days=settings.keep_sessions_days),
        OLD_COMPLETED: timedelta(days=settings.keep_completed_sessions_days),
    }
    return [(old, now - time) for old, time in kept.items()]


def prune(settings: Settings, database: "Database", clock: "Clock", *, dry_run: bool = False) -> dict[str, int]:
    """Removes what is old, in batches, or only counts it: rows by kind."""
    from tradewind.db.retention import count, remove

    return (count if dry_run else remove)(database, retention_rules(settings, clock()))


def nightly(settings: Settings, database: "Database") -> dict[str, int]:
    """The same by the machine's clock, for the worker."""
    from tradewind.kit import system_clock

    return prune(settings, database, system_clock)
