"""Prices that a person sets are used when they can be defended, and refused with the reason when not."""

from dataclasses import asdict
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from tradewind.kit import Currency
from tradewind.pricing import Made, PricesAreInvalid, landed, make_price, override, parse_prices
from tradewind.pricing.making import at_price, is_below_floor

from .builders import FRESH, a_book, a_product, an_engine, by_sql
from .test_forms import PARTS

HEAD = "market,sku,kind,price,currency,from,to\n"
SKU = "HX-4411-BLK"
ENGINE = an_engine()


def rows(*lines: str) -> str:
    return HEAD + "\n".join(lines)


def made(*lines: str, day: date = FRESH, **changes: object) -> Made:
    book, item = a_book("de", FRESH), a_product(**changes)
    return make_price(landed(item, book), item, book, parse_prices(rows(*lines)), day)


def computed() -> int:
    return landed(a_product(), a_book("de", FRESH)).price_minor or 0


def test_a_fixed_price_stands_in_place_of_the_computed_one() -> None:
    found = made(f"de,{SKU},fixed,99.50,EUR,2026-10-01,")
    assert (found.landed.price_minor, found.regular_minor, found.findings) == (9_950, 9_950, ())
    assert sum(asdict(found.landed)[part] for part in PARTS) == 9_950


def test_a_sale_holds_on_its_days_only() -> None:
    sale = f"de,{SKU},sale,69.00,EUR,2026-10-20,2026-10-31"
    assert made(sale).landed.price_minor == 6_900
    assert made(sale, day=date(2026, 11, 1)).landed.price_minor == computed()


def test_a_price_below_its_floor_is_refused_and_named() -> None:
    found = made(f"de,{SKU},fixed,39.00,EUR,2026-10-01,")
    assert (found.landed.price_minor, found.findings[0].code) == (computed(), "below_floor")
    assert "EUR 39.00" in found.findings[0].message


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f"de,{SKU},sale,120.00,EUR,2026-10-01,", "sale_not_below"),
        (f"de,{SKU},list,20.00,EUR,2026-10-01,", "list_not_above"),
        (f"de,{SKU},fixed,99.00,USD,2026-10-01,", "currency"),
    ],
)
def test_what_contradicts_itself_is_not_used(line: str, code: str) -> None:
    found = made(line)
    assert (found.landed.price_minor, [one.code for one in found.findings]) == (computed(), [code])


def test_a_price_without_a_cost_is_not_made_up() -> None:
    found = made(f"de,{SKU},fixed,99.00,EUR,2026-10-01,", cost_minor=None)
    assert (found.landed.price_minor, found.findings[0].code) == (None, "no_price")


def test_overlaps_and_foreign_currencies_are_found_in_the_whole_file() -> None:
    table = parse_prices(
        rows(f"de,{SKU},sale,9.00,EUR,2026-10-01,2026-10-10", f"de,{SKU},sale,8.00,EUR,2026-10-10,", f"de,{SKU},list,99,USD,2026-10-01,")
    )
    assert [one.code for one in table.problems({"de": Currency("EUR")})] == ["overlap", "currency"]


@pytest.mark.parametrize(
    "line",
    ["de,a,fixed,1.234,EUR,2026-10-01,", "de,a,gift,1.00,EUR,2026-10-01,", "de,a,fixed,1.00,EUR,soon,", "de,,fixed,1.00,EUR,2026-10-01,",
     "de,a,fixed,-1.00,EUR,2026-10-01,", "de,a,fixed,1.00,QQQ,2026-10-01,", "de,a,sale,1.00,EUR,2026-10-02,2026-10-01"],
)  # fmt: skip
def test_a_wrong_row_is_named(line: str) -> None:
    with pytest.raises(PricesAreInvalid, match="row 2"):
        parse_prices(rows(line))


def test_a_file_without_a_needed_column_is_refused() -> None:
    with pytest.raises(PricesAreInvalid, match="currency"):
        parse_prices("market,sku,kind,price,from,to\n")


@given(some.integers(500, 120_000), some.sampled_from(["de", "us", "th", "gb"]), some.integers(1, 400_000))
def test_a_set_price_is_the_sum_of_its_parts_and_never_below_its_floor(cost: int, market: str, price: int) -> None:
    book, item = a_book(market, FRESH), a_product(cost_minor=cost, lane_id=f"SZX-1.{market}")
    row = landed(item, book)
    assume(row.problem is None)
    found = at_price(price, row, item, book)
    assert sum(asdict(found)[part] for part in PARTS) == price
    amount = f"{price // 100}.{price % 100:02d}"
    table = parse_prices(rows(f"{market},{SKU},fixed,{amount},{book.currency},2026-10-01,"))
    assert not is_below_floor(make_price(row, item, book, table, FRESH).landed, item, book)


@given(some.integers(500, 120_000), some.sampled_from(["de", "us", "th", "gb"]))
def test_the_computed_price_set_again_is_itself(cost: int, market: str) -> None:
    book, item = a_book(market, FRESH), a_product(cost_minor=cost, lane_id=f"SZX-1.{market}")
    row = landed(item, book)
    assume(row.problem is None)
    again = at_price(row.price_minor or 0, row, item, book)
    same = ("price_minor", "duty_amount", "tax_amount", "fee_amount", "customs_value_amount", "band", "rule_ids")
    assert [getattr(again, name) for name in same] == [getattr(row, name) for name in same]


def test_a_set_price_takes_the_place_of_the_computed_row_and_of_no_other() -> None:
    book, items = a_book("de", FRESH), [a_product(), a_product(sku="other")]
    before = by_sql(ENGINE, items, book)
    table = parse_prices(
        rows(f"de,{SKU},fixed,99.50,EUR,2026-10-01,", f"de,{SKU},fixed,1.00,EUR,2027-01-01,", "us,other,fixed,9.00,USD,2026-10-01,")
    )
    assert override(ENGINE, book, table.rows, FRESH) == ()
    found = dict(ENGINE.execute("SELECT sku, price_minor FROM price_output").fetchall())
    assert found == {SKU: 9_950, "other": before["other"].price_minor}
    parts = ENGINE.execute(f"SELECT {' + '.join(PARTS)} FROM price_output WHERE sku = ?", [SKU]).fetchone()
    assert parts == (9_950,)
