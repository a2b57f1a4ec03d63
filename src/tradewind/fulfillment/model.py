"""A shipment: one handover to a carrier."""

from dataclasses import dataclass
from datetime import datetime

from tradewind.kit import StateMachine, Transition


@dataclass(frozen=True, slots=True)
class ShipmentLine:
    """Units of an order's line in a shipment."""

    line_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Shipment:
    """One handover: the order's units in it, the carrier and its tracking number, and when it arrived."""

    shipment_id: str
    order_id: str
    carrier: str
    tracking: str
    tracking_url: str
    lines: tuple[ShipmentLine, ...]
    shipped_at: datetime
    delivered_at: datetime | None = None

    @property
    def state(self) -> str:
        """A state of SHIPMENT."""
        return "delivered" if self.delivered_at is not None else "shipped"


SHIPMENT = StateMachine("shipment", (Transition("deliver", "shipped", "delivered"),))
