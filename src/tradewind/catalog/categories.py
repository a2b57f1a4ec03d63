"""Our own category list: what each slug means, its names, and the words that reveal it in a title."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Category:
    """One entry of `data/categories.toml`. `restricted` names kinds that carriers, customs or Google treat specially."""

    slug: str
    parent: str | None
    google_category: int
    google_path: str
    names: Mapping[str, str]
    one: Mapping[str, str]  # what one product of it is called, in titles
    keywords_en: tuple[str, ...]
    keywords_zh: tuple[str, ...]
    apparel: bool
    restricted: tuple[str, ...]
    decisive: tuple[str, ...]  # patterns that outrank every path

    def name(self, language: str) -> str:
        """The name in `language`, or in English when we have none."""
        return self.names.get(language, self.names["en"])

    def one_of_it(self, language: str) -> str | None:
        """What one product of this category is called in `language`: "headphones", not "Headphones and headsets"."""
        return self.one.get(language) or self.names.get(language)


@cache
def categories() -> Mapping[str, Category]:
    """Every category by slug, in the order of the file."""
    text = resources.files("tradewind.catalog").joinpath("data/categories.toml").read_text(encoding="utf-8")
    return {row["slug"]: _category(row) for row in tomllib.loads(text)["category"]}


def _category(row: Mapping[str, object]) -> Category:
    def words(key: str) -> tuple[str, ...]:
        found = row.get(key, ())
        return tuple(str(word) for word in found) if isinstance(found, list) else ()

    names, one = row["names"], row.get("one")
    return Category(
        slug=str(row["slug"]),
        parent=str(row["parent"]) if "parent" in row else None,
        google_category=int(str(row["google_category"])),
        google_path=str(row["google_path"]),
        names={str(key): str(value) for key, value in names.items()} if isinstance(names, dict) else {},
        one={str(key): str(value) for key, value in one.items()} if isinstance(one, dict) else {},
        keywords_en=words("keywords_en"),
        keywords_zh=words("keywords_zh"),
        apparel=bool(row.get("apparel", False)),
        restricted=words("restricted"),
        decisive=words("decisive"),
    )


def ancestors(slug: str) -> tuple[str, ...]:
    """The slug itself, then its parent, and so on upwards."""
    known, found = categories(), list[str]()
    step: str | None = slug
    while step is not None and step in known and step not in found:
        found.append(step)
        step = known[step].parent
    return tuple(found)
