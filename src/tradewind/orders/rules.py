"""Decisions about orders: how far shipping is, what a shipment costs, what may be shipped or given back. Pure."""

from collections.abc import Mapping, Sequence

from tradewind.fulfillment import Shipment
from tradewind.kit import Rounding, divide
from tradewind.orders.errors import OrderLineUnknown, QuantityIsNotOpen
from tradewind.orders.model import FulfillmentStatus, Order, OrderStatus


def fulfillment_status(order: Order, shipments: Sequence[Shipment]) -> FulfillmentStatus:
    """How far shipping is, from the lines and the shipments."""
    if order.status is OrderStatus.CANCELED:
        return FulfillmentStatus.CANCELED
    if order.hold:
        return FulfillmentStatus.ON_HOLD
    if not any(line.fulfilled for line in order.lines):
        return FulfillmentStatus.PROCESSING
    if any(line.fulfilled < line.total for line in order.lines):
        return FulfillmentStatus.PARTIAL
    arrived = bool(shipments) and all(one.delivered_at is not None for one in shipments)
    return FulfillmentStatus.DELIVERED if arrived else FulfillmentStatus.SHIPPED


def units_to_ship(order: Order, asked: Mapping[str, int]) -> dict[str, int]:
    """The units by line that leave now; all that are open when nothing is asked. OrderLineUnknown, QuantityIsNotOpen."""
    open_units = {line.line_id: line.total - line.fulfilled for line in order.lines if line.total > line.fulfilled}
    if not asked:
        if not open_units:
            raise QuantityIsNotOpen(f"every unit of the order {order.number} has left", hint=f"tradewind order show {order.number}")
        return open_units
    for line_id, quantity in asked.items():
        line = order.line(line_id)
        if line is None:
            known = ", ".join(one.line_id for one in order.lines)
            raise OrderLineUnknown(f'the order {order.number} has no line "{line_id}"', hint=f"lines: {known}")
        if not 0 < quantity <= open_units.get(line_id, 0):
            raise QuantityIsNotOpen(
                f"{quantity} units of {line_id} cannot be shipped: {open_units.get(line_id, 0)} are open",
                hint=f"tradewind order show {order.number}",
            )
    return dict(asked)


def shipment_amount(order: Order, units: Mapping[str, int]) -> int | None:
    """What to capture for a shipment in minor units; None: everything that is left, because this is the last one.

    A line's amount is taken in proportion to its units; the delivery is paid with the first shipment.
    """
    left = {line.line_id: line.total - line.fulfilled for line in order.lines}
    if all(units.get(line_id, 0) == open_units for line_id, open_units in left.items()):
        return None
    amount = 0 if any(line.fulfilled for line in order.lines) else delivery_amount(order)
    for line in order.lines:
        upto = line.fulfilled + units.get(line.line_id, 0)
        whole = line.paid + line.tax
        amount += divide(whole * upto, line.original, Rounding.DOWN) - divide(whole * line.fulfilled, line.original, Rounding.DOWN)
    return amount


def delivery_amount(order: Order) -> int:
    """What of the total is not for goods: the delivery, and the tax on it."""
    return order.total_amount - sum(line.paid + line.tax for line in order.lines)
