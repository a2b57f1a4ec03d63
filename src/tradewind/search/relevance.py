"""The weights of relevance: TOML in which each one says since when it holds and why."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from tradewind.search.errors import RelevanceIsInvalid

FILE = "search.toml"
FIELDS = ("title", "brand", "category", "attributes", "description")
_OWN = resources.files("tradewind.search").joinpath("data/relevance.toml")
_HINT = "each [weight.NAME] has value, since (a day) and why; see docs/how-to/tune-search.md"


@dataclass(frozen=True, slots=True)
class Weight:
    """A number of relevance, since when it holds and why."""

    name: str
    value: float
    since: date
    why: str


@dataclass(frozen=True, slots=True)
class Relevance:
    """All weights by name, and a digest of what indexes were built with."""

    weights: Mapping[str, Weight]

    def __getitem__(self, name: str) -> float:
        return self.weights[name].value

    def fields(self) -> dict[str, float]:
        """How much a word counts in each field; a field that counts nothing is not asked."""
        found = {name: self[f"field.{name}"] for name in FIELDS}
        return {name: value for name, value in found.items() if value > 0}

    @property
    def digest(self) -> str:
        """Changes when a weight changes that is written into the index, so that it must be built anew."""
        built = sorted((name, one.value) for name, one in self.weights.items() if name.startswith("product."))
        return hashlib.sha256(repr(built).encode()).hexdigest()[:12]


@cache
def load_relevance(folder: Path | None = None) -> Relevance:
    """The shipped weights, with those of `search.toml` in the retailer's folder in their places. RelevanceIsInvalid."""
    weights = _parsed(_OWN.read_text("utf-8"), "relevance.toml")
    own = folder / FILE if folder is not None else None
    if own is not None and own.is_file():
        given = _parsed(own.read_text("utf-8"), FILE)
        unknown = sorted(given.keys() - weights.keys())
        if unknown:
            raise RelevanceIsInvalid(f'{FILE} names the weight "{unknown[0]}", which there is not', hint=f"there are: {', '.join(weights)}")
        weights |= given
    return Relevance(weights)


def _parsed(text: str, name: str) -> dict[str, Weight]:
    try:
        groups: dict[str, Any] = tomllib.loads(text).get("weight", {})
    except tomllib.TOMLDecodeError as error:
        raise RelevanceIsInvalid(f"{name} is not TOML: {error}", hint=_HINT) from None
    return {f"{group}.{key}": _weight(f"{group}.{key}", row, name) for group, rows in groups.items() for key, row in rows.items()}


def _weight(name: str, row: Any, file: str) -> Weight:
    if not isinstance(row, dict) or row.keys() != {"value", "since", "why"}:
        raise RelevanceIsInvalid(f"{file}: {name} must say value, since and why, nothing else", hint=_HINT)
    value, since, why = row["value"], row["since"], row["why"]
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise RelevanceIsInvalid(f"{file}: {name} has the value {value!r}, which is no number of 0 or more", hint=_HINT)
    if not isinstance(since, date) or not str(why).strip():
        raise RelevanceIsInvalid(f"{file}: {name} needs a day in `since` and a reason in `why`", hint=_HINT)
    return Weight(name, value, since, str(why))
