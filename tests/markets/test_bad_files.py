"""A broken file is refused with its name, the rule, the key, the value and what to write; a doubtful one is found."""

from datetime import date
from pathlib import Path

import pytest
from tests.markets.builders import BASE, a_rule, own_market

from tradewind.kit import TradewindError
from tradewind.markets import MarketIsInvalid, check, load_market

TODAY = date(2026, 11, 23)
RELIEF = 'at_most = { minor = 15000, currency = "EUR" }\ncounts = ["goods"]'


def refused(folder: Path, text: str) -> str:
    """What the error says, hint and all."""
    with pytest.raises(MarketIsInvalid) as caught:
        load_market("xx", own_market(folder, text))
    return f"{caught.value.message} / {caught.value.hint}"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("surprise = 1", 'unknown key "surprise" = 1'),
        ("rate_percent = 19", 'unknown key "rate_percent"'),
        ("valid_to = 2019-01-01", "valid_to is datetime.date(2019, 1, 1) / write a day on or after valid_from (2020-01-01)"),
        ('valid_to = "2027-01-01"', "valid_to is '2027-01-01' / write a day without quotes"),
        ('counts = ["luck"]', '"luck" is not one of duty, fee, freight, goods, insurance'),
        ('at_most = { minor = 1, currency = "EUX" }', 'a currency of ISO 4217 ("EUX" is not a currency code)'),
        ('amount = { minor = 1.5, currency = "EUR" }', "whole minor units"),
        ('amount = { minor = -1, currency = "EUR" }', "whole minor units"),
        ("amount = 3", 'write amount = { minor = 300, currency = "EUR" }'),
        ('hs = "99"', '"99" is not a tariff prefix'),
        ('hs = "4901 49o2"', '"49o2" is not a tariff prefix'),
        ('hs = "123"', '"123" is not a tariff prefix'),
        ('ships_from = "China"', "countries of ISO 3166"),
        ('per = "box"', "one of consignment, item"),
        ('shown_on = ["moon"]', '"moon" is not one of'),
        ("inclusive = 1", "inclusive = true or inclusive = false"),
        ("insurance_ppm = 2.5", "a whole number from 0 to 10,000,000"),
        ('rates = { "25%" = "42" }', "the rate in whole millionths, then its prefixes"),
        ('rates = { 100 = "42", 200 = "42" }', '"42" once only'),
        ('above = { minor = 5, currency = "EUR" }\nat_most = { minor = 5, currency = "EUR" }', "an amount below at_most (EUR 0.05)"),
        ('above = { minor = 5, currency = "USD" }\nat_most = { minor = 9, currency = "EUR" }', "in its currency"),
        ('text = ""', "a text of 1 to"),
    ],
)
def test_a_wrong_value_is_named_with_what_to_write(tmp_path: Path, wrong: str, said: str) -> None:
    text = refused(tmp_path, BASE + a_rule("XX.vat", extra=wrong))
    assert text.startswith("xx.toml, rule XX.vat")
    assert said in text


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("rate_ppm = 200000", "rate_ppm is missing / a rule of kind tax_standard says it"),
        ("valid_from = 2020-01-01", "valid_from is missing"),
        ('source = "test"', "source is missing"),
        ('confidence = "certain"', "confidence is missing / write one of certain, likely, disputed"),
        ('kind = "tax_standard"', "kind is missing / write one of tax_standard"),
    ],
)
def test_a_missing_key_is_named(tmp_path: Path, key: str, said: str) -> None:
    assert said in refused(tmp_path, BASE + a_rule("XX.vat").replace(key + "\n", ""))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('currency = "EUR"', 'currency = "EURO"', "xx.toml: currency is 'EURO'"),
        ('extends = ["eu"]', 'extends = ["mercosur"]', "there is no such bloc"),
        ("last = 99", "last = 100", "xx.toml, ending: last is 100"),
        ("step = 100, ", "", "step is missing"),
        ('country = "XX"', "", "country is missing"),
        ('country = "XX"', 'country = "XX"\nlevel = "good"', "one of launchable, priceable"),
        ('country = "XX"', 'country = "XX"\ntax_display = "hidden"', "tax in the shown price"),
        ('country = "XX"', 'country = "XX"\nrule = 3', "write each one under its own [[rule]]"),
        ('country = "XX"', 'country = "XX"\ngaps = 3', "a list of texts"),
        ('country = "XX"', 'country = "XX"\ntariff = "moon"', "xx has no tariff: moon.tariff.toml is missing"),
        ('country = "XX"', "country =", "xx.toml is not TOML"),
    ],
)
def test_a_wrong_market_is_named_with_what_to_write(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in refused(tmp_path, BASE.replace(old, new))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('postcodes = ["35"]\nkind = "far"\nreason = "r"\nsource = "s"', "one of served, other_tax_area"),
        ('postcodes = ["35"]\nkind = "served"\nreason = "r"\nsource = "s"', "one of other_tax_area"),
        ('pattern = "("\nreason = "r"\nsource = "s"', "a regular expression"),
        ('reason = "r"\nsource = "s"', "which addresses it means"),
    ],
)
def test_an_area_that_cannot_be_is_refused(tmp_path: Path, table: str, said: str) -> None:
    assert said in refused(tmp_path, BASE + f"\n[[unserved]]\n{table}\n")


