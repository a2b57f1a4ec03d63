"""A checkout session as the schemas checkout.json, fulfillment.json and discount.json of 2026-04-08 have it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from tradewind.checkout import AppliedDiscount, Buyer, CheckoutSession, CheckoutStatus, Destination, Message
from tradewind.content import Speech
from tradewind.kit import Currency, Money
from tradewind.pricing import Collector
from tradewind.ucp.asking import BUYER_GIVEN, DESTINATION_ID, FIRST_DESTINATION, SHIP_GIVEN, SHIPPING
from tradewind.ucp.capabilities import CHECKOUT as ROOT
from tradewind.ucp.capabilities import DISCOUNT, FULFILLMENT
from tradewind.ucp.counter import Counter
from tradewind.ucp.model import Negotiated
from tradewind.ucp.policy import ErrorPolicy

Json = dict[str, Any]
METHOD_ID, GROUP_ID = "shipping", "group_1"
TERMINAL = frozenset({CheckoutStatus.COMPLETED, CheckoutStatus.CANCELED})
BUYER_NEEDED = "requires_buyer_input"
_KEPT_SPANS = 1_000
_REVIEW = "requires_buyer_review"
_PATHS = (
    ("$.lines", "$.line_items"),
    ("$.codes", "$.discounts.codes"),
    ("$.claims", "$.context.eligibility"),
    ("$.selected_option", "$.fulfillment.methods[0].groups[0].selected_option_id"),
    ("$.destination", "$.fulfillment.methods[0].destinations[0]"),
)
_FIELDS = {
    "region": "address_region",
    "city": "address_locality",
    "postcode": "postal_code",
    "lines": "street_address",
    "name": "last_name",
    "country": "address_country",
}
_ABOUT_ADDRESS = ("address_", "postcode_")


@dataclass(frozen=True, slots=True)
class Telling:
    """What telling a session needs beside the session."""

    counter: Counter
    negotiated: Negotiated
    policy: ErrorPolicy
    root: str = ROOT

    def speech(self, session: CheckoutSession) -> Speech:
        """The language of the session in its market's country."""
        market = self.counter.markets.get(session.market)
        return self.counter.speech(session.language, market.country if market else "US")


def checkout_entity(session: CheckoutSession, telling: Telling) -> Json:
    """The whole checkout."""
    counter, negotiated = telling.counter, telling.negotiated
    handlers = counter.handlers.offered(session.market, _amount(session), negotiated.handlers)
    messages, status = _messages(session, telling, bool(handlers))
    entity: Json = {
        "ucp": {**negotiated.active[ROOT], "payment_handlers": handlers},
        "id": session.session_id,
        "line_items": [line_entity(line) for line in session.lines],
        "status": status,
        "currency": session.currency,
        "totals": totals_of(session, telling.speech(session)),
        "messages": messages,
        "links": [{"type": kind, "url": url} for kind, url in counter.links.policies(session.market)],
        "expires_at": moment(session.expires_at),
    }
    buyer = buyer_entity(session)
    if buyer:
        entity["buyer"] = buyer
    if negotiated.has(FULFILLMENT):
        entity["fulfillment"] = _fulfillment(session, telling.speech(session))
    if negotiated.has(DISCOUNT):
        entity["discounts"] = discounts_entity(session, telling.speech(session))
    if session.status not in TERMINAL:
        entity["continue_url"] = counter.links.checkout(session.market, session.session_id)
    if session.order_id:
        entity["order"] = {"id": session.order_id, "permalink_url": counter.links.order(session.market, session.order_id)}
    return entity


def error_entity(code: str, content: str, telling: Telling, *, market: str = "", path: str = "") -> Json:
    """An answer without a resource: why there is none, and where the buyer can go on."""
    message = {"type": "error", "code": code, "content": content, "severity": telling.policy.severity("unrecoverable")}
    told: Json = {
        "ucp": {**telling.negotiated.active.get(telling.root, {"version": telling.negotiated.version}), "status": "error"},
        "messages": [message | ({"path": path} if path else {})],
    }
    return told | {"continue_url": telling.counter.links.shop(market or telling.counter.default_market)}


def totals_of(session: CheckoutSession, speech: Speech) -> list[Json]:
    """The totals, signed; what falls on lines is `items_discount`, what falls on the delivery is `discount`; all of it adds up."""
    say = speech.text
    on_lines = sum(line.discount + line.promotion for line in session.lines)
    on_delivery = sum(one.on_fulfillment for one in session.applied)
    rows: list[Json] = [{"type": "subtotal", "display_text": say("Articles"), "amount": session.amount("subtotal")}]
    if on_lines:
        rows.append({"type": "items_discount", "display_text": say("Discount"), "amount": -on_lines})
    if on_delivery:
        rows.append({"type": "discount", "display_text": say("Discount"), "amount": -on_delivery})
    if session.option is not None:
        rows.append({"type": "fulfillment", "display_text": say("Delivery"), "amount": session.amount("fulfillment")})
    if not session.tax_included and not any(one.code in {"tax_added_later", "tax_unknown"} for one in session.messages):
        rows.append({"type": "tax", "display_text": say("Sales tax"), "amount": session.amount("tax")})
    rows += [
        {"type": "fee", "display_text": say(one.type.capitalize()), "amount": one.amount} for one in session.totals if one.type not in _TOLD
    ]
    rows.append({"type": "total", "display_text": say("Total"), "amount": session.total})
    return rows


