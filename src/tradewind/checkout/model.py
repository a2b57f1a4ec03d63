"""Carts and checkout sessions, neutral of any protocol. Amounts are minor units of the session's currency; times are UTC.

What a session is made of are msgspec's structs, because a purchase makes a hundred of them: a frozen dataclass sets each of its fields by a
call of its own, and that was an eighth of a purchase.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from tradewind.kit import StateMachine, Transition


class CheckoutStatus(StrEnum):
    """Where a session stands, in the words of UCP."""

    INCOMPLETE = "incomplete"
    REQUIRES_ESCALATION = "requires_escalation"
    READY_FOR_COMPLETE = "ready_for_complete"
    COMPLETE_IN_PROGRESS = "complete_in_progress"
    COMPLETED = "completed"
    CANCELED = "canceled"


class Severity(StrEnum):
    """Who can mend what a message is about."""

    RECOVERABLE = "recoverable"
    REQUIRES_BUYER_INPUT = "requires_buyer_input"
    REQUIRES_BUYER_REVIEW = "requires_buyer_review"
    UNRECOVERABLE = "unrecoverable"


class Message(Struct, frozen=True):
    """Something to say about a session. `type` is error, warning or info; a surface finds words for the code; `path` is where it is."""

    type: str
    code: str
    path: str
    params: Mapping[str, str | int] = {}
    severity: Severity = Severity.RECOVERABLE


class SessionLine(Struct, frozen=True):
    """Units of one offer. listed - discount - promotion = paid; `tax` is what the destination adds, where prices are shown without it."""

    line_id: str
    offer_id: str
    sku: str
    product_id: str
    title: str
    image: str | None
    quantity: int
    unit_price: int
    listed: int
    discount: int
    promotion: int
    paid: int
    tax: int
    location_id: str
    lane_id: str
    weight_g: int
    hs_code: str | None
    category: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, as far as known. `consent` are purposes and whether the buyer agreed."""

    email: str = ""
    name: str = ""
    phone: str = ""
    consent: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the goods go, as far as known. `region` is the state or province as in ISO 3166-2 without the country."""

    country: str = ""
    region: str = ""
    postcode: str = ""
    city: str = ""
    lines: tuple[str, ...] = ()
    name: str = ""
    phone: str = ""
    county: str = ""


class DeliveryOption(Struct, frozen=True):
    """A way of delivery for the whole session: its price beyond what the listed prices hold, the promised days, and the lanes it uses."""

    option_id: str
    price: int
    earliest: date
    latest: date
    lanes: tuple[str, ...]


class Allocation(Struct, frozen=True):
    """The share of a discount that falls on a line."""

    line_id: str
    amount: int


class AppliedDiscount(Struct, frozen=True):
    """A discount that counts: by a code, or automatic (no code). The allocations and what falls on the delivery add up to the amount.

    `eligibility` is the buyer's claim that it rests on; it must be proved before the buyer pays.
    """

    promotion_id: str
    code: str | None
    title: str
    amount: int
    on_fulfillment: int
    allocations: tuple[Allocation, ...]
    eligibility: str | None = None


class Total(Struct, frozen=True):
    """One line of the sum, signed: discounts are negative, and all but the total add up to the total."""

    type: str
    amount: int


class PriceLine(Struct, frozen=True):
    """A part of what a consignment's goods cost before codes: its label, its rules, and whether the price holds it (a buyer may owe more)."""

    lane_id: str
    label: str
    amount: int
    in_price: bool
    collector: str
    certainty: str
    rule_ids: tuple[str, ...]


class PaymentSummary(Struct, frozen=True):
    """The payment that completes the session: its method, where it stands, and where the shopper must go."""

    payment_id: str
    method: str
    status: str
    challenge_url: str | None = None


