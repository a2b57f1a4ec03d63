"""The channel's product data specification: what each attribute may hold, and the requirements between them, as dated data."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from tradewind.listings.errors import RuleIsInvalid
from tradewind.listings.model import Verdict

_DATA = resources.files("tradewind.listings").joinpath("data/specification.toml")
UNKNOWN = "unknown"
SEVERITIES = (Verdict.DISAPPROVED.value, Verdict.LIMITED.value, Verdict.WARNING.value, UNKNOWN)

# How a value of a form is written. One of several values is its item, between commas.
_ITEMS: dict[str, str] = {
    "token": r"\S(.*\S)?",
    "model_text": r"(?s)(trained_algorithmic_media|default):.+",
    "model_link": r"https?://[\x21-\x7e]+\.(gltf|glb)",
    "price": r"[0-9]+(\.[0-9]{1,3})? [A-Z]{3}",
    "moment": r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:?[0-9]{2})?)?",
    "span": r"[0-9]{4}-[0-9]{2}-[0-9]{2}[^/]{0,17}/[0-9]{4}-[0-9]{2}-[0-9]{2}[^/]{0,17}",
    "country": "[A-Z]{2}",
    "count": "[0-9]+",
    "truth": "(?i)(yes|no|true|false)",
    "gtin": "([0-9]{8}|[0-9]{12,14})",
    "shipping": r"([A-Z]{2})?:[^:,]*:[^:,]*:[0-9]+(\.[0-9]+)? [A-Z]{3}(:[^,]*)?",
}
_WORDS: dict[str, str] = {
    "token": "without blanks at its ends",
    "model_text": "trained_algorithmic_media or default, a colon and the text",
    "link": "as an address of ASCII characters that starts with https://",
    "model_link": "as the address of a .gltf or .glb file",
    "price": "as a number with a point, a blank and the currency, such as 15.00 USD",
    "moment": "as ISO 8601, such as 2027-01-31T13:00+01:00",
    "span": "as two moments with a slash between them",
    "country": "as ISO 3166 alpha-2 in capitals",
    "count": "as a whole number",
    "truth": "as yes or no",
    "gtin": "as 8, 12, 13 or 14 digits",
    "shipping": "as country:region:service:price, such as US:::4.99 USD",
    "color": "as words: at most three joined by a slash, 40 characters each; no codes, digits or single letters",
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of the specification. `limit` is in characters (0: none), `repeat` how many values a product may have."""

    name: str
    form: str
    source: str
    limit: int = 0
    repeat: int = 1
    values: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    parts: int = 1
    pattern: str = ""
    words: str = ""
    required: bool = False
    instead: str = ""
    countries: tuple[str, ...] = ()
    destination: str = ""
    valid_from: date = date.min
    valid_to: date = date.max

    @property
    def spelled(self) -> str:
        """How a value is written, for the sentence that says what to do."""
        if self.form == "word":
            return f"as one of {', '.join(self.values)}"
        if self.form == "measure":
            return f"as a number and one of the units {', '.join(self.units)}"
        if self.form == "parts":
            return f"as {self.parts} or more parts with colons between them"
        return f"as {self.words}" if self.words else _WORDS.get(self.form, "as text")

    @property
    def regular(self) -> str:
        """The expression that all its values match, or nothing when any text will do."""
        if self.form == "pattern":
            return self.pattern
        item = self._item()
        if not item:
            return ""
        flags = item[: item.index(")") + 1] if item.startswith("(?") else ""
        item = item.removeprefix(flags)
        return f"{flags}^{item}$" if self.repeat == 1 else f"{flags}^{item}( ?, ?{item})*$"

    def _item(self) -> str:
        if self.form == "link":
            return r"https?://[\x21-\x7e]+" if self.repeat == 1 else r"https?://[\x21-\x2b\x2d-\x7e]+"
        if self.form == "word":
            return f"({'|'.join(value.replace('+', chr(92) + '+') for value in self.values)})"
        if self.form == "measure":
            return f"[0-9]+(\\.[0-9]+)? ?({'|'.join(self.units)})"
        if self.form == "parts":
            return "[^:]+(:[^:]*){%d,}" % (self.parts - 1)  # noqa: UP031 - braces are the expression's own
        return _ITEMS.get(self.form, "")


@dataclass(frozen=True, slots=True)
class Requirement:
    """What an attribute must be in relation to another, to a category (Google's ids) or to a country."""

    id: str
    attribute: str
    kind: str
    severity: str
    action: str
    source: str
    countries: tuple[str, ...] = ()
    not_countries: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    when: Mapping[str, Any] | None = None
    pattern: str = ""
    limit: int = 0
    values: tuple[str, ...] = ()
    valid_from: date = date.min
    valid_to: date = date.max

    def counts(self, country: str, day: date) -> bool:
        """Whether it is asked for in this country on this day."""
        here = (not self.countries or country in self.countries) and country not in self.not_countries
        return here and self.valid_from <= day <= self.valid_to


@dataclass(frozen=True, slots=True)
class Specification:
    """Everything that data/specification.toml holds. `beyond` is what only the channel can judge: id and meaning."""

    attributes: Mapping[str, Attribute]
    requirements: tuple[Requirement, ...]
    beyond: Mapping[str, str]


@cache
def specification() -> Specification:
    """Google's specification; RuleIsInvalid names what the file holds that no attribute has."""
    data = tomllib.loads(_DATA.read_text("utf-8"))
    try:
        attributes = {name: Attribute(name=name, **_tuples(row)) for name, row in data["attributes"].items()}
        requirements = tuple(Requirement(**_tuples(row)) for row in data["requirement"])
    except TypeError as error:
        raise RuleIsInvalid(
            f"data/specification.toml holds a field that is not known: {error}", hint="see listings/specification.py"
        ) from None
    for name in _strangers(attributes, requirements):
        raise RuleIsInvalid(f"data/specification.toml: {name}", hint="see listings/specification.py")
    return Specification(attributes, requirements, {row["id"]: row["about"] for row in data["beyond"]})


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def _strangers(attributes: Mapping[str, Attribute], requirements: tuple[Requirement, ...]) -> Iterator[str]:
    forms = {*_ITEMS, *_WORDS, "text", "word", "measure", "parts", "pattern"}
    yield from (f"{one.name} has the unknown form {one.form}" for one in attributes.values() if one.form not in forms)
    yield from (f"{one.id} is about the unknown attribute {one.attribute}" for one in requirements if one.attribute not in attributes)
    yield from (f"{one.id} has the unknown severity {one.severity}" for one in requirements if one.severity not in SEVERITIES)