_TOLD = frozenset({"subtotal", "items_discount", "discount", "fulfillment", "tax", "total"})


def moment(at: datetime) -> str:
    """A time as RFC 3339 has it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def path_of(path: str) -> str:
    """The core's path in the words of the wire."""
    head, _, last = path.rpartition(".")
    if head == "$.destination":
        path = f"{head}.{_FIELDS.get(last, last)}"
    return next((wire + path[len(ours) :] for ours, wire in _PATHS if path.startswith(ours)), path)


def line_entity(line: Any) -> Json:
    """A line of a checkout or cart."""
    item: Json = {"id": line.offer_id, "title": line.title, "price": line.unit_price}
    if line.image:
        item["image_url"] = line.image
    saved = line.discount + line.promotion
    rows = [{"type": "subtotal", "amount": line.listed}]
    if saved:
        rows.append({"type": "items_discount", "amount": -saved})
    if line.tax:
        rows.append({"type": "tax", "amount": line.tax})
    rows.append({"type": "total", "amount": line.paid + line.tax})
    return {"id": line.line_id, "item": item, "quantity": line.quantity, "totals": rows}


def buyer_entity(session: CheckoutSession) -> Json:
    """What is known of the buyer."""
    buyer = session.buyer
    first, last = _parted(buyer.name, session.source.get(BUYER_GIVEN, ""))
    told = {"first_name": first, "last_name": last, "email": buyer.email, "phone_number": buyer.phone}
    found: Json = {name: value for name, value in told.items() if value}
    return found | ({"consent": dict(buyer.consent)} if buyer.consent else {})


def _fulfillment(session: CheckoutSession, speech: Speech) -> Json:
    lines = [line.line_id for line in session.lines]
    if not lines:
        return {"methods": []}
    chosen = session.source.get(DESTINATION_ID) or FIRST_DESTINATION
    place = session.destination
    destinations: list[Json] = []
    if place is not None:
        destinations.append({"id": chosen, **_address(place, session.source.get(SHIP_GIVEN, ""), session.buyer)})
    method: Json = {
        "id": METHOD_ID,
        "type": SHIPPING,
        "line_item_ids": lines,
        "destinations": destinations,
        "selected_destination_id": chosen if place is not None else None,
        "groups": [
            {
                "id": GROUP_ID,
                "line_item_ids": lines,
                "options": [_option(one, speech) for one in session.options],
                "selected_option_id": session.selected_option,
            }
        ],
    }
    return {"methods": [method]}


def _option(option: Any, speech: Speech) -> Json:
    known = {"standard": "Standard delivery", "express": "Express delivery"}
    title = speech.text(known[option.option_id]) if option.option_id in known else option.option_id.capitalize()
    return {
        "id": option.option_id,
        "title": title,
        "description": _span(speech, option.earliest, option.latest),
        "earliest_fulfillment_time": f"{option.earliest.isoformat()}T00:00:00Z",
        "latest_fulfillment_time": f"{option.latest.isoformat()}T23:59:59Z",
        "totals": [{"type": "total", "amount": option.price}],
    }


@lru_cache(maxsize=_KEPT_SPANS)
def _span(speech: Speech, first: date, last: date) -> str:
    """Two days in words; many shoppers are promised the same ones."""
    return speech.span(first, last)


def _address(place: Destination, given: str, buyer: Buyer) -> Json:
    """The address without what only the buyer said: a name or number that stood in for its own."""
    first, last = _parted(place.name, given) if place.name != buyer.name or given not in {"", "0"} else ("", "")
    told = {
        "street_address": place.lines[0] if place.lines else "",
        "extended_address": "\n".join(place.lines[1:]),
        "address_locality": place.city,
        "address_region": place.region,
        "address_country": place.country,
        "postal_code": place.postcode,
        "first_name": first,
        "last_name": last,
        "phone_number": place.phone if place.phone != buyer.phone else "",
    }
    return {name: value for name, value in told.items() if value}


def _parted(name: str, given: str) -> tuple[str, str]:
    """First and last name as they were sent; a name from elsewhere is parted at its last space."""
    words = name.split()
    first = int(given) if given.isascii() and given.isdigit() else max(len(words) - 1, 0)
    return " ".join(words[:first]), " ".join(words[first:])


