"""Mails about an order: what was bought, that it left, that it was canceled, that money went back."""

from datetime import date
from typing import Any

from tradewind.content import Speech, translations
from tradewind.kit import Currency, Money
from tradewind.notifications.model import Mail, Sender
from tradewind.notifications.rules import MAIL_LANGUAGES, compose
from tradewind.orders import AdjustmentType, OrderEvent, OrderView

MAILED = (OrderEvent.CREATED, OrderEvent.SHIPPED, OrderEvent.CANCELED, OrderEvent.REFUNDED, OrderEvent.WITHDRAWN)
"""The events that a shopper gets a mail about."""


def order_mail(view: OrderView, event: OrderEvent, sender: Sender, link: str, *, reference: str) -> Mail:
    """The mail about what happened to an order, in the language it was bought in; `link` opens it without signing in."""
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
        event=event.value,
        number=order.number,
        name=str((facts.get("buyer") or {}).get("name") or (facts.get("destination") or {}).get("name") or ""),
        on_hold=order.hold is not None,
        arrives=speech.span(days[0], days[1]) if len(days) == 2 else "",
        parcels=[" ".join(part for part in (one.carrier, one.tracking) if part) for one in view.shipments],
        refunded=money(_refunded(view)),
        withdrawn=_withdrawn(view),
        lines=[{"quantity": line.original, "title": line.title, "amount": money(line.listed)} for line in order.lines],
        totals=[(_total_name(kind, speech), money(amount)) for kind, amount in facts.get("totals", [])],
        link=link,
        return_days=(facts.get("policies") or {}).get("return_days", 0),
    )


def _refunded(view: OrderView) -> int:
    """What went back last, in minor units."""
    money_back: list[Any] = [one for one in view.order.adjustments if one.type in {AdjustmentType.REFUND, AdjustmentType.CANCELLATION}]
    return -money_back[-1].amount if money_back else 0


def _withdrawn(view: OrderView) -> str:
    """When the buyer withdrew, as the receipt must say."""
    return next((f"{one.at:%Y-%m-%d %H:%M} UTC" for one in view.order.timeline if one.name == OrderEvent.WITHDRAWN), "")


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
