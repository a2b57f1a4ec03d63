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
NO_VALUE = "''"
VALUE_LENGTH = 200
_TEXTS = frozenset(("title", "description"))
RULES_LIMIT = 60  # the bits of a BIGINT

# For each kind: when the rule is broken, and the value to show. `full_*` is the offer's own value before it was fitted to Google.
_KINDS: dict[str, tuple[str, str]] = {
    "missing": ("{rendered} is null", "''"),
    "shouting": ("{rendered} = upper({rendered}) and {rendered} <> lower({rendered}) and length({rendered}) > {limit}", "{rendered}"),
    "not_matching": ("{attribute} is not null and not regexp_matches({attribute}, {pattern})", "{attribute}"),
    "claims": ("regexp_matches({rendered}, {pattern})", "regexp_extract({rendered}, {pattern})"),
    "longer": ("length(full_{attribute}) > {limit}", "length(full_{attribute})::varchar"),
    "image_below": ("image_width < {limit} or image_height < {limit}", "concat(image_width, ' x ', image_height)"),
    "price_below_one": ("price_minor < 1", "price"),
    "identifiers_missing": ("gtin is null and (mpn is null or brand is null)", "''"),
    "gtin_dropped": ("gtin_problem is not null", "gtin_problem"),
    "same_as_title": ("full_description = full_title", "''"),
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


def begins(rule_id: str) -> date:
    """The day from which a rule holds; the first of all days when it always did."""
    return next((row["valid_from"] for row in _rows() if row["id"] == rule_id and "valid_from" in row), date.min)


def resolve(country: str, as_of: date) -> RuleBook:
    """The rules that judge a listing in `country` on `as_of`; one that is announced but not yet valid is a warning."""
    found = [rule for row in _rows() if (rule := _rule(row, country, as_of)) is not None]
    if len(found) > RULES_LIMIT:
        raise RuleIsInvalid(f"{country} has {len(found)} rules; a listing remembers {RULES_LIMIT}", hint="see listings/rules.py")
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
    """One number for each listing: the bit of every rule that it breaks is set, in the order of the book."""
    return " | ".join(f"case when {_condition(rule)} then {_bit(number)} else 0 end" for number, rule in enumerate(book.rules)) or "0"


def bits(book: RuleBook, *severities: Verdict) -> int:
    """The bits of the rules with one of these severities."""
    return sum(_bit(number) for number, rule in enumerate(book.rules) if rule.severity in severities)


def valued_bits(book: RuleBook) -> int:
    """The bits of the rules whose issues show a value of the listing."""
    return sum(_bit(number) for number, rule in enumerate(book.rules) if _value(rule) != NO_VALUE)


def issues_sql(book: RuleBook, broken: str) -> str:
    """For each rule the issue of a listing that breaks it, with the value it shows, else NULL."""
    return ",\n        ".join(
        f"case when {broken} & {_bit(number)} <> 0 then {_issue(rule, _shown(rule))} end" for number, rule in enumerate(book.rules)
    )


def issue_list_sql(book: RuleBook, broken: int) -> str:
    """The issues of a set of rules that show no value."""
    return f"[{', '.join(_issue(rule, NO_VALUE) for number, rule in enumerate(book.rules) if broken & _bit(number))}]"


def _issue(rule: Rule, value: str) -> str:
    return (
        f"{{'rule': {_quoted(rule.id)}, 'attribute': {_quoted(rule.attribute)}, 'severity': {_quoted(rule.severity)},"
        f" 'value': {value}, 'action': {_quoted(rule.action)}}}"
    )


def _condition(rule: Rule) -> str:
    scope = "is_apparel and " if rule.apparel else ""
    return f"{scope}({_KINDS[rule.kind][0].format(**_words(rule))})"


def _value(rule: Rule) -> str:
    return _KINDS[rule.kind][1].format(**_words(rule))


def _shown(rule: Rule) -> str:
    return NO_VALUE if _value(rule) == NO_VALUE else f"coalesce(left({_value(rule)}, {VALUE_LENGTH}), '')"


def _words(rule: Rule) -> dict[str, object]:
    # A text that a model wrote stands in structured_title: the rules of a title are about either.
    text = f"full_{rule.attribute}" if rule.attribute in _TEXTS else rule.attribute
    return {"attribute": rule.attribute, "rendered": text, "limit": rule.limit, "pattern": _quoted(rule.pattern)}


def _bit(number: int) -> int:
    return 1 << number


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
