"""Use cases of payments. What talks to a provider never does so inside a transaction (law 8)."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from tradewind.db import AsyncDatabase, AsyncTransaction, Step, outbox
from tradewind.kit import Clock, Money, TransitionNotAllowed
from tradewind.payments import store
from tradewind.payments.errors import PaymentProviderUnknown, PaymentUnknown
from tradewind.payments.methods import Methods, Offered
from tradewind.payments.model import Operation, OperationKind, Payment, PaymentStatus, Result, Verdict
from tradewind.payments.ports import (
    AuthorizationRequest,
    Capabilities,
    Lookup,
    PaymentOutcome,
    PaymentProvider,
    Person,
    RiskPort,
    RiskRequest,
    RiskVerdict,
    Velocity,
)
from tradewind.payments.rules import applied, capture_amount, check_instrument, check_refund, is_open

# A reservation of stock must outlive this: a provider that needs longer has given no answer.
PROVIDER_SECONDS = 20
CHANGED = "payments:changed"
REFUSED_BY_RISK = "refused_by_risk"
NOT_FOUND = "not_found"
_log = structlog.get_logger("tradewind.payments")


@dataclass(frozen=True, slots=True)
class NewPayment:
    """What a shopper wants to pay with. `instrument` is an opaque token and is never stored; `network` is the address of the caller."""

    payment_id: str
    session_id: str
    method: str
    market: str
    amount: Money
    instrument: str
    return_url: str
    buyer: Person
    recipient: Person
    network: str = ""
    order_reference: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """A payment that was written and may now be authorized, outside of any transaction."""

    payment: Payment
    velocity: Velocity
    new: NewPayment


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of an authorization, and what the risk rules say."""

    outcome: PaymentOutcome
    risk: RiskVerdict


@dataclass(frozen=True, slots=True)
class Done:
    """The end of a capture, void, refund or renewal, and the payment after it. `outcome` is None when nothing was left to do."""

    payment: Payment
    outcome: PaymentOutcome | None


