"""Rules have dates: what holds on a day, for which goods, from where."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.markets.builders import BASE, a_rule, own_market

from tradewind.kit import Currency
from tradewind.markets import (
    Confidence,
    Confirmation,
    Level,
    Market,
    MarketIsUnknown,
    Rule,
    RuleKind,
    check,
    holidays_of,
    load_confirmations,
    load_market,
    load_markets,
    return_days,
    rule_in_force,
    rules_in_force,
    shown_on,
    tax_of,
    write_confirmation,
)

TODAY = date(2026, 11, 23)
WORD = Confirmation("TH.vat.decreed", date(2027, 9, 30), "Mei", TODAY)
LAUNCHABLE = {"us", "de", "gb", "th", "vn"}
FIRST = date(2026, 1, 1)


def test_an_expired_rate_is_never_prolonged_the_safe_side_holds() -> None:
    found = rule_in_force(load_market("th"), RuleKind.TAX_STANDARD, TODAY, {})
    assert found is not None
    assert (found.rule.id, found.rule.rate_ppm, found.certainty) == ("TH.vat.statutory", 100_000, "likely")


def test_a_person_may_confirm_that_an_expired_rate_still_holds() -> None:
    found = rule_in_force(load_market("th"), RuleKind.TAX_STANDARD, TODAY, {WORD.rule: WORD})
    assert found is not None
    assert (found.rule.rate_ppm, found.confirmed_by, found.certainty) == (70_000, "Mei", "likely")


def test_the_cut_of_vietnam_is_not_prolonged_into_the_next_year() -> None:
    rates = [one.rule.rate_ppm for day in (date(2026, 12, 31), date(2027, 1, 1)) if (one := tax_of(load_market("vn"), "851830", day, {}))]
    assert rates == [80_000, 100_000]


def test_a_confirmation_survives_the_disk(tmp_path: Path) -> None:
    write_confirmation(tmp_path, WORD)
    assert load_confirmations(tmp_path) == {WORD.rule: WORD}


def test_a_day_before_every_rule_is_a_gap() -> None:
    assert "gap" in {one.code for one in check(load_market("de"), date(1990, 1, 1), {})}


def test_germany_has_the_rules_of_its_bloc() -> None:
    assert return_days(load_market("de"), TODAY, {}) == 14


def test_five_markets_may_be_launched_and_the_others_say_what_they_lack() -> None:
    markets = load_markets()
    assert {code for code, market in markets.items() if market.level is Level.LAUNCHABLE} == LAUNCHABLE
    assert all(len(market.gaps) >= 3 for market in markets.values() if market.level is Level.PRICEABLE)
    assert {code for code, market in markets.items() if market.tariff_to_load} == {"th", "vn"}


@pytest.mark.parametrize(
    ("market", "hs", "ppm"),
    [
        ("de", "490199", 70_000), ("de", "851830", 190_000), ("de", "090121", 70_000), ("de", "200912", 190_000), ("gb", "611120", 0),
        ("gb", "610910", 200_000), ("nl", "200912", 90_000), ("vn", "732393", 100_000), ("vn", "950300", 50_000), ("jp", "090210", 80_000),
        ("fr", "490290", 21_000), ("sg", "490199", 90_000), ("de", None, 190_000),
    ],
)  # fmt: skip
def test_the_longest_prefix_decides_the_tax(market: str, hs: str | None, ppm: int) -> None:
    found = tax_of(load_market(market), hs, TODAY, {})
    assert found is not None
    assert found.rule.rate_ppm == ppm


def test_a_parcel_from_a_named_country_has_its_own_threshold() -> None:
    canada = load_market("ca")
    found = {place: rule_in_force(canada, RuleKind.TAX_RELIEF, TODAY, {}, place) for place in ("CN", "US", None)}
    assert {place: str(one.rule.at_most) for place, one in found.items() if one} == {
        "CN": "CAD 20.00",
        "US": "CAD 40.00",
        None: "CAD 20.00",
    }


def test_a_page_shows_only_the_notices_of_its_goods() -> None:
    germany = load_market("de")
    cotton = {one.rule.id for one in shown_on(germany, "offer", "610910", TODAY, {})}
    fridge = {one.rule.id for one in shown_on(germany, "offer", "841810", TODAY, {})}
    assert "EU.textile.fibers" in cotton - fridge
    assert "EU.energy_label" in fridge - cotton
    assert "EU.gpsr.offer" in cotton & fridge
    assert cotton | fridge <= {one.rule.id for one in shown_on(germany, "offer", None, TODAY, {})}


def test_a_notice_appears_on_the_day_of_its_regulation() -> None:
    def shown(day: date) -> bool:
        return "EU.withdrawal.button" in {one.rule.id for one in shown_on(load_market("de"), "offer", None, day, {})}

    assert (shown(date(2026, 6, 18)), shown(date(2026, 6, 19))) == (False, True)


@pytest.mark.parametrize("code", sorted(load_markets()))
def test_every_market_has_a_calendar(code: str) -> None:
    assert len(holidays_of(load_market(code), 2026)) >= 4


@pytest.mark.parametrize("code", sorted(load_markets()))
def test_no_shipped_rule_overlaps_or_names_a_missing_successor(code: str) -> None:
    assert {one.code for one in check(load_market(code), TODAY, {})} <= {"expired", "expiring", "disputed"}


def test_an_unknown_market_names_the_known_ones() -> None:
    with pytest.raises(MarketIsUnknown) as caught:
        load_market("atlantis")
    assert "de, es, fr" in caught.value.hint


def test_a_market_is_one_file_that_extends_its_bloc(tmp_path: Path) -> None:
    folder = own_market(tmp_path, BASE + a_rule("XX.vat"))
    assert not check(load_market("xx", folder), TODAY, {})


def test_a_market_without_a_tariff_takes_the_cautious_one(tmp_path: Path) -> None:
    folder = own_market(tmp_path, BASE.replace('["eu"]', "[]") + 'tax_display = "inclusive"\n' + a_rule("XX.vat"))
    assert [layer.id for layer in load_market("xx", folder).tariff] == ["generic.duty.cautious"]


def a_tax(number: int, start: int, length: int | None, fallback: bool) -> Rule:
    end = None if length is None else FIRST + timedelta(days=start + length)
    kind, sure = RuleKind.TAX_STANDARD, Confidence.CERTAIN
    return Rule(f"T.{number}", kind, FIRST + timedelta(days=start), end, "test", sure, rate_ppm=number, fallback=fallback)


TAXES = st.lists(st.tuples(st.integers(0, 60), st.none() | st.integers(0, 40), st.booleans()), max_size=6)


@given(TAXES, st.integers(0, 110))
def test_on_every_day_one_rule_holds_or_a_gap_or_an_overlap_is_found(taxes: list[tuple[int, int | None, bool]], offset: int) -> None:
    rules = tuple(a_tax(number, *one) for number, one in enumerate(taxes))
    market = Market("xx", "Test", "XX", Currency("EUR"), ("en",), True, 100, 99, rules, (), ())
    day = FIRST + timedelta(days=offset)
    holding = [one.rule.id for one in rules_in_force(market, RuleKind.TAX_STANDARD, day, {})]
    found = {(one.code, one.rule) for one in check(market, day, {})}
    assert bool(holding) != (("gap", "tax_standard") in found)
    assert (len(holding) <= 1) or any(("overlap", one) in found for one in holding)
