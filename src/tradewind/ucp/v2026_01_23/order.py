"""An order as 2026-01-23 has it: amounts and units without a sign, no lines that are "removed", one amount for an adjustment. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tradewind.fulfillment import Shipment
from tradewind.orders import Order
from tradewind.ucp.v2026_04_08 import order as april

Json = dict[str, Any]


def order_entity(
    order: Order, shipments: Sequence[Shipment], *, ucp: Mapping[str, Any], permalink_url: str, say: Callable[[str], str] = str
) -> Json:
    """The order of that version's schema order.json."""
    entity = april.order_entity(order, shipments, ucp=ucp, permalink_url=permalink_url, say=say)
    return entity | {
        "line_items": [_line(line) for line in entity["line_items"]],
        "adjustments": [_adjustment(one) for one in entity["adjustments"]],
        "totals": _unsigned(entity["totals"]),
    }


def _line(line: Json) -> Json:
    quantity = {name: count for name, count in line["quantity"].items() if name != "original"}
    # "fulfilled if quantity.fulfilled == quantity.total": so is a line of which nothing is wanted any more.
    status = "fulfilled" if line["status"] == "removed" else line["status"]
    return {**line, "quantity": quantity, "totals": _unsigned(line["totals"]), "status": status}


def _adjustment(adjustment: Json) -> Json:
    told = {name: value for name, value in adjustment.items() if name != "totals"}
    if "line_items" in told:
        told["line_items"] = [{**one, "quantity": abs(one["quantity"])} for one in told["line_items"]]
    return {**told, "amount": sum(abs(one["amount"]) for one in adjustment["totals"])}


def _unsigned(totals: Sequence[Json]) -> list[Json]:
    return [{**one, "amount": abs(one["amount"])} for one in totals]
