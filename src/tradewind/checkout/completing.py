"""From a session to an order, exactly once, whatever stops in between.

1. One transaction: the session is being completed, its key is claimed, its units are held, its payment is written down.
2. Outside: the risk rules and the provider, within a time that the hold outlives.
3. One transaction: the answer is booked, the held units are allocated, the order exists, the session and its key say so.

Whoever dies before 3 leaves a payment whose end the payments' job finds out, and a session that `settling` then ends either way.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from msgspec import structs

from tradewind import orders, stock
from tradewind.checkout import rules, store
from tradewind.checkout.errors import SessionIsFinished, SessionIsNotReady, SessionWasChanged
from tradewind.checkout.holding import Short
from tradewind.checkout.model import (
    CHECKOUT,
    CheckoutSession,
    CheckoutStatus,
    Message,
    PaymentInstrument,
    PaymentSummary,
    Severity,
    nothing_is_missing,
)
from tradewind.checkout.ordering import an_order
from tradewind.checkout.service import Sessions, again
from tradewind.checkout.store import Key, Overtaken, Reply
from tradewind.db import AsyncTransaction, idempotency
from tradewind.kit import Currency, Money, new_id
from tradewind.payments import Begun, NewPayment, Payment, Payments, PaymentStatus, Person, Verdict

HOLD_SECONDS = 120
"""How long units are held for a session that is being completed; longer than a provider may take."""
CHALLENGE_SECONDS = 15 * 60
REVIEW_DAYS = 7
PAID = frozenset({PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED})
OVER = frozenset({PaymentStatus.FAILED, PaymentStatus.VOIDED, PaymentStatus.EXPIRED, PaymentStatus.REFUNDED})

CANCELABLE = frozenset({CheckoutStatus.INCOMPLETE, CheckoutStatus.READY_FOR_COMPLETE, CheckoutStatus.REQUIRES_ESCALATION})

Checkpoint = Callable[[str], None]
_log = structlog.get_logger("tradewind.checkout")


def passing(_name: str) -> None:
    """No checkpoint stops anything, outside of tests."""


class CodesUsedUp(Exception):
    """Discounts whose limit is reached: raised inside a transaction."""

    def __init__(self, promotions: Sequence[str]) -> None:
        super().__init__(", ".join(promotions))
        self.promotions = promotions


@dataclass(frozen=True, slots=True)
class Completing:
    """Completes sessions. `checkpoint` hears each point at which a process may die."""

    sessions: Sessions
    payments: Payments
    hold_seconds: int = HOLD_SECONDS
    checkpoint: Checkpoint = passing

    async def complete(
        self,
        session_id: str,
        instrument: PaymentInstrument,
        *,
        idempotency_key: str = "",
        if_match: int | None = None,
        reply: Reply | None = None,
    ) -> CheckoutSession:
        """The session completed (with its order), or what stands in the way as messages, or where it waits.

        SessionUnknown, SessionWasChanged, SessionIsFinished, SessionIsNotReady, IdempotencyKeyWasReused, AlreadyAnswered, and payments' own.
        """
        shop = self.sessions.shop
        at = shop.clock()
        key = self.sessions.key("complete", session_id, idempotency_key, _asked(instrument), reply)
        async with shop.database.statements() as tx:
            before, offers = await self.sessions.read_with_offers(tx, session_id)
            if reply is not None:
                reply.check(before)
            is_ready = before.status is CheckoutStatus.READY_FOR_COMPLETE and before.expires_at > at
            if not is_ready or if_match not in {None, before.version}:
                return await self._refused(tx, before, key, if_match, at)
            after = await self.sessions.reprice(tx, before, offers, at)
            unproved = self._unproved(after, instrument)
            if unproved and not instrument.keeps_claims:
                proved = structs.replace(before, claims=tuple(one for one in before.claims if one not in unproved))
                after, unproved = await self.sessions.reprice(tx, proved, offers, at), ()
            is_accepted = instrument.accepts_shown or if_match is not None or instrument.accepted_total == after.total
            if not nothing_is_missing(after) or (after.raised and (after.total != before.total or not is_accepted)):
                return await self._answer(tx, before, after, key, at)
            if unproved:
                told = structs.replace(after, messages=(*after.messages, *rules.unproved_messages(after, unproved)))
                return await self._answer(tx, before, told, key, at)
        found = await self._begin(before, after, instrument, key, at)
        if isinstance(found, CheckoutSession):
            return found
        session, begun = found
        self.checkpoint("held")
        answer = await self.payments.authorize(begun)
        self.checkpoint("authorized")
        order_id = new_id("ord", clock=shop.clock)
        try:
            async with shop.database.transaction() as tx:
                payment = await self.payments.settle(tx, begun, answer, order_id=order_id if answer.outcome.status == "succeeded" else None)
                ended = await self.end(tx, session, payment, order_id, reply)
                self.checkpoint("written")
        except Short as short:
            async with shop.database.transaction() as tx:
                payment = await self.payments.settle(tx, begun, answer)
                ended = await self.give_up(tx, session, rules.availability_messages(session.lines, short.levels), reply)
            self.checkpoint("given_up")
            await self.payments.void_for("out_of_stock", payment_id=payment.payment_id)
        except Overtaken:
            return await self.sessions.get(session_id)
        self.checkpoint("committed")
        return ended

    async def cancel(self, session_id: str, *, if_match: int | None = None, reply: Reply | None = None) -> CheckoutSession:
        """Ends a session without an order; a payment that waits for its shopper is given up.

        SessionUnknown, SessionWasChanged, SessionIsFinished, and with a reply IdempotencyKeyWasReused, AlreadyAnswered.
        """
        shop = self.sessions.shop
        at, key = shop.clock(), self.sessions.key("cancel", session_id, "", {}, reply) if reply is not None else None
        async with shop.database.transaction() as tx:
            before = await self.sessions.read(tx, session_id, lock=True)
            if reply is not None:
                reply.check(before)
            if before.status not in CANCELABLE:
                await self._known(tx, key)
                raise SessionIsFinished(f"the checkout session {session_id} is {before.status}", hint="read the session to see its order")
            after = structs.replace(before, messages=(), version=before.version + 1)
            after = structs.replace(after, status=CheckoutStatus(CHECKOUT.fire(before.status, "cancel", after)))
            if if_match not in {None, before.version} or not await store.cancel(tx, before, after, at, key):
                await self._known(tx, key)
                raise SessionWasChanged(
                    f"the checkout session {session_id} has the version {before.version}, not {if_match}", hint="read it again"
                )
            await stock.release_held(tx, reference=session_id, at=at)
            await shop.discounts.release(tx, session_id, at)
        if before.status is CheckoutStatus.REQUIRES_ESCALATION and before.payment is not None:
            await self.payments.void_for("canceled", payment_id=before.payment.payment_id)
        return after

    async def end(
        self, tx: AsyncTransaction, session: CheckoutSession, payment: Payment, order_id: str, reply: Reply | None = None
    ) -> CheckoutSession:
        """What the end of the payment makes of the session, in the transaction that books it. Short, Overtaken: then roll back."""
        summary = PaymentSummary(payment.payment_id, payment.method, payment.status.value, payment.challenge_url)
        session = structs.replace(session, payment=summary)
        if payment.status in PAID:
            return await self._order(tx, session, payment, order_id, reply)
        if payment.status in OVER:
            declined = Message("error", "payment_declined", "$.payment", {"code": payment.code}, Severity.REQUIRES_BUYER_INPUT)
            return await self.give_up(tx, session, [declined], reply)
        at = self.sessions.shop.clock()
        if payment.status is PaymentStatus.PENDING and payment.challenge_url and session.status is CheckoutStatus.COMPLETE_IN_PROGRESS:
            told = Message("error", "payment_challenge", "$.payment", severity=Severity.REQUIRES_BUYER_REVIEW)
            session = await self._write(tx, session, "challenge", at, messages=(told,), reply=reply)
        elif reply is not None and session.status is CheckoutStatus.COMPLETE_IN_PROGRESS:
            # The payment's end is not known, and that is what the key's holder is told: a repeat hears it again, and a read tells the end.
            status, body = reply.answer(session)
            await idempotency.give_async(tx, reply.scope, reply.key, idempotency.StoredResponse(status, None, body))
        await stock.extend_held(tx, reference=session.session_id, until=at + timedelta(seconds=CHALLENGE_SECONDS))
        return session

    async def give_up(
        self, tx: AsyncTransaction, session: CheckoutSession, messages: Sequence[Message], reply: Reply | None = None
    ) -> CheckoutSession:
        """The session can be changed and completed again: its units and codes are free, the messages say why."""
        at = self.sessions.shop.clock()
        ended = await self._write(tx, session, "fail", at, messages=tuple(messages), reply=reply)
        await stock.release_held(tx, reference=session.session_id, at=at)
        await self.sessions.shop.discounts.release(tx, session.session_id, at)
        return ended

    async def _begin(
        self, before: CheckoutSession, after: CheckoutSession, instrument: PaymentInstrument, key: Key, at: datetime
    ) -> tuple[CheckoutSession, Begun] | CheckoutSession:
        payment = PaymentSummary(new_id("pay", clock=lambda: at), instrument.method, PaymentStatus.BEGUN.value)
        status = CheckoutStatus(CHECKOUT.fire(after.status, "begin", after))
        session = structs.replace(after, status=status, payment=payment, messages=())
        for is_last in (False, True):
            try:
                return session, await self._hold(before, session, instrument, key, at)
            except Short as short:
                if is_last:
                    return await self._without(before, after, rules.availability_messages(after.lines, short.levels), key, at)
                await self._return_expired(short, at)
            except CodesUsedUp as used:
                told = [Message("error", "discount_used_up", "$.codes", {"promotion": one}) for one in used.promotions]
                return await self._without(before, after, told, key, at)
            except Overtaken:
                break
        async with self.sessions.shop.database.statements() as tx:
            return await self._refused(tx, await self.sessions.read(tx, before.session_id), key, before.version, at)

    async def _hold(
        self, before: CheckoutSession, session: CheckoutSession, instrument: PaymentInstrument, key: Key, at: datetime
    ) -> Begun:
        """The first transaction. The units come last: their rows are locked for all buyers until it commits."""
        shop, until = self.sessions.shop, at + timedelta(seconds=self.hold_seconds)
        paying = self.payments.beginning(_new_payment(session, instrument))
        reserving = stock.reserving(self._wants(session, at), reference=session.session_id, at=at, until=until)
        held_at_ready = bool(shop.desks(session.market, at.date()).market.hold_minutes)
        async with shop.database.transaction() as tx:
            # Alone: who was overtaken holds the session's row until the transaction ends, and must not ask for another one with it.
            await tx.run(store.beginning(tx, before, session, key, at))
            if not session.applied and not held_at_ready:
                begun, short = await tx.together(paying, reserving)
            else:
                used = await self._claimed(tx, session, at)
                if used:
                    raise CodesUsedUp(used)
                begun = await tx.run(paying)
                if held_at_ready:  # nobody comes between, for the rows stay locked
                    await stock.release_held(tx, reference=session.session_id, at=at)
                short = await tx.run(reserving)
            if short:
                raise Short(short)
            return begun

    async def _claimed(self, tx: AsyncTransaction, session: CheckoutSession, at: datetime) -> Sequence[str]:
        if not session.applied:
            return ()
        return await self.sessions.shop.discounts.claim(tx, session.applied, session.buyer.email, session.session_id, at)

    def _unproved(self, session: CheckoutSession, instrument: PaymentInstrument) -> Sequence[str]:
        """The accepted claims that nothing proves: with them nothing may be paid."""
        if not session.claims:
            return ()
        return self.sessions.shop.discounts.unproved(session.applied, session.buyer.email, instrument.method)

    async def _return_expired(self, short: Short, at: datetime) -> None:
        """Returns the units of sessions that are over; after it, also what somebody else was returning is there."""
        async with self.sessions.shop.database.transaction() as tx:
            await stock.expire_async(tx, sorted({sku for sku, _ in short.levels}), at=at)

    async def _without(
        self, before: CheckoutSession, after: CheckoutSession, messages: Sequence[Message], key: Key, at: datetime
    ) -> CheckoutSession:
        """The answer to a buyer who came too late: nothing was held, nothing was paid."""
        told = structs.replace(after, messages=(*after.messages, *messages))
        told = structs.replace(told, status=CheckoutStatus(CHECKOUT.fire(before.status, "change", told)))
        async with self.sessions.shop.database.statements() as tx:
            return await self._answer(tx, before, told, key, at)

    async def _answer(
        self, tx: AsyncTransaction, before: CheckoutSession, after: CheckoutSession, key: Key, at: datetime
    ) -> CheckoutSession:
        if await store.change(tx, before, after, key, at):
            return after
        return await self._refused(tx, await self.sessions.read(tx, before.session_id), key, before.version, at)

    async def _refused(
        self, tx: AsyncTransaction, session: CheckoutSession, key: Key, if_match: int | None, at: datetime
    ) -> CheckoutSession:
        """What the same key was answered, or the session that it is still being worked on for; else why it cannot be completed."""
        known = await idempotency.answer_of(tx, key.scope, key.key, key.request_hash)
        if known is not None:
            return session if known.http_status == idempotency.IN_PROGRESS else await self.sessions.answered(tx, key)
        if session.status is CheckoutStatus.INCOMPLETE and session.expires_at > at:
            missing = ", ".join(one.code for one in session.messages if one.type == "error")
            raise SessionIsNotReady(
                f"the checkout session {session.session_id} cannot be completed: {missing}", hint="mend what is missing"
            )
        if session.status is CheckoutStatus.READY_FOR_COMPLETE and session.expires_at > at:
            raise SessionWasChanged(
                f"the checkout session {session.session_id} has the version {session.version}, not {if_match}",
                hint="look at what it says now, and complete that",
            )
        state = "expired" if session.expires_at <= at else session.status
        raise SessionIsFinished(f"the checkout session {session.session_id} is {state}", hint="read the session to see its order")

    async def _known(self, tx: AsyncTransaction, key: Key | None) -> None:
        """AlreadyAnswered when the key has its answer; IdempotencyKeyWasReused."""
        found = await idempotency.answer_of(tx, key.scope, key.key, key.request_hash) if key is not None else None
        if found is not None:
            again(found)

    async def _order(
        self, tx: AsyncTransaction, session: CheckoutSession, payment: Payment, order_id: str, reply: Reply | None
    ) -> CheckoutSession:
        at = self.sessions.shop.clock()
        hold = "risk" if payment.verdict is Verdict.REVIEW else None
        order = an_order(session, payment, order_id, hold, at)
        placing = orders.store.placing(tx, order, moved=[line.sku for line in order.lines])
        after = _moved(session, "finish", (), order_id)
        ending = store.ending(tx, session, after, at, reply)
        if hold:
            # Nothing is allocated before a person has looked, and nobody else gets the units meanwhile.
            until = payment.authorized_until or at + timedelta(days=REVIEW_DAYS)
            await tx.together(ending, stock.extending(reference=session.session_id, until=until), placing)
        else:
            # The session's row before the units', as everywhere: two that lock in different orders wait for each other.
            _, held, _ = await tx.together(ending, stock.allocating(reference=session.session_id, at=at), placing)
            await self._allocate_missing(tx, session, held, at)
        return after

    async def _allocate_missing(
        self, tx: AsyncTransaction, session: CheckoutSession, held: Mapping[tuple[str, str], int], at: datetime
    ) -> None:
        missing = [one for one in self._wants(session, at) if (one.sku, one.location_id) not in held]
        if missing:  # the hold has ended; what nobody took since is still ours to take
            short = await stock.allocate_free(tx, missing, reference=session.session_id, at=at)
            if short:
                raise Short(short)

    async def _write(
        self,
        tx: AsyncTransaction,
        before: CheckoutSession,
        step: str,
        at: datetime,
        *,
        messages: tuple[Message, ...],
        reply: Reply | None,
    ) -> CheckoutSession:
        after = _moved(before, step, messages)
        await tx.run(store.ending(tx, before, after, at, reply))
        return after

    def _wants(self, session: CheckoutSession, at: datetime) -> list[stock.Wanted]:
        locations = self.sessions.shop.desks(session.market, at.date()).locations
        return [stock.wanted_of(line.sku, line.location_id, line.quantity, locations, at) for line in session.lines]


def _moved(before: CheckoutSession, step: str, messages: tuple[Message, ...], order_id: str | None = None) -> CheckoutSession:
    changed = structs.replace(before, messages=messages, order_id=order_id, version=before.version + 1)
    return structs.replace(changed, status=CheckoutStatus(CHECKOUT.fire(before.status, step, changed)))


def _asked(instrument: PaymentInstrument) -> dict[str, str | int | None]:
    """What must be equal when the same key comes again; the token itself is not kept."""
    token = hashlib.sha256(instrument.token.encode()).hexdigest()
    return {"method": instrument.method, "token": token, "accepted_total": instrument.accepted_total}


def _new_payment(session: CheckoutSession, instrument: PaymentInstrument) -> NewPayment:
    place, buyer = session.destination, session.buyer
    if place is None or session.payment is None:
        raise SessionIsNotReady(f"the checkout session {session.session_id} has no address", hint="give one")
    parts = (place.country, place.region, place.postcode, place.city, place.lines)
    return NewPayment(
        payment_id=session.payment.payment_id,
        session_id=session.session_id,
        method=instrument.method,
        market=session.market,
        amount=Money(session.total, Currency(session.currency)),
        instrument=instrument.token,
        return_url=instrument.return_url.replace("{market}", session.market),
        buyer=Person(buyer.name or place.name, buyer.email, buyer.phone, *parts),
        recipient=Person(place.name, buyer.email, place.phone or buyer.phone, *parts),
        network=instrument.network,
        order_reference=session.session_id,
    )
