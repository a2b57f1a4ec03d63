"""Every market can be priced: its rules make a book on any day, and the launchable ones are reached by a lane of the demo."""

from datetime import date
from functools import cache

import pytest

from tradewind.adapters.fx import EcbHistory
from tradewind.markets import Level, load_markets
from tradewind.network import load_network
from tradewind.pricing import load_margins, price_book

MARKETS = load_markets()
TODAY = date(2026, 11, 23)


@cache
def history() -> EcbHistory:
    return EcbHistory()


@pytest.mark.parametrize("code", sorted(MARKETS))
def test_a_market_makes_a_book_with_duty_bands_and_gaps(code: str) -> None:
    book = price_book(MARKETS[code], TODAY, load_network(), history(), load_margins(), {})
    assert book.duties
    assert all(bands[-1].up_to is None for bands in book.bands)
    assert book.gaps == MARKETS[code].gaps


@pytest.mark.parametrize("code", sorted(code for code, market in MARKETS.items() if market.level is Level.LAUNCHABLE))
def test_a_launchable_market_has_a_lane(code: str) -> None:
    assert load_network().lanes_to(code)


def test_the_flat_duty_of_the_union_begins_on_its_day() -> None:
    days = (date(2026, 6, 30), date(2026, 7, 1))
    books = [price_book(MARKETS["de"], day, load_network(), history(), load_margins(), {}) for day in days]
    assert [[(band.up_to, band.duty, band.flat) for band in book.bands[0]] for book in books] == [
        [(15_000, "none", 0), (None, "tariff", 0)],
        [(15_000, "flat", 300), (None, "tariff", 0)],
    ]
