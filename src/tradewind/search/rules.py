"""Pure rules: an offer's variants become one product of the index, weights from its facts, prices into ranges, facets in order."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from tradewind.catalog import ancestors, categories
from tradewind.search.model import Counted, Facets, Filters, IndexedProduct, PriceRange
from tradewind.search.relevance import Relevance

DESCRIPTION_LETTERS = 1_000
VALUE_LETTERS = 60
PRICE_RANGES = 5
ATTRIBUTE_VALUES = 12
ATTRIBUTE_FACETS = 6
ATTRIBUTE_SHARE = 4
"""An attribute is offered where at least one product in this many has it."""
_ATTRIBUTES = ("color", "size", "material", "pattern", "gender", "age_group")
_SIGNS = re.compile(r"[\W_]+")
_HAN, _HAN_LANGUAGES = re.compile(r"[\u3400-\u9fff]"), frozenset({"zh", "ja"})
_LADDER = (10, 15, 20, 30, 50, 75)
_LADDER_DIGITS = 7


def product_of(variants: Sequence[Mapping[str, Any]], language: str, relevance: Relevance) -> IndexedProduct:
    """One product from the rows of its variants (those of offers.searching); the first that can be bought gives it its name."""
    shown = min(variants, key=lambda row: (row["availability"] != "in_stock", row["offer_id"]))
    buyable = [row for row in variants if row["availability"] == "in_stock"]
    attributes = tuple(dict.fromkeys(pair for row in variants for pair in attributes_of(row)))
    return IndexedProduct(
        product_id=shown["product_id"],
        language=shown["language"],
        title=shown["title"],
        texts={
            "title": " \n ".join(dict.fromkeys(row["title"] for row in variants)),
            "brand": shown["brand"] or "",
            "category": _category_words(shown["category"] or "", shown["language"]),
            "attributes": " \n ".join(pair.partition("=")[2] for pair in attributes),
            "description": shown["description"][:DESCRIPTION_LETTERS],
        },
        codes=tuple(dict.fromkeys(code_of(row[name]) for row in variants for name in ("offer_id", "sku", "gtin", "mpn") if row[name])),
        offer_ids=tuple(row["offer_id"] for row in variants),
        brand=shown["brand"],
        categories=ancestors(shown["category"]) or (shown["category"],) if shown["category"] else (),
        attributes=attributes,
        price=min(row["price_minor"] for row in buyable or variants),
        in_stock=bool(buyable),
        rating_milli=shown["rating_milli"] or 0,
        weight=weight_of(shown, language, relevance, in_stock=bool(buyable)),
    )


def weight_of(row: Mapping[str, Any], language: str, relevance: Relevance, *, in_stock: bool) -> float:
    """What the product is worth beside its words: popularity, stock, language and picture."""
    rated = min(math.log1p(row["rating_count"] or 0) / math.log1p(relevance["product.popularity_full"]), 1.0)
    weight = 1.0 + relevance["product.popularity"] * rated * (row["rating_milli"] or 0) / 5000
    weight *= 1.0 if in_stock else relevance["product.out_of_stock"]
    weight *= 1.0 if row["language"] == language else relevance["product.foreign_text"]
    return weight * (1.0 if row["has_image"] else relevance["product.no_picture"])


def code_of(text: str) -> str:
    """An article number as it is compared: without spaces and hyphens, small."""
    return _SIGNS.sub("", text).lower()


def attributes_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The "key=value" pairs that a variant can be found and narrowed by: also specifications, where they are short and were translated."""
    own = {name: row[name] for name in _ATTRIBUTES if row[name]}
    options = {str(key): value for key, value in (row["options"] or {}).items() if str(key).lower() not in own}
    specs = {str(key): value for key, value in (row["specs"] or {}).items() if str(key).lower() not in own}
    pairs = ((key, str(value).strip()) for key, value in {**own, **options, **specs}.items() if value)
    readable = ((key, value) for key, value in pairs if row["language"] in _HAN_LANGUAGES or not _HAN.search(key + value))
    return tuple(f"{key}={value}" for key, value in readable if value and len(value) <= VALUE_LETTERS and "=" not in key)


