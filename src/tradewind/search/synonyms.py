"""Synonyms: groups of words from TOML, looked up by stem so that one form of a word is enough."""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from tradewind.search.errors import RelevanceIsInvalid

FILE = "synonyms.toml"
MAX_GROUPS = 20_000
LONGEST = 4
"""A synonym has at most this many words."""
_OWN = resources.files("tradewind.search").joinpath("data", FILE)
_HINT = 'write [[group]] with language = "en" and words = ["one", "other"]; see docs/how-to/tune-search.md'

Stems = Callable[[str, str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Group:
    """Words of one language that mean the same."""

    language: str
    words: tuple[str, ...]


@cache
def load_synonyms(folder: Path | None = None) -> tuple[Group, ...]:
    """The shipped groups, and those of the retailer's folder. RelevanceIsInvalid."""
    found = _parsed(_OWN.read_text("utf-8"), f"shipped {FILE}")
    own = folder / FILE if folder is not None else None
    if own is not None and own.is_file():
        found += _parsed(own.read_text("utf-8"), FILE)
    if len(found) > MAX_GROUPS:
        raise RelevanceIsInvalid(f"{FILE} has {len(found):,} groups, more than {MAX_GROUPS:,}", hint="keep those that shoppers use")
    return found


@dataclass(frozen=True, slots=True)
class Synonyms:
    """The groups of some languages, by the stems of their words."""

    others: Mapping[tuple[str, ...], tuple[str, ...]]

    @classmethod
    def of(cls, groups: Iterable[Group], languages: Sequence[str], stems: Stems) -> "Synonyms":
        """What an index of these languages needs, stemmed as it does."""
        others: dict[tuple[str, ...], tuple[str, ...]] = {}
        for group in (one for one in groups if one.language in languages):
            for word in group.words:
                key = stems(word, group.language)
                rest = tuple(other for other in group.words if other != word)
                others[key] = tuple(dict.fromkeys(others.get(key, ()) + rest))
        others.pop((), None)
        return cls(others)


def _parsed(text: str, name: str) -> tuple[Group, ...]:
    try:
        rows = tomllib.loads(text).get("group", [])
    except tomllib.TOMLDecodeError as error:
        raise RelevanceIsInvalid(f"{name} is not TOML: {error}", hint=_HINT) from None
    found = []
    for number, row in enumerate(rows, start=1):
        language, words = row.get("language"), row.get("words")
        if not isinstance(language, str) or not isinstance(words, list) or len(words) < 2 or not all(isinstance(one, str) for one in words):
            raise RelevanceIsInvalid(f"{name}: group {number} needs a language and two words or more", hint=_HINT)
        found.append(Group(language, tuple(words)))
    return tuple(found)
