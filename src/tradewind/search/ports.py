"""What search needs of an index: to be written in batches, switched at once, and asked."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from tradewind.search.model import Built, Counted, Facets, Found, IndexedProduct, Plan, Stamp


class Words(Protocol):
    """The words of a collection, as its index knows them."""

    languages: tuple[str, ...]

    def stems(self, text: str, language: str) -> tuple[str, ...]:
        """The text as the index of that language holds it: folded, stemmed, without stop words."""

    def count(self, word: str) -> int:
        """In how many products the word stands, in any form of any language of the collection."""

    def near(self, word: str, distance: int, limit: int) -> Sequence[Counted]:
        """Words of the collection that differ by at most `distance` letters, with their counts."""

    def ending(self, word: str, limit: int) -> Sequence[Counted]:
        """Longer words of the collection that end with this one in any of its forms, the most frequent first."""


class OpenIndex(Words, Protocol):
    """One generation of a collection, open for questions. It stays as it is while a question is answered."""

    stamp: Stamp
    products: int

    def find(self, plan: Plan) -> Found:
        """The products that meet the plan, and the facets of all of them."""

    def facets(self, plan: Plan, name: str) -> Facets:
        """One facet alone of all products that meet the plan: "brand", "price" or "attribute"; the others stay empty."""

    def has_code(self, code: str) -> bool:
        """Whether an article number, GTIN or part number of a product is exactly this (see `code_of`)."""

    def complete(self, before: Sequence[str], beginning: str, limit: int) -> Sequence[Counted]:
        """Words that begin so, in products that hold the words `before`; the most frequent first."""


class SearchIndex(Protocol):
    """The indexes of a workspace, one for each collection. Readers of every process see a new generation at their next question."""

    def open(self, collection: str) -> OpenIndex | None:
        """The newest generation, None when the collection was never built."""

    def alone(self, collection: str) -> AbstractContextManager[None]:
        """Waits until nobody else writes the collection, and keeps them out; `rebuild` and `change` are called inside it."""

    def rebuild(self, collection: str, products: Iterable[IndexedProduct], stamp: Stamp, languages: Sequence[str]) -> Built:
        """A new generation beside the one that is read; it takes its place in one step when it is whole. The texts are in `languages`."""

    def change(self, collection: str, put: Iterable[IndexedProduct], gone: Sequence[str], stamp: Stamp) -> Built:
        """Products are put in the place of those with the same id, `gone` ones leave; readers see all of it or nothing."""

    def products_of(self, collection: str, offer_ids: Sequence[str]) -> list[str]:
        """The ids of the products that hold these offers in the index."""

    def remove(self, collection: str) -> None:
        """Forgets a collection that is no longer published."""
