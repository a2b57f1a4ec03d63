"""What is kept for a time only: each kind of rows with the condition under which it is old, removed in batches."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tradewind.db.database import Database

BATCH = 5_000
BATCHES_LIMIT = 10_000
STATEMENT_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Old:
    """A kind of rows: its name for people, its table, and when a row is old (a condition over `%(before)s`)."""

    name: str
    table: str
    condition: str


OLD_KEYS = Old("idempotency keys", "db_idempotency_key", "created_at < %(before)s")
OLD_OUTBOX = Old("relayed outbox rows", "db_outbox", "relayed_at < %(before)s")
OLD_JOBS = Old(
    "finished jobs",
    "procrastinate_jobs",
    "status IN ('succeeded', 'failed', 'cancelled', 'aborted')"
    " AND NOT EXISTS (SELECT 1 FROM procrastinate_events AS e WHERE e.job_id = procrastinate_jobs.id AND e.at >= %(before)s)",
)


def count(database: Database, rules: Iterable[tuple[Old, datetime]]) -> dict[str, int]:
    """How many rows of each kind are older than the moment beside it."""
    found = {}
    for old, before in rules:
        with database.transaction(timeout_seconds=STATEMENT_SECONDS) as tx:
            row = tx.execute(f"SELECT count(*) AS rows FROM {old.table} WHERE {old.condition}", {"before": before}).fetchone()
        found[old.name] = int(row["rows"]) if row else 0
    return found


def remove(database: Database, rules: Iterable[tuple[Old, datetime]], *, batch: int = BATCH) -> dict[str, int]:
    """Removes them, a batch in each transaction, so that nobody waits for long; how many of each kind went."""
    return {old.name: _removed(database, old, before, batch) for old, before in rules}


def _removed(database: Database, old: Old, before: datetime, batch: int) -> int:
    statement = (
        f"DELETE FROM {old.table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {old.table} WHERE {old.condition}"
        " LIMIT %(batch)s FOR UPDATE SKIP LOCKED))"
    )
    gone = 0
    for _ in range(BATCHES_LIMIT):
        with database.transaction(timeout_seconds=STATEMENT_SECONDS) as tx:
            rows = tx.execute(statement, {"before": before, "batch": batch}).rowcount
        gone += rows
        if rows < batch:
            break
    return gone
