"""Variant × market: price, availability, delivery promise, policies. The one truth that page, feed and JSON-LD render.

`store` holds the bounded reads of what is published, `searching` those of search, `publish` brings it there; `live` changes it between runs, `withdrawal` takes it away.
"""

from tradewind.offers import live, publish, searching, store, withdrawal
from tradewind.offers.errors import OfferIsNotWithdrawn, OfferUnknown
from tradewind.offers.model import Availability, Offer, PriceLines, Sale, TextOrigin
from tradewind.offers.rules import offer_path, public_id
from tradewind.offers.service import (
    Languages,
    MarketTerms,
    SheetPart,
    align_chosen,
    choose_texts,
    in_language,
    load_macros,
    load_terms,
    load_words,
    make_offers,
    make_sheet,
    quoted,
    shown_languages,
)

__all__ = [
    "Availability",
    "Languages",
    "MarketTerms",
    "Offer",
    "OfferIsNotWithdrawn",
    "OfferUnknown",
    "PriceLines",
    "Sale",
    "SheetPart",
    "TextOrigin",
    "align_chosen",
    "choose_texts",
    "in_language",
    "live",
    "load_macros",
    "load_terms",
    "load_words",
    "make_offers",
    "make_sheet",
    "offer_path",
    "public_id",
    "publish",
    "quoted",
    "searching",
    "shown_languages",
    "store",
    "withdrawal",
]
