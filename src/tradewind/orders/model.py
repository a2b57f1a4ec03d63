"""An order: what was bought for what, what became of it, and every fact as it was on the day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tradewind.kit import StateMachine, Transition


class OrderStatus(StrEnum):
    """Whether anything is still to be done. How far payment and shipping are, is derived from payments and lines."""

    OPEN = "open"
    CANCELED = "canceled"
    CLOSED = "closed"


class FulfillmentStatus(StrEnum):
    """Derived from the lines and shipments."""

    ON_HOLD = "on_hold"
    PROCESSING = "processing"
    PARTIAL = "partial"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELED = "canceled"


class OrderEvent(StrEnum):
    """What others are told of, through the outbox."""

    CREATED = "created"
    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELED = "canceled"
    REFUNDED = "refunded"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"  # the buyer withdrew from the contract, where the law gives that right


class AdjustmentType(StrEnum):
    """What changed after the order was placed."""

    REFUND = "refund"
    RETURN = "return"
    CREDIT = "credit"
    PRICE_ADJUSTMENT = "price_adjustment"
    DISPUTE = "dispute"
    CANCELLATION = "cancellation"


class AdjustmentStatus(StrEnum):
    """Where an adjustment stands."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """Units of an offer. `original` were ordered, `total` are still wanted, `fulfilled` have left. Amounts are for `original` units."""

    line_id: str
    offer_id: str
    sku: str
    title: str
    image: str | None
    unit_price: int
    listed: int
    discount: int  # what travelling together saved, and codes
    paid: int
    tax: int  # added at the checkout, where prices are shown without it
    location_id: str
    lane_id: str
    original: int
    total: int
    fulfilled: int = 0

    @property
    def status(self) -> str:
        """processing, partial, fulfilled or removed."""
        if self.total == 0:
            return "removed"
        if self.fulfilled == 0:
            return "processing"
        return "fulfilled" if self.fulfilled == self.total else "partial"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A change of money or quantity after the order. `amount` is signed: what goes back to the buyer is negative."""

    adjustment_id: str
    type: AdjustmentType
    status: AdjustmentStatus
    amount: int
    quantities: Mapping[str, int]
    reason: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened to the order."""

    name: str
    detail: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """What was bought. `facts` are as they were on the day: buyer, destination, delivery, totals, discounts, policies, the price's lines."""

    order_id: str
    number: int
    session_id: str
    payment_id: str
    business: str
    market: str
    status: OrderStatus
    hold: str | None
    currency: str
    total_amount: int
    email: str
    lines: tuple[OrderLine, ...]
    facts: Mapping[str, Any]
    placed_at: datetime
    updated_at: datetime
    adjustments: tuple[Adjustment, ...] = ()
    timeline: tuple[TimelineEntry, ...] = field(default=())
    version: int = 1  # grows with each change

    def line(self, line_id: str) -> OrderLine | None:
        """The line of this id."""
        return next((one for one in self.lines if one.line_id == line_id), None)


def nothing_has_left(order: Order) -> bool:
    """Whether every unit is still in the house."""
    return all(line.fulfilled == 0 for line in order.lines)


def nothing_is_owed(order: Order) -> bool:
    """Whether all that is still wanted has left."""
    return all(line.fulfilled == line.total for line in order.lines)


ORDER = StateMachine(
    "order",
    (
        Transition("cancel", "open", "canceled", nothing_has_left),
        Transition("close", "open", "closed", nothing_is_owed),
    ),
)
ADJUSTMENT = StateMachine("adjustment", (Transition("complete", "pending", "completed"), Transition("fail", "pending", "failed")))
