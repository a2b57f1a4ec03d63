"""Rendered listings under the rules of two days: verdicts, what breaks when, samples, and the revenue at risk."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import ean

from tradewind.db import duck
from tradewind.listings import ATTRIBUTES, RuleIsInvalid, check
from tradewind.listings.conditions import Scope, checks
from tradewind.listings.own_rules import OWN_RULES, own_rules
from tradewind.listings.specification import Requirement, specification

TODAY, LATER = date(2026, 11, 23), date(2027, 2, 1)
GOOD = {
    "id": "A", "title": "Kopfhörer", "description": "Gute Kopfhörer", "link": "https://shop.example/de/p/A",
    "image_link": "https://shop.example/a.jpg", "availability": "in_stock", "price": "66.99 EUR", "brand": "Acme", "gtin": "4006381333931",
    "condition": "new", "google_product_category": "505771", "shipping": "DE:::0.00 EUR", "custom_label_1": "supplier",
}  # fmt: skip
FACTS: dict[str, Any] = {"image_width": 1500, "image_height": 1500, "price_minor": 6699, "sold": 2}


def judged(*rows: dict[str, Any], country: str = "DE", own: tuple[Requirement, ...] = (), day: date = LATER) -> check.Judgement:
    columns = [*ATTRIBUTES, *sorted({name for row in rows for name in row} - {*ATTRIBUTES, *FACTS, "recorded"})]
    kinds = dict.fromkeys(columns, "VARCHAR") | dict.fromkeys(FACTS, "BIGINT") | {"recorded": "VARCHAR[]"}
    with duck.connect(threads=1, memory_limit_mb=256) as connection:
        connection.execute(f"CREATE TEMP TABLE given ({', '.join(f'{name} {kind}' for name, kind in kinds.items())})")
        for row in rows:
            filled = {"recorded": []} | GOOD | FACTS | row
            connection.execute(f"INSERT INTO given VALUES ({', '.join('?' * len(kinds))})", [filled.get(name) for name in kinds])
        check.prepare(connection, "SELECT id AS offer_id, * FROM given", columns)
        return check.judge_checked(connection, Scope(country, "EUR", frozenset(columns), own), country.lower(), TODAY, day)


def broken(**changes: Any) -> dict[str, str | None]:
    return {one.rule: one.then for one in judged(changes).findings}


def test_a_good_listing_is_ok_and_what_only_google_judges_stays_unknown() -> None:
    told = judged({})
    assert dict(told.verdicts_then) == {"ok": 1, "unknown": 0, "warning": 0, "limited": 0, "disapproved": 0}
    assert {"policy", "crawl", "misrepresentation"} <= set(told.unknown)
    assert not told.breaks


def test_pictures_below_500_pixels_break_on_the_last_of_january() -> None:
    told = judged({"id": "A"}, {"id": "B", "gtin": "036000291452", "image_width": 499, "price_minor": 1000, "sold": 3})
    (found,) = told.findings
    assert (found.rule, found.now, found.then, found.valid_from) == ("image_below_500", "warning", "disapproved", date(2027, 1, 31))
    assert found.samples == (check.Sample("B", "499 x 1500"),)
    assert (told.newly_disapproved, told.at_risk_minor, told.basis) == (1, 3000, check.BY_SALES)
    assert told.breaks
    assert not judged({"image_width": 499}, day=date(2027, 1, 30)).breaks


def test_without_sales_the_revenue_at_risk_is_the_price_of_each_offer_and_says_so() -> None:
    told = judged({"image_width": 499, "sold": None}, {"id": "B", "image_width": 499, "sold": None})
    assert (told.at_risk_minor, told.basis) == (2 * 6699, check.BY_PRICE)


def test_a_picture_of_unknown_size_is_unknown_and_not_fine() -> None:
    assert judged({"image_width": None}).verdicts_then["unknown"] == 1


@pytest.mark.parametrize(
    ("changes", "rule", "severity"),
    [
        ({"price": "66.99"}, "price_form", "disapproved"),
        ({"price": "66.99 USD"}, "price_currency_other", "disapproved"),
        ({"price": "0.00 EUR"}, "price_is_zero", "disapproved"),
        ({"availability": "in stock"}, "availability_spelling", "warning"),
        ({"availability": "soon"}, "availability_form", "disapproved"),
        ({"availability": "preorder", "availability_date": None}, "availability_date_missing", "disapproved"),
        ({"availability": "preorder", "availability_date": "2099-01-01T13:00+01:00"}, "availability_date_not_ahead", "disapproved"),
        ({"availability": "backorder", "availability_date": "2020-01-01T13:00+01:00"}, "availability_date_not_ahead", "disapproved"),
        ({"title": "x" * 151}, "title_too_long", "disapproved"),
        ({"title": None}, "title_missing", "disapproved"),
        ({"gtin": "4006381333932"}, "gtin_check_digit", "limited"),
        ({"gtin": "2000000000008"}, "gtin_check_digit", "limited"),
        ({"gtin": "12"}, "gtin_form", "warning"),
        ({"color": "#ff0000"}, "color_form", "warning"),
        ({"color": "a/rot"}, "color_form", "warning"),
        ({"color": "rot/blau/grau/weiß"}, "color_form", "warning"),
        ({"shipping": "AT:::1.00 EUR"}, "shipping_other_country", "limited"),
        ({"shipping": None}, "shipping_not_in_feed", "unknown"),
        ({"sale_price": "70.00 EUR"}, "sale_price_not_below", "warning"),
        ({"google_product_category": "404"}, "energy_label_missing", "limited"),
        ({"native_commerce": "true"}, "checkout_outside_allowlist", "warning"),
        ({"item_group_id": "G"}, "group_without_difference", "warning"),
        ({"identifier_exists": "no"}, "identifier_exists_contradicts", "warning"),
        ({"multipack": "1"}, "multipack_form", "warning"),
        ({"brand": None, "gtin": None}, "identifiers_missing", "limited"),
        ({"google_product_category": "166"}, "apparel_size_missing", "limited"),
        ({"recorded": ["title_cut"]}, "title_cut", "warning"),
        ({"additional_image_link": ",".join(["https://a/1.jpg"] * 11)}, "additional_image_link_too_many", "warning"),
    ],
)
def test_each_defect_is_found(changes: dict[str, Any], rule: str, severity: str) -> None:
    assert broken(**changes)[rule] == severity


@pytest.mark.parametrize(
    "changes",
    [
        {"additional_image_link": "https://a/1.jpg,https://a/2.jpg"},
        {"color": "rot/blau"},
        {"color": "红"},
        {"availability": "preorder", "availability_date": "2027-02-24T13:00+01:00"},
        {"shipping": "DE:::0.00 EUR,AT:::4.99 EUR"},
        {"price": "1990000 EUR"},
        {"energy_efficiency_class": None},
    ],
)
def test_what_is_right_is_not_found(changes: dict[str, Any]) -> None:
    assert broken(**changes) == {}


def test_two_offers_with_one_gtin_or_one_id_are_told() -> None:
    assert {one.rule for one in judged({"id": "A"}, {"id": "B"}).findings} == {"gtin_duplicate"}
    assert {one.rule for one in judged({"gtin": None, "mpn": "1"}, {"gtin": None, "mpn": "2"}).findings} == {"id_duplicate"}


@settings(max_examples=5)
@given(st.lists(st.from_regex(r"\A[0-9]{13}\Z"), min_size=20, max_size=60, unique=True))
def test_the_check_digit_in_sql_agrees_with_an_independent_library(numbers: list[str]) -> None:
    free = [digits for digits in numbers if digits[0] != "2" and digits[:2] not in {"02", "04", "05", "98", "99"}]
    condition = checks(Scope("DE", "EUR", frozenset(ATTRIBUTES)), TODAY)["gtin_check_digit"].condition
    with duck.connect(threads=1, memory_limit_mb=256) as connection:
        asked = f"SELECT gtin, {condition} FROM (SELECT unnest(?::VARCHAR[]) AS gtin, gtin::BIGINT AS gtin_digits)"
        found = dict(connection.execute(asked, [free]).fetchall())
    assert found == {digits: not ean.is_valid(digits) or int(digits) == 0 for digits in free}


def test_every_rule_of_the_specification_compiles_for_every_attribute_at_once() -> None:
    given_all = dict.fromkeys(specification().attributes, "x")
    told = judged(given_all | {"id": "A"})
    assert len(told.findings) > 60
    assert told.verdicts_then["disapproved"] == 1


def test_every_rule_says_what_to_do_and_where_it_comes_from() -> None:
    rules = checks(Scope("US", "USD", frozenset(specification().attributes)), TODAY)
    assert len(rules) > 150
    assert all(rule.action.endswith(".") and rule.source for rule in rules.values())


def test_own_rules_judge_like_the_others(tmp_path: Path) -> None:
    (tmp_path / OWN_RULES).write_text(
        '[[rule]]\nid = "no_glass"\nattribute = "title"\nkind = "matching"\npattern = "(?i)kopf"\nseverity = "limited"\n'
        'action = "Glass is not sent abroad."\ncountries = ["DE"]\nvalid_from = 2027-01-01\n',
        encoding="utf-8",
    )
    (found,) = judged({}, own=own_rules(tmp_path)).findings
    assert (found.rule, found.now, found.then, found.source) == ("no_glass", None, "limited", "own rule")
    assert judged({}, country="AT", own=own_rules(tmp_path)).findings[0].rule == "shipping_other_country"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ('attribute = "colour"', "colour"),
        ('kind = "sometimes"', "sometimes"),
        ('severity = "awful"', "awful"),
        ('pattern = "("', "regular expression"),
        ('valid_from = "2027"', "valid_from"),
        ('action = " "', "no action"),
        ('id = "X"', "no id"),
        ("shade = 1", "shade"),
    ],
)
def test_a_wrong_own_rule_is_refused_by_name(tmp_path: Path, change: str, word: str) -> None:
    lines = ['id = "mine"', 'attribute = "title"', 'kind = "matching"', 'pattern = "x"', 'action = "Change it."']
    kept = [line for line in lines if line.split(" = ")[0] != change.split(" = ", maxsplit=1)[0]]
    (tmp_path / OWN_RULES).write_text("\n".join(["[[rule]]", *kept, change]), encoding="utf-8")
    with pytest.raises(RuleIsInvalid, match=word):
        own_rules(tmp_path)


def test_a_pattern_that_only_the_engine_refuses_is_refused_too(tmp_path: Path) -> None:
    text = '[[rule]]\nid = "ahead"\nattribute = "title"\nkind = "matching"\npattern = "(?=x)"\naction = "Change it."\n'
    (tmp_path / OWN_RULES).write_text(text, encoding="utf-8")
    with pytest.raises(RuleIsInvalid, match="ahead"):
        judged({}, own=own_rules(tmp_path))
