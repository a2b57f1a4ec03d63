"""A consignment is assessed as a whole: thresholds, distinct tariff lines, bases, sums."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tradewind.pricing import Assessment, Band, Collector, ConsignmentIsInvalid, ConsignmentLine, DutyIsUnknown, DutyRate, PriceBook
from tradewind.pricing.duties import duty_table
from tradewind.pricing.model import EVERY

from .case_books import a_band, a_line, a_plain_book, owed

RELIEF, FLAT = a_band(up_to=15_000, duty="none"), a_band(up_to=15_000, duty="flat", flat=300, rule_ids=("flat",))
PARTS = ("goods", "freight", "insurance", "duty", "fee", "tax", "extra_tax")


def bands(*given: Band, duty: str = "12", tax: str = "19", **changes: Any) -> PriceBook:
    return replace(a_plain_book(duty=duty, tax=tax), bands=((*given, a_band(rule_ids=("tariff",))),), **changes)


def test_two_units_of_one_tariff_line_owe_the_flat_duty_once() -> None:
    assert owed(bands(FLAT), [a_line(2_000, "851830", 2)]).duty == 300
    assert owed(bands(FLAT), [a_line(2_000, "85183000"), a_line(2_000, "8518309590"), a_line(900, "640399")]).duty == 600


def test_a_threshold_looks_at_the_whole_consignment() -> None:
    book = bands(RELIEF)
    assert owed(book, [a_line(15_000)]).duty == 0
    assert owed(book, [a_line(15_000), a_line(1)]).duty == 1_800
    assert owed(book, [a_line(15_000)], freight=999).duty == 0


def test_a_threshold_by_item_looks_at_each_item() -> None:
    book = bands(a_band(up_to=40_000, per_item=True, duty="none", at_sale=True))
    found = owed(book, [a_line(40_000, quantity=3), a_line(40_001)])
    assert [line.duty for line in found.lines] == [0, 4_800]
    assert found.bands == (0, 1)


def test_the_parcel_is_charged_once_though_its_lines_fall_into_two_bands() -> None:
    book = bands(a_band(up_to=40_000, per_item=True, duty="none", parcel_fee=500))
    dearest = replace(book, bands=((book.bands[0][0], replace(book.bands[0][1], parcel_fee=700)),))
    assert owed(dearest, [a_line(40_000), a_line(40_001), a_line(100)]).fee == 700


def test_the_three_bases_differ() -> None:
    fob = bands(duty_counts_freight=False, tax_counts_freight=True)
    found = owed(fob, [a_line(10_000)], freight=1_000)
    assert (found.lines[0].duty_base, found.lines[0].tax_base) == (10_000, 12_200)
    assert owed(bands(duty_counts_freight=True), [a_line(10_000)], freight=1_000).lines[0].duty_base == 11_000


def test_a_fee_by_tariff_line_and_a_fee_by_parcel_add_up() -> None:
    book = bands(a_band(up_to=15_000, duty="none", line_fee=200, parcel_fee=150))
    assert owed(book, [a_line(1_000, "610910"), a_line(1_000, "640399"), a_line(1_000, "610910")]).fee == 550


def test_specific_duties_count_weight_and_units() -> None:
    rate = DutyRate(EVERY, "61", 100_000, (), "certain", per_kg_micro=25_000_000, per_item_micro=10_000_000)
    found = owed(bands(duties=duty_table([rate])), [a_line(1_000, "610910", 4, weight_g=500)])
    assert found.duty == 400 + 50 + 40


def test_a_range_keeps_its_bottom_beside_its_top() -> None:
    rate = DutyRate(EVERY, "61", 100_000, (), "likely", low_ppm=40_000)
    found = owed(bands(duties=duty_table([rate])), [a_line(10_000)])
    assert (found.duty, found.duty_low, found.certainty) == (1_000, 400, "likely")


def test_a_tax_that_is_not_collected_is_left_to_the_buyer_and_to_no_price() -> None:
    book = bands(RELIEF, tax_collected=False)
    found = owed(book, 10_000, paid=True)
    assert (found.tax_collector, found.goods, found.tax, found.in_price) == (Collector.BUYER, 10_000, 1_900, 0)


def test_the_seller_charges_at_the_sale_up_to_the_limit_and_at_the_border_above() -> None:
    book = bands(a_band(up_to=13_500, duty="none", at_sale=True))
    assert [owed(book, [a_line(value)]).tax_collector for value in (13_500, 13_501)] == [Collector.SALE, Collector.BORDER]


def test_imported_goods_owe_the_tax_of_the_sale_alone() -> None:
    found = owed(bands(FLAT), 11_900, imported=True, paid=True)
    assert (found.charges, found.tax, found.goods, found.tax_collector) == (1_900, 1_900, 10_000, Collector.SALE)


def test_a_lower_rate_counts_for_its_class_of_goods() -> None:
    book = bands(RELIEF, reduced_taxes=(("49", 70_000, "books"), ("4901", 50_000, "printed")))
    found = owed(book, [a_line(1_000, "490199"), a_line(1_000, "491110"), a_line(1_000, "610910")])
    assert [line.tax for line in found.lines] == [50, 70, 190]


@pytest.mark.parametrize("line", [a_line(0), a_line(-5), a_line(quantity=0), a_line(quantity=10_000), a_line(weight_g=-1), a_line(10**14)])
def test_impossible_values_are_refused(line: ConsignmentLine) -> None:
    with pytest.raises(ConsignmentIsInvalid):
        owed(bands(FLAT), [line])


@pytest.mark.parametrize("changes", [{"freight": -1}, {"insurance": -1}, {"parcels": 0}, {"band_set": 7}])
def test_impossible_consignments_are_refused(changes: dict[str, int]) -> None:
    with pytest.raises(ConsignmentIsInvalid):
        owed(bands(FLAT), 1_000, **changes)


def test_goods_that_no_tariff_knows_are_never_free() -> None:
    person = duty_table([DutyRate(EVERY, "61", 0, (), "estimate", needs_person=True)])
    for book, code in ((bands(), None), (bands(), "00"), (bands(duties=person), "610910")):
        with pytest.raises(DutyIsUnknown):
            owed(book, [a_line(2_000, code)])


@some.composite
def consignments(draw: some.DrawFn) -> Assessment:
    line = some.builds(
        a_line, some.integers(1, 40_000), some.sampled_from(["610910", "640399", "490199"]), some.integers(1, 4),
        weight_g=some.integers(0, 900), sku=some.sampled_from("abcdef"),
    )  # fmt: skip
    book = bands(
        draw(some.sampled_from([RELIEF, FLAT, a_band(up_to=9_000, per_item=True, line_fee=50, parcel_fee=70, counts_freight=True)])),
        duty=draw(some.sampled_from(["0", "4.5", "12"])),
        tax=draw(some.sampled_from(["0", "7", "19"])),
        duty_counts_freight=draw(some.booleans()),
        tax_counts_freight=draw(some.booleans()),
        reduced_taxes=(("49", 70_000, "books"),),
        extra_taxes=(("64", 50_000, "extra"),),
    )
    freight = draw(some.integers(0, 900))
    return owed(book, draw(some.lists(line, min_size=1, max_size=6)), freight=freight, paid=draw(some.booleans()))


@given(consignments())
def test_the_lines_add_up_to_the_whole(found: Assessment) -> None:
    assert {part: sum(getattr(line, part) for line in found.lines) for part in PARTS} == {part: getattr(found, part) for part in PARTS}
    assert found.duty_low <= found.duty


@given(consignments())
def test_what_was_paid_is_what_it_is_made_of(found: Assessment) -> None:
    if found.consignment.basis == "paid":
        assert found.total == sum(line.paid for line in found.lines)
    else:
        assert found.goods == sum(line.paid for line in found.lines)


@given(consignments(), some.integers(1, 5))
def test_another_unit_never_lowers_the_rates_that_hold(found: Assessment, more: int) -> None:
    lines = found.consignment.lines
    larger = lines[0]._replace(quantity=lines[0].quantity + more)
    again = owed(found.book, [larger, *lines[1:]], freight=found.freight, paid=found.consignment.basis == "paid")
    assert max(again.bands) >= max(found.bands)