def test_the_id_of_a_rule_is_its_own(tmp_path: Path) -> None:
    assert "two rules have the id XX.vat" in refused(tmp_path, BASE + a_rule("XX.vat") + a_rule("XX.vat", "2024-01-01"))


def found(folder: Path, *rules: str) -> list[tuple[str, str]]:
    market = load_market("xx", own_market(folder, BASE + a_rule("XX.vat") + "".join(rules)))
    return [(one.code, one.rule) for one in check(market, TODAY, {}) if one.rule.startswith("XX")]


def test_two_rates_at_once_are_an_overlap(tmp_path: Path) -> None:
    assert found(tmp_path, a_rule("XX.new", "2024-01-01")) == [("overlap", "XX.new")]


def test_two_reduced_rates_of_one_prefix_are_an_overlap(tmp_path: Path) -> None:
    books = ("tax_reduced", 'rate_ppm = 70000\nhs = "4901 4902"\ntext = "books"')
    press = ("tax_reduced", 'rate_ppm = 21000\nhs = "4902"\ntext = "press"')
    maps = ("tax_reduced", 'rate_ppm = 21000\nhs = "4905"\ntext = "maps"')
    assert found(tmp_path, a_rule("XX.books", kind=books[0], value=books[1]), a_rule("XX.maps", kind=maps[0], value=maps[1])) == []
    assert found(tmp_path, a_rule("XX.books", kind=books[0], value=books[1]), a_rule("XX.press", "2024-01-01", kind=press[0], value=press[1])) == [("overlap", "XX.press")]  # fmt: skip


def test_thresholds_overlap_only_where_their_values_meet(tmp_path: Path) -> None:
    low, high = (
        'above = { minor = 300, currency = "EUR" }\n' + RELIEF,
        'above = { minor = 15000, currency = "EUR" }\n' + RELIEF.replace("15000", "99000"),
    )
    simplified = [
        a_rule(f"XX.{name}", kind="duty_simplified", value=f"rate_ppm = 1\n{value}") for name, value in (("low", low), ("high", high))
    ]
    assert found(tmp_path, *simplified) == []
    assert found(tmp_path, *simplified, a_rule("XX.third", kind="duty_simplified", value=f"rate_ppm = 1\n{high}")) == [
        ("overlap", "XX.third")
    ]


def test_a_successor_that_does_not_exist_is_found(tmp_path: Path) -> None:
    old = a_rule("XX.notice", extra='valid_to = 2026-01-01\nsucceeded_by = "XX.gone"\n', kind="notice", value='text = "t"')
    assert found(tmp_path, old) == [("successor", "XX.notice")]


def test_days_between_a_rule_and_its_successor_are_found(tmp_path: Path) -> None:
    old = a_rule("XX.old", extra='valid_to = 2026-01-01\nsucceeded_by = "XX.new"\n', kind="notice", value='text = "t"')
    new = a_rule("XX.new", "2026-02-01", kind="notice", value='text = "t"')
    assert found(tmp_path, old, new) == [("successor", "XX.old")]


@pytest.mark.parametrize(("end", "code"), [("2026-11-22", "expired"), ("2027-01-22", "expiring"), ("2027-01-23", None)])
def test_ends_are_found_sixty_days_ahead(tmp_path: Path, end: str, code: str | None) -> None:
    notice = a_rule("XX.notice", extra=f"valid_to = {end}\n", kind="notice", value='text = "t"')
    assert found(tmp_path, notice) == ([(code, "XX.notice")] if code else [])


def test_a_disputed_rule_is_found(tmp_path: Path) -> None:
    notice = a_rule("XX.fee", kind="parcel_fee", value='amount = { minor = 200, currency = "EUR" }').replace('"certain"', '"disputed"')
    assert found(tmp_path, notice) == [("disputed", "XX.fee")]


def test_a_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(TradewindError, match="does not exist"):
        load_market("de", tmp_path / "nowhere")
