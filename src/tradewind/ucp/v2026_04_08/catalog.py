"""Products as the protocol tells them: one entry for a product, with its options and the variants that can be bought by their id. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from tradewind.catalog import ancestors, categories
from tradewind.content import Speech
from tradewind.listings import is_unit_priced, net_content
from tradewind.markets import Market
from tradewind.offers import Offer, offer_path
from tradewind.ucp.choosing import Option, choice_of, is_available, signal
from tradewind.ucp.disclosing import Disclosing, Disclosure

MEDIA_LIMIT = 10
DESCRIPTION_LETTERS = 5_000
FULL_STARS = 5
_MILLI = 1_000
GOOGLE_TAXONOMY, OWN_TAXONOMY = "google_product_category", "merchant"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What products of a market are told with on a day."""

    market: Market
    speech: Speech
    public_url: str
    seller: str
    links: Sequence[Mapping[str, str]]
    disclosing: Disclosing
    day: date

    def url(self, offer: Offer) -> str:
        """The page of a variant."""
        return self.public_url + offer_path(self.market.code, offer.offer_id)

    def option_name(self, key: str) -> str:
        """How an option is called."""
        say = self.speech.text
        return {"color": say("Color"), "size": say("Size"), "material": say("Material"), "pattern": say("Pattern")}.get(key, key)

    def disclosures(self, offer: Offer) -> tuple[Disclosure, ...]:
        """What must be shown beside a variant."""
        return self.disclosing.of(offer, self.speech, self.day)


def product_entry(shelf: Shelf, variants: Sequence[Offer], shown: Sequence[Offer], options: Sequence[Option]) -> Json:
    """A product of the schema product.json. `variants` are all that are sold, `shown` those to tell, the featured one first."""
    first = shown[0]
    told: Json = {
        "id": first.product_id,
        "title": first.title,
        "description": {"plain": first.description[:DESCRIPTION_LETTERS] or first.title},
        "url": shelf.url(first),
        "categories": list(category_entries(first.category, shelf.speech.language)),
        "price_range": _range([offer.price_minor for offer in variants], first.currency),
        "media": list(_media(first)),
        "variants": [variant_entry(shelf, offer, options) for offer in shown],
        "metadata": _metadata(first),
    }
    struck = [sale.list_price.minor if (sale := offer.sale_on(shelf.day)) else offer.price_minor for offer in variants]
    if any(offer.sale_on(shelf.day) for offer in variants):
        told["list_price_range"] = _range(struck, first.currency)
    if options:
        told["options"] = [
            {"name": shelf.option_name(one.key), "values": [option_value(one.key, label) for label in one.values]} for one in options
        ]
    return told | _rating(first)


def variant_entry(shelf: Shelf, offer: Offer, options: Sequence[Option]) -> Json:
    """A variant of the schema variant.json; its id is what checkouts, carts and feeds know it by."""
    sale, chosen = offer.sale_on(shelf.day), choice_of(offer, options)
    told: Json = {
        "id": offer.offer_id,
        "sku": offer.sku,
        "title": " / ".join(chosen.values()) or offer.title,
        "description": {"plain": offer.title},
        "url": shelf.url(offer),
        "price": {"amount": offer.price_minor, "currency": offer.currency},
        "availability": {"available": is_available(offer), "status": offer.availability.value},
        "media": list(_media(offer)),
        "seller": {"name": shelf.seller, **({"links": [dict(one) for one in shelf.links]} if shelf.links else {})},
    }
    if offer.gtin:
        told["barcodes"] = [{"type": "GTIN", "value": offer.gtin}]
    if chosen:
        told["options"] = selected_options(shelf, chosen)
    if sale is not None:
        told["list_price"] = {"amount": sale.list_price.minor, "currency": offer.currency}
    return told | _unit_price(shelf, offer)


def selected_options(shelf: Shelf, chosen: Mapping[str, str]) -> list[Json]:
    """A choice as the schema selected_option.json."""
    return [{"name": shelf.option_name(key), **option_value(key, label)} for key, label in chosen.items()]