class CheckoutSession(Struct, frozen=True):
    """A purchase on its way. `version` grows with each change and is its ETag; `raised` says that a total rose and was not accepted yet."""

    session_id: str
    business: str
    market: str
    language: str
    currency: str
    version: int
    status: CheckoutStatus
    lines: tuple[SessionLine, ...]
    buyer: Buyer
    destination: Destination | None
    options: tuple[DeliveryOption, ...]
    selected_option: str | None
    codes: tuple[str, ...]
    applied: tuple[AppliedDiscount, ...]
    totals: tuple[Total, ...]
    messages: tuple[Message, ...]
    tax_included: bool
    created_at: datetime
    expires_at: datetime
    payment: PaymentSummary | None = None
    order_id: str | None = None
    cart_id: str | None = None
    raised: bool = False
    price_lines: tuple[PriceLine, ...] = ()
    # The digest of the price book that price_lines and the lines' discounts are from.
    priced_by: str = ""
    return_days: int = 0
    source: Mapping[str, str] = {}
    # The benefits that the buyer says to have.
    claims: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """What the buyer pays, in minor units."""
        return next((one.amount for one in self.totals if one.type == "total"), 0)

    def amount(self, kind: str) -> int:
        """The sum of the totals of a type."""
        return sum(one.amount for one in self.totals if one.type == kind)

    @property
    def option(self) -> DeliveryOption | None:
        """The chosen way of delivery."""
        return next((one for one in self.options if one.option_id == self.selected_option), None)


@dataclass(frozen=True, slots=True)
class WantedLine:
    """Units of an offer that a buyer wants."""

    offer_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class CreateSession:
    """What a buyer brings to a new session."""

    market: str
    lines: tuple[WantedLine, ...]
    language: str = ""
    business: str = "default"
    buyer: Buyer = field(default_factory=Buyer)
    destination: Destination | None = None
    selected_option: str | None = None
    codes: tuple[str, ...] = ()
    cart_id: str | None = None
    source: Mapping[str, str] = field(default_factory=dict)
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UpdateSession:
    """All that the buyer chooses, in place of what was chosen before."""

    lines: tuple[WantedLine, ...]
    buyer: Buyer = field(default_factory=Buyer)
    destination: Destination | None = None
    selected_option: str | None = None
    codes: tuple[str, ...] = ()
    language: str = ""
    # What a surface adds to the session's source.
    source: Mapping[str, str] = field(default_factory=dict)
    # None where the surface knows of no claims: those of before stay.
    claims: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PaymentInstrument:
    """What a buyer pays with: a method and a provider's opaque token, which is never stored. `accepted_total` is the sum the buyer saw.

    `accepts_shown`: the surface showed its buyer the session's last state, whatever its sum. `keeps_claims`: a claim that is not proved
    stops the purchase, because the surface can take it back; else it is dropped, and the buyer is shown the new sum.
    """

    method: str
    token: str
    return_url: str = ""
    accepted_total: int | None = None
    network: str = ""
    accepts_shown: bool = False
    keeps_claims: bool = False


ABOUT_PAYMENT = frozenset({"payment_declined", "payment_not_finished", "eligibility_invalid"})
"""Messages that tell how an attempt to pay ended. They stand until the next attempt, and are not in its way."""


def nothing_is_missing(session: CheckoutSession) -> bool:
    """Whether no message stands in the way."""
    return bool(session.lines) and not any(one.type == "error" and one.code not in ABOUT_PAYMENT for one in session.messages)


def something_is_missing(session: CheckoutSession) -> bool:
    """Whether the buyer has something to mend first."""
    return not nothing_is_missing(session)


CHECKOUT = StateMachine(
    "checkout session",
    (
        Transition("change", "incomplete", "ready_for_complete", nothing_is_missing),
        Transition("change", "incomplete", "incomplete", something_is_missing),
        Transition("change", "ready_for_complete", "ready_for_complete", nothing_is_missing),
        Transition("change", "ready_for_complete", "incomplete", something_is_missing),
        Transition("begin", "ready_for_complete", "complete_in_progress"),
        Transition("challenge", "complete_in_progress", "requires_escalation"),
        Transition("finish", "complete_in_progress", "completed"),
        Transition("finish", "requires_escalation", "completed"),
        Transition("fail", "complete_in_progress", "ready_for_complete", nothing_is_missing),
        Transition("fail", "complete_in_progress", "incomplete", something_is_missing),
        Transition("fail", "requires_escalation", "ready_for_complete", nothing_is_missing),
        Transition("fail", "requires_escalation", "incomplete", something_is_missing),
        Transition("cancel", "incomplete", "canceled"),
        Transition("cancel", "ready_for_complete", "canceled"),
        Transition("cancel", "requires_escalation", "canceled"),
    ),
)

OPEN = frozenset({CheckoutStatus.INCOMPLETE, CheckoutStatus.READY_FOR_COMPLETE})
"""The statuses in which a buyer may change a session."""
