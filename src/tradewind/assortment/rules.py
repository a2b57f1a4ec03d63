"""Policies read from data, the words of every reason, and the quality score as a function of values."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from tradewind.assortment.errors import PolicyIsInvalid, ReasonIsUnknown
from tradewind.assortment.model import REQUIRABLE_FACTS, Policy, QualityFacts, QualityParts, Reason
from tradewind.catalog import ancestors, categories

_DATA = resources.files("tradewind.assortment").joinpath("data")
_LISTS = ("prohibited_kinds", "restricted_kinds", "carried_batteries", "accepted_conditions", "required_facts")
_NUMBERS = ("max_weight_g", "min_images", "min_quality", "min_margin_ppm", "max_price_minor")


def load_policy(market: str, folder: Path | None = None) -> Policy:
    """The assortment policy of a market: the defaults, our file for the market, then `<folder>/<market>.assortment.toml`."""
    values = _read(_DATA.joinpath("default.toml").read_text("utf-8"), "default.toml")
    ours = _DATA.joinpath(f"{market}.toml")
    if ours.is_file():
        values |= _read(ours.read_text("utf-8"), f"{market}.toml")
    own = folder / f"{market}.assortment.toml" if folder else None
    if own and own.is_file():
        values |= _read(own.read_text("utf-8"), str(own))
    return _policy(market, values)


def _read(text: str, name: str) -> dict[str, Any]:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyIsInvalid(f"{name} is not TOML: {error}", hint="correct the file at this place") from error
    for key, value in values.items():
        _check(name, key, value)
    return values


def _check(name: str, key: str, value: object) -> None:
    if key in _LISTS:
        right = isinstance(value, list) and all(isinstance(item, str) for item in value)
    elif key in _NUMBERS:
        right = type(value) is int and value >= 0
    else:
        right = key == "version" and isinstance(value, str)
    if not right:
        raise PolicyIsInvalid(f"{name}: {key} = {value!r} is not a policy's", hint=f"a policy has {', '.join((*_LISTS, *_NUMBERS))}")
    if key == "required_facts" and isinstance(value, list) and not set(value) <= set(REQUIRABLE_FACTS):
        raise PolicyIsInvalid(f"{name}: required_facts names {value!r}", hint=f"possible facts: {', '.join(REQUIRABLE_FACTS)}")


def _policy(market: str, values: Mapping[str, Any]) -> Policy:
    rest: dict[str, Any] = {key: values[key] for key in _NUMBERS if key in values}
    rest |= {key: tuple(values[key]) for key in ("carried_batteries", "accepted_conditions", "required_facts")}
    return Policy(
        market=market,
        version=str(values["version"]),
        prohibited_categories=_categories_of(frozenset(values["prohibited_kinds"])),
        restricted_categories=_categories_of(frozenset(values["restricted_kinds"])),
        **rest,
    )


def _categories_of(kinds: frozenset[str]) -> tuple[str, ...]:
    """Every category that is of one of the kinds, itself or by an ancestor."""
    known = categories()
    return tuple(sorted(slug for slug in known if any(kinds & set(known[step].restricted) for step in ancestors(slug))))


@cache
def reasons() -> Mapping[str, Reason]:
    """Every reason by code, worst first."""
    rows = tomllib.loads(_DATA.joinpath("reasons.toml").read_text("utf-8"))["reason"]
    return {row["code"]: Reason(row["code"], order, row["text"], row["action"]) for order, row in enumerate(rows)}


def explain_reason(code: str) -> Reason:
    """The reason's words and what to do; ReasonIsUnknown for a code that is not in the list."""
    found = reasons().get(code)
    if found is None:
        raise ReasonIsUnknown(f'there is no reason "{code}"', hint="see docs/reference/decision-reasons.md")
    return found


def explain_quality(facts: QualityFacts) -> QualityParts:
    """The parts of the quality score, as assortment/select.sql adds them up."""
    width = facts.image_width or 0
    size = 60 if width >= 1500 else 40 if width >= 500 else 0
    images = (size + 120 + 30 * min(facts.image_count - 1, 4)) if facts.image_count > 0 else 0
    own = (
        (facts.weight_is_own, 50),
        (facts.dimensions_are_own, 30),
        (facts.cost_is_own, 50),
        (facts.hs_is_own, 40),
        (facts.origin_is_own, 30),
    )
    return QualityParts(
        images=images,
        text=min(facts.description_length, 600) // 3,
        identifiers=120 * facts.has_gtin + 50 * facts.has_brand + 30 * facts.has_mpn,
        facts=sum(points for is_own, points in own if is_own),
        rating=_rating_points(facts.rating_milli, facts.rating_count),
    )


def _rating_points(rating_milli: int | None, rating_count: int | None) -> int:
    # A product that few have judged is neither good nor bad.
    if rating_milli is None or (rating_count or 0) < 5:
        return 50
    return min(max(rating_milli - 3000, 0), 2000) // 20
