"""Payments, their operations and disputes, and the tables of what may follow what. Amounts are minor units of the payment's currency."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tradewind.kit import Currency, Money, StateMachine, Transition


class PaymentStatus(StrEnum):
    """Where a payment stands. How much of it was captured and refunded is told by its sums, not by further states."""

    BEGUN = "begun"  # written before the provider is asked
    PENDING = "pending"  # the shopper has something to do: a challenge, a QR code to pay, a cash order to confirm
    UNKNOWN = "unknown"  # the answer was lost; a job asks the provider
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    REFUNDED = "refunded"  # all that was captured went back
    VOIDED = "voided"
    FAILED = "failed"
    EXPIRED = "expired"  # the authorization ran out before a capture


class Result(StrEnum):
    """The four ends of a call to a provider (law 8)."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    PENDING = "pending"
    UNKNOWN = "unknown"


class OperationKind(StrEnum):
    """What a provider is asked to do. `renew` authorizes anew before an authorization runs out."""

    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"
    RENEW = "renew"


class Verdict(StrEnum):
    """What the risk rules say: accept, look at it first (on hold, nothing allocated), or refuse."""

    ACCEPT = "accept"
    REVIEW = "review"
    REFUSE = "refuse"


class DisputeStatus(StrEnum):
    """Where a dispute stands; `closed` ends an inquiry that never took money."""

    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt to pay for a session, from before its authorization to its last refund."""

    payment_id: str
    session_id: str
    order_id: str | None
    provider: str
    method: str
    market: str
    currency: str
    amount: int
    authorized: int
    captured: int
    refunded: int
    status: PaymentStatus
    verdict: Verdict
    reasons: tuple[str, ...]
    reference: str
    code: str
    message: str
    challenge_url: str | None
    authorized_until: datetime | None
    created_at: datetime
    updated_at: datetime

    def money(self, minor: int) -> Money:
        """An amount in the payment's currency."""
        return Money(minor, Currency(self.currency))

    @property
    def key(self) -> str:
        """The idempotency key of its authorization."""
        return operation_key(self.payment_id, OperationKind.AUTHORIZE, 1)


@dataclass(frozen=True, slots=True)
class Operation:
    """A call to the provider for a payment, kept from before it is made, with its idempotency key and its end."""

    key: str
    payment_id: str
    kind: OperationKind
    cause: str  # what it is done for, such as a shipment; once for each cause
    amount: int
    status: Result | None  # None: asked, and nothing heard yet
    reference: str
    code: str
    message: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Dispute:
    """A shopper's bank wants the money back: a case with a deadline, evidence, and a fee that was booked."""

    dispute_id: str
    payment_id: str
    reference: str
    reason: str
    amount: int
    currency: str
    fee: int
    status: DisputeStatus
    evidence_due_at: datetime | None
    evidence: Mapping[str, str] = field(default_factory=dict)
    submitted_at: datetime | None = None
    opened_at: datetime | None = None
    updated_at: datetime | None = None


def operation_key(payment_id: str, kind: OperationKind, number: int) -> str:
    """The idempotency key of the payment's operation `number` of a kind, counted from 1; a provider sees it once."""
    return f"{payment_id}.{kind}.{number}"


def something_was_captured(payment: Payment) -> bool:
    """Whether there is money that can go back."""
    return payment.captured > 0


def nothing_was_captured(payment: Payment) -> bool:
    """Whether the authorization is still whole."""
    return payment.captured == 0


def everything_is_refunded(payment: Payment) -> bool:
    """Whether all that was captured went back."""
    return payment.refunded >= payment.captured > 0


def _opening(source: str) -> tuple[Transition, ...]:
    """What the answer to an authorization may lead to."""
    return (
        Transition("authorize", source, "authorized"),
        Transition("pay", source, "captured"),
        Transition("pend", source, "pending"),
        Transition("lose", source, "unknown"),
        Transition("fail", source, "failed"),
    )


PAYMENT = StateMachine(
    "payment",
    (
        *_opening("begun"),
        *_opening("unknown"),
        *_opening("pending"),
        Transition("void", "begun", "voided"),
        Transition("void", "unknown", "voided"),
        Transition("void", "pending", "voided"),
        Transition("void", "authorized", "voided", nothing_was_captured),
        # It counted as ended, and its money came nevertheless: that is taken note of, so that it can be given back.
        Transition("authorize", "failed", "authorized"),
        Transition("pay", "failed", "captured"),
        Transition("pay", "voided", "captured"),
        Transition("renew", "authorized", "authorized"),
        Transition("renew", "expired", "authorized"),
        Transition("expire", "authorized", "expired", nothing_was_captured),
        Transition("capture", "authorized", "captured"),
        # Ours had run out by the clock, the provider's had not.
        Transition("capture", "expired", "captured"),
        Transition("capture", "captured", "captured"),
        # Its booking was lost, and all that was known of went back before it was found.
        Transition("capture", "refunded", "captured"),
        Transition("refund", "captured", "refunded", everything_is_refunded),
        Transition("refund", "captured", "captured", something_was_captured),
        Transition("refund_fail", "captured", "captured"),
        Transition("refund_fail", "refunded", "captured"),
    ),
)

DISPUTE = StateMachine(
    "dispute",
    (
        Transition("respond", "needs_response", "under_review"),
        Transition("win", "needs_response", "won"),
        Transition("lose", "needs_response", "lost"),
        Transition("close", "needs_response", "closed"),
        Transition("reopen", "under_review", "needs_response"),
        Transition("win", "under_review", "won"),
        Transition("lose", "under_review", "lost"),
        Transition("close", "under_review", "closed"),
    ),
)

# A session with one of these must not get a second payment: it could charge twice.
LIVE = frozenset(
    {
        PaymentStatus.BEGUN,
        PaymentStatus.PENDING,
        PaymentStatus.UNKNOWN,
        PaymentStatus.AUTHORIZED,
        PaymentStatus.CAPTURED,
    }
)
