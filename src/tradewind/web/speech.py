"""The languages of the pages and their texts."""

import gettext
from functools import cache

from tradewind.content import Speech
from tradewind.content import translations as texts_of

LANGUAGES = ("en", "de", "th", "zh")

__all__ = ["LANGUAGES", "Speech", "speech", "translations"]


def translations(language: str) -> gettext.NullTranslations:
    """The pages' texts in a language; English is the source itself."""
    return texts_of("tradewind.web", "tradewind", language if language in LANGUAGES else "en")


@cache
def speech(language: str, country: str) -> Speech:
    """The one Speech of a language in a country; English where the pages do not speak the language."""
    known = language if language in LANGUAGES else "en"
    return Speech(known, country, translations(known))
