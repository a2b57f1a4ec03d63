"""The price as of a day: rules that begin, rules that have run out, rates that are old."""

from datetime import date

import pytest

from tradewind.adapters.fx.own import OwnRates, parse_rates
from tradewind.pricing import RateIsInvalid, landed

from .builders import TODAY, a_book, a_product, history


def test_the_flat_duty_appears_on_the_first_of_july() -> None:
    before, after = (landed(a_product(), a_book("de", day)) for day in (date(2026, 6, 30), date(2026, 7, 1)))
    assert (before.duty_amount, before.rule_ids[0]) == (0, "EU.duty.relief_150")
    assert (after.duty_amount, after.rule_ids[0]) == (300, "EU.duty.flat_per_line")


def test_american_duty_adds_its_layers() -> None:
    book = a_book("us", TODAY)
    kettle = landed(a_product(hs_code="732393", lane_id="SZX-1.us"), book)
    headphones = landed(a_product(lane_id="SZX-1.us"), book)
    assert kettle.duty_ppm == 20_000 + 250_000  # MFN and metals; the forced-labor layer excludes what metals cover
    assert headphones.duty_ppm == 75_000 + 125_000


def test_a_laptop_owes_no_metal_duty() -> None:
    assert landed(a_product(hs_code="847130", lane_id="SZX-1.us"), a_book("us", TODAY)).duty_ppm == 0


def test_a_code_outside_the_sample_is_an_estimate() -> None:
    assert landed(a_product(hs_code="732399", origin="CN", lane_id="SZX-1.us"), a_book("us")).certainty == "likely"
    assert landed(a_product(hs_code="732111", origin=None, lane_id="SZX-1.us"), a_book("us")).certainty == "estimate"
    assert landed(a_product(hs_code="610999", lane_id="SZX-1.us"), a_book("us")).certainty == "estimate"


def test_an_old_rate_makes_an_estimate_until_a_person_confirms_it() -> None:
    assert a_book("de", TODAY).issues[0].startswith("fx older than limit")
    assert landed(a_product(), a_book("de", TODAY)).certainty == "estimate"
    assert landed(a_product(), a_book("de", TODAY, (("fx.age", date(2026, 12, 31)),))).certainty == "likely"
    assert landed(a_product(), a_book("de")).certainty == "certain"


def test_the_rate_is_the_published_text_and_nothing_else() -> None:
    rate = history().rate("EUR", "CNY", date(2026, 10, 30))
    assert rate is not None
    assert (rate.numerator * 10_000, rate.day) == (74_326 * rate.denominator, date(2026, 10, 30))


def test_own_rates_fill_what_the_central_bank_does_not_publish() -> None:
    rates = OwnRates(parse_rates("date,base,quote,rate,source\n2026-11-02,USD,VND,25410.5,bank\n"), history())
    turned = rates.rate("VND", "USD", TODAY)
    assert turned is not None
    assert (turned.numerator, turned.denominator) == (2, 50_821)
    assert rates.rate("CNY", "USD", TODAY) == history().rate("CNY", "USD", TODAY)


@pytest.mark.parametrize("rate", ["", "-1", "0", "nan", "1,5"])
def test_a_rate_that_is_no_rate_is_refused(rate: str) -> None:
    with pytest.raises(RateIsInvalid):
        parse_rates(f'date,base,quote,rate,source\n2026-11-02,USD,VND,"{rate}",bank\n')


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"cost_minor": None}, "cost_missing"),
        ({"cost_currency": "VND"}, "fx_missing"),
        ({"cost_minor": -1}, "cost_out_of_range"),
        ({"weight_g": None}, "weight_missing"),
        ({"lane_id": "nowhere"}, "no_rate_card"),
        ({"weight_g": 30_001}, "weight_over_limit"),
        ({"hs_code": None}, "duty_unknown"),
    ],
)
def test_what_has_no_price_says_why(changes: dict[str, object], problem: str) -> None:
    assert landed(a_product(**changes), a_book("de")).problem == problem


def test_volume_counts_when_it_weighs_more() -> None:
    bulky = landed(a_product(length_mm=600, width_mm=400, height_mm=300), a_book("de"))
    assert (bulky.freight_amount or 0) > (landed(a_product(), a_book("de")).freight_amount or 0)
