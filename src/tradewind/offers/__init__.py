"""Variant × market: price, availability, delivery promise, policies. The one truth that page, feed and JSON-LD render.

`store` holds the bounded reads of what is published, `publish` brings it there.
"""

from tradewind.offers import publish, store
from tradewind.offers.model import Availability, Offer, PriceLines, TextOrigin
from tradewind.offers.rules import offer_path, public_id
from tradewind.offers.service import (
    MarketTerms,
    choose_texts,
    keep_chosen,
    load_macros,
    load_terms,
    load_texts,
    make_offers,
)

__all__ = [
    "Availability",
    "MarketTerms",
    "Offer",
    "PriceLines",
    "TextOrigin",
    "choose_texts",
    "keep_chosen",
    "load_macros",
    "load_terms",
    "load_texts",
    "make_offers",
    "offer_path",
    "public_id",
    "publish",
    "store",
]
