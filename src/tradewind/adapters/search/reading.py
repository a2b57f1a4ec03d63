"""One generation of a collection, open for questions."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tantivy

from tradewind.adapters.search import languages as speaking
from tradewind.adapters.search.asking import Asking, facets_asked, facets_of
from tradewind.adapters.search.chinese import Segmenter
from tradewind.search import Counted, Facets, Found, Hit, Plan, Relevance, Sorting, Stamp

PRODUCTS_LIMIT = 1_000_000
FORMAT = 1
"""Grows when fields change: an index of another format counts as not built, and the next change of its market makes it anew."""
ENDINGS_ASKED = 40
_ORDERS = {
    Sorting.PRICE: ("price", tantivy.Order.Asc),
    Sorting.PRICE_DOWN: ("price", tantivy.Order.Desc),
    Sorting.RATING: ("rating", tantivy.Order.Desc),
}


class OpenTantivy:
    """The port OpenIndex on tantivy: the searchers are of one moment, so an answer fits together."""

    def __init__(self, folder: Path, relevance: Relevance, segmenter: Segmenter) -> None:
        held = read_stamp(folder)
        self.stamp = Stamp(held["source"], held["cursor"], held["digest"])
        self.products: int = held["products"]
        self.languages: tuple[str, ...] = tuple(held["languages"])
        self._segmenter = segmenter
        self._index = _opened(folder / "products", held["schema"])
        self._searcher = self._index.searcher()
        self._words = _opened(folder / "words", ())
        self._asking = Asking(self._index.schema, self.languages, relevance, self.stems)

    def stems(self, text: str, language: str) -> tuple[str, ...]:
        """The text as the index of that language holds it."""
        spaced = self._segmenter.spaced(text) if language == speaking.SEGMENTED else text
        return tuple(speaking.analyzer(language).analyze(spaced))

    def count(self, word: str) -> int:
        """In how many products the word stands, in any form of any language of the collection."""
        plain = speaking.plain().analyze(word)
        counts = [self._searcher.doc_freq("words", plain[0])] if len(plain) == 1 else []
        for language in self.languages:
            stems = self.stems(word, language)
            counts += [self._searcher.doc_freq(f"title_{language}", stems[0])] if len(stems) == 1 else []
        return max(counts, default=0)

    def near(self, word: str, distance: int, limit: int) -> Sequence[Counted]:
        """Words that differ by at most `distance` letters; two that changed places count as one."""
        folded = "".join(speaking.plain().analyze(word))
        searcher = self._words.searcher()
        query = tantivy.Query.fuzzy_term_query(self._words.schema, "word", folded, distance)
        found = searcher.search(query, limit, count=False, order_by_field="count")
        held = [searcher.doc(address) for _, address in found.hits]
        return [Counted(one["word"][0], one["count"][0]) for one in held]

    def ending(self, word: str, limit: int) -> Sequence[Counted]:
        """Longer words that end with this one, its stem, or its stem with an e or en."""
        stems = {stem for language in self.languages for stem in self.stems(word, language)}
        folded = "".join(speaking.plain().analyze(word))
        searcher, found = self._words.searcher(), dict[str, int]()
        for form in {folded} | {stem + more for stem in stems for more in ("", "e", "en")}:
            backwards = searcher.terms_with_prefix("backwards", form[::-1], limit=ENDINGS_ASKED)
            longer = (whole[::-1] for whole, _ in backwards if len(whole) > len(form) + 2)
            found |= {whole: self._searcher.doc_freq("words", whole) for whole in longer}
        return [Counted(whole, count) for whole, count in sorted(found.items(), key=lambda one: (-one[1], one[0]))[:limit] if count]

    def find(self, plan: Plan) -> Found:
        """The products that meet the plan, and the facets of all of them."""
        query = self._asking.query(plan)
        order = _ORDERS.get(plan.sorting)
        if order is None:
            found = self._searcher.search(query, plan.limit, offset=plan.offset, weight_by_field="weight")
        else:
            found = self._searcher.search(query, plan.limit, offset=plan.offset, order_by_field=order[0], order=order[1])
        total: int = found.count  # type: ignore[attr-defined]  # there, but not in the package's stubs
        facets = Facets()
        if plan.with_facets and total:
            facets = facets_of(self._searcher.aggregate(query, facets_asked(plan.price_steps)), total, plan.filters)
        return Found(tuple(self._hit(score, address) for score, address in found.hits), total, facets)

    def facets(self, plan: Plan, name: str) -> Facets:
        """One facet alone, of products that meet the plan. An attribute is shown however few have it: a choice was made in it."""
        asked = {key: value for key, value in facets_asked(plan.price_steps).items() if key == name}
        return facets_of(self._searcher.aggregate(self._asking.query(plan), asked), 0, plan.filters) if asked else Facets()

    def has_code(self, code: str) -> bool:
        """Whether a product has exactly this code."""
        return bool(code) and self._searcher.doc_freq("code", code) > 0

    def complete(self, before: Sequence[str], beginning: str, limit: int) -> Sequence[Counted]:
        """Words that begin so, in products that hold the words `before`."""
        plain = speaking.plain()
        folded = "".join(plain.analyze(beginning))
        if not folded:
            return []
        words = [term for word in before for term in plain.analyze(word)]
        terms = [(tantivy.Occur.Must, tantivy.Query.term_query(self._index.schema, "words", word)) for word in words]
        beside = tantivy.Query.boolean_query(terms) if terms else None
        return [Counted(word, count) for word, count in self._searcher.terms_with_prefix("words", folded, beside, limit)]

    def products_of(self, offer_ids: Sequence[str]) -> list[str]:
        """The products that hold these offers."""
        if not offer_ids:
            return []
        query = tantivy.Query.term_set_query(self._index.schema, "offer_id", list(offer_ids))
        found = self._searcher.search(query, PRODUCTS_LIMIT)
        return [self._searcher.doc(address)["product_id"][0] for _, address in found.hits]

    def _hit(self, score: Any, address: tantivy.DocAddress) -> Hit:
        held = self._searcher.doc(address)
        return Hit(held["product_id"][0], held["title"][0], float(score or 0))


def read_stamp(folder: Path) -> dict[str, Any]:
    """What a generation says of itself."""
    held: dict[str, Any] = json.loads((folder / "stamp.json").read_text("utf-8"))
    return held


def _opened(folder: Path, languages: Sequence[str]) -> tantivy.Index:
    index = tantivy.Index.open(str(folder))
    index.config_reader("manual")
    if languages:
        speaking.register(index, languages)
    return index
