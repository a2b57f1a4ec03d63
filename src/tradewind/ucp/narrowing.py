"""Filters of a catalog request in the shop's own terms: categories by their slugs, prices in the market's currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tradewind.catalog import ancestors
from tradewind.checkout import MarketDesk
from tradewind.kit import Rounding, divide
from tradewind.offers import Offer
from tradewind.ucp.v2026_04_08.asking_catalog import AskedFilters
from tradewind.ucp.v2026_04_08.catalog import categories_named


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What is left of the products. `messages` tell of a filter that could not be used."""

    categories: tuple[str, ...] = ()
    # Categories were named, and none of them is ours: nothing is found.
    is_elsewhere: bool = False
    low: int | None = None
    high: int | None = None
    messages: tuple[dict[str, Any], ...] = ()

    def costs(self, offer: Offer) -> bool:
        """Whether the price lies in the span."""
        return (self.low is None or offer.price_minor >= self.low) and (self.high is None or offer.price_minor <= self.high)

    def of(self, variants: Sequence[Offer]) -> list[Offer]:
        """The variants that pass every filter."""
        if self.is_elsewhere:
            return []
        wanted = set(self.categories)
        return [offer for offer in variants if self.costs(offer) and (not wanted or wanted & set(ancestors(offer.category)))]


def narrowed(filters: AskedFilters, currency: str, desk: MarketDesk, language: str) -> Narrowed:
    """The filters as they count in the market of the desk. Prices are in `currency`; without one, in the market's own."""
    slugs = categories_named(filters.categories, language)
    is_elsewhere = bool(filters.categories) and not slugs
    span = filters.price
    if isinstance(span, msgspec.UnsetType):
        return Narrowed(slugs, is_elsewhere)
    own, asked = desk.book.currency, currency.strip().upper() or desk.book.currency
    rate = (1, 1) if asked == own else next(((one.numerator, one.denominator) for one in desk.book.fx if one.currency == asked), None)
    if rate is None:
        content = f"The price filter was not applied: prices here are in {own}."
        told = {"type": "info", "code": "price_filter_ignored", "path": "$.filters.price", "content": content}
        return Narrowed(slugs, is_elsewhere, messages=(told,))
    low, high = (
        None if isinstance(one, msgspec.UnsetType) else divide(one * rate[0], rate[1], Rounding.HALF_UP) for one in (span.min, span.max)
    )
    return Narrowed(slugs, is_elsewhere, low, high)
