"""Ends what was left in the middle: sessions whose process died, whose shopper came back from a challenge, whose payment's end came late."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from tradewind.checkout import rules, store
from tradewind.checkout.completing import OVER, PAID, Completing
from tradewind.checkout.errors import SessionUnknown
from tradewind.checkout.holding import Short
from tradewind.checkout.model import CheckoutSession, CheckoutStatus, Message, Severity
from tradewind.checkout.store import Overtaken
from tradewind.kit import new_id
from tradewind.payments import Payment, PaymentStatus

BATCH = 100
CHALLENGE_MINUTES = 30
"""A shopper who did not come back from a challenge within this time gets the session back, and the payment is given up."""
WAITING = frozenset({CheckoutStatus.COMPLETE_IN_PROGRESS, CheckoutStatus.REQUIRES_ESCALATION})
_log = structlog.get_logger("tradewind.checkout")


@dataclass(frozen=True, slots=True)
class Settled:
    """What a round did: sessions that became orders, that were given back to their buyers, and that still wait."""

    completed: int = 0
    given_up: int = 0
    waiting: int = 0


async def payment_changed(completing: Completing, payment_id: str) -> CheckoutSession | None:
    """Ends the session of a payment whose end is known. Money that belongs to no order goes back. None when there was nothing to end."""
    payment = await completing.payments.payment(payment_id)
    shop, order_id = completing.sessions.shop, new_id("ord", clock=completing.sessions.shop.clock)
    try:
        async with shop.database.transaction() as tx:
            session = await completing.sessions.read(tx, payment.session_id, lock=True)
            ended = None
            if session.status in WAITING and session.payment is not None and session.payment.payment_id == payment_id:
                if payment.status in PAID:
                    await completing.payments.bind(tx, payment_id, order_id)
                ended = await completing.end(tx, session, payment, order_id)
    except Short as short:
        ended = await _give_back(completing, payment, rules.availability_messages(session.lines, short.levels))
    except Overtaken:
        return None
    except SessionUnknown:  # it was kept long enough; its order goes on without it
        ended = None
    if ended is None and payment.order_id is None and payment.status in PAID:
        # The session went another way while the money came: nothing was bought with it.
        await completing.payments.void_for("no_order", payment_id=payment_id)
    return ended


async def settle_waiting(completing: Completing, limit: int = BATCH) -> Settled:
    """One round over sessions that wait longer than a provider may take. Safe beside other rounds and beside buyers."""
    shop = completing.sessions.shop
    now = shop.clock()
    async with shop.database.statements() as tx:
        waiting = await store.in_progress(tx, now - completing.payments.grace, limit)
    done = Settled()
    for session_id in waiting:
        done = _counted(done, await settle(completing, session_id))
    return done


async def settle(completing: Completing, session_id: str) -> CheckoutSession:
    """Asks what became of the session's payment, and ends the session when it is known; for a shopper who comes back, too."""
    shop = completing.sessions.shop
    async with shop.database.statements() as tx:
        session = await completing.sessions.read(tx, session_id)
        payment = await completing.payments.payment_of(tx, session_id=session_id)
    if session.status not in WAITING or payment is None:
        return session
    if payment.status not in PAID | OVER:
        payment = await completing.payments.refresh(payment)
    if _has_been_left(session, payment, shop.clock() - timedelta(minutes=CHALLENGE_MINUTES)):
        told = Message("error", "payment_not_finished", "$.payment", severity=Severity.REQUIRES_BUYER_INPUT)
        return await _give_back(completing, payment, [told])
    if payment.status in PAID | OVER or (payment.status is PaymentStatus.PENDING and session.status is CheckoutStatus.COMPLETE_IN_PROGRESS):
        ended = await payment_changed(completing, payment.payment_id)
        if ended is not None:
            return ended
    async with shop.database.statements() as tx:
        await store.touch(tx, session_id, shop.clock())
    return await completing.sessions.get(session_id)


async def _give_back(completing: Completing, payment: Payment, messages: list[Message]) -> CheckoutSession:
    shop = completing.sessions.shop
    async with shop.database.transaction() as tx:
        session = await completing.sessions.read(tx, payment.session_id, lock=True)
        if session.status in WAITING:
            session = await completing.give_up(tx, session, messages)
    await completing.payments.void_for("given_up", payment_id=payment.payment_id)
    return session


def _has_been_left(session: CheckoutSession, payment: Payment, before: object) -> bool:
    return session.status is CheckoutStatus.REQUIRES_ESCALATION and payment.status is PaymentStatus.PENDING and payment.created_at < before  # type: ignore[operator]


def _counted(done: Settled, session: CheckoutSession) -> Settled:
    completed = session.status is CheckoutStatus.COMPLETED
    waits = session.status in WAITING
    return Settled(done.completed + completed, done.given_up + (not completed and not waits), done.waiting + waits)
