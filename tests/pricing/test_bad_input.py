"""What is unknown or impossible is a clear problem or a marked, conservative estimate; it is never a silent zero."""

from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import pytest

from tradewind.markets import Rule, RuleKind, TariffOrder, load_market, load_seller, load_tariff
from tradewind.network import load_network
from tradewind.pricing import (
    DutyRate,
    PriceBook,
    PriceBookIsIncomplete,
    at_price,
    explain,
    landed,
    landed_by_location,
    load_margins,
    price_book,
    price_notes,
)
from tradewind.pricing.duties import duty_table
from tradewind.pricing.model import EVERY

from .builders import FRESH, TODAY, a_book, a_product, an_engine, by_sql, history
from .wide_books import a_wide_book

ENGINE = an_engine()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"cost_minor": 0}, "cost_out_of_range"),
        ({"cost_minor": -1}, "cost_out_of_range"),
        ({"cost_minor": 10**15}, "cost_out_of_range"),
        ({"cost_minor": None}, "cost_missing"),
        ({"cost_currency": None}, "cost_missing"),
        ({"cost_currency": "ZZZ"}, "fx_missing"),
        ({"weight_g": -420}, "weight_missing"),
        ({"weight_g": 0}, "weight_missing"),
        ({"weight_g": 30_001}, "weight_over_limit"),
        ({"hs_code": None}, "duty_unknown"),
        ({"hs_code": ""}, "duty_unknown"),
        ({"hs_code": "headphones"}, "duty_unknown"),
        ({"hs_code": "990000"}, "duty_unknown"),
        ({"lane_id": "SZX-1.atlantis"}, "no_rate_card"),
    ],
)
def test_a_product_without_a_price_says_why_in_both_forms(changes: dict[str, object], problem: str) -> None:
    item = a_product(**changes)
    row = landed(item, a_book("de"))
    assert (row.problem, row.price_minor, row.duty_amount) == (problem, None, None)
    assert by_sql(ENGINE, [item], a_book("de"))[item.sku] == row


def test_a_doubtful_duty_says_which_fact_is_missing() -> None:
    book = a_book("us")
    for item, words in (
        (a_product(origin=None, lane_id="SZX-1.us"), "country of origin is not known"),
        (a_product(hs_code="440911", lane_id="SZX-1.us"), "names this code"),
    ):
        assert any(words in note for note in price_notes(asdict(landed(item, book)), book, item))
    known = a_product(origin="JP", lane_id="SZX-1.us")
    assert not any("origin is not known" in note for note in price_notes(asdict(landed(known, book)), book, known))


def test_an_unknown_origin_pays_the_dearest_and_is_an_estimate() -> None:
    book = a_book("us")
    unknown, known = (landed(a_product(origin=origin, lane_id="SZX-1.us"), book) for origin in (None, "JP"))
    assert (unknown.price_minor or 0) >= (known.price_minor or 0)
    assert unknown.certainty == "estimate"


def person_needed(book: PriceBook) -> PriceBook:
    return replace(book, duties=duty_table([DutyRate(EVERY, "8518", 0, (), "certain", needs_person=True)]), origins=())


@pytest.mark.parametrize("imported", [True, False])
def test_a_duty_that_needs_a_person_is_never_guessed(imported: bool) -> None:
    book = replace(person_needed(a_book("us")), unknown_origin_group=EVERY)
    item = a_product(lane_id="LAX-1.us" if imported else "SZX-1.us", imported=imported)
    assert landed(item, book).problem == "duty_needs_person"
    assert by_sql(ENGINE, [item], book)[item.sku].problem == "duty_needs_person"


def test_a_flat_duty_asks_no_person_what_the_tariff_would_be() -> None:
    row = landed(a_product(), replace(person_needed(a_book("de")), unknown_origin_group=EVERY))
    assert (row.problem, row.duty_amount) == (None, 300)


def test_a_rule_that_has_run_out_leaves_the_safe_side_and_says_so() -> None:
    before, after = (landed(a_product(lane_id="SZX-1.th"), a_book("th", day)) for day in (date(2026, 9, 30), date(2026, 10, 1)))
    assert (before.tax_ppm, after.tax_ppm) == (70_000, 100_000)
    assert after.certainty != "certain"


def test_rates_older_than_their_limit_are_a_marked_estimate() -> None:
    book = a_book("de", TODAY)
    row = landed(a_product(), book)
    assert row.certainty == "estimate"
    assert any("older than limit" in note for note in price_notes(asdict(row), book, a_product()))


