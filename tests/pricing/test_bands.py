"""Every kind of band, in every market there is and in books drawn at random: the two forms agree, and the laws of a price hold."""

from dataclasses import asdict, replace
from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from tradewind.pricing import Landed, PriceBook, PriceInput, landed

from .builders import a_product, an_engine, by_sql
from .wide_books import EVERY_MARKET, a_wide_book, books, priceable, products

ENGINE = an_engine()
PARTS = ("cost_amount", "freight_amount", "duty_amount", "fee_amount", "margin_amount", "tax_amount", "ending_amount")


@some.composite
def baskets(draw: some.DrawFn) -> tuple[PriceBook, list[PriceInput]]:
    book = draw(books())
    items = draw(some.lists(products(book), min_size=1, max_size=12))
    return book, [replace(item, sku=f"sku-{number}") for number, item in enumerate(items)]


@some.composite
def prices(draw: some.DrawFn) -> tuple[PriceBook, PriceInput, Landed]:
    book = draw(books())
    item = draw(priceable(book))
    row = landed(item, book)
    assume(row.problem is None)
    return book, item, row


@settings(max_examples=12)
@given(baskets())
def test_both_forms_agree_on_every_column(basket: tuple[PriceBook, list[PriceInput]]) -> None:
    book, items = basket
    found = by_sql(ENGINE, items, book)
    for item in items:
        assert asdict(landed(item, book)) == asdict(found[item.sku])


@settings(max_examples=25)
@given(prices())
def test_the_parts_add_up_and_none_is_negative(priced: tuple[PriceBook, PriceInput, Landed]) -> None:
    book, _, landed_row = priced
    row = asdict(landed_row)
    assert sum(row[part] for part in PARTS) == row["price_minor"]
    assert min(row[part] for part in PARTS) >= 0
    assert row["price_minor"] % book.ending_step == book.ending_last % book.ending_step
    assert 0 <= row["duty_low_amount"] <= row["duty_amount"]


@settings(max_examples=25)
@given(prices())
def test_the_margin_is_never_below_its_floor(priced: tuple[PriceBook, PriceInput, Landed]) -> None:
    book, _, row = priced
    floors = {margin.rule_id: margin.floor_ppm for margin in book.margins}
    floor = next(floors[rule] for rule in row.rule_ids if rule in floors)
    assert (row.margin_amount + row.ending_amount) * 1_000_000 >= floor * (row.price_minor - row.tax_amount)


@settings(max_examples=30)
@given(books(), some.data())
def test_a_dearer_twin_is_never_cheaper(book: PriceBook, data: some.DataObject) -> None:
    item = data.draw(priceable(book))
    dearer = replace(item, cost_minor=(item.cost_minor or 0) + data.draw(some.integers(1, 5_000)))
    low, high = landed(item, book), landed(dearer, book)
    assume(low.problem is None and high.problem is None)
    assert high.price_minor >= low.price_minor


@settings(max_examples=25)
@given(prices())
def test_a_parcel_is_in_the_first_band_that_its_final_value_fits(priced: tuple[PriceBook, PriceInput, Landed]) -> None:
    book, item, row = priced
    assume(row.band is not None)
    bands = book.bands[next(lane.band_set for lane in book.lanes if lane.lane_id == item.lane_id)]
    values = [row.customs_value_amount + (row.freight_amount if band.counts_freight else 0) for band in bands]
    fits = [band.up_to is None or value <= band.up_to for band, value in zip(bands, values, strict=True)]
    assert fits.index(True) == row.band


@pytest.mark.parametrize("market", EVERY_MARKET)
def test_every_market_prices_a_plain_product_from_everywhere(market: str) -> None:
    book = a_wide_book(market, date(2026, 10, 30))
    for lane in book.lanes:
        row = landed(a_product(lane_id=lane.lane_id, imported=lane.imported), book)
        assert row.problem is None
        assert row.duty_amount is not None
