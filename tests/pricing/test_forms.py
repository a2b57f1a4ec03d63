"""The two forms of the price are one: every column of the SQL form equals the scalar form, and the laws of a price hold."""

from dataclasses import asdict, replace
from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from tradewind.pricing import PriceBook, PriceInput, explain, landed

from .builders import MARKETS, TODAY, a_book, a_product, an_engine, by_sql

PARTS = ("cost_amount", "freight_amount", "duty_amount", "fee_amount", "margin_amount", "tax_amount", "ending_amount")
ENGINE = an_engine()
CODES = ["851830", "85183000", "8518300000", "610910", "640399", "732393", "761699", "420212", "950300", "490199", "852872", "610999",
         "621143", "851713", "852580", "010121", "33", "", None]  # fmt: skip
IMPORTED_LANES = {"us": "LAX-1.us", "de": "DUI-1.de", "th": "BKK-1.th"}


DAYS = [date(2026, 2, 24), date(2026, 6, 30), date(2026, 7, 1), date(2026, 7, 23), date(2026, 7, 24), date(2026, 10, 1), TODAY]


@some.composite
def products(draw: some.DrawFn, market: str) -> PriceInput:
    imported = draw(some.booleans())
    lane = IMPORTED_LANES[market] if imported else f"SZX-1.{market}"
    money = some.one_of(
        some.integers(1, 400_000), some.integers(60_000, 160_000), some.sampled_from([None, 0, -5, 10**10, 10**10 + 1, 2**62])
    )
    side = some.one_of(some.none(), some.integers(-1, 900), some.sampled_from([100_000, 100_001]))
    return a_product(
        category=draw(some.sampled_from(["headphones", "apparel", "laptops", "tops", "no-such", None])),
        cost_minor=draw(money),
        cost_currency=draw(some.sampled_from(["CNY", "CNY", "CNY", "USD", "EUR", "JPY", "VND", None])),
        weight_g=draw(some.one_of(some.integers(1, 3_000), some.sampled_from([None, 0, -1, 50, 51, 30_000, 30_001, 2**40]))),
        length_mm=draw(side), width_mm=draw(side), height_mm=draw(side),
        hs_code=draw(some.sampled_from(CODES)),
        origin=draw(some.sampled_from(["CN", "CN", "VN", "DE", "US", "JP", "TW", "TH", "XX", None])),
        lane_id=draw(some.sampled_from([lane, lane, lane, lane, "nowhere"])),
        imported=imported,
    )  # fmt: skip


@some.composite
def baskets(draw: some.DrawFn) -> tuple[PriceBook, list[PriceInput]]:
    market = draw(some.sampled_from(MARKETS))
    confirmed = draw(some.sampled_from([(), (("TH.vat.decreed", date(2027, 9, 30)), ("fx.age", date(2027, 1, 1)))]))
    items = draw(some.lists(products(market), min_size=1, max_size=8))
    return a_book(market, draw(some.sampled_from(DAYS)), confirmed), [
        replace(item, sku=f"sku-{number}") for number, item in enumerate(items)
    ]


@settings(max_examples=15)
@given(baskets())
def test_every_column_of_the_sql_form_equals_the_scalar_form(basket: tuple[PriceBook, list[PriceInput]]) -> None:
    book, items = basket
    found = by_sql(ENGINE, items, book)
    assert {item.sku: asdict(landed(item, book)) for item in items} == {sku: asdict(row) for sku, row in found.items()}


@given(baskets())
def test_the_parts_add_up_to_the_price_and_none_is_negative(basket: tuple[PriceBook, list[PriceInput]]) -> None:
    book, items = basket
    for row in (asdict(landed(item, book)) for item in items):
        if row["problem"] is None:
            assert sum(row[part] for part in PARTS) == row["price_minor"]
            assert min(row[part] for part in PARTS) >= 0
            assert row["price_minor"] % book.ending_step == book.ending_last
        else:
            assert row["price_minor"] is None


@given(baskets())
def test_a_price_never_falls_below_its_floor(basket: tuple[PriceBook, list[PriceInput]]) -> None:
    book, items = basket
    floors = {margin.rule_id: margin.floor_ppm for margin in book.margins}
    for row in (landed(item, book) for item in items):
        if row.problem is None:
            floor = next(floors[rule] for rule in row.rule_ids if rule in floors)
            net = row.price_minor - row.tax_amount
            assert (row.margin_amount + row.ending_amount) * 1_000_000 >= floor * net


@given(some.sampled_from(MARKETS), some.sampled_from(DAYS), some.data())
def test_a_dearer_cost_never_gives_a_lower_price(market: str, day: date, data: some.DataObject) -> None:
    book, item = a_book(market, day), data.draw(products(market))
    dearer = replace(item, cost_minor=(item.cost_minor or 0) + data.draw(some.integers(1, 5_000)))
    low, high = landed(item, book), landed(dearer, book)
    assume(low.problem is None and high.problem is None)
    assert high.price_minor >= low.price_minor


@given(some.integers(40_000, 150_000), some.sampled_from(["851830", "610910", "640399", "701337"]), some.integers(50, 3_000))
def test_the_duty_rule_fits_the_value_of_the_parcel_at_its_final_price(cost: int, code: str, weight: int) -> None:
    book = a_book("de")
    row = landed(a_product(cost_minor=cost, hs_code=code, weight_g=weight), book)
    is_low = "EU.duty.flat_per_line" in row.rule_ids
    assert is_low == (row.customs_value_amount <= 15_000)
    if not is_low:
        dutiable = row.customs_value_amount + row.freight_amount
        assert abs(row.duty_amount * 1_000_000 - dutiable * row.duty_ppm) <= 1_000_000


def test_the_tables_of_two_markets_do_not_mix_in_one_connection() -> None:
    items = [a_product(lane_id="SZX-1.de")]
    before = by_sql(ENGINE, items, a_book("de"))
    by_sql(ENGINE, items, a_book("us"))
    assert by_sql(ENGINE, items, a_book("de")) == before


def test_the_sql_form_publishes_whole_numbers_only() -> None:
    by_sql(ENGINE, [a_product()], a_book("de"))
    kinds = {row[1] for row in ENGINE.execute("DESCRIBE price_output").fetchall()}
    assert kinds == {"BIGINT", "VARCHAR", "VARCHAR[]"}


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("imported", [True, False])
def test_the_explained_lines_add_up_to_the_price(market: str, imported: bool) -> None:
    item = a_product(lane_id=IMPORTED_LANES[market] if imported else f"SZX-1.{market}", imported=imported)
    book = a_book(market)
    *lines, total = explain(asdict(landed(item, book)), book, item)
    assert total.label == "price"
    assert sum(line.amount for line in lines) == total.amount
