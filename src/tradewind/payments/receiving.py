"""Webhooks of providers: authentic or refused, carried out once, in whatever order they come.

An event is only a hint. What is booked is what the provider holds when it is asked, so an old event cannot undo a newer one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tradewind.db import AsyncTransaction
from tradewind.payments import cases, store
from tradewind.payments.disputes import take_news
from tradewind.payments.errors import PaymentProviderFailed, PaymentUnknown
from tradewind.payments.model import Payment, PaymentStatus, Result
from tradewind.payments.ports import EventKind, Held, ProviderEvent
from tradewind.payments.reconciling import adopt
from tradewind.payments.service import Payments, tell

_ENDED = frozenset({PaymentStatus.FAILED, PaymentStatus.VOIDED})


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a webhook: taken now, taken before ("repeated"), or about nothing of this shop ("ignored")."""

    event_id: str
    name: str
    result: str


async def receive(payments: Payments, provider: str, headers: Mapping[str, str], body: bytes) -> Received:
    """Carries a webhook out once. PaymentProviderUnknown, WebhookIsNotAuthentic; PaymentProviderFailed asks the sender to come again."""
    event = payments.provider(provider).verify_webhook(headers, body)
    async with payments.database.transaction() as tx:
        if await cases.was_taken(tx, provider, event.event_id):
            return Received(event.event_id, event.name, "repeated")
        payment = await _payment(tx, provider, event)
    if payment is None or event.kind is EventKind.OTHER:
        return Received(event.event_id, event.name, "ignored")
    if event.kind is EventKind.PAYMENT:
        await _catch_up(payments, payment, event.reference)
    async with payments.database.transaction() as tx:
        if await cases.note_taken(tx, provider, event, payments.clock()):
            await take_news(tx, payments, payment, event)
    return Received(event.event_id, event.name, "taken")


async def _payment(tx: AsyncTransaction, provider: str, event: ProviderEvent) -> Payment | None:
    if event.reference:
        found = await store.payment_at(tx, provider, event.reference)
        if found is not None:
            return found
    if not event.payment_id:
        return None
    try:
        named = await store.payment(tx, event.payment_id)
    except PaymentUnknown:  # another shop at the same provider
        return None
    return named if named.provider == provider else None


async def _catch_up(payments: Payments, payment: Payment, reference: str) -> None:
    """Books what the provider holds now."""
    young = payments.clock() - payment.created_at < payments.grace
    if payment.status is PaymentStatus.BEGUN and young:
        return  # the process that asked is about to book the same answer, and the job looks after it otherwise
    held = await payments.provider(payment.provider).held(payment.reference or reference)
    if held is None:
        raise PaymentProviderFailed(
            f"{payment.provider} does not say what it holds of {payment.payment_id}", hint="send the webhook again later"
        )
    if payment.status in {PaymentStatus.BEGUN, PaymentStatus.UNKNOWN, PaymentStatus.PENDING} or _is_stray(payment, held):
        await _settle(payments, payment, held)
        payment = await payments.payment(payment.payment_id)
    if payment.status not in _ENDED:
        await adopt(payments, payment, held)


def _is_stray(payment: Payment, held: Held) -> bool:
    """Whether money came for a payment that counts as ended. A voided authorization that still stands is none: its void says so."""
    has_money = held.outcome.status is Result.SUCCEEDED and not held.voided
    return has_money and (payment.status is PaymentStatus.FAILED or (payment.status is PaymentStatus.VOIDED and held.outcome.paid))


async def _settle(payments: Payments, payment: Payment, held: Held) -> None:
    now = payments.clock()
    async with payments.database.transaction() as tx:
        known = await store.payment(tx, payment.payment_id, lock=True)
        settled, _ = await store.settle(tx, payment.payment_id, held.outcome, now)
        if settled.status is not known.status:
            await tell(tx, settled, settled.status)
