"""What the law of a market wants on a product page: who made the article, who answers for it, who sells it, and the shopper's rights.

All of it comes from the market's dated rules and the seller's registrations; what the seller does not know is left out, never invented.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tradewind.catalog import ancestors
from tradewind.listings import is_unit_priced, net_content
from tradewind.markets import Goods, Market, RuleKind, Seller, notices_for, papers_for, registered, rules_in_force, topic_of
from tradewind.offers import Offer
from tradewind.web.storefront.marks import Mark, marks
from tradewind.web.storefront.shop import Shop

# Where an offer has no tariff code, one of its category's tells which notices concern it; categories that are not here have only the
# notices that every article has.
_CODES: Mapping[str, str] = {
    "headphones": "851830", "speakers": "851822", "audio-players": "851981", "phones": "851713", "power-banks": "850760",
    "chargers": "850440", "ups": "850440", "laptops": "847130", "tablets": "847130", "desktops": "847150", "servers": "847150",
    "monitors": "852852", "tv": "852872", "projectors": "852862", "cameras": "852589", "printers": "844332", "keyboards": "847160",
    "mice": "847160", "cables": "854442", "networking": "851762", "computer-components": "847330", "storage": "847170",
    "video-games": "950450", "smart-watches": "910212", "calculators": "847010", "tops": "610910", "jackets": "620140", "pants": "620343",
    "dresses": "620442", "underwear": "610711", "scarves": "621430", "bedding": "630231", "lighting": "940521", "appliances": "851679",
    "kitchen-appliances": "851679", "toys": "950300", "skin-care": "330499", "fragrances": "330300", "beauty": "330499",
}  # fmt: skip
_NO_CODE = "00"
_NUMBERED = ("vat", "gst", "epr_packaging", "epr_weee", "epr_batteries")
_UNION = "EU"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody with an address, as a page names him."""

    role: str
    name: str
    address: tuple[str, ...]
    email: str


@dataclass(frozen=True, slots=True)
class LegalView:
    """The blocks of a page; each may be empty. `numbers` are register numbers of the seller with their name."""

    parties: tuple[Party, ...]
    rights: tuple[str, ...]
    numbers: tuple[tuple[str, str], ...]
    marks: tuple[Mark, ...]
    unit_price: str


def legal_view(shop: Shop, offer: Offer) -> LegalView | None:
    """What the market's rules of today want on this offer's page; None where no rule is at hand."""
    market, seller = shop.house.rules.get(shop.market.code), shop.house.seller
    if market is None or seller is None:
        return None
    topics = _topics(shop, market, seller, offer)
    return LegalView(
        parties=_parties(shop, seller, offer, topics),
        rights=_rights(shop, offer, topics),
        numbers=_numbers(shop, seller, topics),
        marks=marks(shop, offer, topics),
        unit_price=_unit_price(shop, offer),
    )


def wants_lowest_price(shop: Shop) -> bool:
    """Whether a rule of today wants an announced reduction to name the lowest price of the last 30 days."""
    market = shop.house.rules.get(shop.market.code)
    found = rules_in_force(market, RuleKind.NOTICE, shop.today, shop.house.confirmations) if market is not None else ()
    return any(topic_of(one.rule.id) == "lowest_price" for one in found)


def tariff_code(category: str) -> str:
    """A tariff code that stands for a category, for notices only: no duty is ever charged by it."""
    return next((_CODES[step] for step in (category, *ancestors(category)) if step in _CODES), _NO_CODE)


def _topics(shop: Shop, market: Market, seller: Seller, offer: Offer) -> frozenset[str]:
    goods = Goods(offer.hs_code or tariff_code(offer.category), offer.brand, offer.battery)
    known = shop.house.confirmations
    notices = notices_for(market, shop.today, goods, seller, confirmations=known)
    papers = papers_for(market, shop.today, goods, seller, "offer", confirmations=known)
    return frozenset({one.topic for one in notices} | {topic_of(one.rule_id) for one in papers})


def _unit_price(shop: Shop, offer: Offer) -> str:
    """What one unit costs, in the countries whose feeds say it too; empty where nothing says how much is in the article."""
    content = net_content(offer.specs, offer.category, offer.size) if is_unit_priced(shop.market.country) else None
    if content is None:
        return ""
    words = shop.speech.text("%(price)s per %(base)s (content %(measure)s)")
    price = shop.amount(content.price_of_base(offer.price_minor), offer)
    return words % {"price": price, "base": content.base.text, "measure": content.measure.text}


def _parties(shop: Shop, seller: Seller, offer: Offer, topics: frozenset[str]) -> tuple[Party, ...]:
    say, found = shop.speech.text, list[Party]()
    if "product_safety" in topics:
        maker = seller.maker_of(offer.brand)
        person = registered(seller, "responsible_person", shop.market.country, shop.today)
        if maker:
            found.append(Party(say("Manufacturer"), maker.name, maker.address, maker.email))
        if person:
            role = say("Responsible person in the European Union") if person.jurisdiction == _UNION else say("Responsible person")
            found.append(Party(role, person.holder, person.address, person.email))
    if found or "seller_identity" in topics:
        found.append(Party(say("Seller"), seller.name, (*seller.address, shop.speech.country_name(seller.country)), seller.email))
    return tuple(found)


def _rights(shop: Shop, offer: Offer, topics: frozenset[str]) -> tuple[str, ...]:
    say = shop.speech.text
    told = (
        (
            "full_price" in topics,
            say("The price holds delivery, duty, tax and every charge that must be paid.")
            if offer.tax_included
            else say("The price holds delivery, duty and every charge that must be paid. Only sales tax is added before you pay."),
        ),
        (
            "withdrawal" in topics and offer.return_days > 0,
            say("You may withdraw from the purchase within %(days)s days of receiving the article, without giving a reason.")
            % {"days": offer.return_days},
        ),
        (
            "legal_guarantee" in topics,
            say("The legal guarantee holds for two years: the seller answers for faults that the article had on delivery."),
        ),
        (
            "consumer_guarantee" in topics,
            say("Faulty articles: your rights by law to repair, replacement or refund stand, whatever else is written here."),
        ),
        (
            "textile_fibers" in topics and bool(offer.material),
            say("Fibers: %(material)s") % {"material": offer.material},
        ),
        (
            "electrical_waste" in topics,
            say("Electrical devices do not belong in household waste (crossed-out bin). Old devices are taken back free of charge."),
        ),
        ("battery_waste" in topics, say("Batteries do not belong in household waste. You may return old ones free of charge.")),
    )
    return tuple(words for is_told, words in told if is_told)


def _numbers(shop: Shop, seller: Seller, topics: frozenset[str]) -> tuple[tuple[str, str], ...]:
    if not topics & {"register_number", "seller_identity"}:
        return ()
    say = shop.speech.text
    names = {
        "vat": say("VAT number"),
        "gst": say("GST number"),
        "epr_packaging": say("Packaging register"),
        "epr_weee": say("Electrical devices register"),
        "epr_batteries": say("Batteries register"),
    }
    held = ((kind, registered(seller, kind, shop.market.country, shop.today)) for kind in _NUMBERED)
    return tuple((names[kind], one.number) for kind, one in held if one)
