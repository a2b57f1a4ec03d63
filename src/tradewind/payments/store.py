"""Payments and their operations in PostgreSQL. One statement begins a payment, one settles it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tradewind.db import AsyncTransaction, Rows, Step
from tradewind.payments.errors import AnotherPaymentIsOpen, PaymentUnknown
from tradewind.payments.model import LIVE, PAYMENT, Operation, OperationKind, Payment, PaymentStatus, Result, Verdict, operation_key
from tradewind.payments.ports import PaymentOutcome, Velocity
from tradewind.payments.rules import already_there, sources_of, transition_of

VELOCITY_WINDOW = timedelta(hours=24)
LIST_LIMIT = 500

_PAYMENT = (
    "payment_id, session_id, order_id, provider, method, market, currency, amount, authorized, captured, refunded, status, verdict, reasons,"
    " reference, code, message, challenge_url, authorized_until, created_at, updated_at"
)
_OPERATION = "key, payment_id, kind, cause, amount, status, reference, code, message, created_at, updated_at"
# The counts are of the moment before: what a statement reads does not hold what it writes.
_BEGIN = f"""
WITH made AS (
    INSERT INTO payments_payment (payment_id, session_id, provider, method, market, currency, amount, status,
                                  email_digest, address_digest, network_digest, created_at, updated_at)
    VALUES (%(payment_id)s, %(session_id)s, %(provider)s, %(method)s, %(market)s, %(currency)s, %(amount)s, 'begun',
            %(email)s, %(address)s, %(network)s, %(at)s, %(at)s)
    ON CONFLICT DO NOTHING RETURNING {_PAYMENT}
), asked AS (
    INSERT INTO payments_operation (key, payment_id, kind, cause, amount, created_at, updated_at)
    SELECT %(key)s, payment_id, 'authorize', 'authorize', amount, %(at)s, %(at)s FROM made
), seen AS (
    SELECT count(*) FILTER (WHERE email_digest = %(email)s AND %(email)s <> '') AS by_email,
           count(*) FILTER (WHERE address_digest = %(address)s AND %(address)s <> '') AS by_address,
           count(*) FILTER (WHERE network_digest = %(network)s AND %(network)s <> '') AS by_network,
           count(*) FILTER (WHERE status = 'failed') AS failed
      FROM payments_payment
     WHERE created_at > %(since)s
       AND ((email_digest = %(email)s AND email_digest <> '') OR (address_digest = %(address)s AND address_digest <> '')
            OR (network_digest = %(network)s AND network_digest <> ''))
)
SELECT made.*, seen.* FROM made CROSS JOIN seen
"""
_SETTLE = f"""
WITH moved AS (
    UPDATE payments_payment
       SET status = %(target)s, live = live AND %(live)s,
           reference = coalesce(nullif(%(reference)s, ''), reference), code = %(code)s, message = %(message)s,
           challenge_url = %(challenge_url)s, authorized_until = coalesce(%(authorized_until)s, authorized_until),
           authorized = CASE WHEN %(target)s IN ('authorized', 'captured') THEN amount ELSE authorized END,
           captured = CASE WHEN %(target)s = 'captured' THEN amount ELSE captured END,
           verdict = coalesce(%(verdict)s, verdict), reasons = coalesce(%(reasons)s, reasons),
           card_digest = coalesce(nullif(%(card)s, ''), card_digest),
           order_id = coalesce(%(order_id)s, order_id), updated_at = %(at)s
     WHERE payment_id = %(payment_id)s AND status = ANY(%(sources)s)
    RETURNING {_PAYMENT}
), used AS (
    SELECT count(*) AS by_card FROM payments_payment
     WHERE card_digest = %(card)s AND card_digest <> '' AND created_at > %(since)s AND payment_id <> %(payment_id)s
), told AS (
    UPDATE payments_operation SET status = %(status)s, reference = %(reference)s, code = %(code)s, message = %(message)s, updated_at = %(at)s
     WHERE key = %(key)s AND EXISTS (SELECT 1 FROM moved)
)
SELECT moved.*, used.by_card FROM moved CROSS JOIN used
"""
_WRITE = """
UPDATE payments_payment
   SET status = %(status)s, live = live AND %(live)s, authorized = %(authorized)s, captured = %(captured)s, refunded = %(refunded)s,
       reference = %(reference)s, authorized_until = %(authorized_until)s, updated_at = %(updated_at)s
 WHERE payment_id = %(payment_id)s
