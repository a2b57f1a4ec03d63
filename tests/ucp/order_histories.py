"""Orders with everything that can happen to them: shipped in parts, delivered, canceled, given back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tradewind.fulfillment import Shipment, ShipmentLine
from tradewind.orders import Adjustment, AdjustmentStatus, AdjustmentType, Order, OrderLine, OrderStatus, TimelineEntry

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ENVELOPE = {"version": "2026-04-08", "capabilities": {"dev.ucp.shopping.order": [{"version": "2026-04-08"}]}}
PAGE = "https://shop.example/us/orders/ord_1?t=signature"


@dataclass(frozen=True)
class Story:
    """An order and its shipments."""

    order: Order
    shipments: tuple[Shipment, ...]


def a_line(number: int, original: int, *, unit: int = 1999, saved: int = 0, tax: int = 0, total: int | None = None) -> OrderLine:
    listed = unit * original
    return OrderLine(
        line_id=f"line_{number}",
        offer_id=f"S{number}",
        sku=f"S{number}",
        title=f"Article {number}",
        image="https://shop.example/media/a.jpg" if number % 2 else None,
        unit_price=unit,
        listed=listed,
        discount=saved,
        paid=listed - saved,
        tax=tax,
        location_id="SZX-1",
        lane_id="SZX-1.us",
        original=original,
        total=original if total is None else total,
    )


def an_order(lines: tuple[OrderLine, ...] = (), codes: dict[str, int] | None = None, **more: Any) -> Order:
    """An order of these lines; `codes` are what discount codes took off each line."""
    lines = lines or (a_line(1, 2), a_line(2, 1, unit=500))
    by_code = sum((codes or {}).values())
    listed, saved = sum(line.listed for line in lines), sum(line.discount for line in lines) - by_code
    parts = [["subtotal", listed], ["items_discount", -saved], ["discount", -by_code], ["tax", sum(line.tax for line in lines)]]
    kept = [*(part for part in parts if part[0] == "subtotal" or part[1]), ["fulfillment", 0]]
    facts = {
        "language": "en",
        "buyer": {"email": "anna@example.com", "name": "Anna Schmidt", "phone": "", "consent": {}},
        "destination": {
            "country": "US",
            "region": "NY",
            "postcode": "10001",
            "city": "New York",
            "lines": ["350 5th Ave"],
            "name": "Anna S",
        },
        "totals": [*kept, ["total", sum(int(part[1]) for part in kept)]],
        "applied": [{"code": "SAVE", "allocations": [list(pair) for pair in (codes or {}).items()]}],
        "delivery": {"option_id": "standard", "price": 0, "earliest": "2026-12-01", "latest": "2026-12-05", "lanes": ["SZX-1.us"]},
        "source": {},
    }
    fixed = {"order_id": "ord_1", "number": 1001, "session_id": "chk_1", "payment_id": "pay_1", "business": "default", "market": "us"}
    return Order(
        **{
            **fixed,
            "status": OrderStatus.OPEN,
            "hold": None,
            "currency": "USD",
            "total_amount": sum(int(part[1]) for part in kept),
            "email": "anna@example.com",
            "lines": lines,
            "facts": facts,
            "placed_at": NOON,
            "updated_at": NOON,
            "timeline": (TimelineEntry("created", {}, NOON),),
        }
        | more
    )


def a_shipment(order: Order, number: int = 1, units: dict[str, int] | None = None, delivered_at: datetime | None = None) -> Shipment:
    lines = units or {line.line_id: line.total for line in order.lines}
    held = tuple(ShipmentLine(line_id, quantity) for line_id, quantity in lines.items())
    return Shipment(f"shp_{number}", order.order_id, "UPS", "1Z999", "", held, NOON + timedelta(hours=number), delivered_at)


@st.composite
def stories(draw: Callable[..., Any]) -> Story:
    """Random histories that can really happen: what was canceled never left, and no more left than was wanted."""
    lines, codes, leaving = [], {}, dict[str, int]()
    for number in range(1, draw(st.integers(1, 4)) + 1):
        original = draw(st.integers(1, 9))
        unit = draw(st.integers(1, 100_000))
        by_code, saved = draw(st.integers(0, unit // 2)), draw(st.integers(0, unit // 2))
        codes |= {f"line_{number}": by_code} if by_code else {}
        total = draw(st.integers(0, original))
        line = a_line(number, original, unit=unit, saved=by_code + saved, tax=draw(st.integers(0, 999)), total=total)
        left = draw(st.integers(0, total))
        leaving |= {line.line_id: left} if left else {}
        lines.append(OrderLine(**{name: getattr(line, name) for name in OrderLine.__dataclass_fields__} | {"fulfilled": left}))
    order = an_order(tuple(lines), codes, adjustments=tuple(draw(_adjustments(lines))), timeline=tuple(draw(_timeline())))
    return Story(order, tuple(draw(_shipments(order, leaving))))


@st.composite
def _shipments(draw: Callable[..., Any], order: Order, leaving: dict[str, int]) -> list[Shipment]:
    made, rest = list[Shipment](), dict(leaving)
    while rest:
        units = {line_id: draw(st.integers(1, left)) for line_id, left in rest.items()}
        arrived = draw(st.sampled_from((None, NOON + timedelta(days=5))))
        made.append(a_shipment(order, len(made) + 1, units, arrived))
        rest = {line_id: left - units[line_id] for line_id, left in rest.items() if left > units[line_id]}
    return made


@st.composite
def _adjustments(draw: Callable[..., Any], lines: list[OrderLine]) -> list[Adjustment]:
    found = []
    for number in range(draw(st.integers(0, 3))):
        quantities = {line.line_id: -draw(st.integers(0, line.original)) for line in lines}
        kind, status = draw(st.sampled_from(AdjustmentType)), draw(st.sampled_from(AdjustmentStatus))
        amount = -draw(st.integers(0, 10_000))
        found.append(Adjustment(f"adj_{number}", kind, status, amount, quantities, draw(st.sampled_from(("", "damaged"))), "staff", NOON))
    return found


@st.composite
def _timeline(draw: Callable[..., Any]) -> list[TimelineEntry]:
    names = draw(st.lists(st.sampled_from(("processing", "shipped", "canceled", "withdrawn")), max_size=4))
    entries = [TimelineEntry(name, {}, NOON + timedelta(minutes=number)) for number, name in enumerate(names, start=1)]
    return [TimelineEntry("created", {}, NOON), *entries]
