"""The indexes of a workspace on disk.

`<folder>/<collection>/current` is a link to the generation that is read; a generation holds two tantivy indexes, `products` and
`words`, and `stamp.json`. A new generation is made beside the old one and takes the link in one rename.
"""

import fcntl
import json
import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tantivy

from tradewind.adapters.search import languages as speaking
from tradewind.adapters.search.chinese import Segmenter
from tradewind.adapters.search.reading import FORMAT, OpenTantivy, read_stamp
from tradewind.kit import new_id
from tradewind.search import FIELDS, Built, IndexedProduct, Relevance, Stamp

BUILD_HEAP_BYTES = 256_000_000
CHANGE_HEAP_BYTES = 30_000_000
THREADS = 2
WORDS_LIMIT = 1_000_000
_OPEN_TRIES = 5


class TantivyIndex:
    """The port SearchIndex on tantivy. Safe to share between threads; any number of processes may read, one at a time writes."""

    def __init__(self, folder: Path, relevance: Relevance) -> None:
        self._folder = folder
        self._relevance = relevance
        self._segmenter = Segmenter(folder / ".jieba")
        self._held: dict[str, tuple[tuple[str, int], OpenTantivy]] = {}
        self._opening = threading.Lock()

    @contextmanager
    def alone(self, collection: str) -> Iterator[None]:
        """Waits until no other process writes the collection, and keeps them out."""
        place = self._place(collection)
        place.mkdir(parents=True, exist_ok=True)
        with (place / ".lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield

    def open(self, collection: str) -> OpenTantivy | None:
        """The newest generation as it is now; None when the collection was never built."""
        for _ in range(_OPEN_TRIES):
            version = self._version(collection)
            if version is None:
                return None
            with self._opening:
                held = self._held.get(collection)
                if held is not None and held[0] == version:
                    return held[1]
                try:
                    if read_stamp(self._place(collection) / version[0]).get("format") != FORMAT:
                        return None
                    opened = OpenTantivy(self._place(collection) / version[0], self._relevance, self._segmenter)
                except (OSError, ValueError):  # the generation was just replaced: look where the link points now
                    continue
                self._held[collection] = (version, opened)
                return opened
        return None

    def rebuild(self, collection: str, products: Iterable[IndexedProduct], stamp: Stamp, languages: Sequence[str]) -> Built:
        """A new generation, switched to when it is whole. Call it inside `alone`."""
        started, place = time.perf_counter(), self._place(collection)
        generation = new_id("gen")
        made = place / generation
        try:
            counts = self._fill(made, products, tuple(dict.fromkeys(languages)))
            _write_stamp(made, stamp, counts)
            self._switch(place, generation)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
        self._sweep(place, generation)
        return Built(collection, counts["products"], 0, counts["offers"], time.perf_counter() - started, generation, whole=True)

    def change(self, collection: str, put: Iterable[IndexedProduct], gone: Sequence[str], stamp: Stamp) -> Built:
        """Replaces, adds and removes products of the generation that is read, in one commit. Call it inside `alone`."""
        started = time.perf_counter()
        generation = (self._place(collection) / "current").readlink().name
        folder = self._place(collection) / generation
        before = read_stamp(folder)
        index, products = _index(folder / "products", before["schema"]), list(put)
        self._learn(folder, products)
        writer = index.writer(heap_size=CHANGE_HEAP_BYTES, num_threads=1)
        for product_id in (*gone, *(product.product_id for product in products)):
            writer.delete_documents_by_term("product_id", product_id)
        for product in products:
            writer.add_document(self._document(product, index.schema, before["schema"]))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        spoken = list(dict.fromkeys([*before["languages"], *(self._spoken(product, before["schema"]) for product in products)]))
        counts = {**before, "languages": spoken, "products": index.searcher().num_docs}
        _write_stamp(folder, stamp, counts)
        offers = sum(len(product.offer_ids) for product in products)
        return Built(collection, len(products), len(gone), offers, time.perf_counter() - started, generation, whole=False)

    def products_of(self, collection: str, offer_ids: Sequence[str]) -> list[str]:
        """The products that hold these offers in the index."""
        opened = self.open(collection)
        return opened.products_of(offer_ids) if opened else []

    def remove(self, collection: str) -> None:
        """Forgets a collection that is no longer published."""
        place = self._place(collection)
        (place / "current").unlink(missing_ok=True)
        self._sweep(place, "")

    def _place(self, collection: str) -> Path:
        return self._folder / collection

    def _version(self, collection: str) -> tuple[str, int] | None:
        """Which generation and which commit of it is to be read; None without any."""
        current = self._place(collection) / "current"
        try:
            return current.readlink().name, (current / "stamp.json").stat().st_mtime_ns
        except OSError:
            return None

    def _fill(self, folder: Path, products: Iterable[IndexedProduct], languages: tuple[str, ...]) -> dict[str, Any]:
        (folder / "products").mkdir(parents=True)
        index = _index(folder / "products", languages, fresh=True)
        writer = index.writer(heap_size=BUILD_HEAP_BYTES, num_threads=THREADS)
        count = offers = 0
        spoken: dict[str, None] = {}
        try:
            for product in products:
                writer.add_document(self._document(product, index.schema, languages))
                spoken.setdefault(self._spoken(product, languages))
                count, offers = count + 1, offers + len(product.offer_ids)
        except BaseException:
            writer.rollback()  # its threads must not write into a folder that is being removed
            writer.wait_merging_threads()
            raise
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        _fill_words(folder / "words", index.searcher())
        return {"products": count, "offers": offers, "languages": list(spoken) or list(languages[:1]), "schema": list(languages)}

    def _document(self, product: IndexedProduct, schema: tantivy.Schema, languages: Sequence[str]) -> tantivy.Document:
        language = self._spoken(product, languages)
        texts = {field: self._spaced(product.texts.get(field, ""), language) for field in FIELDS}
        fields: dict[str, Any] = {f"{field}_{language}": [text] for field, text in texts.items() if text}
        return tantivy.Document.from_dict(
            {
                "product_id": [product.product_id],
                "title": [product.title],
                "offer_id": list(product.offer_ids),
                "code": list(product.codes),
                "words": [" ".join(product.texts.get(field, "") for field in ("title", "brand", "category"))],
                "brand": [product.brand] if product.brand else [],
                "category": list(product.categories),
                "attribute": list(product.attributes),
                "price": [product.price],
                "rating": [product.rating_milli],
                "in_stock": [int(product.in_stock)],
                "weight": [product.weight],
                **fields,
            },
            schema,
        )

    def _spaced(self, text: str, language: str) -> str:
        return self._segmenter.spaced(text) if text and language == speaking.SEGMENTED else text

    def _spoken(self, product: IndexedProduct, languages: Sequence[str]) -> str:
        return product.language if product.language in languages else languages[0]

    def _learn(self, folder: Path, products: Sequence[IndexedProduct]) -> None:
        """Words that no product had before become known to spelling."""
        text = " ".join(product.texts.get(field, "") for product in products for field in ("title", "brand", "category"))
        index = _words_index(folder / "words")
        searcher = index.searcher()
        fresh = [word for word in dict.fromkeys(speaking.plain().analyze(text)) if not searcher.doc_freq("word", word)]
        if not fresh:
            return
        writer = index.writer(heap_size=CHANGE_HEAP_BYTES, num_threads=1)
        for word in fresh:
            writer.add_document(tantivy.Document.from_dict({"word": [word], "backwards": [word[::-1]], "count": [1]}, index.schema))
        writer.commit()
        writer.wait_merging_threads()

    def _switch(self, place: Path, generation: str) -> None:
        scratch = place / f".current.{os.getpid()}"
        scratch.unlink(missing_ok=True)
        scratch.symlink_to(generation)
        scratch.replace(place / "current")

    def _sweep(self, place: Path, kept: str) -> None:
        """Older generations leave; whoever reads one keeps its files until the next question."""
        for folder in place.glob("gen_*"):
            if folder.name != kept:
                shutil.rmtree(folder, ignore_errors=True)


def _index(folder: Path, languages: Sequence[str], *, fresh: bool = False) -> tantivy.Index:
    index = tantivy.Index(speaking.products_schema(languages), path=str(folder), reuse=not fresh)
    speaking.register(index, languages)
    index.config_reader("manual")
    return index


def _words_index(folder: Path) -> tantivy.Index:
    folder.mkdir(exist_ok=True)
    index = tantivy.Index(speaking.words_schema(), path=str(folder))
    index.config_reader("manual")
    return index


def _fill_words(folder: Path, searcher: tantivy.Searcher) -> None:
    index = _words_index(folder)
    writer = index.writer(heap_size=CHANGE_HEAP_BYTES, num_threads=1)
    for word, count in searcher.terms_with_prefix("words", "", limit=WORDS_LIMIT):
        writer.add_document(tantivy.Document.from_dict({"word": [word], "backwards": [word[::-1]], "count": [count]}, index.schema))
    writer.commit()
    writer.wait_merging_threads()


def _write_stamp(folder: Path, stamp: Stamp, counts: dict[str, Any]) -> None:
    """Written after the commit that it describes: a crash between them makes changes be read twice, never missed."""
    scratch = folder / ".stamp.json"
    scratch.write_text(json.dumps({**counts, **asdict(stamp), "format": FORMAT}) + "\n", encoding="utf-8")
    scratch.replace(folder / "stamp.json")