class Payments:
    """Everything that can be done with payments; `providers` in the order in which they are asked for a method."""

    def __init__(
        self,
        database: AsyncDatabase,
        providers: Mapping[str, PaymentProvider],
        risk: RiskPort,
        methods: Methods,
        clock: Clock,
        *,
        pepper: bytes = b"",
        provider_seconds: float = PROVIDER_SECONDS,
    ) -> None:
        self.database, self.providers, self.risk, self.methods, self.clock = database, providers, risk, methods, clock
        self._pepper, self._seconds = pepper, provider_seconds
        # Until then the process that asked may still wait for the answer itself.
        self.grace = timedelta(seconds=2 * provider_seconds)
        # A call that its provider does not know after this time never arrived and never will.
        self.give_up = timedelta(seconds=6 * provider_seconds)
        self._capabilities = {name: provider.capabilities for name, provider in providers.items()}

    def offered(self, market: str, amount: Money | None = None) -> tuple[Offered, ...]:
        """The methods that a shopper of the market may choose from for an amount."""
        return self.methods.offered(market, amount, self._capabilities)

    def provider(self, name: str) -> PaymentProvider:
        """The provider of this name. PaymentProviderUnknown."""
        found = self.providers.get(name)
        if found is None:
            known = ", ".join(self.providers) or "none"
            raise PaymentProviderUnknown(f'no payment provider "{name}" is set up', hint=f"set up: {known} (TRADEWIND_PAYMENT_PROVIDERS)")
        return found

    def capabilities(self, name: str) -> Capabilities:
        """What the provider of this name can do. PaymentProviderUnknown."""
        return self.provider(name).capabilities

    def close(self) -> None:
        """Closes what the providers hold open."""
        for provider in self.providers.values():
            provider.close()

    async def begin(self, tx: AsyncTransaction, new: NewPayment) -> Begun:
        """The step `beginning` alone."""
        return await tx.run(self.beginning(new))

    def beginning(self, new: NewPayment) -> Step[Begun]:
        """Writes the payment. CardNumberGiven, PaymentMethodNotOffered and CashAboveItsCap at once, AnotherPaymentIsOpen as the answer."""
        check_instrument(new.instrument)
        chosen = self.methods.choose(new.method, new.market, new.amount, self._capabilities)
        values = {
            "payment_id": new.payment_id,
            "session_id": new.session_id,
            "provider": chosen.provider,
            "method": new.method,
            "market": new.market,
            "currency": new.amount.currency.code,
            "amount": new.amount.minor,
        }
        place = " ".join((*new.recipient.lines, new.recipient.postcode, new.recipient.country))
        signals = store.Signals(self._digest(new.buyer.email), self._digest(place), self._digest(new.network))
        step = store.beginning(values, signals, self.clock())
        return Step(step.statement, step.values, lambda rows: Begun(*step.told(rows), new))

    async def authorize(self, begun: Begun) -> Answer:
        """Asks the risk rules and then the provider; nothing is written. A provider that stays silent gives unknown."""
        new, payment = begun.new, begun.payment
        question = RiskRequest(new.payment_id, new.amount, new.market, new.method, new.buyer, new.recipient, begun.velocity)
        risk = self.risk.assess(question)
        if risk.verdict is Verdict.REFUSE:
            return Answer(_refusal(), risk)
        asked = AuthorizationRequest(
            new.payment_id,
            payment.key,
            new.amount,
            new.market,
            new.method,
            new.instrument,
            new.return_url,
            order_reference=new.order_reference or new.session_id,
            email=new.buyer.email,
        )
        provider = self.provider(payment.provider)
        outcome = await self.answered(lambda: provider.authorize(asked))
        if outcome.card is None or outcome.status is Result.FAILED:
            return Answer(outcome, risk)
        seen = self.risk.assess(replace(question, card=outcome.card))
        if seen.verdict is Verdict.REFUSE and outcome.status is Result.SUCCEEDED:
            return await self._give_up(begun, outcome, seen)
        return Answer(outcome, seen)

    async def settle(self, tx: AsyncTransaction, begun: Begun, answer: Answer, *, order_id: str | None = None) -> Payment:
        """Books the answer, in one statement; look at the status and the verdict of what comes back, they may be graver than the answer's."""
        card = self._digest(answer.outcome.card.fingerprint) if answer.outcome.card is not None else ""
        now, risk = self.clock(), answer.risk
        payment, by_card = await store.settle(
            tx, begun.payment.payment_id, answer.outcome, now, verdict=risk.verdict, reasons=risk.reasons, card=card, order_id=order_id
        )
        if not by_card or risk.verdict is Verdict.REFUSE:
            return payment
        new, velocity = begun.new, replace(begun.velocity, by_card=by_card)
        question = RiskRequest(
            new.payment_id, new.amount, new.market, new.method, new.buyer, new.recipient, velocity, card=answer.outcome.card
        )
        graver = self.risk.assess(question)
        if graver.verdict is Verdict.ACCEPT or graver.reasons == risk.reasons:
            return payment
        # The money is authorized already: a person decides, also where the rules alone would have refused.
        await store.set_verdict(tx, payment.payment_id, Verdict.REVIEW, graver.reasons, now)
        return replace(payment, verdict=Verdict.REVIEW, reasons=graver.reasons)

    async def bind(self, tx: AsyncTransaction, payment_id: str, order_id: str) -> None:
        """The payment belongs to this order from now on, in the transaction that makes the order."""
        await store.bind_order(tx, payment_id, order_id, self.clock())

    async def payment_of(self, tx: AsyncTransaction, *, session_id: str | None = None, order_id: str | None = None) -> Payment | None:
        """The payment of a session or an order."""
        return await store.payment_of(tx, session_id=session_id, order_id=order_id)

    async def capture_for(self, order_id: str, amount: int | None, cause: str) -> Done:
        """Takes money for a shipment, once for each cause; everything that is left without an amount. AmountCannotBeCaptured."""

        def decide(payment: Payment, held: list[Operation]) -> int:
            return capture_amount(payment, held, amount, self.capabilities(payment.provider))

        return await self._operate(await self._of_order(order_id), OperationKind.CAPTURE, cause, decide)

    async def refund_for(self, order_id: str, amount: int, cause: str) -> Done:
        """Gives captured money back, once for each cause. AmountCannotBeRefunded."""

        def decide(payment: Payment, held: list[Operation]) -> int:
            check_refund(payment, held, amount)
            return amount

        return await self._operate(await self._of_order(order_id), OperationKind.REFUND, cause, decide)

    async def void_for(self, cause: str, *, payment_id: str | None = None, order_id: str | None = None) -> Done:
        """Gives back whatever a payment holds: an authorization is voided, money that was taken is refunded, what is unknown is asked."""
        payment = await self._of_order(order_id) if payment_id is None and order_id is not None else await self.payment(payment_id or "")
        if payment.status in {PaymentStatus.BEGUN, PaymentStatus.UNKNOWN}:
            payment = await self.refresh(payment)
        if payment.captured > payment.refunded:
            return await self._operate(payment, OperationKind.REFUND, cause, lambda now, _held: now.captured - now.refunded)
        if payment.status in {PaymentStatus.AUTHORIZED, PaymentStatus.PENDING}:
            return await self._operate(payment, OperationKind.VOID, cause, lambda now, _held: now.authorized)
        return Done(payment, None)

    async def renew(self, payment: Payment, cause: str) -> Done:
        """Authorizes anew before an authorization runs out."""
        return await self._operate(payment, OperationKind.RENEW, cause, lambda now, _held: now.amount if now.captured == 0 else 0)

    async def payment(self, payment_id: str) -> Payment:
        """The payment. PaymentUnknown."""
        async with self.database.transaction() as tx:
            return await store.payment(tx, payment_id)

    async def refresh(self, payment: Payment, *, telling: bool = False) -> Payment:
        """Asks the provider what became of an authorization whose end is open, and books it; unchanged when there is no answer yet."""
        outcome, now = await self.answered(lambda: self._found(payment)), self.clock()
        if outcome.code == NOT_FOUND and now - payment.created_at >= self.give_up:
            outcome = PaymentOutcome(Result.FAILED, code="never_arrived", message=f"{payment.provider} never had the call")
        waits_on = outcome.status is Result.PENDING and payment.status is PaymentStatus.PENDING
        async with self.database.transaction() as tx:
            if outcome.status is Result.UNKNOWN or waits_on:
                await store.touch(tx, payment.payment_id, now)
                return payment
            settled, _ = await store.settle(tx, payment.payment_id, outcome, now)
            if telling and settled.status is not payment.status:
                await tell(tx, settled, settled.status)
            return settled

    async def decide(self, payment_id: str, *, accept: bool, by: str, reason: str) -> Payment:
        """What a person decided about a payment under review; who listens to payments goes on from there."""
        now = self.clock()
        async with self.database.transaction() as tx:
            payment = await store.payment(tx, payment_id, lock=True)
            verdict = Verdict.ACCEPT if accept else Verdict.REFUSE
            reasons = (*payment.reasons, f"{by}: {reason}")
            await store.set_verdict(tx, payment_id, verdict, reasons, now)
            decided = replace(payment, verdict=verdict, reasons=reasons, updated_at=now)
            await tell(tx, decided, "reviewed")
        return decided

    async def answered(self, call: Callable[[], Awaitable[PaymentOutcome]]) -> PaymentOutcome:
        """The outcome of a call; unknown when the provider stays silent or its adapter breaks."""
        try:
            async with asyncio.timeout(self._seconds):
                return await call()
        except TimeoutError:
            return PaymentOutcome(Result.UNKNOWN, code="no_answer", message=f"no answer within {self._seconds:g} s")
        except Exception as error:  # noqa: BLE001 - money may have moved: whatever broke, the end is unknown and is asked after
            _log.error("payment provider broke", kind=type(error).__name__)
            return PaymentOutcome(Result.UNKNOWN, code="adapter_broke", message=type(error).__name__)

    async def finish(self, operation: Operation, outcome: PaymentOutcome, *, telling: bool = False) -> Payment:
        """Books the end of a capture, void, refund or renewal, once; `telling` also wakes who listens to payments."""
        now = self.clock()
        async with self.database.transaction() as tx:
            payment = await store.payment(tx, operation.payment_id, lock=True)
            if not await store.end(tx, operation.key, outcome, now):
                return payment
            if outcome.status is Result.SUCCEEDED:
                payment = await _write_applied(tx, payment, operation, outcome, now)
            if telling:
                await tell(tx, payment, f"{operation.kind}_{outcome.status}")
            return payment

    async def repeat(self, payment: Payment, operation: Operation) -> PaymentOutcome:
        """Makes the provider's call of an operation; with its own key, so that a repeat has its effect once."""
        provider, key = self.provider(payment.provider), operation.key
        amount, reference = payment.money(operation.amount), operation.reference
        calls: dict[OperationKind, Callable[[], Awaitable[PaymentOutcome]]] = {
            OperationKind.CAPTURE: lambda: provider.capture(reference, amount, key),
            OperationKind.VOID: lambda: provider.void(reference, key),
            OperationKind.REFUND: lambda: provider.refund(reference, amount, key),
            OperationKind.RENEW: lambda: provider.renew(reference, amount, key),
        }
        return await self.answered(calls[operation.kind])

    async def look_up(self, payment: Payment, operation: Operation) -> PaymentOutcome | None:
        """What the provider knows of an operation."""
        lookup = Lookup(operation.key, operation.kind, operation.reference, operation.created_at)
        return await self.provider(payment.provider).find(lookup)

    async def _operate(self, payment: Payment, kind: OperationKind, cause: str, decide: Callable[[Payment, list[Operation]], int]) -> Done:
        async with self.database.transaction() as tx:
            payment = await store.payment(tx, payment.payment_id, lock=True)
            held = await store.operations(tx, payment.payment_id)
            known = next((one for one in held if one.kind is kind and one.cause == cause), None)
            if known is not None and not is_open(known):
                return Done(payment, PaymentOutcome(known.status or Result.UNKNOWN, known.reference, known.code, known.message))
            amount = decide(payment, held) if known is None else known.amount
            if amount == 0 and kind is not OperationKind.VOID:
                return Done(payment, None)
            operation = known or await store.ask(tx, payment, kind, amount, cause=cause, held=held, at=self.clock())
        outcome = await self.repeat(payment, operation)
        return Done(await self.finish(operation, outcome), outcome)

    async def _found(self, payment: Payment) -> PaymentOutcome:
        provider = self.provider(payment.provider)
        if payment.reference:
            held = await provider.held(payment.reference)
            return held.outcome if held is not None else PaymentOutcome(Result.UNKNOWN, code="no_answer")
        found = await provider.find(Lookup(payment.key, OperationKind.AUTHORIZE, "", payment.created_at))
        return found if found is not None else PaymentOutcome(Result.UNKNOWN, code=NOT_FOUND)

    async def _give_up(self, begun: Begun, outcome: PaymentOutcome, risk: RiskVerdict) -> Answer:
        """The card revealed what the rules refuse: the fresh authorization is given back before anything is made of it."""
        provider = self.provider(begun.payment.provider)
        voided = await self.answered(lambda: provider.void(outcome.reference, f"{begun.payment.payment_id}.refused"))
        if voided.status is Result.SUCCEEDED:
            return Answer(replace(_refusal(), reference=outcome.reference), risk)
        # It could not be given back now: the payment stays with its money, under review, and a person or the job gives it back.
        return Answer(outcome, RiskVerdict(Verdict.REVIEW, risk.reasons))

    async def _of_order(self, order_id: str) -> Payment:
        async with self.database.transaction() as tx:
            found = await store.payment_of(tx, order_id=order_id)
        if found is None:
            raise PaymentUnknown(f'the order "{order_id}" has no payment', hint="tradewind payment list")
        return found

    def _digest(self, text: str) -> str:
        plain = " ".join(text.casefold().split())
        return hashlib.blake2b(plain.encode(), key=self._pepper[:64], digest_size=12).hexdigest() if plain else ""


async def tell(tx: AsyncTransaction, payment: Payment, event: str) -> None:
    """Wakes who waits for a payment: a job `payments:changed` once this transaction has committed."""
    args = {"payment_id": payment.payment_id, "session_id": payment.session_id, "order_id": payment.order_id, "event": event}
    await outbox.put_async(tx, CHANGED, args, lock=f"session {payment.session_id}")


async def _write_applied(tx: AsyncTransaction, payment: Payment, operation: Operation, outcome: PaymentOutcome, now: datetime) -> Payment:
    try:
        changed = applied(payment, operation.kind, operation.amount, outcome, now)
    except TransitionNotAllowed:
        # A void of what had failed meanwhile: its end is booked, and there is nothing to change.
        _log.warning("operation changes nothing", key=operation.key, status=payment.status)
        return payment
    await store.write(tx, changed)
    return changed


def _refusal() -> PaymentOutcome:
    # The shopper is told no reason: reasons teach those who try cards.
    return PaymentOutcome(Result.FAILED, code=REFUSED_BY_RISK, message="the payment was declined")