"""


@dataclass(frozen=True, slots=True)
class Signals:
    """Digests of who pays, by which attempts are counted; "" where something is not known."""

    email: str = ""
    address: str = ""
    network: str = ""


def beginning(
    values: Mapping[str, Any], signals: Signals, at: datetime, window: timedelta = VELOCITY_WINDOW
) -> Step[tuple[Payment, Velocity]]:
    """Writes a payment before its provider is asked, and counts earlier attempts. AnotherPaymentIsOpen.

    `values` are payment_id, session_id, provider, method, market, currency, amount.
    """
    key = operation_key(values["payment_id"], OperationKind.AUTHORIZE, 1)
    known = {"email": signals.email, "address": signals.address, "network": signals.network, "key": key, "at": at, "since": at - window}

    def told(rows: Rows) -> tuple[Payment, Velocity]:
        row = rows.one()
        if row is None:
            raise AnotherPaymentIsOpen(
                f"the session {values['session_id']} has a payment that is open or succeeded", hint="wait for its end, or void it first"
            )
        counted = {name: row.pop(name) for name in ("by_email", "by_address", "by_network", "failed")}
        return payment_from(row), Velocity(**counted)

    return Step(_BEGIN, {**values, **known}, told)


async def settle(
    tx: AsyncTransaction,
    payment_id: str,
    outcome: PaymentOutcome,
    at: datetime,
    *,
    verdict: Verdict | None = None,
    reasons: Sequence[str] = (),
    card: str = "",
    order_id: str | None = None,
) -> tuple[Payment, int]:
    """Books the answer to an authorization, and counts what else came from its card within the window.

    An answer that came before changes nothing; TransitionNotAllowed when it contradicts what is known.
    """
    step = transition_of(outcome)
    sources, target = sources_of(step)
    values = {
        "payment_id": payment_id,
        "key": operation_key(payment_id, OperationKind.AUTHORIZE, 1),
        "sources": sources,
        "target": target,
        "live": target in LIVE,
        "status": outcome.status,
        "reference": outcome.reference,
        "code": outcome.code,
        "message": outcome.message,
        "challenge_url": outcome.challenge_url,
        "authorized_until": outcome.authorized_until,
        "verdict": verdict,
        "reasons": list(reasons) if verdict is not None else None,
        "card": card,
        "order_id": order_id,
        "at": at,
        "since": at - VELOCITY_WINDOW,
    }
    row = await (await tx.execute(_SETTLE, values)).fetchone()
    if row is not None:
        return payment_from(row), int(row["by_card"])
    known = await payment(tx, payment_id)
    if not already_there(known, step):
        PAYMENT.fire(known.status, step, known)
    if order_id is not None and known.order_id is None:
        await bind_order(tx, payment_id, order_id, at)
        known = await payment(tx, payment_id)
    return known, 0


async def bind_order(tx: AsyncTransaction, payment_id: str, order_id: str, at: datetime) -> None:
    """The payment belongs to this order from now on."""
    await tx.execute("UPDATE payments_payment SET order_id = %s, updated_at = %s WHERE payment_id = %s", (order_id, at, payment_id))


async def payment(tx: AsyncTransaction, payment_id: str, *, lock: bool = False) -> Payment:
    """The payment; with `lock` nobody else changes it in this transaction. PaymentUnknown."""
    clause = " FOR UPDATE" if lock else ""
    row = await (await tx.execute(f"SELECT {_PAYMENT} FROM payments_payment WHERE payment_id = %s{clause}", (payment_id,))).fetchone()
    if row is None:
        raise PaymentUnknown(f'there is no payment "{payment_id}"', hint="tradewind payment list")
    return payment_from(row)


async def payment_of(tx: AsyncTransaction, *, session_id: str | None = None, order_id: str | None = None) -> Payment | None:
    """The payment of a session or an order: the live one, else the newest."""
    column, value = ("session_id", session_id) if order_id is None else ("order_id", order_id)
    statement = f"SELECT {_PAYMENT} FROM payments_payment WHERE {column} = %s ORDER BY live DESC, created_at DESC, payment_id DESC LIMIT 1"
    row = await (await tx.execute(statement, (value,))).fetchone()
    return payment_from(row) if row else None


async def payment_at(tx: AsyncTransaction, provider: str, reference: str) -> Payment | None:
    """The payment that a provider knows by this reference."""
    statement = f"SELECT {_PAYMENT} FROM payments_payment WHERE reference = %s AND provider = %s"
    row = await (await tx.execute(statement, (reference, provider))).fetchone()
    return payment_from(row) if row else None


async def list_payments(
    tx: AsyncTransaction, *, status: Sequence[str] = (), verdict: str | None = None, order_id: str | None = None, limit: int = LIST_LIMIT
) -> list[Payment]:
    """The newest payments, of these states, of this verdict, of this order."""
    values = {"status": list(status) or None, "verdict": verdict, "order_id": order_id, "limit": min(limit, LIST_LIMIT)}
    statement = (
        f"SELECT {_PAYMENT} FROM payments_payment WHERE (%(status)s::text[] IS NULL OR status = ANY(%(status)s))"
        " AND (%(verdict)s::text IS NULL OR verdict = %(verdict)s) AND (%(order_id)s::text IS NULL OR order_id = %(order_id)s)"
        " ORDER BY created_at DESC, payment_id DESC LIMIT %(limit)s"
    )
    return [payment_from(row) for row in await (await tx.execute(statement, values)).fetchall()]


async def payments_page(tx: AsyncTransaction, *, before: str | None = None, limit: int = LIST_LIMIT) -> list[Payment]:
    """The newest payments, behind the id `before`: an id begins with the time it was made at."""
    asked = "" if before is None else " WHERE payment_id < %(before)s"
    statement = f"SELECT {_PAYMENT} FROM payments_payment{asked} ORDER BY payment_id DESC LIMIT %(limit)s"
    return [payment_from(row) for row in await (await tx.execute(statement, {"before": before, "limit": limit})).fetchall()]


async def write(tx: AsyncTransaction, changed: Payment) -> None:
    """Writes the sums, state and reference of a payment that this transaction has locked."""
    values = {name: getattr(changed, name) for name in ("payment_id", "status", "authorized", "captured", "refunded", "reference")}
    values |= {"authorized_until": changed.authorized_until, "updated_at": changed.updated_at, "live": changed.status in LIVE}
    await tx.execute(_WRITE, values)


async def set_verdict(tx: AsyncTransaction, payment_id: str, verdict: Verdict, reasons: Sequence[str], at: datetime) -> None:
    """What was decided about a payment, and why."""
    statement = "UPDATE payments_payment SET verdict = %s, reasons = %s, updated_at = %s WHERE payment_id = %s"
    await tx.execute(statement, (verdict, list(reasons), at, payment_id))


async def operations(tx: AsyncTransaction, payment_id: str) -> list[Operation]:
    """The operations of a payment, oldest first."""
    statement = f"SELECT {_OPERATION} FROM payments_operation WHERE payment_id = %s ORDER BY created_at, key"
    return [_operation(row) for row in await (await tx.execute(statement, (payment_id,))).fetchall()]


async def ask(
    tx: AsyncTransaction, one: Payment, kind: OperationKind, amount: int, *, cause: str, held: Sequence[Operation], at: datetime
) -> Operation:
    """Writes an operation before the provider is asked. `held` are the payment's operations, read under its lock."""
    number = sum(1 for known in held if known.kind is kind) + 1
    key = operation_key(one.payment_id, kind, number)
    made = Operation(key, one.payment_id, kind, cause, amount, None, one.reference, "", "", at, at)
    await tx.execute(
        "INSERT INTO payments_operation (key, payment_id, kind, cause, amount, reference, created_at, updated_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (key, one.payment_id, kind, cause, amount, one.reference, at, at),
    )
    return made


