"""Mails about an order: what was bought, that it left, that it was canceled, that money went back."""

from datetime import date

from tradewind.content import Speech, translations
from tradewind.kit import Currency, Money
from tradewind.notifications.model import Attachment, Mail, Sender
from tradewind.notifications.rules import MAIL_LANGUAGES, compose
from tradewind.orders import OrderEvent, OrderView, TimelineEntry

MAILED = (
    OrderEvent.CREATED,
    OrderEvent.SHIPPED,
    OrderEvent.CANCELED,
    OrderEvent.REFUNDED,
    OrderEvent.RETURNED,
    OrderEvent.WITHDRAWN,
)
"""The events that a shopper gets a mail about."""


def order_mail(
    view: OrderView, happened: TimelineEntry, sender: Sender, link: str, *, reference: str, attachments: tuple[Attachment, ...] = ()
) -> Mail:
    """The mail about one thing that happened to an order, in the language it was bought in; `link` opens it without signing in."""
    order, facts = view.order, view.order.facts
    language, country = str(facts.get("language") or "en"), order.market.upper()
    known = language if language in MAIL_LANGUAGES else "en"
    speech = Speech(known, country, translations("tradewind.notifications", "notifications", known))

    def money(minor: int) -> str:
        return speech.money(Money(minor, Currency(order.currency)))

    delivery = facts.get("delivery") or {}
    days = [date.fromisoformat(delivery[name]) for name in ("earliest", "latest") if delivery.get(name)]
    return compose(
        "order",
        order.email,
        reference,
        sender,
        language=language,
        country=country,
        event=happened.name,
        attachments=attachments,
        number=order.number,
        name=str((facts.get("buyer") or {}).get("name") or (facts.get("destination") or {}).get("name") or ""),
        on_hold=order.hold is not None,
        arrives=speech.span(days[0], days[1]) if len(days) == 2 else "",
        parcels=_parcels(view, happened),
        refunded=money(_refunded(view, happened)),
        withdrawn=f"{happened.at:%Y-%m-%d %H:%M} UTC",
        lines=[{"quantity": line.original, "title": line.title, "amount": money(line.listed)} for line in order.lines],
        totals=[(_total_name(kind, speech), money(amount)) for kind, amount in facts.get("totals", [])],
        link=link,
        return_days=(facts.get("policies") or {}).get("return_days", 0),
    )


def _parcels(view: OrderView, happened: TimelineEntry) -> list[str]:
    """The parcel that left, with its carrier and tracking number."""
    sent = [one for one in view.shipments if one.shipment_id == happened.detail.get("shipment_id")]
    return [" ".join(part for part in (one.carrier, one.tracking) if part) for one in sent]


def _refunded(view: OrderView, happened: TimelineEntry) -> int:
    """What went back by this event, in minor units."""
    made = next((one for one in view.order.adjustments if one.adjustment_id == happened.detail.get("adjustment_id")), None)
    return -made.amount if made is not None else 0


def _total_name(kind: str, speech: Speech) -> str:
    say = speech.text
    names = {
        "subtotal": say("Articles"),
        "items_discount": say("Saved by travelling together"),
        "discount": say("Discount"),
        "fulfillment": say("Delivery"),
        "tax": say("Sales tax"),
        "fee": say("Fee"),
        "total": say("Total"),
    }
    return names.get(kind, kind)
