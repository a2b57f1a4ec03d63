"""An order as the protocol tells it: always the whole entity, as it stands now. Pure.

The totals of the order and of its lines are those that were agreed at the checkout; what changed since stands in the adjustments, signed.
"""

import gettext
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from tradewind.content import Speech
from tradewind.fulfillment import Shipment
from tradewind.orders import Adjustment, Order, OrderEvent, OrderLine

ATTRIBUTION = "attribution"
"""Where the session's source keeps the platform's attribution, as JSON text."""
# Sentences around the promised days; other languages are told them in English.
_ARRIVES = {"en": "Arrives {}", "de": "Lieferung {}", "th": "จะได้รับ {}", "zh": "预计 {} 送达"}

_NAMED = {"fulfillment": "Delivery", "tax": "Sales tax"}
Json = dict[str, Any]


def order_entity(
    order: Order, shipments: Sequence[Shipment], *, ucp: Mapping[str, Any], permalink_url: str, say: Callable[[str], str] = str
) -> Json:
    """The order of the schema order.json.

    `ucp` is the envelope of the answer or webhook, `permalink_url` the address of the order's page; `say` translates the names of totals.
    """
    entity: Json = {
        "ucp": dict(ucp),
        "id": order.order_id,
        "label": str(order.number),
        "checkout_id": order.session_id,
        "permalink_url": permalink_url,
        "line_items": [_line(line) for line in order.lines],
        "fulfillment": {"expectations": list(_expectations(order)), "events": _events(order, shipments)},
        "adjustments": [_adjustment(one) for one in order.adjustments],
        "currency": order.currency,
        "totals": list(_totals(order, say)),
    }
    attribution = (order.facts.get("source") or {}).get(ATTRIBUTION)
    return entity | ({"attribution": json.loads(attribution)} if attribution else {})


def postal_address(place: Mapping[str, Any]) -> Json:
    """A destination as the schema postal_address.json has it; what is not known is left out."""
    lines = [line for line in place.get("lines") or () if line]
    first, _, last = (place.get("name") or "").rpartition(" ")
    told = {
        "street_address": lines[0] if lines else "",
        "extended_address": ", ".join(lines[1:]),
        "address_locality": place.get("city"),
        "address_region": place.get("region"),
        "postal_code": place.get("postcode"),
        "address_country": place.get("country"),
        "first_name": first or last,
        "last_name": last if first else "",
        "phone_number": place.get("phone"),
    }
    return {name: value for name, value in told.items() if value}


def instant(at: datetime) -> str:
    """A time in the form of RFC 3339, in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _totals(order: Order, say: Callable[[str], str]) -> Iterator[Json]:
    """The totals as the checkout told them: what falls on lines is `items_discount`, what falls on the delivery is `discount`."""
    amounts = dict[str, int]()
    for kind, amount in order.facts["totals"]:
        amounts[kind] = amounts.get(kind, 0) + amount
    on_delivery = sum(one.get("on_fulfillment", 0) for one in order.facts.get("applied") or ())
    on_lines = -amounts.pop("items_discount", 0) - amounts.pop("discount", 0) - on_delivery
    total, subtotal = amounts.pop("total"), amounts.pop("subtotal")
    if not order.facts.get("tax_included"):
        amounts.setdefault("tax", 0)
    yield {"type": "subtotal", "display_text": say("Articles"), "amount": subtotal}
    if on_lines:
        yield {"type": "items_discount", "display_text": say("Discount"), "amount": -on_lines}
    if on_delivery:
        yield {"type": "discount", "display_text": say("Discount"), "amount": -on_delivery}
    for kind, words in _NAMED.items():
        if kind in amounts:
            yield {"type": kind, "display_text": say(words), "amount": amounts.pop(kind)}
    for kind, amount in amounts.items():
        yield {"type": "fee", "display_text": say(kind.capitalize()), "amount": amount}
    yield {"type": "total", "display_text": say("Total"), "amount": total}


def _line(line: OrderLine) -> Json:
    item: Json = {"id": line.offer_id, "title": line.title, "price": line.unit_price}
    return {
        "id": line.line_id,
        "item": item | ({"image_url": line.image} if line.image else {}),
        "quantity": {"original": line.original, "total": line.total, "fulfilled": line.fulfilled},
        "totals": list(_line_totals(line)),
        "status": line.status,
    }


def _line_totals(line: OrderLine) -> Iterator[Json]:
    """What the ordered units cost: they add up to their total."""
    yield {"type": "subtotal", "amount": line.listed}
    if line.discount:
        yield {"type": "items_discount", "amount": -line.discount}
    if line.tax:
        yield {"type": "tax", "amount": line.tax}
    yield {"type": "total", "amount": line.listed - line.discount + line.tax}


def _expectations(order: Order) -> Iterator[Json]:
    """What the buyer may still expect, or has had: one delivery of all that is wanted."""
    lines = [{"id": line.line_id, "quantity": line.total} for line in order.lines if line.total]
    if not lines:
        return
    told: Json = {
        "id": f"{order.order_id}.delivery",
        "line_items": lines,
        "method_type": "shipping",
        "destination": postal_address(order.facts.get("destination") or {}),
        "fulfillable_on": "now",
    }
    delivery = order.facts.get("delivery")
    yield told | ({"description": promise(delivery, order.facts.get("language") or "", order.market.upper())} if delivery else {})


def promise(delivery: Mapping[str, Any], language: str, country: str) -> str:
    """The promised days of a delivery as a sentence."""
    known = language if language in _ARRIVES else "en"
    return _ARRIVES[known].format(_speech(known, country).span(*(date.fromisoformat(delivery[name]) for name in ("earliest", "latest"))))


@cache
def _speech(language: str, country: str) -> Speech:
    return Speech(language, country, gettext.NullTranslations())


def _events(order: Order, shipments: Sequence[Shipment]) -> list[Json]:
    """What really happened, the oldest first. An entry never changes and never goes."""
    wanted = [{"id": line.line_id, "quantity": line.original} for line in order.lines]
    found = [
        (entry.at, {"id": f"{order.order_id}.processing.{number}", "type": "processing", "line_items": wanted})
        for number, entry in enumerate(order.timeline, start=1)
        if entry.name == OrderEvent.PROCESSING
    ]
    for one in shipments:
        found.append((one.shipped_at, _of_shipment(one, "shipped")))
        if one.delivered_at is not None:
            found.append((one.delivered_at, _of_shipment(one, "delivered")))
    return [{**told, "occurred_at": instant(at)} for at, told in sorted(found, key=lambda pair: pair[0])]


def _of_shipment(shipment: Shipment, kind: str) -> Json:
    tracked = {"tracking_number": shipment.tracking, "tracking_url": shipment.tracking_url, "carrier": shipment.carrier}
    return {
        "id": f"{shipment.shipment_id}.{kind}",
        "type": kind,
        "line_items": [{"id": line.line_id, "quantity": line.quantity} for line in shipment.lines if line.quantity],
    } | {name: value for name, value in tracked.items() if value}


def _adjustment(one: Adjustment) -> Json:
    """A change of money or units; what goes back to the buyer is negative."""
    touched = [{"id": line_id, "quantity": quantity} for line_id, quantity in one.quantities.items() if quantity]
    told: Json = {
        "id": one.adjustment_id,
        "type": one.type.value,
        "occurred_at": instant(one.made_at),
        "status": one.status.value,
        "totals": [{"type": "total", "amount": one.amount}],
    }
    told |= {"line_items": touched} if touched else {}
    return told | ({"description": one.reason} if one.reason else {})
