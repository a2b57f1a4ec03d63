"""Variant × market: price, availability, delivery promise, policies. The one truth that page, feed and JSON-LD render.

`store` holds the bounded reads of what is published.
"""

from tradewind.offers import store
from tradewind.offers.model import Availability, Offer, PriceLines, TextOrigin

__all__ = ["Availability", "Offer", "PriceLines", "TextOrigin", "store"]
