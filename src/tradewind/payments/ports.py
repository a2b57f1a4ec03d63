"""What a payment provider and a risk assessor must do. Implementations stand in `adapters/payments` and `adapters/risk`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tradewind.kit import Money
from tradewind.payments.model import DisputeStatus, OperationKind, Result, Verdict


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do. `methods` names the methods it takes, "card" or "promptpay@th" where it takes one in some markets only."""

    methods: frozenset[str]
    # Several captures of one authorization cost extra at most providers; without it one capture takes all at the first shipment.
    multiple_captures: bool = False
    partial_refund: bool = True
    void: bool = True
    renew: bool = False
    authorization_days: int = 7
    invented: bool = False  # no real money moves; forbids a launch

    def takes(self, method: str, market: str) -> bool:
        """Whether the method can be paid with in the market."""
        return method in self.methods or f"{method}@{market}" in self.methods


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a provider tells of a card after it was used; never its number. Checks are "pass", "fail" or ""."""

    fingerprint: str = ""
    brand: str = ""
    last4: str = ""
    country: str = ""
    cvc_check: str = ""
    postcode_check: str = ""


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """Asks for an authorization. `instrument` is the provider's opaque token; `key` makes a repeat harmless."""

    payment_id: str
    key: str
    amount: Money
    market: str
    method: str
    instrument: str
    return_url: str
    order_reference: str = ""
    email: str = ""
    # Keeps the instrument for one more authorization, for orders that may ship after the first one has run out.
    keep_instrument: bool = True


@dataclass(frozen=True, slots=True)
class PaymentOutcome:
    """The end of a call. Pending with a `challenge_url`: the shopper must go there. `paid`: the money was taken at once."""

    status: Result
    reference: str = ""
    code: str = ""
    message: str = ""
    challenge_url: str | None = None
    authorized_until: datetime | None = None
    paid: bool = False
    card: CardFacts | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """Which call is asked after: its key, its kind, the payment's reference where one is known, and when it was made."""

    key: str
    kind: OperationKind = OperationKind.AUTHORIZE
    reference: str = ""
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What the provider holds of a payment now; sums in minor units. `authorized` counts what was ever authorized of it."""

    outcome: PaymentOutcome
    authorized: int
    captured: int
    refunded: int
    voided: bool = False


class EventKind(StrEnum):
    """What a webhook is about. An event is a hint to ask: its order and its age do not matter."""

    PAYMENT = "payment"
    DISPUTE = "dispute"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class DisputeNews:
    """What a provider says of a dispute. `fee` is in minor units of the amount's currency; an inquiry has not taken money yet."""

    reference: str
    reason: str
    amount: Money
    status: DisputeStatus
    evidence_due_at: datetime | None = None
    fee: int = 0
    is_inquiry: bool = False


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """An authentic webhook: `event_id` counts once; `reference` is the provider's payment; `payment_id` ours where it knows it."""

    event_id: str
    kind: EventKind
    name: str
    reference: str
    payment_id: str
    occurred_at: datetime
    dispute: DisputeNews | None = None


class PaymentProvider(Protocol):
    """Takes and gives money. Every call ends in one of four results and raises nothing for what the outside does."""

    @property
    def name(self) -> str:
        """Stands in webhook addresses and rows: "stripe"."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    async def authorize(self, request: AuthorizationRequest) -> PaymentOutcome:
        """Reserves the money; the same key never does so twice."""
        ...

    async def capture(self, reference: str, amount: Money, key: str) -> PaymentOutcome:
        """Takes authorized money."""
        ...

    async def void(self, reference: str, key: str) -> PaymentOutcome:
        """Gives up an authorization of which nothing was captured."""
        ...

    async def refund(self, reference: str, amount: Money, key: str) -> PaymentOutcome:
        """Gives captured money back."""
        ...

    async def renew(self, reference: str, amount: Money, key: str) -> PaymentOutcome:
        """Authorizes the same instrument anew and gives up the old authorization; the outcome has a new reference."""
        ...

    async def find(self, lookup: Lookup) -> PaymentOutcome | None:
        """What became of a call whose answer was lost; None when the provider never had it."""
        ...

    async def held(self, reference: str) -> Held | None:
        """What the provider holds of a payment now; None when it does not know it or does not answer."""
        ...

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> ProviderEvent:
        """The event of an authentic webhook; WebhookIsNotAuthentic. Names of headers are lower case."""
        ...

    async def submit_evidence(self, dispute_reference: str, evidence: Mapping[str, str], key: str) -> PaymentOutcome:
        """Hands the evidence of a dispute in."""
        ...

    def close(self) -> None:
        """Closes what it holds open."""
        ...


@dataclass(frozen=True, slots=True)
class Velocity:
    """How often an address of mail, of post or of network, or a card, was used for payments within a day, this one not counted."""

    by_email: int = 0
    by_address: int = 0
    by_network: int = 0
    by_card: int = 0
    failed: int = 0  # of those, how many failed


@dataclass(frozen=True, slots=True)
class Person:
    """Who pays or receives, as the shopper wrote it."""

    name: str = ""
    email: str = ""
    phone: str = ""
    country: str = ""
    region: str = ""
    postcode: str = ""
    city: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RiskRequest:
    """What is known of a purchase before (and, with `card`, after) its authorization."""

    payment_id: str
    amount: Money
    market: str
    method: str
    buyer: Person
    recipient: Person
    velocity: Velocity = field(default_factory=Velocity)
    card: CardFacts | None = None


@dataclass(frozen=True, slots=True)
class RiskVerdict:
    """What to do, and why: each reason is a sentence for staff."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()


class RiskPort(Protocol):
    """Judges a purchase. Pure by its own data, fast, and never wrong about who decides: a person decides a review."""

    def assess(self, request: RiskRequest) -> RiskVerdict:
        """Accept, review or refuse, with reasons."""
        ...