async def end(tx: AsyncTransaction, key: str, outcome: PaymentOutcome, at: datetime) -> bool:
    """Books the end of an operation. False when it had ended before; nothing has changed then."""
    statement = (
        "UPDATE payments_operation SET status = %s, code = %s, message = %s, updated_at = %s"
        " WHERE key = %s AND (status IS NULL OR status IN ('pending', 'unknown'))"
    )
    done = await tx.execute(statement, (outcome.status, outcome.code, outcome.message, at, key))
    return done.rowcount == 1


async def note_found(tx: AsyncTransaction, one: Payment, kind: OperationKind, amount: int, *, cause: str, at: datetime) -> None:
    """Writes an operation that was done at the provider without us, such as a refund by hand in its dashboard."""
    await tx.execute(
        "INSERT INTO payments_operation (key, payment_id, kind, cause, amount, status, reference, message, created_at, updated_at)"
        " VALUES (%s, %s, %s, %s, %s, 'succeeded', %s, 'done at the provider', %s, %s) ON CONFLICT DO NOTHING",
        (f"{one.payment_id}.{cause}", one.payment_id, kind, cause, amount, one.reference, at, at),
    )


async def fail_refund(tx: AsyncTransaction, payment_id: str, amount: int, at: datetime) -> None:
    """The newest refund of this amount had succeeded and came back; where none fits, only the payment's sum tells of it."""
    await tx.execute(
        "UPDATE payments_operation SET status = 'failed', code = 'came_back', updated_at = %s WHERE key = (SELECT key FROM payments_operation"
        " WHERE payment_id = %s AND kind = 'refund' AND status = 'succeeded' AND amount = %s ORDER BY created_at DESC LIMIT 1)",
        (at, payment_id, amount),
    )


