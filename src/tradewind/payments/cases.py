"""Disputes in PostgreSQL, what they moved, and the webhooks that were taken."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tradewind.db import AsyncTransaction, Sealer, SealIsBroken, Transaction, sealer_of
from tradewind.payments.errors import DisputeUnknown
from tradewind.payments.model import Dispute, DisputeStatus
from tradewind.payments.ports import ProviderEvent

LIST_LIMIT = 500
_DISPUTE = (
    "dispute_id, payment_id, reference, reason, amount, currency, fee, status, evidence_due_at, evidence, submitted_at, opened_at,"
    " told_at AS updated_at"
)


async def of_id(tx: AsyncTransaction, dispute_id: str) -> Dispute:
    """The case. DisputeUnknown."""
    row = await (await tx.execute(f"SELECT {_DISPUTE} FROM payments_dispute WHERE dispute_id = %s", (dispute_id,))).fetchone()
    if row is None:
        raise DisputeUnknown(f'there is no dispute "{dispute_id}"', hint="tradewind payment dispute list")
    return _dispute(tx, row)


async def of_reference(tx: AsyncTransaction, reference: str) -> Dispute | None:
    """The case that a provider knows by this reference."""
    row = await (await tx.execute(f"SELECT {_DISPUTE} FROM payments_dispute WHERE reference = %s", (reference,))).fetchone()
    return _dispute(tx, row) if row else None


async def list_cases(tx: AsyncTransaction, *, open_only: bool = False, limit: int = LIST_LIMIT) -> list[Dispute]:
    """The cases, those first whose deadline comes first."""
    statement = (
        f"SELECT {_DISPUTE} FROM payments_dispute WHERE NOT %s OR status IN ('needs_response', 'under_review')"
        " ORDER BY status <> 'needs_response', evidence_due_at NULLS LAST, dispute_id LIMIT %s"
    )
    return [_dispute(tx, row) for row in await (await tx.execute(statement, (open_only, min(limit, LIST_LIMIT)))).fetchall()]


async def open_case(tx: AsyncTransaction, dispute: Dispute, now: datetime) -> None:
    """Writes a new case."""
    await tx.execute(
        "INSERT INTO payments_dispute (dispute_id, payment_id, reference, reason, amount, currency, fee, status, evidence_due_at, told_at,"
        " opened_at, updated_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            dispute.dispute_id,
            dispute.payment_id,
            dispute.reference,
            dispute.reason,
            dispute.amount,
            dispute.currency,
            dispute.fee,
            dispute.status,
            dispute.evidence_due_at,
            dispute.updated_at,
            now,
            now,
        ),
    )


async def move(tx: AsyncTransaction, dispute: Dispute, told_at: datetime, now: datetime) -> None:
    """Writes what became of a case."""
    await tx.execute(
        "UPDATE payments_dispute SET status = %s, fee = %s, amount = %s, evidence_due_at = %s, told_at = %s, updated_at = %s WHERE dispute_id = %s",
        (dispute.status, dispute.fee, dispute.amount, dispute.evidence_due_at, told_at, now, dispute.dispute_id),
    )


async def submitted(tx: AsyncTransaction, dispute_id: str, evidence: Mapping[str, str], at: datetime) -> None:
    """The evidence was handed in; a webhook may have told of the next state before."""
    await tx.execute(
        "UPDATE payments_dispute SET evidence = %s::jsonb, submitted_at = %s, updated_at = %s,"
        " status = CASE WHEN status = 'needs_response' THEN 'under_review' ELSE status END WHERE dispute_id = %s",
        (json.dumps(_sealed(sealer_of(tx), dispute_id, dict(evidence)), ensure_ascii=False), at, at, dispute_id),
    )


async def book(tx: AsyncTransaction, dispute: Dispute, kind: str, amount: int, at: datetime) -> None:
    """Writes what a case moved, signed; once for each kind."""
    await tx.execute(
        "INSERT INTO payments_booking (payment_id, dispute_id, kind, amount, currency, booked_at) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (dispute_id, kind) DO NOTHING",
        (dispute.payment_id, dispute.dispute_id, kind, amount, dispute.currency, at),
    )


async def bookings(tx: AsyncTransaction, dispute_id: str) -> list[tuple[str, int]]:
    """What a case moved: (kind, amount), signed."""
    statement = "SELECT kind, amount FROM payments_booking WHERE dispute_id = %s ORDER BY booking_id"
    return [(row["kind"], row["amount"]) for row in await (await tx.execute(statement, (dispute_id,))).fetchall()]


async def was_taken(tx: AsyncTransaction, provider: str, event_id: str) -> bool:
    """Whether this webhook was carried out before."""
    found = await tx.execute("SELECT 1 FROM payments_event WHERE provider = %s AND event_id = %s", (provider, event_id))
    return await found.fetchone() is not None


async def note_taken(tx: AsyncTransaction, provider: str, event: ProviderEvent, at: datetime) -> bool:
    """Remembers a webhook in the transaction of its effect. False when another process did so meanwhile."""
    done = await tx.execute(
        "INSERT INTO payments_event (provider, event_id, name, reference, occurred_at, received_at) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (provider, event.event_id, event.name, event.reference, event.occurred_at, at),
    )
    return done.rowcount == 1


async def forget_events(tx: AsyncTransaction, before: datetime) -> int:
    """Forgets webhooks that came before a moment; no provider repeats one for longer than days."""
    return (await tx.execute("DELETE FROM payments_event WHERE received_at < %s", (before,))).rowcount


def reseal(tx: Transaction, keys: Sealer) -> int:
    """Seals evidence again that an older key sealed, or that was written in clear before; how many cases."""
    rows = tx.execute("SELECT dispute_id, evidence FROM payments_dispute WHERE evidence <> '{}' FOR UPDATE").fetchall()
    old = [row for row in rows if "sealed" not in row["evidence"] or not keys.is_current_json(row["evidence"]["sealed"])]
    for row in old:
        evidence = _sealed(keys, row["dispute_id"], _opened(keys, row["dispute_id"], row["evidence"]))
        tx.execute("UPDATE payments_dispute SET evidence = %s::jsonb WHERE dispute_id = %s", (json.dumps(evidence), row["dispute_id"]))
    return len(old)


def _dispute(tx: AsyncTransaction, row: Mapping[str, Any]) -> Dispute:
    evidence = _opened(sealer_of(tx), row["dispute_id"], row["evidence"])
    return Dispute(**(dict(row) | {"status": DisputeStatus(row["status"]), "evidence": evidence}))


def _sealed(keys: Sealer | None, dispute_id: str, evidence: dict[str, str]) -> dict[str, str]:
    """Evidence names the buyer and the address."""
    return {"sealed": keys.seal_json(evidence, _context(dispute_id))} if keys is not None else evidence


def _opened(keys: Sealer | None, dispute_id: str, kept: Mapping[str, str]) -> dict[str, str]:
    if "sealed" not in kept:
        return dict(kept)
    if keys is None:
        raise SealIsBroken(f"{_context(dispute_id)} is sealed, and this database was opened without keys", hint="open it with its settings")
    opened: dict[str, str] = keys.open_json(kept["sealed"], _context(dispute_id))
    return opened


def _context(dispute_id: str) -> str:
    return f"payments_dispute.evidence/{dispute_id}"
