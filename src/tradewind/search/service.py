"""Use cases of search: build a market's index, follow what changed, answer a question, complete a beginning."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import floor
from typing import Any

from tradewind.db import Database, Transaction
from tradewind.offers import publish, searching
from tradewind.search import store
from tradewind.search.errors import SearchIsNotBuilt
from tradewind.search.model import HOME, Built, Facets, Filters, Found, IndexedProduct, Plan, Question, Results, Stamp, Understanding
from tradewind.search.ports import OpenIndex, SearchIndex
from tradewind.search.relevance import Relevance
from tradewind.search.rules import code_of, merged, product_of
from tradewind.search.synonyms import Group, Synonyms
from tradewind.search.understanding import is_correctable, replaced, understand, words_of

BUILD_SECONDS = 3600
SUGGESTIONS = 8
NEIGHBORS_TRIED, NEIGHBORS_ASKED = 5, 4


@dataclass
class Search:
    """The search of a workspace. One object serves a process; it holds nothing of a request."""

    index: SearchIndex
    relevance: Relevance
    groups: tuple[Group, ...]
    languages: Mapping[str, tuple[str, ...]]
    """The languages of each market, the first one first."""
    _synonyms: dict[tuple[str, ...], Synonyms] = field(default_factory=dict)

    def build(self, database: Database, market: str) -> Built:
        """Makes the market's index anew from its published offers."""
        with self.index.alone(market):
            return self._build(database, market)

    def _build(self, database: Database, market: str) -> Built:
        with database.transaction(timeout_seconds=BUILD_SECONDS) as tx:
            # The place in the log is read first: what changes while the offers are read is looked at again afterwards.
            stamp = self._stamp(tx, market, store.horizon(tx))
            return self.index.rebuild(market, self._products(searching.products(tx, market), market), stamp, self._spoken(market))

    def follow(self, database: Database, market: str) -> Built | None:
        """Brings the index to what is published now: only the products that changed, or all when that is less work. None: nothing to do."""
        with self.index.alone(market):
            return self._follow(database, market)

    def _follow(self, database: Database, market: str) -> Built | None:
        opened = self.index.open(market)
        with database.transaction(timeout_seconds=BUILD_SECONDS) as tx:
            if market not in publish.publications(tx):
                self.index.remove(market)
                return None
            changes = store.changed(tx, market, opened.stamp.cursor) if opened else store.Changes((), everything=True, cursor=0)
            stamp = self._stamp(tx, market, changes.cursor)
            # A publication that noted nothing was made by hand or changed nothing; looking at everything once settles it.
            unnoted = opened is not None and opened.stamp.source != stamp.source and not changes.offer_ids
            stale = opened is None or opened.stamp.digest != stamp.digest or unnoted
            if not (stale or changes.everything or self._is_most(opened, changes.offer_ids)):
                return self._change(tx, market, changes.offer_ids, stamp)
        return self._build(database, market)

    def build_home(self, variants: Iterable[Mapping[str, Any]], snapshot_id: str, language: str) -> Built:
        """Makes the index of the home catalog from the rows of its variants, in the order of their products."""
        stamp = Stamp(f"snapshot:{snapshot_id}", 0, self.relevance.digest)
        with self.index.alone(HOME):
            return self.index.rebuild(
                HOME, self._made(_by_product(variants), language), stamp, tuple(dict.fromkeys((language, "zh", "en")))
            )

    def answer(self, collection: str, question: Question) -> Results:
        """The results of a question; the nearest ones, marked so, when nothing has every word. SearchIsNotBuilt."""
        opened = self.opened(collection)
        exact = question.exact or opened.has_code(code_of(question.text))
        meaning = understand(question.text, opened, self.relevance, self.synonyms(opened), exact=exact)
        plan = _plan(meaning, question)
        if not meaning.slots and words_of(question.text):  # signs and stop words only
            return Results(meaning, (), 0, Facets())
        found = opened.find(plan)
        nearest, without = False, 0
        if not found.total and question.filters.any:
            without = opened.find(replace(plan, filters=Filters(), limit=1, with_facets=False)).total
        if not found.total and not without and not exact:
            plan, found = self._likelier(opened, plan)
            meaning = plan.understanding
        if not found.total and not without:
            plan, found = self._nearest(opened, plan)
            nearest = bool(found.total)
        facets = merged(found.facets, _open_facets(opened, plan)) if found.total and not nearest else found.facets
        return Results(meaning, found.hits, found.total, facets, nearest, without)

    def suggest(self, collection: str, text: str, limit: int = SUGGESTIONS) -> list[str]:
        """What the text may become: its last word completed by words that stand beside the others, the most frequent first."""
        opened, typed = self.index.open(collection), words_of(text)
        if opened is None or not typed or text[-1:].isspace():
            return []
        before, forms = typed[:-1], dict[tuple[tuple[str, ...], ...], str]()
        for one in opened.complete(before, typed[-1], limit * 2):
            forms.setdefault(tuple(opened.stems(one.value, language) for language in opened.languages), one.value)
        return [" ".join((*before, word)) for word in list(forms.values())[:limit]]

    def opened(self, collection: str) -> OpenIndex:
        """The collection's index; SearchIsNotBuilt."""
        opened = self.index.open(collection)
        if opened is None:
            option = "--home" if collection == HOME else f"--market {collection}"
            raise SearchIsNotBuilt(f'"{collection}" has no search index', hint=f"tradewind search build {option}")
        return opened

    def synonyms(self, opened: OpenIndex) -> Synonyms:
        """The synonyms of the index's languages, stemmed as it stems."""
        if opened.languages not in self._synonyms:
            self._synonyms[opened.languages] = Synonyms.of(self.groups, opened.languages, opened.stems)
        return self._synonyms[opened.languages]

    def _likelier(self, opened: OpenIndex, plan: Plan) -> tuple[Plan, Found]:
        """Every word exists, but no product has all of them: a neighbor of one that stands beside the others was probably meant."""
        meaning, best = plan.understanding, (0, plan)
        slots = [(place, slot.alternatives[0].text) for place, slot in enumerate(meaning.slots) if len(meaning.slots) > 1]
        for place, word in slots[:NEIGHBORS_TRIED]:
            if not is_correctable(word, self.relevance):
                continue
            for one in [one for one in opened.near(word, 1, NEIGHBORS_ASKED) if one.value != word]:
                other = replace(plan, understanding=replaced(meaning, place, one.value, self.relevance["match.spelling_1"]))
                total = opened.find(replace(other, limit=1, with_facets=False)).total
                best = max(best, (total, other), key=lambda pair: pair[0])
        return (best[1], opened.find(best[1])) if best[0] else (plan, Found((), 0, Facets()))

    def _nearest(self, opened: OpenIndex, plan: Plan) -> tuple[Plan, Found]:
        """One word less, else the share that still shows something of the kind. Facets of what only comes near would mislead."""
        most = len(plan.understanding.slots)
        least = max(1, floor(most * self.relevance["nearest.share"]))
        for needed in sorted({most - 1, least}, reverse=True):
            fewer = replace(plan, needed=needed, with_facets=False)
            found = opened.find(fewer) if 0 < needed < most else Found((), 0, Facets())
            if found.total:
                return fewer, found
        return plan, Found((), 0, Facets())

    def _change(self, tx: Transaction, market: str, offer_ids: Sequence[str], stamp: Stamp) -> Built | None:
        if not offer_ids:
            return None
        held = set(searching.products_of(tx, market, offer_ids)) | set(self.index.products_of(market, offer_ids))
        put = list(self._products(searching.some_products(tx, market, sorted(held)), market))
        gone = sorted(held - {product.product_id for product in put})
        return self.index.change(market, put, gone, stamp)

    def _is_most(self, opened: OpenIndex | None, offer_ids: Sequence[str]) -> bool:
        return opened is not None and len(offer_ids) * store.REBUILD_SHARE > max(opened.products, 100)

    def _stamp(self, tx: Transaction, market: str, cursor: int) -> Stamp:
        publication = publish.publications(tx).get(market)
        if publication is None:
            raise SearchIsNotBuilt(f'no market "{market}" is published', hint=f"tradewind run --markets {market}")
        return Stamp(f"run:{publication.run_id}", cursor, self.relevance.digest)

    def _products(self, groups: Iterable[Sequence[Mapping[str, Any]]], market: str) -> Iterator[IndexedProduct]:
        return self._made(groups, self._spoken(market)[0])

    def _spoken(self, market: str) -> tuple[str, ...]:
        return self.languages.get(market) or ("en",)

    def _made(self, groups: Iterable[Sequence[Mapping[str, Any]]], language: str) -> Iterator[IndexedProduct]:
        return (product_of(group, language, self.relevance) for group in groups)