def test_a_market_without_a_needed_rule_has_no_book() -> None:
    market = load_market("de")
    bare = replace(market, rules=tuple(rule for rule in market.rules if rule.kind is not RuleKind.TAX_BASE))
    with pytest.raises(PriceBookIsIncomplete, match="tax_base"):
        price_book(bare, FRESH, load_network(), history(), load_margins(), {})


def test_a_threshold_in_a_currency_without_a_rate_has_no_book() -> None:
    def in_rubles(rule: Rule) -> Rule:
        return replace(rule, at_most=replace(rule.at_most, currency=type(rule.at_most.currency)("VND"))) if rule.at_most else rule

    market = load_market("de")
    with pytest.raises(PriceBookIsIncomplete, match="no exchange rate"):
        price_book(replace(market, rules=tuple(map(in_rubles, market.rules))), FRESH, load_network(), history(), load_margins(), {})


def test_without_a_registration_the_price_holds_no_tax_and_says_who_pays() -> None:
    nobody = replace(load_seller(), registrations=())
    book = price_book(load_market("de"), FRESH, load_network(), history(), load_margins(), {}, nobody)
    row = landed(a_product(), book)
    assert (book.tax_collected, row.tax_amount) == (False, 0)
    assert any("The buyer pays it at the border" in note for note in price_notes(asdict(row), book, a_product()))


def test_the_listed_price_binds_whichever_location_serves() -> None:
    book = a_book("de")
    stock = a_product(location_id="DUI-1", lane_id="DUI-1.de", imported=True)
    listed, other = landed_by_location([stock, a_product()], book)
    assert (listed.is_listed, listed.difference, other.is_listed) == (True, 0, False)
    served = at_price(listed.landed.price_minor or 0, other.landed, a_product(), book)
    kept = [(row.margin_amount or 0) + (row.ending_amount or 0) for row in (listed.landed, served)]
    assert other.difference == kept[0] - kept[1] != 0


@pytest.mark.parametrize("market", ["pl", "se", "id"])
def test_a_foreign_threshold_is_converted_without_the_buffer_and_rounded_down(market: str) -> None:
    book = a_wide_book(market, FRESH)
    limits = [band.up_to for bands in book.bands for band in bands if band.up_to]
    rate = next(rate for rate in book.fx if rate.currency == ("USD" if market == "id" else "EUR"))
    buffered = {amount * rate.numerator // rate.denominator for amount in (300, 15_000)}
    assert limits
    assert not buffered & set(limits)


@pytest.mark.parametrize("market", ["id", "jp", "ph", "de", "us"])
@pytest.mark.parametrize("cost", [500, 60_000, 400_000])
def test_every_line_names_its_rules_with_their_sources(market: str, cost: int) -> None:
    book, item = a_wide_book(market, FRESH), a_product(lane_id=f"cn.{market}", cost_minor=cost)
    *lines, total = explain(asdict(landed(item, book)), book, item)
    assert sum(line.amount for line in lines) == total.amount
    assert all(line.source for line in lines if line.rule_id and line.label in {"duty", "fee", "tax"})


def test_the_notes_name_the_location_and_the_gaps() -> None:
    book = a_wide_book("jp", FRESH)
    notes = price_notes(asdict(landed(a_product(lane_id="cn.jp"), book)), book, a_product(lane_id="cn.jp"))
    assert "from CN" in notes[0]
    assert all(any(gap in note for note in notes) for gap in book.gaps)


def test_a_relief_for_some_goods_only_is_named_as_not_counted() -> None:
    market = load_market("de")
    relief = next(rule for rule in market.rules if rule.id == "EU.duty.flat_per_line")
    rules = tuple(replace(rule, hs=("4901",)) if rule is relief else rule for rule in market.rules)
    book = price_book(replace(market, rules=rules), TODAY, load_network(), history(), load_margins(), {})
    assert [gap for gap in book.gaps if "EU.duty.flat_per_line is for goods of some tariff codes only" in gap]
    assert all(band.duty == "tariff" for band in book.bands[0])


def test_a_price_names_the_file_that_its_tariff_was_loaded_from(tmp_path: Path) -> None:
    table = tmp_path / "th_2026-11.csv"
    table.write_text("code,rate\n851830,2%\n", encoding="utf-8")
    load_tariff(tmp_path / "tariffs", TariffOrder(table, "th", "THB", "test", TODAY))
    book = price_book(load_market("th", tmp_path), TODAY, load_network(), history(), load_margins(), {})
    assert any("loaded from th_2026-11.csv (edition" in source for _, source, _ in book.sources)
