"""Plans as tantivy queries."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import ceil
from typing import Any

import tantivy

from tradewind.adapters.search.languages import asked
from tradewind.search import (
    Alternative,
    Counted,
    Facets,
    Filters,
    Plan,
    Relevance,
    Slot,
    attribute_facets,
    category_facet,
    code_of,
    price_ranges,
)

BRAND_VALUES = 12
CATEGORY_VALUES = 100
ATTRIBUTE_PAIRS = 240
CODE_LETTERS = 4
_MUST, _SHOULD = tantivy.Occur.Must, tantivy.Occur.Should

Stems = Callable[[str, str], tuple[str, ...]]


class Asking:
    """Makes the query of a plan, for an index of some languages and with some weights."""

    def __init__(self, schema: tantivy.Schema, languages: Sequence[str], relevance: Relevance, stems: Stems) -> None:
        self._schema = schema
        self._languages = languages
        self._relevance = relevance
        self._stems = stems
        self._fields = relevance.fields()
        self._tie = relevance["match.tie"]

    def query(self, plan: Plan) -> tantivy.Query:
        """Products that meet the slots and pass the filters."""
        return tantivy.Query.boolean_query([(_MUST, self._main(plan)), *((_MUST, one) for one in self._filters(plan.filters))])

    def _main(self, plan: Plan) -> tantivy.Query:
        slots = [query for slot in plan.understanding.slots if (query := self._slot(slot)) is not None]
        if not slots:
            return tantivy.Query.all_query()
        needed = max(1, plan.needed - (len(plan.understanding.slots) - len(slots)))
        main = tantivy.Query.boolean_query([(_SHOULD, one) for one in slots], minimum_number_should_match=needed)
        if len(slots) == 1 and needed == 1:
            main = slots[0]
        extra = [*self._together(plan), *self._code(plan)]
        return tantivy.Query.boolean_query([(_SHOULD, main), *((_SHOULD, one) for one in extra)]) if extra else main

    def _together(self, plan: Plan) -> list[tantivy.Query]:
        """The whole question as a phrase of the title. It finds nothing that the slots do not, and lifts what it finds."""
        text = " ".join(slot.alternatives[0].text for slot in plan.understanding.slots)
        found = []
        for language in self._languages:
            stems = self._stems(text, language)
            if asked(language).spaced and len(stems) > 1 and plan.needed == len(plan.understanding.slots):
                phrase = tantivy.Query.phrase_query(self._schema, f"title_{language}", list(stems), slop=1)
                found.append(tantivy.Query.boost_query(phrase, self._relevance["match.together"] * self._fields.get("title", 1.0)))
        return found

    def _code(self, plan: Plan) -> list[tantivy.Query]:
        code = code_of(plan.understanding.text)
        if len(code) < CODE_LETTERS or not any(char.isdigit() for char in code):
            return []
        term = tantivy.Query.term_query(self._schema, "code", code)
        return [tantivy.Query.const_score_query(term, self._relevance["match.code"])]

    def _slot(self, slot: Slot) -> tantivy.Query | None:
        found = [query for one in slot.alternatives if (query := self._alternative(one)) is not None]
        if len(found) < 2:
            return found[0] if found else None
        return tantivy.Query.disjunction_max_query(found)

    def _alternative(self, alternative: Alternative) -> tantivy.Query | None:
        found = []
        for language in self._languages:
            stems = self._stems(alternative.text, language)
            if stems:
                # The parts of one expression count together as one word: else a compound would outweigh its simple synonym.
                run = self._run(stems, language)
                found.append(run if len(stems) == 1 else tantivy.Query.boost_query(run, 1 / len(stems)))
        if not found:
            return None
        query = found[0] if len(found) == 1 else tantivy.Query.disjunction_max_query(found)
        return query if alternative.weight == 1.0 else tantivy.Query.boost_query(query, alternative.weight)

    def _run(self, stems: Sequence[str], language: str) -> tantivy.Query:
        """All the words of a spaced language; most of the neighbors of another."""
        way = asked(language)
        if len(stems) == 1:
            return self._anywhere(language, lambda field: tantivy.Query.term_query(self._schema, field, stems[0]))
        if not way.phrases:
            words = [self._anywhere(language, self._term(stem)) for stem in stems]
            if way.spaced:
                return tantivy.Query.boolean_query([(_MUST, word) for word in words])
            return self._most(words)
        return self._anywhere(language, lambda field: self._neighbors(field, stems))

    def _term(self, stem: str) -> Callable[[str], tantivy.Query]:
        return lambda field: tantivy.Query.term_query(self._schema, field, stem)

    def _neighbors(self, field: str, stems: Sequence[str]) -> tantivy.Query:
        return self._most([tantivy.Query.phrase_query(self._schema, field, list(pair)) for pair in pairwise(stems)])

    def _most(self, parts: Sequence[tantivy.Query]) -> tantivy.Query:
        needed = ceil(len(parts) * self._relevance["nearest.parts"])
        return tantivy.Query.boolean_query([(_SHOULD, part) for part in parts], minimum_number_should_match=needed)

    def _anywhere(self, language: str, make: Callable[[str], tantivy.Query]) -> tantivy.Query:
        parts = [tantivy.Query.boost_query(make(f"{field}_{language}"), boost) for field, boost in self._fields.items()]
        return tantivy.Query.disjunction_max_query(parts, tie_breaker=self._tie)

    def _filters(self, filters: Filters) -> list[tantivy.Query]:
        terms = [("category", filters.category), ("brand", filters.brand), *(("attribute", pair) for pair in filters.attributes)]
        found = [tantivy.Query.term_query(self._schema, field, value) for field, value in terms if value is not None]
        if filters.categories:
            found.append(tantivy.Query.term_set_query(self._schema, "category", list(filters.categories)))
        if filters.in_stock:
            found.append(tantivy.Query.term_query(self._schema, "in_stock", 1))
        if filters.price_from is not None or filters.price_to is not None:
            kind = tantivy.FieldType.Integer
            found.append(tantivy.Query.range_query(self._schema, "price", kind, filters.price_from, filters.price_to))
        return [tantivy.Query.const_score_query(one, 0.0) for one in found]


def facets_asked(price_steps: Sequence[int]) -> dict[str, Any]:
    """The aggregations of a result page, all in one pass."""
    asked_for: dict[str, Any] = {
        "brand": {"terms": {"field": "brand", "size": BRAND_VALUES}},
        "category": {"terms": {"field": "category", "size": CATEGORY_VALUES}},
        "attribute": {"terms": {"field": "attribute", "size": ATTRIBUTE_PAIRS}},
        "in_stock": {"terms": {"field": "in_stock", "size": 2}},
    }
    if price_steps:
        bounds: list[int | None] = [None, *price_steps, None]
        ranges = [{"from": low, "to": high} for low, high in pairwise(bounds)]
        asked_for["price"] = {"range": {"field": "price", "ranges": [{k: v for k, v in one.items() if v is not None} for one in ranges]}}
    return asked_for


def facets_of(answer: dict[str, Any], total: int, filters: Filters) -> Facets:
    """The facets that the aggregations told."""

    def counted(name: str) -> list[Counted]:
        return [Counted(str(bucket["key"]), int(bucket["doc_count"])) for bucket in answer.get(name, {}).get("buckets", ())]

    in_stock = {int(float(one.value)): one.count for one in counted("in_stock")}
    return Facets(
        categories=category_facet(counted("category"), filters.category),
        brands=tuple(sorted(counted("brand"), key=lambda one: (-one.count, one.value))),
        prices=price_ranges([_bounds(bucket) for bucket in answer["price"]["buckets"]]) if "price" in answer else (),
        attributes=attribute_facets(counted("attribute"), total),
        in_stock=in_stock.get(1, 0),
    )


def _bounds(bucket: dict[str, Any]) -> tuple[int | None, int | None, int]:
    """A range's lowest and highest price, both inside: its upper bound itself is the next one's."""
    low, high = bucket.get("from"), bucket.get("to")
    return (None if low is None else int(low), None if high is None else int(high) - 1, int(bucket["doc_count"]))
