"""Variant × market: price, availability, delivery promise, policies. The one truth that page, feed and JSON-LD render."""

from tradewind.offers.model import Availability, Offer, PriceLines, TextOrigin

__all__ = ["Availability", "Offer", "PriceLines", "TextOrigin"]
