"""Offers to search among, words that an index knows, and an index of them on disk."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from web_builders import an_offer

from tradewind.adapters.search import TantivyIndex
from tradewind.search import Counted, IndexedProduct, Question, Results, Search, Stamp, load_relevance, load_synonyms
from tradewind.search.rules import product_of

RELEVANCE = load_relevance()
LANGUAGES = {"us": ("en",), "de": ("de", "en"), "th": ("th", "en")}
STAMP = Stamp("run:run_1", 0, RELEVANCE.digest)


def a_row(product_id: str = "P-1", title: str = "Larkwave wireless headphones, black", **given: Any) -> dict[str, Any]:
    """A variant as offers.searching reads it."""
    offer_id = given.pop("offer_id", product_id)
    row = an_offer("us", offer_id, product_id=product_id, title=title, images=("x",), **given)
    return row | {"has_image": bool(row["images"])}


def a_product(
    product_id: str = "P-1", title: str = "Larkwave wireless headphones, black", *, market_language: str = "en", **given: Any
) -> IndexedProduct:
    """A product with one variant."""
    return product_of([a_row(product_id, title, **{"language": market_language, **given})], market_language, RELEVANCE)


def a_shop() -> list[IndexedProduct]:
    """Some things that shoppers of the United States look for."""
    return [
        a_product("P-1", "Larkwave Aria noise-canceling headphones, black", brand="Larkwave", color="black"),
        a_product("P-2", "Hexun Tern wireless headphones, white", brand="Hexun", color="white", rating_count=5, cost_amount=9000),
        a_product("P-3", "Xingtu Metro commuter backpack, black", brand="Xingtu", color="black", category="backpacks", gtin=None),
        a_product("P-4", "Tuoye Kit school backpack, navy", brand="Tuoye", color="navy", category="backpacks", availability="out_of_stock"),
        a_product(
            "P-5", "Chengwu Heron desk lamp, solid wood base", brand="Chengwu", color="white", category="lighting", specs={"CRI": "97"}
        ),
    ]


def a_search(
    folder: Path, collection: str = "us", products: Iterable[IndexedProduct] | None = None, languages: Sequence[str] = ()
) -> Search:
    """A search whose collection holds the products."""
    search = Search(TantivyIndex(folder, RELEVANCE), RELEVANCE, load_synonyms(), LANGUAGES)
    with search.index.alone(collection):
        held = a_shop() if products is None else products
        search.index.rebuild(collection, held, STAMP, languages or LANGUAGES.get(collection, ("en",)))
    return search


def ids(results: Results) -> list[str]:
    """The products of the results, in order."""
    return [hit.product_id for hit in results.hits]


def ask(search: Search, text: str, collection: str = "us", **given: Any) -> Results:
    """The answer to a question."""
    return search.answer(collection, replace(Question(text), **given))


class FewWords:
    """A vocabulary that is small enough to read: words with counts, plural forms known by their s."""

    languages = ("en",)
    _STOP = frozenset({"for", "the", "with", "and"})

    def __init__(self, **counts: int) -> None:
        self._counts = Counter(counts)

    def stems(self, text: str, _language: str) -> tuple[str, ...]:
        return tuple(word.rstrip("s") for word in text.lower().split() if word not in self._STOP)

    def count(self, word: str) -> int:
        return max(self._counts[word], self._counts[word.rstrip("s")])

    def near(self, word: str, distance: int, limit: int) -> list[Counted]:
        close = [other for other in self._counts if 0 < _letters_apart(word, other) <= distance]
        return [Counted(other, self._counts[other]) for other in close][:limit]

    def ending(self, word: str, limit: int) -> list[Counted]:
        longer = [other for other in self._counts if other.endswith(word) and len(other) > len(word) + 2]
        return [Counted(other, self._counts[other]) for other in longer][:limit]


def _letters_apart(left: str, right: str) -> int:
    before = list(range(len(right) + 1))
    for number, char in enumerate(left, start=1):
        row = [number]
        for at, other in enumerate(right, start=1):
            row.append(min(before[at] + 1, row[-1] + 1, before[at - 1] + (char != other)))
        before = row
    return before[-1]
