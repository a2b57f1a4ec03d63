"""Disputes: cases with a deadline, an evidence pack, and the money and fees they move, each booked once."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradewind.db import AsyncTransaction, audit
from tradewind.kit import InputIsInvalid, TransitionNotAllowed, new_id
from tradewind.payments import cases, store
from tradewind.payments.errors import PaymentWasRefused
from tradewind.payments.model import DISPUTE, Dispute, DisputeStatus, Operation, Payment, Result
from tradewind.payments.ports import DisputeNews, ProviderEvent
from tradewind.payments.rules import dispute_step, evidence_problems
from tradewind.payments.service import Payments, tell

MAX_EVIDENCE = 20_000


@dataclass(frozen=True, slots=True)
class Case:
    """A dispute with its payment, that payment's operations, and what it moved: (kind, amount), signed."""

    dispute: Dispute
    payment: Payment
    operations: Sequence[Operation]
    bookings: Sequence[tuple[str, int]]


async def take_news(tx: AsyncTransaction, payments: Payments, payment: Payment, event: ProviderEvent) -> Dispute | None:
    """Opens or moves the case that an event tells of; None when the event is older than what is known, or says nothing new."""
    news = event.dispute
    if news is None:
        return None
    now = payments.clock()
    await store.payment(tx, payment.payment_id, lock=True)  # two events of one dispute at once wait for each other
    known = await cases.of_reference(tx, news.reference)
    if known is None:
        dispute = _opened(payments, payment, news, event.occurred_at)
        await cases.open_case(tx, dispute, now)
    else:
        if event.occurred_at < (known.updated_at or event.occurred_at):
            return None
        dispute = _moved(known, news)
        await cases.move(tx, dispute, event.occurred_at, now)
    await _book(tx, dispute, news, now)
    if known is None or known.status is not dispute.status:
        await tell(tx, payment, f"dispute_{dispute.status}")
    return dispute


async def case(payments: Payments, dispute_id: str) -> Case:
    """A case with all that is known of it. DisputeUnknown."""
    async with payments.database.transaction() as tx:
        dispute = await cases.of_id(tx, dispute_id)
        payment = await store.payment(tx, dispute.payment_id)
        return Case(dispute, payment, await store.operations(tx, payment.payment_id), await cases.bookings(tx, dispute_id))


def pack(found: Case, facts: Mapping[str, str]) -> dict[str, str]:
    """The evidence of a case: what the payment itself proves, and the facts of the order (order, delivery, tracking, customer, …)."""
    payment = found.payment
    steps = "; ".join(
        f"{one.kind} {payment.money(one.amount)} {one.status or 'open'} at {one.created_at:%Y-%m-%d %H:%M} UTC" for one in found.operations
    )
    judged = f"risk: {payment.verdict}" + (f" ({'; '.join(payment.reasons)})" if payment.reasons else "")
    own = {"payment": f"{payment.payment_id} by {payment.method} through {payment.provider}, {payment.reference}: {steps}; {judged}"}
    return own | {name: text for name, text in facts.items() if text.strip()}


async def submit(payments: Payments, dispute_id: str, evidence: Mapping[str, str], by: str) -> Dispute:
    """Hands the evidence in, once for the same words. InputIsInvalid names what it lacks; PaymentWasRefused when the provider says no."""
    found = await case(payments, dispute_id)
    problems = evidence_problems(evidence)
    if problems:
        raise InputIsInvalid(f"the evidence of {dispute_id} is not complete: {'; '.join(problems)}", hint="add it with --fact NAME=TEXT")
    words = "\n".join(f"{name}={evidence[name]}" for name in sorted(evidence))
    if len(words) > MAX_EVIDENCE:
        raise InputIsInvalid(f"the evidence has {len(words):,} characters", hint=f"shorten it to {MAX_EVIDENCE:,}")
    DISPUTE.fire(found.dispute.status, "respond", found.dispute)
    key = f"{dispute_id}.{hashlib.sha256(words.encode()).hexdigest()[:16]}"
    provider = payments.provider(found.payment.provider)
    outcome = await payments.answered(lambda: provider.submit_evidence(found.dispute.reference, evidence, key))
    if outcome.status is not Result.SUCCEEDED:
        raise PaymentWasRefused(
            f"the evidence of {dispute_id} was not taken: {outcome.message or outcome.code}", hint="try again before its deadline"
        )
    now = payments.clock()
    async with payments.database.transaction() as tx:
        await cases.submitted(tx, dispute_id, evidence, now)
        await audit.record_async(tx, by, "dispute.submit", dispute_id, {"parts": sorted(evidence)})
        return await cases.of_id(tx, dispute_id)


def _opened(payments: Payments, payment: Payment, news: DisputeNews, told_at: datetime) -> Dispute:
    return Dispute(
        new_id("dsp", clock=payments.clock),
        payment.payment_id,
        news.reference,
        news.reason,
        news.amount.minor,
        news.amount.currency.code,
        news.fee,
        news.status,
        news.evidence_due_at,
        opened_at=payments.clock(),
        updated_at=told_at,
    )


def _moved(known: Dispute, news: DisputeNews) -> Dispute:
    step = dispute_step(known, news.status)
    status = known.status
    if step is not None:
        try:
            status = DisputeStatus(DISPUTE.fire(known.status, step, known))
        except TransitionNotAllowed:  # a case that ended does not move again
            status = known.status
    values: dict[str, Any] = {name: getattr(known, name) for name in Dispute.__dataclass_fields__}
    due = news.evidence_due_at or known.evidence_due_at
    return Dispute(**(values | {"status": status, "fee": max(known.fee, news.fee), "evidence_due_at": due, "amount": news.amount.minor}))


async def _book(tx: AsyncTransaction, dispute: Dispute, news: DisputeNews, now: datetime) -> None:
    if not news.is_inquiry:
        await cases.book(tx, dispute, "dispute_withdrawn", -dispute.amount, now)
    if dispute.fee:
        await cases.book(tx, dispute, "dispute_fee", -dispute.fee, now)
    if dispute.status is DisputeStatus.WON and not news.is_inquiry:
        await cases.book(tx, dispute, "dispute_reinstated", dispute.amount, now)
