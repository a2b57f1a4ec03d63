"""The job that resolves what is unknown: payments whose answer was lost, operations without an end, authorizations that run out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tradewind.db import AsyncTransaction
from tradewind.kit import TransitionNotAllowed
from tradewind.payments import cases, store
from tradewind.payments.model import PAYMENT, Operation, OperationKind, Payment, PaymentStatus, Result
from tradewind.payments.ports import Held, PaymentOutcome
from tradewind.payments.rules import RENEW_BEFORE, is_open, renewal_is_due
from tradewind.payments.service import NOT_FOUND, Payments, tell

BATCH = 100
# No provider repeats a webhook for longer than some days.
KEEP_EVENTS = timedelta(days=90)
PENDING_PAUSE = timedelta(seconds=60)
ORPHAN_PAUSE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a round did: payments and operations whose end is known now, those still open, renewals, orphans that were announced."""

    settled: int = 0
    finished: int = 0
    open: int = 0
    renewed: int = 0
    expired: int = 0
    announced: int = 0


async def reconcile(payments: Payments, limit: int = BATCH) -> Reconciled:
    """One round over at most `limit` of each kind. Safe beside other rounds and beside the shop."""
    done = await _decide_payments(payments, limit)
    finished, still = await _finish_operations(payments, limit)
    renewed, expired = await _renew(payments, limit)
    announced = await _announce_orphans(payments, limit)
    async with payments.database.transaction() as tx:
        await cases.forget_events(tx, payments.clock() - KEEP_EVENTS)
    return replace(done, finished=finished, open=done.open + still, renewed=renewed, expired=expired, announced=announced)


async def adopt(payments: Payments, payment: Payment, held: Held) -> Payment:
    """Takes over what the provider holds where it differs: money that moved there without us, such as a refund in its dashboard.

    Nothing is taken over while an operation is on its way: its own end tells the same.
    """
    now = payments.clock()
    async with payments.database.transaction() as tx:
        known = await store.payment(tx, payment.payment_id, lock=True)
        if any(is_open(one) for one in await store.operations(tx, known.payment_id) if one.kind is not OperationKind.AUTHORIZE):
            return known
        changed = known
        if held.captured > changed.captured and held.captured <= changed.authorized:
            await store.note_found(
                tx, changed, OperationKind.CAPTURE, held.captured - changed.captured, cause=f"found.capture.{held.captured}", at=now
            )
            changed = replace(changed, captured=held.captured)
            changed = replace(changed, status=PaymentStatus(PAYMENT.fire(changed.status, "capture", changed)))
        if changed.refunded < held.refunded <= changed.captured:
            await store.note_found(
                tx, changed, OperationKind.REFUND, held.refunded - changed.refunded, cause=f"found.refund.{held.refunded}", at=now
            )
            changed = replace(changed, refunded=held.refunded)
            changed = replace(changed, status=PaymentStatus(PAYMENT.fire(changed.status, "refund", changed)))
        if held.refunded < changed.refunded:
            changed = await _took_back(tx, changed, held.refunded, now)
        if held.voided and changed.status is PaymentStatus.AUTHORIZED and not changed.captured:
            await store.note_found(tx, changed, OperationKind.VOID, changed.authorized, cause="found.void", at=now)
            changed = replace(changed, status=PaymentStatus(PAYMENT.fire(changed.status, "void", changed)))
        if changed != known:
            changed = replace(changed, updated_at=now)
            await store.write(tx, changed)
            await tell(tx, changed, changed.status)
        return changed


async def _took_back(tx: AsyncTransaction, payment: Payment, refunded: int, now: datetime) -> Payment:
    """A refund that had succeeded came back from the shopper's bank: its operation failed after all, and the money is still owed."""
    await store.fail_refund(tx, payment.payment_id, payment.refunded - refunded, now)
    changed = replace(payment, refunded=refunded)
    return replace(changed, status=PaymentStatus(PAYMENT.fire(payment.status, "refund_fail", changed)))


async def _decide_payments(payments: Payments, limit: int) -> Reconciled:
    now = payments.clock()
    async with payments.database.transaction() as tx:
        waiting = await store.undecided(tx, now, now - payments.grace, now - PENDING_PAUSE, limit)
    settled = 0
    for payment in waiting:
        try:
            after = await payments.refresh(payment, telling=True)
        except TransitionNotAllowed:  # somebody settled it meanwhile, otherwise than the provider said a moment before
            continue
        settled += after.status is not payment.status
    return Reconciled(settled=settled, open=len(waiting) - settled)


async def _finish_operations(payments: Payments, limit: int) -> tuple[int, int]:
    now = payments.clock()
    async with payments.database.transaction() as tx:
        waiting = await store.open_operations(tx, now - payments.grace, limit)
    finished = 0
    for operation in waiting:
        finished += await _finish(payments, operation)
    return finished, len(waiting) - finished


async def _finish(payments: Payments, operation: Operation) -> bool:
    payment = await payments.payment(operation.payment_id)

    async def known() -> PaymentOutcome:
        found = await payments.look_up(payment, operation)
        return found if found is not None else PaymentOutcome(Result.UNKNOWN, code=NOT_FOUND)

    outcome = await payments.answered(known)
    if outcome.code == NOT_FOUND:
        # What was decided is still wanted, and its key makes a repeat harmless.
        outcome = await payments.repeat(payment, operation)
    if outcome.status in {Result.UNKNOWN, Result.PENDING}:
        async with payments.database.transaction() as tx:
            await store.touch_operation(tx, operation.key, payments.clock())
        return False
    await payments.finish(operation, outcome, telling=True)
    return True


async def _renew(payments: Payments, limit: int) -> tuple[int, int]:
    now = payments.clock()
    async with payments.database.transaction() as tx:
        ending = await store.running_out(tx, now + RENEW_BEFORE, limit)
    renewed = expired = 0
    for payment in ending:
        if payment.authorized_until is not None and payment.authorized_until <= now:
            expired += await _expire(payments, payment)
        elif payment.order_id is not None and renewal_is_due(payment, now) and payments.capabilities(payment.provider).renew:
            # One try for each authorization: a card that was declined today is declined every five minutes.
            done = await payments.renew(payment, f"ends {payment.authorized_until:%Y-%m-%dT%H:%M}")
            renewed += done.outcome is not None and done.outcome.status is Result.SUCCEEDED and done.payment.reference != payment.reference
    return renewed, expired


async def _expire(payments: Payments, payment: Payment) -> bool:
    now = payments.clock()
    async with payments.database.transaction() as tx:
        known = await store.payment(tx, payment.payment_id, lock=True)
        if known.status is not PaymentStatus.AUTHORIZED or known.authorized_until is None or known.authorized_until > now:
            return False
        ended = replace(known, status=PaymentStatus(PAYMENT.fire(known.status, "expire", known)), updated_at=now)
        await store.write(tx, ended)
        await tell(tx, ended, "expired")
        return True


async def _announce_orphans(payments: Payments, limit: int) -> int:
    now = payments.clock()
    async with payments.database.transaction() as tx:
        found = await store.orphans(tx, now - ORPHAN_PAUSE, limit)
        for payment in found:
            await store.touch(tx, payment.payment_id, now)
            await tell(tx, payment, payment.status)
    return len(found)
