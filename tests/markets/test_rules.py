"""Rules have dates: what holds on a day, what has run out, and files that are refused."""

from datetime import date
from pathlib import Path

import pytest

from tradewind.markets import (
    Confirmation,
    MarketIsInvalid,
    MarketIsUnknown,
    RuleKind,
    check,
    load_confirmations,
    load_market,
    load_markets,
    return_days,
    rule_in_force,
    write_confirmation,
)

TODAY = date(2026, 11, 23)
WORD = Confirmation("TH.vat.decreed", date(2027, 9, 30), "Mei", TODAY)


def test_the_package_knows_three_markets() -> None:
    assert set(load_markets()) >= {"us", "de", "th"}


def test_an_expired_rate_is_never_prolonged_the_safe_side_holds() -> None:
    found = rule_in_force(load_market("th"), RuleKind.TAX_STANDARD, TODAY, {})
    assert found is not None
    assert (found.rule.id, found.rule.rate_ppm, found.certainty) == ("TH.vat.statutory", 100_000, "likely")


def test_a_person_may_confirm_that_an_expired_rate_still_holds() -> None:
    found = rule_in_force(load_market("th"), RuleKind.TAX_STANDARD, TODAY, {WORD.rule: WORD})
    assert found is not None
    assert (found.rule.rate_ppm, found.confirmed_by, found.certainty) == (70_000, "Mei", "likely")


def test_a_confirmation_survives_the_disk(tmp_path: Path) -> None:
    write_confirmation(tmp_path, WORD)
    assert load_confirmations(tmp_path) == {WORD.rule: WORD}


def test_the_check_finds_what_ran_out_and_what_soon_will() -> None:
    market = load_market("th")
    assert [one.code for one in check(market, TODAY, {})] == ["expired"]
    assert [one.code for one in check(market, date(2026, 9, 1), {})] == ["expiring"]
    assert not check(market, TODAY, {WORD.rule: WORD})


def test_a_day_before_every_rule_is_a_gap() -> None:
    assert "gap" in {one.code for one in check(load_market("de"), date(1990, 1, 1), {})}


def test_germany_has_the_rules_of_its_bloc() -> None:
    assert return_days(load_market("de"), TODAY, {}) == 14


def own_market(folder: Path, text: str) -> Path:
    (folder / "xx.toml").write_text(text, encoding="utf-8")
    return folder


BASE = """market = "xx"
extends = ["eu"]
name = "Test"
country = "XX"
currency = "EUR"
languages = ["en"]
ending = { step = 100, last = 99 }
"""


def a_tax(rule: str, start: str, extra: str = "") -> str:
    return (
        f'\n[[rule]]\nid = "{rule}"\nkind = "tax_standard"\nrate_ppm = 200000\nvalid_from = {start}\n'
        f'source = "test"\nconfidence = "certain"\n{extra}'
    )


def test_a_market_is_one_file_that_extends_its_bloc(tmp_path: Path) -> None:
    folder = own_market(tmp_path, BASE + a_tax("XX.vat", "2020-01-01"))
    assert not check(load_market("xx", folder), TODAY, {})


def test_two_rates_at_once_are_an_overlap(tmp_path: Path) -> None:
    folder = own_market(tmp_path, BASE + a_tax("XX.old", "2020-01-01") + a_tax("XX.new", "2024-01-01"))
    assert [one.code for one in check(load_market("xx", folder), TODAY, {})] == ["overlap"]


@pytest.mark.parametrize("wrong", ["surprise = 1\n", "rate_percent = 19\n", "valid_to = 2019-01-01\n", 'counts = ["luck"]\n'])
def test_a_rule_with_something_unknown_is_refused(tmp_path: Path, wrong: str) -> None:
    folder = own_market(tmp_path, BASE + a_tax("XX.vat", "2020-01-01", wrong))
    with pytest.raises(MarketIsInvalid):
        load_market("xx", folder)


def test_an_unknown_market_names_the_known_ones() -> None:
    with pytest.raises(MarketIsUnknown) as caught:
        load_market("atlantis")
    assert "de, es, fr" in caught.value.hint