def _plan(meaning: Understanding, question: Question) -> Plan:
    return Plan(
        understanding=meaning,
        needed=len(meaning.slots),
        filters=question.filters,
        sorting=question.sorting,
        offset=question.offset,
        limit=question.limit,
        price_steps=question.price_steps,
    )


def _open_facets(opened: OpenIndex, plan: Plan) -> dict[str, Facets]:
    """For each filter with a choice, the facets without that choice: so that another one can be seen and made."""
    filters, found = plan.filters, dict[str, Facets]()
    without: dict[str, Filters] = {}
    if filters.brand:
        without["brand"] = replace(filters, brand=None)
    if filters.price_from is not None or filters.price_to is not None:
        without["price"] = replace(filters, price_from=None, price_to=None)
    for pair in filters.attributes:
        others = tuple(one for one in filters.attributes if one != pair)
        without[f"attribute:{pair.partition('=')[0]}"] = replace(filters, attributes=others)
    for name, fewer in without.items():
        found[name] = opened.facets(replace(plan, filters=fewer), name.partition(":")[0])
    return found


def _by_product(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    held: list[Mapping[str, Any]] = []
    for row in rows:
        if held and row["product_id"] != held[0]["product_id"]:
            yield held
            held = []
        held.append(row)
    if held:
        yield held
