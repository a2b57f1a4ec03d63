"""What the product page shows beyond the offer's own fields."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tradewind.kit import PPM
from tradewind.offers import Offer
from tradewind.web.storefront.legal import LegalView, legal_view, wants_lowest_price
from tradewind.web.storefront.shop import Arrival, Shop

OPTIONS_LIMIT = 4
# A specification in the supplier's Chinese says nothing to a shopper elsewhere, so it is left out there.
# Entries that say an attribute of a channel, in the channel's own form.
_FOR_CHANNELS = "google:"
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_OPTION_FIELDS = ("color", "size", "material", "pattern")


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A part of the price, as a shopper reads it."""

    name: str
    note: str
    amount: str


@dataclass(frozen=True, slots=True)
class SaleView:
    """An announced reduction in words: the struck price, by how much, what that price was, and until when the lower one holds."""

    list_price: str
    percent: str
    words: str
    until: str


@dataclass(frozen=True, slots=True)
class VariantLink:
    """A variant with its own address."""

    offer_id: str
    name: str
    price: str
    in_stock: bool
    current: bool


@dataclass(frozen=True, slots=True)
class ProductView:
    """The texts of a product page that need a decision."""

    lines: tuple[PriceLine, ...]
    variants: tuple[VariantLink, ...]
    identifiers: tuple[tuple[str, str], ...]
    specs: tuple[tuple[str, str], ...]
    paragraphs: tuple[str, ...]
    arrival: Arrival
    legal: LegalView | None
    sale: SaleView | None


def product_view(shop: Shop, offer: Offer, variants: Sequence[Offer]) -> ProductView:
    """The page's view of an offer and of the variants of its product."""
    return ProductView(
        lines=price_lines(shop, offer),
        variants=_links(shop, offer, variants) if len(variants) > 1 else (),
        identifiers=_identifiers(shop, offer),
        specs=_specs(shop, offer),
        paragraphs=tuple(line.strip() for line in offer.description.splitlines() if line.strip()),
        arrival=shop.arrival(offer),
        legal=legal_view(shop, offer),
        sale=sale_view(shop, offer),
    )


def sale_view(shop: Shop, offer: Offer) -> SaleView | None:
    """The reduction that may be announced today, in the words that the market's law wants; None when nothing is struck through."""
    sale, say = offer.sale_on(shop.today), shop.speech.text
    if sale is None:
        return None
    price = shop.speech.money(sale.list_price)
    asked = say("lowest price of the last 30 days: %(price)s") if wants_lowest_price(shop) else say("before: %(price)s")
    percent = shop.speech.percent(sale.percent * PPM // 100)
    return SaleView(price, f"−{percent}", asked % {"price": price}, say("until %(day)s") % {"day": shop.speech.day(sale.ends)})


def price_lines(shop: Shop, offer: Offer) -> tuple[PriceLine, ...]:
    """The price in the parts that concern a shopper; they add up to it. Purchase cost and margin are the retailer's own matter."""
    built, say = offer.price_lines, shop.speech.text
    duty = shop.speech.percent(built.duty_ppm) if built.duty_ppm else ""
    tax = shop.speech.percent(built.tax_ppm) if built.tax_ppm else ""
    parts = [
        (say("Product"), "", built.cost + built.margin + built.ending),
        (say("Delivery to your country"), "", built.freight),
        (say("Customs duty"), duty, built.duty),
        (say("Customs clearance"), "", built.fee),
        (say("VAT") if offer.tax_included else say("Import tax"), tax, built.tax),
    ]
    kept = [part for part in parts if part[2]]
    return tuple(PriceLine(name, note, shop.amount(minor, offer)) for name, note, minor in kept)


def _links(shop: Shop, offer: Offer, variants: Sequence[Offer]) -> tuple[VariantLink, ...]:
    differing = [name for name in _OPTION_FIELDS if len({getattr(one, name) for one in variants}) > 1]
    return tuple(
        VariantLink(
            one.offer_id,
            variant_name(one, differing),
            shop.speech.money(one.price),
            one.availability == "in_stock",
            one.offer_id == offer.offer_id,
        )
        for one in variants
    )


def variant_name(offer: Offer, differing: Sequence[str]) -> str:
    """What distinguishes a variant: the fields that differ (they speak the market's language), else its options, else its sku."""
    words = [str(getattr(offer, name)) for name in differing if getattr(offer, name)] or [word for word in offer.options.values() if word]
    return " · ".join(words[:OPTIONS_LIMIT]) or offer.sku


def _identifiers(shop: Shop, offer: Offer) -> tuple[tuple[str, str], ...]:
    say = shop.speech.text
    given = ((say("Article number"), offer.sku), ("GTIN", offer.gtin), ("MPN", offer.mpn))
    return tuple((name, value) for name, value in given if value)


def _specs(shop: Shop, offer: Offer) -> tuple[tuple[str, str], ...]:
    say = shop.speech.text
    own = (
        (say("Color"), offer.color),
        (say("Size"), offer.size),
        (say("Material"), offer.material),
        (say("Pattern"), offer.pattern),
        (say("Shipping weight"), f"{shop.speech.count(offer.weight_g)} g" if offer.weight_g else None),
    )
    first = {name: value for name, value in own if value}
    told = {name: value for name, value in offer.specs.items() if not name.startswith(_FOR_CHANNELS)}
    readable = {name: value for name, value in told.items() if shop.speech.language == "zh" or not _CHINESE.search(name + value)}
    return tuple((first | {name: value for name, value in readable.items() if name not in first}).items())
