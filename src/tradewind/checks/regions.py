"""Regional prices against the shop's own: a checkout never charges more than Google shows, and never shows less than it charges."""

from collections.abc import Sequence

from tradewind.db import Transaction
from tradewind.kit import Currency, InputIsInvalid, Money
from tradewind.listings.regions import FILE, RegionBook
from tradewind.offers import told

SHOWN = 5


class RegionalPriceIsHigher(InputIsInvalid):
    """An offer would cost more in a region than the shop charges anywhere."""

    code = "regional_price_higher"


def higher_prices(tx: Transaction, book: RegionBook, markets: Sequence[str]) -> list[str]:
    """The regional prices of the markets that lie above the published price, in words. The shop asks its own price there, so Google may not show a higher one."""
    found = []
    for market in markets:
        asked = [one for one in book.offers if one.market == market and one.price_minor is not None]
        prices = {row["offer_id"]: row for row in told.told(tx, market, sorted({one.offer_id for one in asked}))} if asked else {}
        for one in asked:
            row = prices.get(one.offer_id)
            if row is not None and one.price_minor is not None and one.price_minor > row["price_minor"]:
                currency = Currency(row["currency"])
                there, here = Money(one.price_minor, currency), Money(row["price_minor"], currency)
                found.append(f"{one.offer_id} costs {there} in {one.region_id} and {here} in the shop")
    return found


def refuse_higher_prices(tx: Transaction, book: RegionBook, markets: Sequence[str]) -> None:
    """RegionalPriceIsHigher names the first of them."""
    found = higher_prices(tx, book, markets)
    if found:
        more = f", and {len(found) - SHOWN:,} more" if len(found) > SHOWN else ""
        hint = "a price of a region may only be lower: the checkout charges what the page shows, and less where a region costs less"
        raise RegionalPriceIsHigher(f"{FILE}: {'; '.join(found[:SHOWN])}{more}", hint=hint)
