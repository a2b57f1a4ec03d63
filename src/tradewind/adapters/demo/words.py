"""The hand-written words of the sample catalog, read from the package's data files."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from tradewind.adapters.demo.pen import Paint

LANGUAGES = ("zh", "en", "de", "th")
_FILES = ("tech", "home", "wear", "leisure")
Phrase = Mapping[str, str]
"""One meaning by language code; Chinese and English are always there."""


@dataclass(frozen=True, slots=True)
class Color:
    """A color option: its plain Chinese word, its names in titles, and its paint."""

    plain: str
    names: Phrase
    paint: Paint


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of goods. Weights are grams, sizes millimeters, costs fen; ranges are (least, most)."""

    id: str
    slug: str
    home: tuple[str, ...]
    drawing: str
    products: int
    hs_code: str
    weight: tuple[int, int]
    size: tuple[int, int, int]
    cost: tuple[int, int]
    battery: str
    brands: tuple[str, ...]
    models: tuple[str, ...]
    nouns: tuple[Phrase, ...]
    traits: tuple[Phrase, ...]
    text: Mapping[str, tuple[str, ...]]
    specs: tuple[tuple[str, ...], ...]
    colors: tuple[str, ...]
    sizes: tuple[tuple[str, str], ...]
    apparel: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Words:
    """Every phrase of the sample catalog."""

    kinds: tuple[Kind, ...]
    brands: Mapping[str, tuple[str, str]]
    colors: Mapping[str, Color]
    closing: Mapping[str, tuple[str, ...]]
    opening: Mapping[str, str]


@cache
def words() -> Words:
    """The words of the data files, in their order."""
    common = _read("common")
    return Words(
        kinds=tuple(_kind(row) for name in _FILES for row in _read(name)["kind"]),
        brands={key: (pair[0], pair[1]) for key, pair in common["brands"].items()},
        colors={key: Color(row["plain"], _phrase(row["names"]), Paint(*row["paint"])) for key, row in common["colors"].items()},
        closing={language: tuple(texts) for language, texts in common["closing"].items()},
        opening=common["opening"],
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("tradewind.adapters.demo").joinpath(f"data/{name}.toml").read_text(encoding="utf-8"))


def _phrase(texts: list[str]) -> Phrase:
    return dict(zip(LANGUAGES, texts, strict=False))


def _kind(row: Mapping[str, Any]) -> Kind:
    gender, age = row.get("apparel", (None, None))
    return Kind(
        id=row["id"],
        slug=row["slug"],
        home=tuple(row["home"]),
        drawing=row["drawing"],
        products=row["products"],
        hs_code=row["hs"],
        weight=(row["weight"][0], row["weight"][1]),
        size=(row["size"][0], row["size"][1], row["size"][2]),
        cost=(row["cost"][0], row["cost"][1]),
        battery=row["battery"],
        brands=tuple(row["brands"]),
        models=tuple(row["models"]),
        nouns=tuple(_phrase(noun) for noun in row["nouns"]),
        traits=tuple(_phrase(trait) for trait in row["traits"]),
        text={"zh": tuple(row["text_zh"]), "en": tuple(row["text_en"])},
        specs=tuple(tuple(spec) for spec in row["specs"]),
        colors=tuple(row["colors"]),
        sizes=tuple((pair[0], pair[1]) for pair in row.get("sizes", ())),
        apparel=(gender, age) if gender and age else None,
    )
