"""The audit trail: who did what to which thing. Rows are only added; the database itself refuses to change or delete them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradewind.db.database import Transaction
from tradewind.db.link import AsyncTransaction

PAGE = 100

_RECORD = "INSERT INTO db_audit_entry (actor, action, subject, detail) VALUES (%s, %s, %s, %s::jsonb)"
_ENTRIES = """
SELECT id, at, actor, action, subject, detail FROM db_audit_entry
 WHERE (%(subject)s::text IS NULL OR subject = %(subject)s) AND (%(before)s::bigint IS NULL OR id < %(before)s)
 ORDER BY id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One recorded act. `detail` holds values, never secrets."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


def record(tx: Transaction, actor: str, action: str, subject: str, detail: Mapping[str, Any] | None = None) -> None:
    """Writes an entry in the transaction of the act: record(tx, "anna", "run.approve", "run_01k…", {"market": "us"})."""
    tx.execute(_RECORD, (actor, action, subject, json.dumps(dict(detail or {}))))


async def record_async(tx: AsyncTransaction, actor: str, action: str, subject: str, detail: Mapping[str, Any] | None = None) -> None:
    """The same in an asynchronous transaction."""
    await tx.execute(_RECORD, (actor, action, subject, json.dumps(dict(detail or {}))))


def entries(tx: Transaction, *, subject: str | None = None, before: int | None = None, limit: int = PAGE) -> list[AuditEntry]:
    """The newest entries first, of one subject or of all, below the id `before`."""
    rows = tx.execute(_ENTRIES, {"subject": subject, "before": before, "limit": min(limit, PAGE)}).fetchall()
    return [AuditEntry(**row) for row in rows]
