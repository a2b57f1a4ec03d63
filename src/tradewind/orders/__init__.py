"""Orders: what was bought, what became of it, and everything that happened to it."""

from tradewind.orders import store
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

__all__ = [
    "ADJUSTMENT",
    "ORDER",
    "Adjustment",
    "AdjustmentStatus",
    "AdjustmentType",
    "FulfillmentStatus",
    "Order",
    "OrderEvent",
    "OrderLine",
    "OrderStatus",
    "TimelineEntry",
    "store",
]