def variant_for(variants: Sequence[Mapping[str, Any]], filters: Filters, words: Iterable[str]) -> Mapping[str, Any] | None:
    """The variant to show of a product that was found: it meets the filters, can be bought, and is named in the question. Else None."""
    wanted = {word.lower() for word in words}

    def meets(row: Mapping[str, Any]) -> bool:
        low, high = filters.price_from, filters.price_to
        priced = (low is None or row["price_minor"] >= low) and (high is None or row["price_minor"] <= high)
        return priced and set(filters.attributes) <= set(attributes_of(row)) and (filters.brand in {None, row["brand"]})

    def named(row: Mapping[str, Any]) -> int:
        held = {part.lower() for pair in attributes_of(row) for part in pair.partition("=")[2].split()}
        return len(wanted & held)

    fitting = [row for row in variants if meets(row) and (not filters.in_stock or row["availability"] == "in_stock")]
    return min(fitting, key=lambda row: (-named(row), row["availability"] != "in_stock", row["offer_id"]), default=None)


def price_steps(digits: int) -> tuple[int, ...]:
    """The bounds of price ranges in minor units of a currency with so many digits: 10, 15, 20, 30, 50, 75, 100 …"""
    return tuple(sorted({step * 10 ** (power + digits) // 10 for power in range(_LADDER_DIGITS) for step in _LADDER}))


def price_ranges(counted: Sequence[tuple[int | None, int | None, int]], most: int = PRICE_RANGES) -> tuple[PriceRange, ...]:
    """At most `most` ranges out of the (low, high, count) of every step: those with the fewest products join their neighbor."""
    ranges = [PriceRange(low, high, count) for low, high, count in counted]
    while ranges and not ranges[0].count:
        ranges = ranges[1:]
    while ranges and not ranges[-1].count:
        ranges = ranges[:-1]
    while len(ranges) > most:
        at = min(range(len(ranges) - 1), key=lambda number: ranges[number].count + ranges[number + 1].count)
        left, right = ranges[at], ranges[at + 1]
        ranges[at : at + 2] = [PriceRange(left.low, right.high, left.count + right.count)]
    return tuple(one for one in ranges if one.count)


def attribute_facets(counted: Iterable[Counted], total: int) -> dict[str, tuple[Counted, ...]]:
    """The "key=value" counts by key: those that enough products have and that differ, the widest spread first."""
    by_key: dict[str, list[Counted]] = {}
    for one in counted:
        key, _, value = one.value.partition("=")
        by_key.setdefault(key, []).append(Counted(value, one.count))
    fitting = {key: values for key, values in by_key.items() if sum(one.count for one in values) * ATTRIBUTE_SHARE >= total}
    chosen = sorted((key for key, values in fitting.items() if len(values) > 1), key=lambda key: _prominence(key, fitting[key]))
    return {key: tuple(fitting[key][:ATTRIBUTE_VALUES]) for key in chosen[:ATTRIBUTE_FACETS]}


def category_facet(counted: Iterable[Counted], chosen: str | None) -> tuple[Counted, ...]:
    """The categories right below the chosen one, or the top ones; one that holds everything gives way to those below it."""
    counts = {one.value: one.count for one in counted}
    level = _children(counts, chosen)
    while len(level) == 1 and (below := _children(counts, level[0])):
        level = below
    return tuple(sorted((Counted(slug, counts[slug]) for slug in level), key=lambda one: (-one.count, one.value)))


def merged(facets: Facets, others: Mapping[str, Facets]) -> Facets:
    """The facets with those in which a choice was made taken from an answer without that choice."""
    attributes = dict(facets.attributes)
    for name, other in others.items():
        if name.startswith("attribute:"):
            key = name.removeprefix("attribute:")
            attributes[key] = other.attributes.get(key, attributes.get(key, ()))
    return Facets(
        categories=facets.categories,
        brands=others["brand"].brands if "brand" in others else facets.brands,
        prices=others["price"].prices if "price" in others else facets.prices,
        attributes=attributes,
        in_stock=facets.in_stock,
    )


def _children(counts: Mapping[str, int], parent: str | None) -> list[str]:
    known = categories()
    return [slug for slug in counts if (known[slug].parent if slug in known else None) == parent and slug != parent]


@cache
def _category_words(slug: str, language: str) -> str:
    """What the category and those above it are called, and what reveals it in a title."""
    known = categories()
    found = [known[step] for step in ancestors(slug) if step in known]
    names = [name for one in found for name in (one.name(language), one.one_of_it(language)) if name]
    keywords = {"en": found[0].keywords_en, "zh": found[0].keywords_zh}.get(language, ()) if found else ()
    return " \n ".join(dict.fromkeys([*names, *keywords]))


def _prominence(key: str, values: Sequence[Counted]) -> tuple[int, int, str]:
    first = _ATTRIBUTES.index(key) if key in _ATTRIBUTES else len(_ATTRIBUTES)
    return (first, -sum(one.count for one in values), key)
