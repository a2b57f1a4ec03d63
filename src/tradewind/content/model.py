"""Words in every language of a market: terms, category names, and the words templates are made of."""

from dataclasses import dataclass, field

from tradewind.markets import digest_of


@dataclass(frozen=True, slots=True)
class GlossaryTerm:
    """One term: `source` is a word as suppliers write it (lower case), `text` is the word in `language`."""

    kind: str  # color, material, size, gender, age_group, pattern, brand
    source: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class CategoryName:
    """What one product of a category is called in a language; `category` is a slug of catalog/data/categories.toml."""

    category: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Glossary:
    """The words of some languages, resolved; frozen and picklable."""

    languages: tuple[str, ...]
    terms: tuple[GlossaryTerm, ...]
    categories: tuple[CategoryName, ...]
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", digest_of(self))
