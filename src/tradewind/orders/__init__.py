"""Orders: what was bought, what became of it, and everything that happened to it."""

from tradewind.orders import store
from tradewind.orders.errors import (
    OrderCannotBeCanceled,
    OrderIsFinished,
    OrderIsOnHold,
    OrderLineUnknown,
    OrderUnknown,
    OrderWasChanged,
    PaymentDidNotFollow,
    QuantityIsNotOpen,
)
from tradewind.orders.model import (
    ADJUSTMENT,
    ORDER,
    Adjustment,
    AdjustmentStatus,
    AdjustmentType,
    FulfillmentStatus,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
    TimelineEntry,
)
from tradewind.orders.privacy import forget_old, reseal
from tradewind.orders.rules import fulfillment_status
from tradewind.orders.service import UNGUARDED, Guarded, Handover, Orders, OrderView

__all__ = [
    "ADJUSTMENT",
    "ORDER",
    "UNGUARDED",
    "Adjustment",
    "AdjustmentStatus",
    "AdjustmentType",
    "FulfillmentStatus",
    "Guarded",
    "Handover",
    "Order",
    "OrderCannotBeCanceled",
    "OrderEvent",
    "OrderIsFinished",
    "OrderIsOnHold",
    "OrderLine",
    "OrderLineUnknown",
    "OrderStatus",
    "OrderUnknown",
    "OrderView",
    "OrderWasChanged",
    "Orders",
    "PaymentDidNotFollow",
    "QuantityIsNotOpen",
    "TimelineEntry",
    "forget_old",
    "fulfillment_status",
    "reseal",
    "store",
]
