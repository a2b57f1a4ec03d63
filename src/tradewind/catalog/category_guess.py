"""Which of our categories a home category is likely to be, for a draft: by our names and by words of its language. Pure."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

from tradewind.catalog.categories import categories
from tradewind.catalog.headers import plain
from tradewind.catalog.lookups import keyword_pattern

MAX_GUESSES = 60
_COMPOUNDS = ("de",)
_SHORTEST_ENDING = 4


@cache
def _words(language: str) -> Mapping[str, str]:
    text = resources.files("tradewind.catalog").joinpath("data/category_words.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text).get(language, {})
    return {plain(word): slug for slug, words in raw.items() for word in words}


@cache
def _names() -> Mapping[str, str]:
    return {plain(name): slug for slug, entry in categories().items() for name in entry.names.values()}


def guess_categories(texts: Sequence[str], language: str) -> list[tuple[str, str | None]]:
    """(home category, slug or None) for the texts that need a line in the mapping; those that an import understands are left out."""
    found: dict[str, str | None] = {}
    for text in texts[:MAX_GUESSES]:
        levels = [level.strip() for level in text.split(" > ") if level.strip()]
        known = next(((level, slug) for level in reversed(levels) if (slug := _slug(level, language))), None)
        if known:
            found.setdefault(*known)
        elif levels and not _understood(levels):
            found.setdefault(text, None)
    return list(found.items())


def _slug(level: str, language: str) -> str | None:
    whole = plain(level)
    if whole in _names():
        return _names()[whole]
    best: tuple[int, str] | None = None
    for token in map(plain, re.findall(r"[^\W\d_]+", level)):
        for word, slug in _words(language).items():
            ends = language in _COMPOUNDS and len(word) >= _SHORTEST_ENDING and token.endswith(word)
            if (token == word or ends) and (best is None or len(word) > best[0]):
                best = (len(word), slug)
    return best[1] if best else None


def _understood(levels: Sequence[str]) -> bool:
    pattern = _pattern()
    return any(pattern.search(level.lower()) for level in levels)


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(keyword_pattern())
