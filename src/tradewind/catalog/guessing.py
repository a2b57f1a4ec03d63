"""Which column is which attribute: by its name first, with its values as witnesses. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from tradewind.catalog import evidence
from tradewind.catalog.headers import ATTRIBUTE_RANK, Header, known_names, read_header
from tradewind.kit import gtin_problem

AMOUNTS = ("cost", "home_price")
MEASURES = ("weight", "length", "width", "height", "dimensions")
_NUMBERS = (*AMOUNTS, "weight", "length", "width", "height", "stock")
_SEVERAL = ("images", "home_category")  # every column of the same name counts, as in "Bild 1", "Bild 2"
_TEXTS = ("title", "description")
_LAST = 99  # the rank of a guess from values alone
_GTIN_PERCENT = 80
_TRUTHS = {"true", "false", "yes", "no", "0", "1"}


@dataclass(frozen=True, slots=True)
class Guess:
    """Attribute to the headers of its columns, in the order of their standing."""

    found: Mapping[str, tuple[Header, ...]]

    def of(self, attribute: str) -> tuple[Header, ...]:
        return self.found.get(attribute, ())

    def attributes(self) -> list[str]:
        """The attributes found, in the order of the file of names."""
        return [name for name in attribute_order() if name in self.found]

    def headers(self) -> Iterator[Header]:
        for headers in self.found.values():
            yield from headers

    def header(self, column: str) -> Header | None:
        return next((header for header in self.headers() if header.column == column), None)


@cache
def attribute_order() -> tuple[str, ...]:
    """Every attribute that has names."""
    return tuple(dict.fromkeys(attribute for places in known_names().values() for attribute, _, _ in places))


def guess(columns: Sequence[str], values: Mapping[str, Sequence[str]]) -> Guess:
    """Each column is used once; the surest name wins an attribute, and values that speak against it take it away."""
    wanted: dict[str, list[Header]] = {}
    any_row = any(values.values())
    for column in columns:
        for header in read_header(column):
            witness = _witnessed(header, values.get(column, ()))
            if witness is not None and (values.get(column) or not any_row):
                wanted.setdefault(str(witness.attribute), []).append(witness)
    found: dict[str, tuple[Header, ...]] = {}
    used: set[str] = set()
    for attribute in attribute_order():
        free = [header for header in wanted.get(attribute, ()) if header.column not in used]
        chosen = _chosen(attribute, free, {header.column: len(values.get(header.column, ())) for header in free})
        if chosen:
            found[attribute] = chosen
            used.update(header.column for header in chosen)
    if "gtin" not in found:
        numbers = next((column for column in columns if column not in used and _are_gtins(values.get(column, ()))), None)
        if numbers:
            found["gtin"] = (Header(numbers, "gtin", _LAST),)
            used.add(numbers)
    if "images" not in found:
        # Several such columns are sizes of the same pictures more often than further ones: the first is taken.
        pictures = next((column for column in columns if column not in used and evidence.are_pictures(values.get(column, ()))), None)
        if pictures:
            found["images"] = (Header(pictures, "images", _LAST),)
    return Guess(found)


def _witnessed(header: Header, values: Sequence[str]) -> Header | None:
    """The header if its values can be what its name says; a title of mere codes is an id."""
    if not values:
        return header
    if header.attribute == "title" and evidence.are_codes(values):
        return replace(header, attribute="sku", rank=_LAST)
    if header.attribute == "color" and {value.strip().lower() for value in values} <= _TRUTHS:
        return None
    if header.attribute == "images" and not evidence.are_pictures(values):
        return None
    if header.attribute in _NUMBERS and header.attribute != "stock" and not evidence.numbers(values).count:
        return None
    return header


def _chosen(attribute: str, headers: Sequence[Header], filled: Mapping[str, int]) -> tuple[Header, ...]:
    if not headers:
        return ()
    best = min(header.rank for header in headers)
    if attribute in _SEVERAL:
        return tuple(header for header in headers if header.rank == best)
    if attribute in _TEXTS:
        by_language: dict[str | None, Header] = {}
        for header in sorted(headers, key=lambda one: one.rank):
            by_language.setdefault(header.text_language, header)
        return tuple(by_language.values())
    if best >= ATTRIBUTE_RANK:
        return (max(headers, key=lambda header: filled[header.column]),)
    return (next(header for header in headers if header.rank == best),)


def _are_gtins(values: Sequence[str]) -> bool:
    good = sum(gtin_problem(value.strip()) == "" for value in values)
    return len(values) > 0 and good * 100 >= len(values) * _GTIN_PERCENT
