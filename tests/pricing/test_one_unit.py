"""An item's price and the consignment of one unit are one calculation: in every market, on every day, over every lane."""

from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from tradewind.pricing import Assessment, Basis, Collector, Consignment, ConsignmentLine, Landed, PriceBook, PriceInput, assess, landed

from .builders import a_product
from .wide_books import DAYS, EVERY_MARKET, a_wide_book, books, priceable

NAMES = ("band", "tax", "duty", "duty_low", "fee", "customs_value")


def as_consignment(item: PriceInput, row: Landed, book: PriceBook) -> Assessment:
    """One unit that is paid at its price, over the lane of the item."""
    lane = next(lane for lane in book.lanes if lane.lane_id == item.lane_id)
    line = ConsignmentLine(item.sku, item.hs_code, item.origin, 1, row.price_minor or 0, item.weight_g or 0)
    return assess(Consignment((line,), row.freight_amount or 0, basis=Basis.PAID, imported=lane.imported, band_set=lane.band_set), book)


def of_price(row: Landed) -> tuple[int | None, ...]:
    return row.band, row.tax_amount, row.duty_amount, row.duty_low_amount, row.fee_amount, row.customs_value_amount


def of_consignment(found: Assessment, row: Landed) -> tuple[int | None, ...]:
    """What stands inside the price; the duty, fee and value of goods that are already imported were settled before any consignment."""
    tax = 0 if found.tax_collector is Collector.BUYER else found.tax + found.extra_tax
    if found.consignment.imported:
        return None, tax, row.duty_amount, row.duty_low_amount, row.fee_amount, row.customs_value_amount
    return found.bands[0], tax, found.duty, found.duty_low, found.fee, found.customs_value


@pytest.mark.parametrize("market", EVERY_MARKET)
@settings(max_examples=12)
@given(some.sampled_from(DAYS), some.data())
def test_an_item_costs_what_a_consignment_of_it_owes(market: str, day: date, data: some.DataObject) -> None:
    book = a_wide_book(market, day)
    item = data.draw(priceable(book))
    row = landed(item, book)
    assume(row.problem is None)
    found = dict(zip(NAMES, of_consignment(as_consignment(item, row, book), row), strict=True))
    assert found == dict(zip(NAMES, of_price(row), strict=True))


@settings(max_examples=40)
@given(books(), some.data())
def test_so_it_does_by_rules_that_no_market_has_yet(book: PriceBook, data: some.DataObject) -> None:
    item = data.draw(priceable(book))
    row = landed(item, book)
    assume(row.problem is None)
    assert of_consignment(as_consignment(item, row, book), row) == of_price(row)


def test_goods_sold_at_home_hold_no_tax_that_the_seller_may_not_charge() -> None:
    book = a_wide_book("sg")
    item = a_product(cost_currency="SGD", lane_id="bulk.sg", imported=True)
    row = landed(item, book)
    found = as_consignment(item, row, book)
    assert (found.tax, found.in_price, found.tax_collector, row.tax_amount) == (0, 0, Collector.NOBODY, 0)
