"""An offer in Google's words: limits, formats, dated rules, verdicts."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tradewind.db import duck
from tradewind.listings import (
    ATTRIBUTES,
    AttributeBook,
    ChannelTerms,
    Verdict,
    file_sql,
    judge,
    make_listings,
    product_type,
    resolve,
    sheet_part,
)
from tradewind.listings.rules import _rows

TODAY = date(2026, 11, 23)
LANGUAGES = {"de": 0, "en": 1}
FACTS = {
    "offer_id": "VARCHAR", "sku": "VARCHAR", "images": "VARCHAR[]", "brand": "VARCHAR", "gtin": "VARCHAR", "mpn": "VARCHAR",
    "condition": "VARCHAR", "category": "VARCHAR", "group_id": "VARCHAR", "own_color": "VARCHAR", "size": "VARCHAR",
    "pattern": "VARCHAR", "gender": "VARCHAR", "age_group": "VARCHAR", "weight_g": "BIGINT", "defaulted": "VARCHAR[]",
    "image_width": "BIGINT", "image_height": "BIGINT", "gtin_problem": "VARCHAR", "spec_map": "MAP(VARCHAR, VARCHAR)", "home_language": "VARCHAR",
}  # fmt: skip
TEXTS = ("title", "description", "color", "material", "text_hash")
CHOICE = {
    "sku": "VARCHAR", "language": "VARCHAR", "text_from": "VARCHAR", "quantity": "BIGINT", "ships_from": "VARCHAR", "price_minor": "BIGINT",
    "list_price_minor": "BIGINT", "sale_starts": "DATE", "sale_ends": "DATE",
    "margin_ppm": "BIGINT", "lane_id": "VARCHAR",
}  # fmt: skip


def listed(
    country: str = "DE", currency: str = "EUR", digits: int = 2, day: date = TODAY, book: AttributeBook | None = None, **changes: Any
) -> dict[str, Any]:
    book = book or AttributeBook(country.lower(), country, currency, {})
    offer = dict.fromkeys([*FACTS, *TEXTS, *CHOICE]) | {
        "offer_id": "HX-1", "sku": "HX-1", "title": "Acme Kopfhörer", "description": "Gute Kopfhörer", "images": ["http://a/1.jpg"],
        "quantity": 1, "price_minor": 6699, "brand": "Acme", "gtin": "4006381333931", "mpn": "HX", "condition": "new",
        "category": "headphones", "margin_ppm": 300_000, "language": "de", "color": "schwarz", "weight_g": 420, "ships_from": "CN", "defaulted": [],
        "text_from": "supplier", "text_hash": "h", "image_width": 1500, "image_height": 1500, "spec_map": {}, "home_language": "zh",
    } | changes  # fmt: skip
    number = LANGUAGES[offer["language"]]
    texts = {f"{name}_{place}": offer[name] if place == number else None for place in LANGUAGES.values() for name in TEXTS}
    with duck.connect(threads=1, memory_limit_mb=256, preserve_insertion_order=True) as db:
        _one_row(db, "basis", FACTS | dict.fromkeys(texts, "VARCHAR"), offer | texts | {"own_color": offer["color"]})
        _one_row(db, "chosen", CHOICE, offer)
        db.execute("CREATE TEMP VIEW source AS SELECT *, spec_map AS specs FROM basis")
        db.execute(
            "CREATE TEMP TABLE color_word AS SELECT coalesce(color_0, color_1, '') AS word, color_0 AS text_0, color_1 AS text_1 FROM basis"
        )
        part = sheet_part(db, LANGUAGES, book)
        db.execute(f"CREATE TEMP TABLE sheet AS SELECT h.* EXCLUDE (spec_map), {part.columns} FROM basis AS h {part.joins}")
        decided = make_listings(db, ChannelTerms(country.lower(), country, currency, digits, "http://shop.example"), LANGUAGES, book)
        judge(db, resolve(country, day), decided)
        found = db.execute(file_sql(db, resolve(country, day)))
        return dict(zip([column[0] for column in found.description or ()], found.fetchone() or (), strict=True))


def _one_row(db: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], values: dict[str, Any]) -> None:
    db.execute(f"CREATE TEMP TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", [values[name] for name in columns])


def broken(**changes: Any) -> dict[str, str]:
    return {issue["rule"]: issue["severity"] for issue in listed(**changes)["issues"]}


def test_a_good_offer_has_no_issue_and_absolute_links() -> None:
    listing = listed()
    assert (listing["verdict"], listing["issues"]) == ("ok", [])
    assert listing["link"] == "http://shop.example/de/p/HX-1"
    assert listing["google_product_category"] == "505771"
    assert listing["product_type"] == product_type("headphones", "de") == "Elektronik > Kopfhörer und Headsets"


@pytest.mark.parametrize(
    ("currency", "digits", "minor", "shown"),
    [("EUR", 2, 6699, "66.99 EUR"), ("EUR", 2, 5, "0.05 EUR"), ("VND", 0, 1_990_000, "1990000 VND"), ("KWD", 3, 1_050, "1.050 KWD")],
)
def test_a_price_is_written_with_the_decimals_of_its_currency(currency: str, digits: int, minor: int, shown: str) -> None:
    listing = listed(currency=currency, digits=digits, price_minor=minor)
    assert listing["price"] == shown
    assert listing["shipping"].startswith("DE:::0")


def test_long_texts_are_cut_at_a_word_and_the_cut_is_told() -> None:
    listing = listed(title="Wort " * 40, description="x" * 6000)
    assert len(listing["title"]) <= 150
    assert listing["title"].endswith("Wort")
    assert len(listing["description"]) == 5000
    assert {issue["rule"] for issue in listing["issues"]} == {"title_cut", "description_cut"}


@pytest.mark.parametrize(
    ("color", "shown", "rules"),
    [
        ("rot", "rot", set()),
        ("rot, blau", "rot/blau", set()),
        ("红色、蓝色", "红色/蓝色", set()),
        ("a/b/c/d", "a/b/c", {"color_dropped"}),
        ("#ff0000", None, {"color_dropped"}),
        ("x", None, {"color_dropped"}),
    ],
)
def test_a_color_is_at_most_three_words(color: str, shown: str | None, rules: set[str]) -> None:
    assert listed(color=color)["color"] == shown
    assert set(broken(color=color)) == rules


@pytest.mark.parametrize(
    ("day", "width", "severity"),
    [
        (date(2026, 9, 30), 400, None),
        (date(2026, 11, 23), 400, "warning"),
        (date(2027, 1, 30), 499, "warning"),
        (date(2027, 1, 31), 499, "disapproved"),
        (date(2027, 1, 31), 500, None),
        (date(2027, 1, 31), None, None),
    ],
)
def test_the_floor_of_500_pixels_is_announced_then_holds(day: date, width: int | None, severity: str | None) -> None:
    assert broken(day=day, image_width=width).get("image_below_500") == severity


def test_the_verdict_is_that_of_the_worst_issue_which_comes_first() -> None:
    listing = listed(title="ALL THESE ARE SHOUTING WORDS", brand=None, images=[])
    assert listing["verdict"] == Verdict.DISAPPROVED
    order = [Verdict(issue["severity"]) for issue in listing["issues"]]
    assert order == sorted(order, key=[Verdict.DISAPPROVED, Verdict.LIMITED, Verdict.WARNING].index)


def test_clothing_needs_color_size_gender_and_age_for_ads_in_germany_but_not_in_thailand() -> None:
    missing = {"apparel_size_missing", "apparel_gender_missing", "apparel_age_group_missing"}
    assert set(broken(category="apparel")) == missing
    assert set(broken(category="apparel", country="TH")) == set()


def test_a_product_without_identifiers_is_limited_and_says_so() -> None:
    assert broken(gtin=None, mpn=None, brand=None) == {"identifiers_missing": "limited", "brand_missing": "limited"}
    assert listed(gtin=None, mpn=None, brand=None)["identifier_exists"] == "no"
    assert broken(gtin=None) == {}


def test_a_text_in_a_later_language_is_marked_and_warned_of() -> None:
    listing = listed(text_from="fallback", language="en")
    assert listing["custom_label_1"] == "fallback"
    assert listing["issues"][0]["value"] == "en"


def test_an_attribute_that_is_absent_hashes_unlike_one_that_moved() -> None:
    assert listed(size="M", material=None)["content_hash"] != listed(size=None, material="M")["content_hash"]
    assert listed()["content_hash"] == listed()["content_hash"]


def test_equal_rules_on_two_days_have_one_digest() -> None:
    assert resolve("DE", date(2026, 11, 1)).digest == resolve("DE", date(2026, 11, 2)).digest
    assert resolve("DE", date(2027, 1, 30)).digest != resolve("DE", date(2027, 1, 31)).digest


def test_every_attribute_and_every_rule_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/google-attributes.md").read_text("utf-8")
    assert all(f"| `{name}` |" in page for name in ATTRIBUTES)
    assert set(re.findall(r"^\| `(\w+)` \|", page.split("## Rules")[1], re.MULTILINE)) == {row["id"] for row in _rows()}


@pytest.mark.parametrize(
    ("country", "day", "title", "is_told"),
    [
        ("DE", TODAY, "Umweltfreundliche Brotdose", True),
        ("FR", TODAY, "Eco-friendly lunch box", True),
        ("DE", date(2026, 9, 26), "Umweltfreundliche Brotdose", False),
        ("US", TODAY, "Eco-friendly lunch box", False),
        ("DE", TODAY, "Grüne Brotdose", False),
        ("GB", TODAY, "Green tea pot", False),
    ],
)
def test_a_title_that_claims_to_be_green_is_told_where_the_law_wants_proof(country: str, day: date, title: str, *, is_told: bool) -> None:
    issues = {issue["rule"]: issue for issue in listed(country=country, day=day, title=title)["issues"]}
    assert ("green_claim_unproven" in issues) is is_told
    assert not is_told or issues["green_claim_unproven"]["value"].casefold() in title.casefold()