def discounts_entity(session: CheckoutSession, speech: Speech) -> Json:
    """The codes as they came, and what counts of them and of automatic discounts."""
    places = {line.line_id: place for place, line in enumerate(session.lines)}
    is_done = session.status is CheckoutStatus.COMPLETED
    applied = [_applied(one, places, rank, is_done=is_done) for rank, one in enumerate(session.applied, 1)]
    saved = [(place, line.discount) for place, line in enumerate(session.lines) if line.discount]
    if saved:
        applied.append(
            {
                "title": speech.text("Saved by travelling together"),
                "amount": sum(amount for _, amount in saved),
                "automatic": True,
                "method": "across",
                "allocations": [{"path": f"$.line_items[{place}]", "amount": amount} for place, amount in saved],
            }
        )
    return {"codes": list(session.codes), "applied": applied}


def _applied(one: AppliedDiscount, places: Mapping[str, int], rank: int, *, is_done: bool) -> Json:
    parts = [{"path": f"$.line_items[{places[part.line_id]}]", "amount": part.amount} for part in one.allocations]
    if one.on_fulfillment:
        parts.append({"path": "$.totals.shipping", "amount": one.on_fulfillment})
    told: Json = {"title": one.title, "amount": one.amount, "priority": rank, "allocations": parts}
    if one.eligibility is not None:
        told |= {"eligibility": one.eligibility, "provisional": not is_done}
    return told | ({"code": one.code} if one.code else {"automatic": True})


def disclosures(session: CheckoutSession, telling: Telling) -> list[Json]:
    """The warnings that must be shown beside the lines."""
    known = telling.counter.disclosing
    if known is None:
        return []
    return [
        one.message(f"$.line_items[{place}]")
        for place, line in enumerate(session.lines)
        for one in known.kept(session.market, line.offer_id)
    ]


def _messages(session: CheckoutSession, telling: Telling, can_pay: bool) -> tuple[list[Json], str]:
    """The messages, and the status that they make: what the platform cannot mend over the wire needs the buyer."""
    told = [message_entity(one, session, telling) for one in session.messages]
    status: str = session.status.value
    if session.status is CheckoutStatus.READY_FOR_COMPLETE and not can_pay:
        content = telling.speech(session).text("Please choose how to pay.")
        told.append(_error("payment_handler_missing", content, BUYER_NEEDED, "$.payment"))
    told += _owed_later(session, telling)
    needs_buyer = any(one.get("severity") in {BUYER_NEEDED, _REVIEW} for one in told)
    can_be_handed_over = session.status in {CheckoutStatus.INCOMPLETE, CheckoutStatus.READY_FOR_COMPLETE}
    return told + disclosures(session, telling), "requires_escalation" if needs_buyer and can_be_handed_over else status


def _owed_later(session: CheckoutSession, telling: Telling) -> list[Json]:
    """What the buyer will owe at the border beyond the total: it must stand beside the total, and cannot be a part of it."""
    owed = sum(one.amount for one in session.price_lines if one.collector == Collector.BUYER and not one.in_price)
    if not owed or session.status in TERMINAL:
        return []
    speech = telling.speech(session)
    words = speech.text("Import duties and taxes of about %(amount)s are not in the total: you pay them when the parcel arrives.")
    content = words % {"amount": speech.money(Money(owed, Currency(session.currency)))}
    return [{"type": "warning", "code": "duties_due_on_delivery", "content": content, "path": "$.totals", "presentation": "disclosure"}]


def message_entity(message: Message, session: CheckoutSession, telling: Telling) -> Json:
    """A message of the core in the words of the wire."""
    content = telling.counter.sentence(message, session, telling.speech(session))
    code = telling.policy.code(message.code, str(message.params.get("reason", "")))
    path = path_of(message.path)
    if message.type != "error":
        told = {"type": message.type, "code": code, "content": content}
        return told | ({"path": path} if path != "$" else {})
    severity = "recoverable"
    if message.code == "payment_challenge":
        severity = _REVIEW
    elif message.code.startswith(_ABOUT_ADDRESS) and not telling.negotiated.has(FULFILLMENT):
        severity, path = BUYER_NEEDED, "$"
    if message.code == "item_unavailable":
        path = "$.line_items"  # the line is not there any more
    return _error(code, content, severity, path)


def _error(code: str, content: str, severity: str, path: str) -> Json:
    return {"type": "error", "code": code, "content": content, "severity": severity, "path": path}


def _amount(session: CheckoutSession) -> Money:
    return Money(session.total, Currency(session.currency))


def all_gone(session: CheckoutSession) -> Sequence[Message]:
    """The messages of a session in which nothing can be bought; none while something can."""
    gone = [one for one in session.messages if one.code in {"item_unavailable", "out_of_stock"} and not one.params.get("available")]
    is_short = {one.path for one in gone if one.code == "out_of_stock"}
    is_all = all(f"$.lines[{place}]" in is_short for place in range(len(session.lines)))
    return gone if gone and is_all else ()