def option_value(key: str, label: str) -> Json:
    """A value of an option; its id stays the same in every language of the answer's words around it."""
    return {"id": f"{key}={label}", "label": label}


def signaled_options(shelf: Shelf, variants: Sequence[Offer], options: Sequence[Option], chosen: Mapping[str, str]) -> list[Json]:
    """The options with, for each value, whether it can be bought and whether it exists beside the rest of the choice."""

    def value(option: Option, label: str) -> Json:
        available, exists = signal(variants, chosen, option.key, label)
        return option_value(option.key, label) | {"available": available, "exists": exists}

    return [{"name": shelf.option_name(one.key), "values": [value(one, label) for label in one.values]} for one in options]


def disclosure_messages(shelf: Shelf, path: str, shown: Sequence[Offer]) -> Iterator[Json]:
    """The warnings of a product, at the product where they are those of every variant, else at each variant."""
    said = [shelf.disclosures(offer) for offer in shown]
    common = [one for one in said[0] if all(one in others for others in said)]
    yield from (one.message(path) for one in common)
    for number, ones in enumerate(said):
        yield from (one.message(f"{path}.variants[{number}]") for one in ones if one not in common)


def category_entries(slug: str, language: str) -> Iterator[Json]:
    """A product's category in Google's taxonomy and in the shop's own words."""
    known = categories().get(slug)
    if known is None:
        return
    yield {"value": str(known.google_category), "taxonomy": GOOGLE_TAXONOMY}
    yield {"value": _path(slug, language), "taxonomy": OWN_TAXONOMY}


def categories_named(values: Iterable[str], language: str) -> tuple[str, ...]:
    """Our categories that these values of category entries name; a value may also be a step of a path."""
    names = _category_names(language)
    return tuple(dict.fromkeys(slug for value in values for slug in names.get(value.strip().casefold(), ())))


@cache
def _category_names(language: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for slug, one in categories().items():
        words = {slug, str(one.google_category), one.google_path, one.google_path.rpartition(">")[2].strip()}
        words |= {text for code in (language, "en") for text in (one.name(code), _path(slug, code))}
        for word in words:
            found.setdefault(word.casefold(), []).append(slug)
    return {word: tuple(slugs) for word, slugs in found.items()}


@cache
def _path(slug: str, language: str) -> str:
    return " > ".join(categories()[step].name(language) for step in reversed(ancestors(slug)))


def _range(amounts: Sequence[int], currency: str) -> Json:
    return {name: {"amount": amount, "currency": currency} for name, amount in (("min", min(amounts)), ("max", max(amounts)))}


def _media(offer: Offer) -> Iterator[Json]:
    for address in offer.images[:MEDIA_LIMIT]:
        yield {"type": "image", "url": address, "alt_text": offer.title}


def _rating(offer: Offer) -> Json:
    if not offer.rating_milli or not offer.rating_count:
        return {}
    return {"rating": {"value": offer.rating_milli / _MILLI, "scale_max": FULL_STARS, "count": offer.rating_count}}


def _metadata(offer: Offer) -> Json:
    """What the schema has no field for: brand, condition, promised business days, days to return, whether prices hold the tax."""
    told = {
        "brand": offer.brand,
        "condition": offer.condition,
        "delivery_business_days": {"min": offer.min_days, "max": offer.max_days},
        "return_days": offer.return_days,
        "ships_from": offer.ships_from,
        "tax_included": offer.tax_included,
    }
    return {name: value for name, value in told.items() if value is not None}


def _unit_price(shelf: Shelf, offer: Offer) -> Json:
    """What one unit costs, where the law wants it told; the same net content as pages and feeds."""
    content = net_content(offer.specs, offer.category, offer.size) if is_unit_priced(shelf.market.country) else None
    if content is None or not content.base.number.isdigit():
        return {}
    whole, _, part = content.measure.number.partition(".")
    return {
        "unit_price": {
            "amount": content.price_of_base(offer.price_minor),
            "currency": offer.currency,
            "measure": {"value": float(content.measure.number) if part.strip("0") else int(whole), "unit": content.measure.unit},
            "reference": {"value": int(content.base.number), "unit": content.base.unit},
        }
    }
