"""Which notices and papers an article needs in a market on a day, and which of them the seller can show. Pure.

A rule's text says what must be done, to the retailer; its topic says which block of a page, feed or parcel does it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tradewind.markets.model import Market, RuleInForce, RuleKind
from tradewind.markets.rules import Confirmations, rules_in_force, touches
from tradewind.markets.seller import Maker, Registration, Seller, registered

# The topic of a rule is told by its id without the jurisdiction; an id that is not here is a topic of its own.
_TOPICS: Mapping[str, str] = {
    "gpsr.offer": "product_safety",
    "product_safety": "product_safety",
    "gpsr.responsible_person": "responsible_person",
    "withdrawal.button": "withdrawal",
    "guarantee.notice": "legal_guarantee",
    "price.unit": "unit_price",
    "electrical.weee": "electrical_waste",
    "weee": "electrical_waste",
    "electrical.take_back": "electrical_waste",
    "batteries": "battery_waste",
    "batteries.notice": "battery_waste",
    "battery.shipping": "battery_shipping",
    "identity": "seller_identity",
    "ecommerce.identity": "seller_identity",
    "imprint": "seller_identity",
    "consumer": "seller_identity",
    "display.sb478": "full_price",
    "price.all_in": "full_price",
    "price.gross": "full_price",
    "price": "full_price",
    "price.30_days": "lowest_price",
    "guarantees": "consumer_guarantee",
    "guarantee": "consumer_guarantee",
    "guarantee.lemon_law": "consumer_guarantee",
    "cpsc.tracking_label": "toys",
    "epr.packaging": "register_number",
    "epr.weee": "register_number",
    "epr.batteries": "register_number",
    "epr.unique_id": "register_number",
}
_AGENCIES: Mapping[str, str] = {"fda": "FD"}
_OF_BATTERIES = ("battery_waste", "battery_shipping")
_WITH_BATTERY = ("contained", "packed", "standalone")


@dataclass(frozen=True, slots=True)
class Goods:
    """What of an article decides its notices. `hs_code` None: not known, so every notice may apply; `battery` as in the catalog."""

    hs_code: str | None = None
    brand: str | None = None
    battery: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that must be shown at a place. `maker` and `person` are who a product-safety notice names, where the seller knows them."""

    topic: str
    rule_id: str
    text: str
    source: str
    certainty: str
    maker: Maker | None = None
    person: Registration | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A document or registration that must exist; `registration` is the seller's, None when it has none or when no register keeps it."""

    topic: str
    rule_id: str
    text: str
    source: str
    certainty: str
    kind: str | None = None
    registration: Registration | None = None

    @property
    def is_missing(self) -> bool:
        """Whether a registration is asked for that the seller does not have."""
        return self.kind is not None and self.registration is None


def topic_of(rule_id: str) -> str:
    """The topic of a rule: EU.gpsr.offer is about product_safety."""
    name = rule_id.partition(".")[2]
    return _TOPICS.get(name, name.replace(".", "_"))


def notices_for(
    market: Market, day: date, goods: Goods, seller: Seller, place: str = "offer", *, confirmations: Confirmations | None = None
) -> tuple[Notice, ...]:
    """The notices that the article needs at a place (offer, feed, checkout, parcel, account); one for each topic, a country's before a bloc's."""
    found = dict[str, Notice]()
    for one in _in_force(market, RuleKind.NOTICE, day, goods, confirmations or {}):
        topic = topic_of(one.rule.id)
        if place not in _places(one) or (topic in found and not one.rule.id.startswith(market.country)):
            continue
        is_safety = topic == "product_safety"
        found[topic] = Notice(
            topic=topic,
            rule_id=one.rule.id,
            text=one.rule.text or "",
            source=one.rule.source,
            certainty=one.certainty,
            maker=seller.maker_of(goods.brand) if is_safety else None,
            person=registered(seller, "responsible_person", market.country, day) if is_safety else None,
        )
    return tuple(found.values())


def papers_for(
    market: Market,
    day: date,
    goods: Goods,
    seller: Seller,
    place: str | None = None,
    *,
    confirmations: Confirmations | None = None,
    flags: tuple[str, ...] | None = None,
) -> tuple[Paper, ...]:
    """The papers and registrations that the article needs, at a place or (None) at all, each with what the seller holds of it.

    `flags` are those of `flags_for`: where they are known, they decide about an agency's paper, and not our list of codes.
    """
    return tuple(
        Paper(
            topic=topic_of(one.rule.id),
            rule_id=one.rule.id,
            text=one.rule.text or "",
            source=one.rule.source,
            certainty=one.certainty,
            kind=one.rule.registration,
            registration=registered(seller, one.rule.registration, market.country, day) if one.rule.registration else None,
        )
        for one in rules_in_force(market, RuleKind.PAPER, day, confirmations or {})
        if (place is None or place in _places(one)) and _is_needed(one, goods, flags)
    )


def _is_needed(one: RuleInForce, goods: Goods, flags: tuple[str, ...] | None) -> bool:
    agency = _AGENCIES.get(topic_of(one.rule.id))
    if agency is None or flags is None:
        return _concerns(one, goods)
    return any(flag.startswith(agency) for flag in flags)


def _in_force(market: Market, kind: RuleKind, day: date, goods: Goods, confirmations: Confirmations) -> list[RuleInForce]:
    return [one for one in rules_in_force(market, kind, day, confirmations) if _concerns(one, goods)]


def _concerns(one: RuleInForce, goods: Goods) -> bool:
    if topic_of(one.rule.id) in _OF_BATTERIES and goods.battery is not None:
        return goods.battery in _WITH_BATTERY  # the known fact goes before what the code lets suppose
    return touches(one.rule, goods.hs_code)


def _places(one: RuleInForce) -> tuple[str, ...]:
    return one.rule.shown_on or ("offer",)
