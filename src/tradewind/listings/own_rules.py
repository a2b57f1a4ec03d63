"""The retailer's own rules for listings: listing-rules.toml in the market folder, checked before anything is judged by it."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

from tradewind.listings.errors import RuleIsInvalid
from tradewind.listings.specification import SEVERITIES, Requirement, specification

OWN_RULES = "listing-rules.toml"
OWN_SOURCE = "own rule"
# kind: the field it needs beside the attribute.
OWN_KINDS: dict[str, str] = {
    "missing": "",
    "present": "",
    "matching": "pattern",
    "not_matching": "pattern",
    "longer": "limit",
    "shorter": "limit",
    "not_one_of": "values",
}
_FIELDS = {
    "id",
    "attribute",
    "kind",
    "severity",
    "action",
    "pattern",
    "limit",
    "values",
    "countries",
    "categories",
    "valid_from",
    "valid_to",
}
_ID = re.compile(r"[a-z][a-z0-9_]{2,59}")
_TYPES: dict[str, type] = {"pattern": str, "limit": int, "values": list, "countries": list, "categories": list, "action": str}


def own_rules(folder: Path | None) -> tuple[Requirement, ...]:
    """The rules in `folder`/listing-rules.toml (none without the file); RuleIsInvalid names the rule, the field and what it may hold."""
    path = folder / OWN_RULES if folder is not None else None
    if path is None or not path.is_file():
        return ()
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleIsInvalid(
            f"{path} cannot be read: {error}", hint="write it as TOML in UTF-8; see docs/how-to/check-listings.md"
        ) from None
    rows = data.get("rule", [])
    if set(data) - {"rule"} or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RuleIsInvalid(f"{path} may hold only tables [[rule]]", hint="see docs/how-to/check-listings.md")
    rules = tuple(_rule(path, number, row) for number, row in enumerate(rows, start=1))
    names = [rule.id for rule in rules]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RuleIsInvalid(f"{path} has two rules with the id {twice[0]}", hint="give each rule an id of its own")
    return rules


def _rule(path: Path, number: int, row: Mapping[str, Any]) -> Requirement:
    name = str(row.get("id", f"number {number}"))
    for what, hint in chain(_wrong_fields(row, name), _wrong_words(row), _wrong_needs(row)):
        raise RuleIsInvalid(f"{path}, rule {name}: {what}", hint=hint)
    fields: dict[str, Any] = {key: tuple(str(item) for item in value) if isinstance(value, list) else value for key, value in row.items()}
    return Requirement(**{"severity": "warning", "source": OWN_SOURCE} | fields)


def _wrong_fields(row: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    """What is wrong with its fields, and the way out."""
    for strange in sorted(set(row) - _FIELDS):
        yield f"the field {strange} is not known", f"it may have {', '.join(sorted(_FIELDS))}"
    if not _ID.fullmatch(name):
        yield "it has no id of 3 to 60 small letters, digits and underscores", 'write id = "no_glass"'
    for field, kind in _TYPES.items():
        if field in row and type(row[field]) is not kind:
            yield f"{field} is {row[field]!r}", f"give {_said(kind)}"
    for field in ("valid_from", "valid_to"):
        if type(row.get(field, date.min)) is not date:
            yield f"{field} is {row[field]!r}", f"write {field} = 2027-01-31, without quotation marks"


def _wrong_words(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if row.get("attribute") not in specification().attributes:
        yield f"the attribute {row.get('attribute')!r} is not known", "the attributes are in docs/reference/google-attributes.md"
    if row.get("kind") not in OWN_KINDS:
        yield f"the kind {row.get('kind')!r} is not known", f"use one of {', '.join(OWN_KINDS)}"
    if row.get("severity", "warning") not in SEVERITIES:
        yield f"the severity {row['severity']!r} is not known", f"use one of {', '.join(SEVERITIES)}"


def _wrong_needs(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not str(row.get("action", "")).strip():
        yield "it has no action", "say in one sentence what to do about it"
    needed = OWN_KINDS[row["kind"]]
    if needed and not row.get(needed):
        yield f"the kind {row['kind']} needs {needed}", f"add {needed}"
    try:
        re.compile(row.get("pattern", ""))
    except re.error as error:
        yield f"the pattern is no regular expression: {error}", "correct it; RE2's syntax counts"


def _said(kind: type) -> str:
    return {str: "a text", int: "a whole number", list: "a list of texts"}[kind]
