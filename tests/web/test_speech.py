"""The catalogs are complete, and money and days are written as people there write them."""

import re
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as some

from tradewind.kit import Currency, Money
from tradewind.network import later
from tradewind.web.speech import speech

WEB = Path(__file__).resolve().parents[2] / "src" / "tradewind" / "web"
_PLACE = re.compile(r"%\((\w+)\)s")


def wanted() -> set[object]:
    found = extract_from_dir(
        WEB,
        [("**.py", "python"), ("templates/**.html", "jinja2")],
        keywords={"_": None, "gettext": None, "ngettext": (1, 2), "say": None, "text": None},
    )
    return {message for _, _, message, _, _ in found if message}


def catalog(language: str) -> Catalog:
    with (WEB / f"locale/{language}/LC_MESSAGES/tradewind.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize("language", ["de", "th", "zh"])
def test_every_text_is_translated_and_none_is_left_over(language: str) -> None:
    held = catalog(language)
    assert {message.id for message in held if message.id} == wanted()
    assert not [message.id for message in held if message.id and (message.fuzzy or not all(_strings(message.string)))]


@pytest.mark.parametrize("language", ["de", "th", "zh"])
def test_a_translation_keeps_the_places_of_its_values(language: str) -> None:
    for message in catalog(language):
        expected = set(_PLACE.findall(message.id if isinstance(message.id, str) else message.id[-1]))
        assert all(set(_PLACE.findall(text)) == expected for text in _strings(message.string)), message.id


@pytest.mark.parametrize(
    ("language", "country", "amount", "shown"),
    [
        ("en", "US", Money(123456, Currency("USD")), "$1,234.56"),
        ("de", "DE", Money(123456, Currency("EUR")), "1.234,56\xa0€"),
        ("th", "TH", Money(123456, Currency("THB")), "฿1,234.56"),
        ("en", "JP", Money(1234, Currency("JPY")), "¥1,234"),
    ],
)
def test_money_is_written_as_in_its_country(language: str, country: str, amount: Money, shown: str) -> None:
    assert speech(language, country).money(amount) == shown


@given(some.dates(date(2026, 1, 1), date(2028, 12, 31)), some.integers(0, 30))
def test_a_later_promise_never_arrives_earlier_nor_on_a_weekend(start: date, days: int) -> None:
    first, next_one = later(start, days, "DE"), later(start, days + 1, "DE")
    assert first < next_one
    assert next_one.weekday() < 5


def _strings(string: object) -> list[str]:
    return [string] if isinstance(string, str) else list(string)  # type: ignore[call-overload]
