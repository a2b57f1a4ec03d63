"""Orders and payments in the API's words. Amounts are minor units of the order's currency; times are UTC."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field

from tradewind.fulfillment import Shipment
from tradewind.orders import Adjustment, Order, OrderView, fulfillment_status
from tradewind.payments import Operation, Payment


class Line(BaseModel):
    """Units of an offer: `ordered`, still `wanted`, and `shipped`. listed − discount = paid; `tax` is added where prices are shown without it."""

    line_id: str
    offer_id: str
    sku: str
    title: str
    unit_price: int
    listed: int
    discount: int
    paid: int
    tax: int
    ordered: int
    wanted: int
    shipped: int
    location_id: str
    status: Annotated[str, Field(description="processing, partial, fulfilled or removed.")]


class Total(BaseModel):
    """A line of the sum, signed: all but the total add up to the total."""

    type: str
    amount: int


class Address(BaseModel):
    """Where the goods go."""

    name: str = ""
    lines: list[str] = []
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    phone: str = ""


class Delivery(BaseModel):
    """The way of delivery that was chosen, and what was promised."""

    option_id: str
    price: int
    earliest: str
    latest: str


class ShipmentLine(BaseModel):
    """Units of a line in a shipment."""

    line_id: str
    quantity: int


class ShipmentOut(BaseModel):
    """A handover to a carrier."""

    shipment_id: str
    order_id: str
    carrier: str
    tracking: str
    tracking_url: str
    lines: list[ShipmentLine]
    shipped_at: AwareDatetime
    delivered_at: AwareDatetime | None


class AdjustmentOut(BaseModel):
    """A change of money or units after the order; what goes back to the buyer is negative. `pending`: its money has not moved yet."""

    adjustment_id: str
    order_id: str
    type: str
    status: Annotated[str, Field(description="pending, completed or failed.")]
    amount: int
    quantities: dict[str, int]
    reason: str
    made_by: str
    made_at: AwareDatetime


class Happened(BaseModel):
    """Something that happened to the order."""

    name: str
    at: AwareDatetime
    detail: dict[str, Any]


class OrderShort(BaseModel):
    """An order in a list."""

    order_id: str
    number: Annotated[int, Field(examples=[100001])]
    market: str
    status: Annotated[str, Field(description="open, canceled or closed.")]
    hold: Annotated[str | None, Field(description="Why a person must look first; null when nobody must.")]
    currency: str
    total: int
    units: int
    shipped: int
    placed_at: AwareDatetime
    updated_at: AwareDatetime
    version: Annotated[int, Field(description="Its ETag: grows with each change.")]


class OrderOut(OrderShort):
    """A whole order."""

    fulfillment_status: Annotated[str, Field(description="on_hold, processing, partial, shipped, delivered or canceled.")]
    language: str
    email: str
    name: str
    phone: str
    tax_included: bool
    destination: Address
    delivery: Delivery | None
    lines: list[Line]
    totals: list[Total]
    codes: list[str]
    payment_id: str
    payment_method: str
    shipments: list[ShipmentOut]
    adjustments: list[AdjustmentOut]
    timeline: list[Happened]


class Orders(BaseModel):
    """A page of orders, the newest first."""

    items: list[OrderShort]
    next: str | None


class OperationOut(BaseModel):
    """Something that the provider was asked to do; a null status: nothing was heard yet."""

    kind: str
    cause: str
    amount: int
    status: str | None
    code: str
    message: str
    created_at: AwareDatetime
    updated_at: AwareDatetime


class PaymentOut(BaseModel):
    """A payment: what was authorized, captured and refunded of it."""

    payment_id: str
    order_id: str | None
    session_id: str
    provider: str
    method: str
    market: str
    currency: str
    amount: int
    authorized: int
    captured: int
    refunded: int
    status: str
    verdict: Annotated[str, Field(description="accept, review or refuse.")]
    reasons: list[str]
    reference: str
    authorized_until: AwareDatetime | None
    created_at: AwareDatetime
    updated_at: AwareDatetime


class PaymentWhole(PaymentOut):
    """A payment with everything that its provider was asked."""

    operations: list[OperationOut]


class Payments(BaseModel):
    """A page of payments, the newest first."""

    items: list[PaymentOut]
    next: str | None


def short(order: Order) -> dict[str, Any]:
    """An order in a list."""
    names = ("order_id", "number", "market", "hold", "currency", "placed_at", "updated_at", "version")
    return {name: getattr(order, name) for name in names} | {
        "status": order.status.value,
        "total": order.total_amount,
        "units": sum(one.total for one in order.lines),
        "shipped": sum(one.fulfilled for one in order.lines),
    }


def whole(view: OrderView) -> dict[str, Any]:
    """A whole order."""
    order, facts = view.order, view.order.facts
    buyer, to = facts.get("buyer") or {}, facts.get("destination") or {}
    delivery = facts.get("delivery")
    return short(order) | {
        "fulfillment_status": fulfillment_status(order, view.shipments).value,
        "language": str(facts.get("language") or ""),
        "email": order.email,
        "name": str(buyer.get("name") or to.get("name") or ""),
        "phone": str(buyer.get("phone") or to.get("phone") or ""),
        "tax_included": bool(facts.get("tax_included")),
        "destination": {name: to[name] for name in Address.model_fields if to.get(name) is not None},
        "delivery": {name: delivery[name] for name in Delivery.model_fields} if delivery else None,
        "lines": [_line(order, number) for number in range(len(order.lines))],
        "totals": [{"type": kind, "amount": amount} for kind, amount in facts.get("totals", ())],
        "codes": list(facts.get("codes") or ()),
        "payment_id": order.payment_id,
        "payment_method": str(facts.get("payment_method") or ""),
        "shipments": [shipment(one) for one in view.shipments],
        "adjustments": [adjustment(order.order_id, one) for one in order.adjustments],
        "timeline": [asdict(one) for one in order.timeline],
    }


def shipment(one: Shipment) -> dict[str, Any]:
    """A shipment."""
    return asdict(one)


def adjustment(order_id: str, one: Adjustment) -> dict[str, Any]:
    """An adjustment of an order."""
    return asdict(one) | {"order_id": order_id, "type": one.type.value, "status": one.status.value, "quantities": dict(one.quantities)}


def payment(one: Payment) -> dict[str, Any]:
    """A payment; what it is known by at its provider, never what it was paid with."""
    return {name: getattr(one, name) for name in PaymentOut.model_fields} | {"reasons": list(one.reasons)}


def operation(one: Operation) -> dict[str, Any]:
    """An operation of a payment."""
    return {name: getattr(one, name) for name in OperationOut.model_fields}


def in_json(model: type[BaseModel], value: Mapping[str, Any]) -> Any:
    """The value as the JSON that an answer of this model is made of, for answers that are kept."""
    return model.model_validate(value).model_dump(mode="json")


def _line(order: Order, number: int) -> dict[str, Any]:
    line = order.lines[number]
    same = ("line_id", "offer_id", "sku", "title", "unit_price", "listed", "discount", "paid", "tax", "location_id", "status")
    return {name: getattr(line, name) for name in same} | {"ordered": line.original, "wanted": line.total, "shipped": line.fulfilled}
