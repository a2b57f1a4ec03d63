"""What an answer makes of a payment, and how much may be captured or refunded. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from tradewind.payments.errors import AmountCannotBeCaptured, AmountCannotBeRefunded, CardNumberGiven
from tradewind.payments.model import LIVE, PAYMENT, Dispute, DisputeStatus, Operation, OperationKind, Payment, PaymentStatus, Result
from tradewind.payments.ports import Capabilities, PaymentOutcome

# An authorization that ends within this time is made anew; the job that does so runs every few minutes.
RENEW_BEFORE = timedelta(hours=24)
_CARD_NUMBER = re.compile(r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)")
_OPEN = frozenset({None, Result.PENDING, Result.UNKNOWN})
_DISPUTE_STEPS = {
    DisputeStatus.NEEDS_RESPONSE: "reopen",
    DisputeStatus.UNDER_REVIEW: "respond",
    DisputeStatus.WON: "win",
    DisputeStatus.LOST: "lose",
    DisputeStatus.CLOSED: "close",
}


def check_instrument(instrument: str) -> None:
    """CardNumberGiven when a token could be a card number; its value is never repeated in the message."""
    for found in _CARD_NUMBER.findall(instrument):
        if _luhn(re.sub(r"\D", "", found)):
            raise CardNumberGiven(
                "a card number was given where a provider's token belongs", hint="use the provider's hosted fields or redirect"
            )


def transition_of(outcome: PaymentOutcome) -> str:
    """The name of the step that the answer to an authorization is."""
    if outcome.status is Result.SUCCEEDED:
        return "pay" if outcome.paid else "authorize"
    return {Result.FAILED: "fail", Result.PENDING: "pend", Result.UNKNOWN: "lose"}[outcome.status]


def sources_of(transition: str) -> tuple[list[str], str]:
    """The states from which an unguarded step leaves, and where it leads."""
    steps = [step for step in PAYMENT.transitions if step.name == transition]
    return [step.source for step in steps], steps[0].target


def already_there(payment: Payment, transition: str) -> bool:
    """Whether the payment has passed the point to which the step leads, so that a repeated answer changes nothing."""
    _, target = sources_of(transition)
    if payment.status == target:
        return True
    later = {PaymentStatus.CAPTURED, PaymentStatus.REFUNDED, PaymentStatus.VOIDED, PaymentStatus.EXPIRED}
    # A slow "pending" or "no answer" says nothing about a payment whose end is known.
    return payment.status in later or (
        payment.status in {PaymentStatus.AUTHORIZED, PaymentStatus.FAILED} and transition in {"pend", "lose"}
    )


def open_amount(operations: Iterable[Operation], kind: OperationKind) -> int:
    """The sum of the operations of a kind whose end is not known: it counts as taken until it is."""
    return sum(one.amount for one in operations if one.kind is kind and one.status in _OPEN)


def is_open(operation: Operation) -> bool:
    """Whether its end is not known."""
    return operation.status in _OPEN


def capture_amount(payment: Payment, operations: Iterable[Operation], asked: int | None, capabilities: Capabilities) -> int:
    """How much to capture now (0: nothing is left to do). AmountCannotBeCaptured.

    A provider that captures once takes the whole authorization with the first shipment; what cannot follow is refunded.
    """
    held = list(operations)
    if payment.status not in {PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED}:
        raise AmountCannotBeCaptured(
            f"the payment {payment.payment_id} is {payment.status}: nothing can be captured",
            hint=f"tradewind payment show {payment.payment_id}",
        )
    left = payment.authorized - payment.captured - open_amount(held, OperationKind.CAPTURE)
    if not capabilities.multiple_captures:
        begun = payment.captured or open_amount(held, OperationKind.CAPTURE)
        return 0 if begun else left
    wanted = left if asked is None else asked
    if wanted < 0 or wanted > left:
        raise AmountCannotBeCaptured(
            f"{payment.money(wanted)} cannot be captured of {payment.payment_id}: {payment.money(left)} is left",
            hint=f"tradewind payment show {payment.payment_id}",
        )
    return wanted


def check_refund(payment: Payment, operations: Iterable[Operation], asked: int) -> None:
    """AmountCannotBeRefunded unless so much was captured and did not go back yet."""
    left = payment.captured - payment.refunded - open_amount(operations, OperationKind.REFUND)
    if not 0 < asked <= left:
        raise AmountCannotBeRefunded(
            f"{payment.money(asked)} cannot be refunded of {payment.payment_id}: {payment.money(max(left, 0))} is left",
            hint=f"tradewind payment show {payment.payment_id}",
        )


def applied(payment: Payment, kind: OperationKind, amount: int, outcome: PaymentOutcome, at: datetime) -> Payment:
    """The payment after an operation that succeeded; TransitionNotAllowed."""
    if kind is OperationKind.CAPTURE:
        changed = replace(payment, captured=payment.captured + amount)
        status = PAYMENT.fire(payment.status, "capture", changed)
    elif kind is OperationKind.REFUND:
        changed = replace(payment, refunded=payment.refunded + amount)
        status = PAYMENT.fire(payment.status, "refund", changed)
    elif kind is OperationKind.RENEW:
        changed = replace(
            payment, reference=outcome.reference or payment.reference, authorized=amount, authorized_until=outcome.authorized_until
        )
        status = PAYMENT.fire(payment.status, "renew", changed)
    else:
        changed = payment
        status = PAYMENT.fire(payment.status, "void", changed)
    return replace(changed, status=PaymentStatus(status), updated_at=at)


def is_live(status: PaymentStatus) -> bool:
    """Whether a second payment beside one of this status could charge twice."""
    return status in LIVE


def renewal_is_due(payment: Payment, now: datetime) -> bool:
    """Whether an authorization that still waits for its capture is about to run out."""
    until = payment.authorized_until
    return payment.status is PaymentStatus.AUTHORIZED and payment.captured == 0 and until is not None and until - now <= RENEW_BEFORE


def dispute_step(current: Dispute | None, told: DisputeStatus) -> str | None:
    """The step of a dispute's machine from its state to what the provider tells; None when nothing changes."""
    if current is None or current.status is told:
        return None
    return _DISPUTE_STEPS[told]


def evidence_problems(evidence: Mapping[str, str]) -> list[str]:
    """What an evidence pack lacks to be worth handing in."""
    wanted = {"order": "what was ordered", "payment": "how it was paid", "delivery": "proof of shipment or delivery"}
    return [f"{name}: {meaning} is missing" for name, meaning in wanted.items() if not evidence.get(name, "").strip()]


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
