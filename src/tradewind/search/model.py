"""What search speaks of: a product as the index holds it, a question, its understanding, and what was found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

HOME = "home"
"""The collection of the home catalog, for people of the house; every other collection is a market."""


class Sorting(StrEnum):
    """In which order results stand."""

    RELEVANCE = "relevance"
    PRICE = "price"
    PRICE_DOWN = "price_down"
    RATING = "rating"


@dataclass(frozen=True, slots=True)
class IndexedProduct:
    """A product of a collection with all its variants: one result, however many colors it has. Prices are minor units."""

    product_id: str
    language: str
    title: str
    texts: Mapping[str, str]
    """The words to find it by, for each field that relevance weighs: title, brand, category, attributes, description."""
    codes: tuple[str, ...]
    offer_ids: tuple[str, ...]
    brand: str | None
    categories: tuple[str, ...]
    attributes: tuple[str, ...]
    price: int
    in_stock: bool
    rating_milli: int
    weight: float


@dataclass(frozen=True, slots=True)
class Filters:
    """What a shopper narrowed the results to. Attributes are "key=value"; prices are minor units, both ends included."""

    category: str | None = None
    brand: str | None = None
    attributes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    """Any of these, for callers that may name several at once."""
    price_from: int | None = None
    price_to: int | None = None
    in_stock: bool = False

    @property
    def any(self) -> bool:
        return self != Filters()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a collection. `exact` keeps the words as they were typed."""

    text: str
    filters: Filters = field(default_factory=Filters)
    sorting: Sorting = Sorting.RELEVANCE
    offset: int = 0
    limit: int = 24
    exact: bool = False
    price_steps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to say a part of the question, and how much it is worth beside the others."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of the question that a result must hold in one of these ways."""

    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a question is taken to mean."""

    text: str
    slots: tuple[Slot, ...]
    corrected: str | None = None
    """The words that were searched instead of those that nothing has."""
    did_you_mean: str | None = None
    """Words that are far more usual than those that were typed and searched."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A question in the form that an index can answer. `needed` of the slots must be met."""

    understanding: Understanding
    needed: int
    filters: Filters
    sorting: Sorting
    offset: int
    limit: int
    price_steps: tuple[int, ...] = ()
    with_facets: bool = True


@dataclass(frozen=True, slots=True)
class Hit:
    """A product that was found."""

    product_id: str
    title: str
    score: float


@dataclass(frozen=True, slots=True)
class Counted:
    """A value to narrow the results to, and how many products would be left."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class PriceRange:
    """Products whose lowest price lies in it; both ends included, None is open."""

    low: int | None
    high: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """By what the results can be narrowed further."""

    categories: tuple[Counted, ...] = ()
    brands: tuple[Counted, ...] = ()
    prices: tuple[PriceRange, ...] = ()
    attributes: Mapping[str, tuple[Counted, ...]] = field(default_factory=dict)
    in_stock: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What an index answers to a plan."""

    hits: tuple[Hit, ...]
    total: int
    facets: Facets


@dataclass(frozen=True, slots=True)
class Results:
    """The answer to a question. `nearest` says that no product has all of it, and these have most."""

    understanding: Understanding
    hits: tuple[Hit, ...]
    total: int
    facets: Facets
    nearest: bool = False
    without_filters: int = 0
    """How many products there would be without the filters, counted when there are none with them."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an index was made of: a publication (or a snapshot), up to which change, and by which weights."""

    source: str
    cursor: int
    digest: str


@dataclass(frozen=True, slots=True)
class Built:
    """What a build or a following did."""

    collection: str
    products: int
    gone: int
    offers: int
    seconds: float
    generation: str
    whole: bool
