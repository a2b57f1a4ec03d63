"""A basket is priced as a whole, and the listed prices bind."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from tradewind.markets import load_market
from tradewind.pricing import (
    Address,
    AddressIsNotServed,
    Basket,
    BasketLine,
    ConsignmentIsInvalid,
    LineTax,
    PriceBook,
    Quote,
    TaxAddress,
    TaxLine,
    TaxResult,
    TaxStatus,
    landed,
    quote,
)

from .builders import FRESH, TODAY, a_book, a_product
from .case_books import a_band, a_plain_book

BOOKS = {"de": FRESH, "us": FRESH, "gb": FRESH, "th": FRESH}
CODES = ["851830", "610910", "640399", "950300", "490199"]
IMPORTED = {"us": "LAX-1.us", "de": "DUI-1.de", "th": "BKK-1.th"}


class FixedTax:
    """A fake of the tax port: ten percent of every line, an estimate; or no answer."""

    def __init__(self, status: TaxStatus = TaxStatus.SUCCEEDED) -> None:
        self.status = status

    def calculate(self, lines: Any, address: TaxAddress, shipping: int, currency: str, reference: str) -> TaxResult:
        given: list[TaxLine] = list(lines) if self.status is TaxStatus.SUCCEEDED else []
        taxes = tuple(LineTax(one.line_id, one.amount // 10, 100_000, "US-CA.sales_tax", "estimate", "10 %") for one in given)
        return TaxResult(self.status, currency, taxes, None, sum(one.amount for one in taxes), reference, f"rate of {address.state}")


def listed(market: str, book: PriceBook | None = None, quantity: int = 1, **changes: Any) -> BasketLine:
    """A line at the price that the product would be listed with."""
    book = book or a_book(market, BOOKS[market])
    item = a_product(**({"lane_id": f"SZX-1.{market}"} | changes))
    price = landed(item, book).price_minor
    assert price is not None, landed(item, book).problem
    return BasketLine(item.sku, item.hs_code, item.origin, quantity, price, item.weight_g or 0, item.lane_id)


def quoted(market: str, *lines: BasketLine, book: PriceBook | None = None, **given: Any) -> Quote:
    address = given.pop("address", None)
    return quote(Basket(lines, address), book or a_book(market, BOOKS[market]), load_market(market), **given)


def test_two_units_of_one_tariff_line_give_the_second_flat_duty_back() -> None:
    found = quoted("de", listed("de", quantity=2))
    assert found.consignments[0].parts[0].duty == 300
    assert found.discount >= 357
    assert "duty EUR 3.00" in found.consignments[0].reasons[0]
    assert found.total + found.discount == found.listed


def a_threshold(duty: str) -> PriceBook:
    return replace(a_plain_book("gb", FRESH, duty=duty), bands=((a_band(up_to=13_500, duty="none"), a_band()),))


def test_what_crosses_a_threshold_is_split_when_that_costs_less() -> None:
    line = BasketLine("a", "610910", "CN", 2, 9_900, 500, "SZX-1.gb")
    one = quoted("gb", line, replace(line, sku="b", quantity=1), book=a_threshold("12")).consignments[0]
    assert [part.duty for part in one.parts] == [0, 0, 0]
    assert "in 3 consignments" in one.reasons[0]


def test_what_crosses_a_threshold_travels_together_when_a_split_costs_more() -> None:
    line = BasketLine("a", "610910", "CN", 1, 14_500, 500, "SZX-1.gb")
    one = quoted("gb", line, replace(line, sku="b"), book=a_threshold("0.5")).consignments[0]
    assert (len(one.parts), one.parts[0].bands) == (1, (1,))
    assert "would cost" in one.reasons[0]


def test_what_a_basket_adds_is_borne_by_the_business_and_never_a_surcharge() -> None:
    line = BasketLine("a", "610910", "CN", 301, 1_500, 50, "SZX-1.gb")
    found = quoted("gb", line, book=a_threshold("90"))
    assert (found.total, found.discount) == (found.listed, 0)
    assert found.absorbed > 0
    assert found.consignments[0].parts[0].duty > 0


def test_goods_of_two_locations_are_two_consignments() -> None:
    found = quoted("de", listed("de"), listed("de", sku="home", lane_id="DUI-1.de", imported=True))
    assert [one.lane_id for one in found.consignments] == ["SZX-1.de", "DUI-1.de"]
    assert [one.parts[0].duty for one in found.consignments] == [300, 0]


def test_an_address_outside_the_tax_area_is_refused_with_its_reason() -> None:
    with pytest.raises(AddressIsNotServed, match="Heligoland") as refused:
        quoted("de", listed("de"), address=Address("27498"))
    assert refused.value.hint
    assert quoted("de", listed("de"), address=Address("10115")).area is not None


def test_sales_tax_stands_outside_and_calls_itself_an_estimate() -> None:
    found = quoted("us", listed("us"), address=Address("90001", "CA"), tax=FixedTax())
    assert found.total == found.listed - found.discount + found.lines[0].paid // 10
    assert found.certainty == "estimate"
    assert "an estimate" in found.notes[0]


def test_without_an_address_or_an_answer_no_sales_tax_is_made_up() -> None:
    assert "ZIP code" in quoted("us", listed("us"), tax=FixedTax()).notes[0]
    silent = quoted("us", listed("us"), address=Address("90001", "CA"), tax=FixedTax(TaxStatus.UNKNOWN))
    assert silent.total == silent.listed
    assert "unknown" in silent.notes[0]


@pytest.mark.parametrize(
    "line",
    [
        BasketLine("a", "851830", "CN", 0, 100, 100, "SZX-1.de"),
        BasketLine("a", "851830", "CN", 1, 100, 0, "SZX-1.de"),
        BasketLine("a", "851830", "CN", 1, 100, 100, "nowhere"),
        BasketLine("a", "851830", "CN", 1, 100, 90_000, "SZX-1.de"),
    ],
)
def test_impossible_baskets_are_refused(line: BasketLine) -> None:
    with pytest.raises(ConsignmentIsInvalid):
        quoted("de", line)


def test_an_empty_basket_and_an_endless_one_are_refused() -> None:
    for lines in ((), tuple([listed("de")] * 101)):
        with pytest.raises(ConsignmentIsInvalid):
            quoted("de", *lines)


def test_a_heavy_basket_travels_in_several_parcels() -> None:
    found = quoted("de", listed("de", quantity=5, weight_g=14_000))
    assert found.consignments[0].parts[0].consignment.parcels == 3


@some.composite
def lines(draw: some.DrawFn, market: str, book: PriceBook | None = None) -> BasketLine:
    imported = market in IMPORTED and draw(some.booleans())
    return listed(
        market,
        book,
        draw(some.integers(1, 4)),
        sku=f"sku-{draw(some.integers(1, 10**6))}",
        cost_minor=draw(some.one_of(some.integers(500, 20_000), some.integers(20_000, 130_000))),
        weight_g=draw(some.integers(20, 2_500)),
        hs_code=draw(some.sampled_from(CODES)),
        origin=draw(some.sampled_from(["CN", "VN", "DE", None])),
        imported=imported,
        lane_id=IMPORTED[market] if imported else f"SZX-1.{market}",
    )


@some.composite
def baskets(draw: some.DrawFn) -> tuple[str, list[BasketLine]]:
    market = draw(some.sampled_from(sorted(BOOKS)))
    return market, draw(some.lists(lines(market), min_size=1, max_size=5))


@given(
    some.sampled_from(sorted(BOOKS)), some.sampled_from([date(2026, 2, 24), date(2026, 6, 30), date(2026, 7, 1), FRESH, TODAY]), some.data()
)
def test_one_unit_is_quoted_as_it_is_listed(market: str, day: date, data: some.DataObject) -> None:
    book = a_book(market, day)
    item = a_product(
        cost_minor=data.draw(some.integers(500, 150_000)), weight_g=data.draw(some.integers(20, 2_500)),
        hs_code=data.draw(some.sampled_from(CODES)), origin=data.draw(some.sampled_from(["CN", "VN", None])), lane_id=f"SZX-1.{market}",
    )  # fmt: skip
    row = landed(item, book)
    assume(row.problem is None)
    line = BasketLine(item.sku, item.hs_code, item.origin, 1, row.price_minor or 0, item.weight_g or 0, item.lane_id)
    found = quoted(market, line, book=book)
    part = found.consignments[0].parts[0]
    assert (found.total, found.discount) == (row.price_minor, 0)
    owed = (part.freight, part.customs_value, part.duty, part.duty_low, part.fee, part.tax + part.extra_tax, part.bands)
    listed_so = (row.freight_amount, row.customs_value_amount, row.duty_amount, row.duty_low_amount, row.fee_amount, row.tax_amount)
    assert owed == (*listed_so, (row.band,))


@given(baskets())
def test_the_shopper_never_pays_more_than_the_listed_prices(basket: tuple[str, list[BasketLine]]) -> None:
    market, wanted = basket
    found = quoted(market, *wanted)
    assert found.total <= found.listed == sum(line.unit_price * line.quantity for line in wanted)
    assert found.discount >= 0


@given(baskets())
def test_every_sum_is_exact(basket: tuple[str, list[BasketLine]]) -> None:
    market, wanted = basket
    found = quoted(market, *wanted)
    assert sum(line.paid for line in found.lines) == found.total == found.listed - found.discount
    for one in found.consignments:
        assert sum(charge.amount for charge in one.charges if charge.in_price) == one.paid
        assert sum(part.total for part in one.parts) == one.paid


@given(baskets())
def test_the_duty_is_never_below_the_rule(basket: tuple[str, list[BasketLine]]) -> None:
    market, wanted = basket
    for part in (part for one in quoted(market, *wanted).consignments for part in one.parts):
        for line in part.lines:
            band = part.band(line)
            if band is not None and band.duty == "tariff" and line.rate is not None:
                same = [one for one in part.lines if one.duty_class == line.duty_class]
                short = line.rate.ppm * sum(one.duty_base for one in same) - 1_000_000 * sum(one.duty for one in same)
                assert short <= 1_000_000 + line.rate.ppm
            if band is not None and band.up_to is not None and not band.per_item:
                assert part.threshold_value <= band.up_to


@given(baskets())
def test_another_unit_never_lowers_the_total(basket: tuple[str, list[BasketLine]]) -> None:
    market, wanted = basket
    more = [replace(wanted[0], quantity=wanted[0].quantity + 1), *wanted[1:]]
    first, again = quoted(market, *wanted), quoted(market, *more)
    bands = [{band for one in found.consignments for part in one.parts for band in part.bands} for found in (first, again)]
    if bands[0] == bands[1] and len(first.consignments[0].parts) == len(again.consignments[0].parts) == 1:
        assert again.total >= first.total