async def undecided(tx: AsyncTransaction, now: datetime, begun_before: datetime, pending_before: datetime, limit: int) -> list[Payment]:
    """Payments whose end must be asked for, the longest waiting first."""
    statement = (
        f"SELECT {_PAYMENT} FROM payments_payment WHERE (status = 'unknown' AND updated_at <= %s) OR (status = 'begun' AND updated_at <= %s)"
        " OR (status = 'pending' AND updated_at <= %s) ORDER BY updated_at LIMIT %s"
    )
    return [payment_from(row) for row in await (await tx.execute(statement, (now, begun_before, pending_before, limit))).fetchall()]


async def open_operations(tx: AsyncTransaction, asked_before: datetime, limit: int) -> list[Operation]:
    """Captures, voids, refunds and renewals whose end is not known, the longest waiting first."""
    statement = (
        f"SELECT {_OPERATION} FROM payments_operation WHERE kind <> 'authorize' AND (status IS NULL OR status IN ('pending', 'unknown'))"
        " AND updated_at <= %s ORDER BY updated_at LIMIT %s"
    )
    return [_operation(row) for row in await (await tx.execute(statement, (asked_before, limit))).fetchall()]


async def orphans(tx: AsyncTransaction, settled_before: datetime, limit: int) -> list[Payment]:
    """Payments with money and without an order since a while: somebody must make the order or give the money back."""
    statement = (
        f"SELECT {_PAYMENT} FROM payments_payment WHERE status IN ('authorized', 'captured') AND order_id IS NULL AND updated_at <= %s"
        " ORDER BY updated_at LIMIT %s"
    )
    return [payment_from(row) for row in await (await tx.execute(statement, (settled_before, limit))).fetchall()]


async def running_out(tx: AsyncTransaction, until: datetime, limit: int) -> list[Payment]:
    """Authorizations without a capture that end before `until`, the first to end first."""
    statement = (
        f"SELECT {_PAYMENT} FROM payments_payment WHERE status = 'authorized' AND authorized_until <= %s AND captured = 0"
        " ORDER BY authorized_until LIMIT %s"
    )
    return [payment_from(row) for row in await (await tx.execute(statement, (until, limit))).fetchall()]


async def touch(tx: AsyncTransaction, payment_id: str, at: datetime) -> None:
    """A payment was asked after without an answer: others come first next time."""
    await tx.execute("UPDATE payments_payment SET updated_at = %s WHERE payment_id = %s", (at, payment_id))


async def touch_operation(tx: AsyncTransaction, key: str, at: datetime) -> None:
    """The same for an operation."""
    await tx.execute("UPDATE payments_operation SET updated_at = %s WHERE key = %s", (at, key))


async def set_code(tx: AsyncTransaction, payment_id: str, code_hash: str, tries: int) -> bool:
    """Keeps the hash of a new code. False when no confirmation is waited for, or the tries are used up."""
    statement = "UPDATE payments_payment SET code_hash = %s WHERE payment_id = %s AND status = 'pending' AND code = 'confirmation' AND code_tries < %s"
    return (await tx.execute(statement, (code_hash, payment_id, tries))).rowcount == 1


async def try_code(tx: AsyncTransaction, payment_id: str, tries: int) -> str:
    """Counts a try and gives the hash to compare with; "" when there is none or the tries are used up."""
    statement = "UPDATE payments_payment SET code_tries = code_tries + 1 WHERE payment_id = %s AND code_tries < %s RETURNING code_hash"
    row = await (await tx.execute(statement, (payment_id, tries))).fetchone()
    return str(row["code_hash"]) if row else ""


def payment_from(row: Mapping[str, Any]) -> Payment:
    """The payment of a row."""
    given = {name: row[name] for name in Payment.__dataclass_fields__}
    return Payment(
        **(given | {"status": PaymentStatus(row["status"]), "verdict": Verdict(row["verdict"]), "reasons": tuple(row["reasons"])})
    )


def _operation(row: Mapping[str, Any]) -> Operation:
    status = Result(row["status"]) if row["status"] else None
    return Operation(**(dict(row) | {"kind": OperationKind(row["kind"]), "status": status}))
