"""The channel's rules: read from data, resolved for a country and a day, and written as SQL conditions."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from tradewind.listings.errors import RuleIsInvalid
from tradewind.listings.model import ATTRIBUTES, Rule, RuleBook, Verdict

_DATA = resources.files("tradewind.listings").joinpath("data/google.toml")
_WORST_FIRST = (Verdict.DISAPPROVED, Verdict.LIMITED, Verdict.WARNING)

# For each kind: when the rule is broken, and the value to show. `full_*` is the offer's own value before it was fitted to Google.
_KINDS: dict[str, tuple[str, str]] = {
    "missing": ("{attribute} is null", "''"),
    "shouting": ("{attribute} = upper({attribute}) and {attribute} <> lower({attribute}) and length({attribute}) > {limit}", "{attribute}"),
    "not_matching": ("{attribute} is not null and not regexp_matches({attribute}, {pattern})", "{attribute}"),
    "longer": ("length(full_{attribute}) > {limit}", "length(full_{attribute})::varchar"),
    "image_below": ("image_width < {limit} or image_height < {limit}", "concat(image_width, ' x ', image_height)"),
    "price_below_one": ("price_minor < 1", "price"),
    "identifiers_missing": ("gtin is null and (mpn is null or brand is null)", "''"),
    "gtin_dropped": ("gtin_problem is not null", "gtin_problem"),
    "same_as_title": ("description = full_title", "''"),
    "color_dropped": ("full_color is not null and (color is null or full_color_count > 3)", "full_color"),
    "text_is_fallback": ("custom_label_1 = 'fallback'", "language"),
}


@cache
def _rows() -> tuple[Mapping[str, Any], ...]:
    rows = tuple(tomllib.loads(_DATA.read_text("utf-8"))["rule"])
    for row in rows:
        if row["kind"] not in _KINDS or row["attribute"] not in ATTRIBUTES or row["severity"] not in set(_WORST_FIRST):
            raise RuleIsInvalid(f"the rule {row['id']} has a kind, attribute or severity that is not known", hint="see listings/rules.py")
    return rows


def resolve(country: str, as_of: date) -> RuleBook:
    """The rules that judge a listing in `country` on `as_of`; one that is announced but not yet valid is a warning."""
    found = [rule for row in _rows() if (rule := _rule(row, country, as_of)) is not None]
    return RuleBook(country, as_of, tuple(sorted(found, key=lambda rule: _WORST_FIRST.index(rule.severity))))


def _rule(row: Mapping[str, Any], country: str, as_of: date) -> Rule | None:
    if country not in row.get("countries", (country,)) or as_of > row.get("valid_to", date.max):
        return None
    severity = Verdict(row["severity"])
    if as_of < row.get("valid_from", date.min):
        if as_of < row.get("announced_from", date.max):
            return None
        severity = Verdict.WARNING
    return Rule(
        id=row["id"],
        attribute=row["attribute"],
        kind=row["kind"],
        severity=severity,
        action=row["action"],
        limit=int(row.get("limit", row.get("pixels", 0))),
        pattern=row.get("pattern", ""),
        apparel=bool(row.get("apparel", False)),
    )


def checks_sql(book: RuleBook) -> str:
    """For each rule a CASE that gives its number in the book and the offending value, or NULL when the listing keeps it."""
    return ",\n        ".join(_check_sql(number, rule) for number, rule in enumerate(book.rules, start=1)) or "null"


def _check_sql(number: int, rule: Rule) -> str:
    condition, value = _KINDS[rule.kind]
    words = {"attribute": rule.attribute, "limit": rule.limit, "pattern": _quoted(rule.pattern)}
    scope = "is_apparel and " if rule.apparel else ""
    shown = f"left({value.format(**words)}, 200)"
    return f"case when {scope}({condition.format(**words)}) then '{number}' || chr(31) || coalesce({shown}, '') end"


def rules_sql(book: RuleBook) -> str:
    """The book as a list of structs, in the same order as the numbers of `checks_sql`."""
    rows = (
        f"{{'rule': {_quoted(rule.id)}, 'attribute': {_quoted(rule.attribute)},"
        f" 'severity': {_quoted(rule.severity)}, 'action': {_quoted(rule.action)}}}"
        for rule in book.rules
    )
    return f"[{', '.join(rows)}]"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
