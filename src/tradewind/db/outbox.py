"""Effects leave a transaction only as rows of the outbox, written in that transaction; a relay turns batches of rows into jobs."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tradewind.db.database import Transaction
from tradewind.db.link import AsyncTransaction

RELAY_BATCH = 500
KEEP_RELAYED_HOURS = 48

_PUT = """
INSERT INTO db_outbox (queue, task, args, priority, lock, scheduled_at)
VALUES (%(queue)s, %(task)s, %(args)s::jsonb, %(priority)s, %(lock)s, %(scheduled_at)s) RETURNING id
"""
PUT_ALL = """
INSERT INTO db_outbox (queue, task, args, lock)
SELECT 'default', task, args, lock FROM jsonb_to_recordset(%(outbox)s::jsonb) AS r (task text, args jsonb, lock text)
"""
"""A part of a room's own statement (`WITH told AS (…)`) that writes rows in the statement of their effect; see `rows`."""

# One statement: rows that another relay holds are skipped, and what is deferred is marked in the same transaction.
# No queueing lock is passed on: a conflict over one would abort the whole batch.
_RELAY = """
WITH batch AS (
    SELECT id, queue, task, priority, lock, args, scheduled_at
      FROM db_outbox WHERE relayed_at IS NULL ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
),
jobs AS (
    SELECT procrastinate_defer_jobs_v1(array_agg(
               ROW(queue, task, priority, lock, NULL, args, scheduled_at)::procrastinate_job_to_defer_v1 ORDER BY id)) AS ids
      FROM batch HAVING count(*) > 0
)
UPDATE db_outbox SET relayed_at = now()
  FROM batch, jobs
 WHERE db_outbox.id = batch.id AND jobs.ids IS NOT NULL
"""
_PRUNE = "DELETE FROM db_outbox WHERE relayed_at < now() - make_interval(hours => %s)"
_WAITING = "SELECT count(*) AS waiting, min(created_at) AS oldest_at FROM db_outbox WHERE relayed_at IS NULL"


def put(
    tx: Transaction,
    task: str,
    args: Mapping[str, Any],
    *,
    queue: str = "default",
    priority: int = 0,
    lock: str | None = None,
    scheduled_at: datetime | None = None,
) -> int:
    """Asks for a job that runs once this transaction has committed; jobs of one `lock` run one after the other. The row's id."""
    values = _values(task, args, queue=queue, priority=priority, lock=lock, scheduled_at=scheduled_at)
    return _id(tx.execute(_PUT, values).fetchone())


def put_once(tx: Transaction, task: str, args: Mapping[str, Any], *, lock: str | None = None) -> bool:
    """The same unless an equal row waits already; whether one was written. For wake-ups, where one for many changes is enough."""
    found = tx.execute(
        "SELECT 1 FROM db_outbox WHERE relayed_at IS NULL AND task = %s AND args = %s::jsonb LIMIT 1", (task, json.dumps(dict(args)))
    )
    if found.fetchone() is not None:
        return False
    put(tx, task, args, lock=lock)
    return True


async def put_async(
    tx: AsyncTransaction,
    task: str,
    args: Mapping[str, Any],
    *,
    queue: str = "default",
    priority: int = 0,
    lock: str | None = None,
    scheduled_at: datetime | None = None,
) -> int:
    """The same in an asynchronous transaction."""
    values = _values(task, args, queue=queue, priority=priority, lock=lock, scheduled_at=scheduled_at)
    return _id(await (await tx.execute(_PUT, values)).fetchone())


def rows(*wanted: tuple[str, Mapping[str, Any], str | None]) -> str:
    """The parameter `outbox` of PUT_ALL from (task, args, lock)."""
    return json.dumps([{"task": task, "args": dict(args), "lock": lock} for task, args, lock in wanted])


def relay(tx: Transaction, *, limit: int = RELAY_BATCH) -> int:
    """Turns at most `limit` waiting rows into jobs, in the order they were written, and gives their number."""
    return tx.execute(_RELAY, {"limit": limit}).rowcount


def prune(tx: Transaction, *, hours: int = KEEP_RELAYED_HOURS) -> int:
    """Removes rows that became jobs more than `hours` ago."""
    return tx.execute(_PRUNE, (hours,)).rowcount


def waiting(tx: Transaction) -> tuple[int, datetime | None]:
    """How many rows wait for the relay, and since when the oldest does; a growing number means that no worker runs."""
    row = tx.execute(_WAITING).fetchone()
    return (row["waiting"], row["oldest_at"]) if row else (0, None)


def _values(
    task: str, args: Mapping[str, Any], *, queue: str, priority: int, lock: str | None, scheduled_at: datetime | None
) -> dict[str, Any]:
    return {"queue": queue, "task": task, "args": json.dumps(dict(args)), "priority": priority, "lock": lock, "scheduled_at": scheduled_at}


def _id(row: Mapping[str, Any] | None) -> int:
    return int(row["id"]) if row else 0
