"""Reads the glossary from TOML and keeps the translation memory as CSV."""

import csv
import io
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import product
from pathlib import Path

from tradewind.catalog import categories
from tradewind.content.errors import GlossaryIsInvalid, MemoryIsInvalid
from tradewind.content.model import CategoryName, Glossary, GlossaryTerm
from tradewind.content.ports import Translation

LANGUAGES = ("en", "de", "th", "zh")
KINDS = ("color", "material", "size", "gender", "age_group", "pattern")
_COLUMNS = ["source_language", "target_language", "source", "text", "origin"]
_MAX_LINES = 1_000_000


def glossary(languages: Iterable[str]) -> Glossary:
    """Our terms and category names in `languages`; a language that we do not have gives no entries."""
    wanted = tuple(dict.fromkeys(languages))
    return Glossary(
        languages=wanted,
        terms=tuple(term for term in _terms() if term.language in wanted) + _brands(wanted),
        categories=tuple(
            CategoryName(slug, language, name)
            for slug, category in categories().items()
            for language in wanted
            if (name := category.one_of_it(language)) is not None
        ),
    )


def _brands(languages: Iterable[str]) -> tuple[GlossaryTerm, ...]:
    """What Chinese brands call themselves in the other languages."""
    raw = tomllib.loads(resources.files("tradewind.content").joinpath("data/brands.toml").read_text("utf-8"))
    return tuple(
        GlossaryTerm("brand", home.lower(), language, abroad)
        for home, abroad in raw["brands"].items()
        for language in languages
        if language != "zh"
    )


@cache
def _terms() -> tuple[GlossaryTerm, ...]:
    return parse_terms(resources.files("tradewind.content").joinpath("data/glossary.toml").read_text("utf-8"))


def parse_terms(text: str) -> tuple[GlossaryTerm, ...]:
    """Every term of a glossary TOML, once for each word that finds it and each language; GlossaryIsInvalid names a bad one."""
    found: dict[tuple[str, str, str], GlossaryTerm] = {}
    for row in tomllib.loads(text)["term"]:
        words = row["words"]
        if row["kind"] not in KINDS or set(words) != set(LANGUAGES):
            raise GlossaryIsInvalid(f"the term {words} is incomplete", hint=f"it needs a kind and words in {', '.join(LANGUAGES)}")
        sources = dict.fromkeys(word.lower() for word in (*words.values(), *row.get("also", [])))
        for source, language in product(sources, words):
            key = (row["kind"], source, language)
            if key in found:
                raise GlossaryIsInvalid(f'two {row["kind"]} terms are found by "{source}"', hint="keep it in one of them")
            found[key] = GlossaryTerm(row["kind"], source, language, words[language])
    return tuple(found.values())


@dataclass(slots=True)
class TranslationMemory:
    """What has been translated once is never asked for again. Texts by (source language, target language, source)."""

    path: Path
    entries: dict[tuple[str, str, str], Translation] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> "TranslationMemory":
        """The memory kept in a CSV file; empty when there is none yet."""
        memory = cls(path)
        if not path.is_file():
            return memory
        reader = csv.DictReader(io.StringIO(path.read_text("utf-8")))
        if list(reader.fieldnames or []) != _COLUMNS:
            raise MemoryIsInvalid(f"{path} has the columns {reader.fieldnames}", hint=f"the columns are {','.join(_COLUMNS)}")
        for number, row in enumerate(reader, start=2):
            if number > _MAX_LINES or None in row.values():
                raise MemoryIsInvalid(f"{path}, line {number} is incomplete or beyond {_MAX_LINES:,} lines", hint="remove the line")
            key = (row["source_language"], row["target_language"], row["source"])
            memory.entries[key] = Translation(row["text"], row["origin"])
        return memory

    def save(self) -> None:
        """Write the memory, sorted, replacing the file in one step."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        waiting = self.path.with_suffix(".new")
        with waiting.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(_COLUMNS)
            writer.writerows([*key, entry.text, entry.origin] for key, entry in sorted(self.entries.items()))
        waiting.replace(self.path)
