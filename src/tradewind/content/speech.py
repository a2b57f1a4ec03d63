"""How a market is spoken to: gettext texts and CLDR forms of money, days and names (Babel)."""

import gettext
import io
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from importlib import resources

from babel import Locale
from babel.dates import format_interval, format_skeleton, format_timedelta
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent

from tradewind.kit import PPM, Money

_UNITS = (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1))
_NEVER_ROUNDED_UP = 1.0
_KEPT = 20_000


@cache
def translations(package: str, domain: str, language: str) -> gettext.NullTranslations:
    """The texts of a package in a language, compiled from the committed catalog when first needed; NullTranslations where it has none."""
    source = resources.files(package).joinpath(f"locale/{language}/LC_MESSAGES/{domain}.po")
    if not source.is_file():  # English is the source itself
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source.read_bytes()), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


# A page writes the same amounts and days several times, and CLDR's patterns are worked out anew each time.
@lru_cache(maxsize=_KEPT)
def _currency(plain: str, code: str, locale: Locale) -> str:
    return format_currency(Decimal(plain), code, locale=locale)


@lru_cache(maxsize=_KEPT)
def _percent(rate_ppm: int, locale: Locale) -> str:
    return format_percent(Decimal(rate_ppm) / PPM, format="#,##0.##%", locale=locale)


@lru_cache(maxsize=_KEPT)
def _count(number: int, locale: Locale) -> str:
    return format_decimal(number, locale=locale)


@lru_cache(maxsize=_KEPT)
def _rating(milli: int, locale: Locale) -> str:
    return format_decimal(Decimal(milli) / 1000, format="0.0", locale=locale)


@lru_cache(maxsize=_KEPT)
def _lasting(time: timedelta, locale: Locale) -> str:
    return format_timedelta(time, threshold=_NEVER_ROUNDED_UP, locale=locale)


@lru_cache(maxsize=_KEPT)
def _interval(first: date, last: date, locale: Locale) -> str:
    return format_interval(first, last, "MMMd", locale=locale)


class Speech:
    """The language of a page or a mail, its texts, and the customs of its country."""

    def __init__(self, language: str, country: str, texts: gettext.NullTranslations) -> None:
        self.language = language
        self.country = country
        self.tag = f"{self.language}-{country}"
        self.locale = Locale.parse(f"{self.language}_{country}", sep="_") if _known(self.language, country) else Locale(self.language)
        self._texts = texts

    def text(self, message: str) -> str:
        """The message in this language, or itself when it has no translation."""
        return self._texts.gettext(message)

    def money(self, amount: Money) -> str:
        """The amount as people of this country write it: $19.99, 19,99 €."""
        return _currency(amount.plain(), amount.currency.code, self.locale)

    def percent(self, rate_ppm: int) -> str:
        """A rate in millionths as a percentage with at most two decimals."""
        return _percent(rate_ppm, self.locale)

    def count(self, number: int) -> str:
        return _count(number, self.locale)

    def articles(self, number: int) -> str:
        """A count of articles in words."""
        return self._texts.ngettext("%(num)s article", "%(num)s articles", number) % {"num": self.count(number)}

    def rating(self, milli: int) -> str:
        """Thousandths of a star as one decimal."""
        return _rating(milli, self.locale)

    def day(self, moment: date) -> str:
        return format_skeleton("MMMEd", moment, locale=self.locale)

    def span(self, first: date, last: date) -> str:
        """Two days as one range: Nov 30 – Dec 4."""
        return self.day(first) if first == last else _interval(first, last, self.locale)

    def lasting(self, time: timedelta) -> str:
        """A stretch of time, rounded down to minutes, hours or days: 9 hours."""
        unit = next((one for one in _UNITS if time >= one), _UNITS[-1])
        return _lasting(time // unit * unit, self.locale)

    def days(self, fewest: int, most: int) -> str:
        """A count of days as a range, without its unit."""
        return self.count(most) if fewest == most else f"{self.count(fewest)}–{self.count(most)}"

    def country_name(self, country: str) -> str:
        return str(self.locale.territories.get(country, country))

    def language_name(self) -> str:
        return str(self.locale.get_language_name(self.language) or self.language)

    def several(self, words: Iterable[str]) -> str:
        return format_list(list(words), locale=self.locale)


def _known(language: str, country: str) -> bool:
    return f"{language}_{country}" in _locale_names()


@cache
def _locale_names() -> frozenset[str]:
    from babel.localedata import locale_identifiers

    return frozenset(locale_identifiers())
