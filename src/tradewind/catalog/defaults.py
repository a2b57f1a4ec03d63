"""Facts that people answer for: defaults by category, signed and dated, and single facts by sku."""

import csv
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from tradewind.catalog.categories import ancestors, categories
from tradewind.catalog.errors import DefaultsAreInvalid
from tradewind.kit import Currency, HsCode, Money, TradewindError, gtin_problem

MAX_FACT_ROWS = 5_000_000
ANY = "*"  # the entry for every category, and for products of none
_INTEGERS = ("weight_g", "length_mm", "width_mm", "height_mm", "image_width", "image_height")
KEYS = (*_INTEGERS, "cost_factor", "hs_code", "origin", "battery")
BATTERIES = ("none", "contained", "packed", "standalone")
GIVEN_FACTS = ("weight_g", "length_mm", "width_mm", "height_mm", "hs_code", "origin", "cost", "brand", "gtin", "category", "battery")


@dataclass(frozen=True, slots=True)
class Defaults:
    """A defaults file: who signed it, when, and the facts by category slug."""

    signed_by: str
    signed_on: date
    facts: Mapping[str, Mapping[str, str]]
    digest: str

    def of(self, slug: str) -> dict[str, str]:
        """The facts of a category: its own, then its parents', then those of "*"."""
        found: dict[str, str] = {}
        for name in (*ancestors(slug), ANY) if slug else (ANY,):
            for key, value in self.facts.get(name, {}).items():
                found.setdefault(key, value)
        return found


def load_defaults(path: Path) -> Defaults:
    """The defaults in `path`; an unsigned or undated file is refused, because prices will stand on it."""
    try:
        text = path.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DefaultsAreInvalid(f"{path}: {error}", hint="see docs/reference/mapping.md, category defaults") from None
    signer, day = raw.pop("signed_by", None), raw.pop("date", None)
    raw.pop("note", None)
    if not signer or not isinstance(day, date):
        raise DefaultsAreInvalid(
            f"{path.name}: signed_by or date is missing", hint='write signed_by = "your name" and date = 2026-11-01 at the top'
        )
    facts = {slug: _checked(path.name, slug, given) for slug, given in raw.items()}
    return Defaults(str(signer), day, facts, hashlib.sha256(text.encode()).hexdigest())


def _checked(shown: str, slug: str, given: object) -> dict[str, str]:
    if slug != ANY and slug not in categories():
        raise DefaultsAreInvalid(
            f"{shown}: [{slug}] is not one of our categories", hint='the slugs stand in docs/reference/mapping.md; "*" is for all'
        )
    if not isinstance(given, dict):
        raise DefaultsAreInvalid(f"{shown}: {slug} must be a table of facts", hint=f"write [{slug}] on its own line, then weight_g = 500")
    return {key: _fact(shown, f"{slug}.{key}", key, str(value)) for key, value in given.items()}


def _fact(shown: str, where: str, key: str, value: str) -> str:
    if key not in KEYS:
        raise DefaultsAreInvalid(f"{shown}: {where} is not a fact that can have a default", hint="known: " + ", ".join(KEYS))
    problem = ""
    if key in _INTEGERS and not (value.isascii() and value.isdigit() and int(value) > 0):
        problem = "must be a whole number above 0"
    elif key == "hs_code" and not _is_hs(value):
        problem = "must be 6, 8 or 10 digits"
    elif key == "origin" and not (len(value) == 2 and value.isascii() and value.isupper()):
        problem = "must be two capital letters, such as CN"
    elif key == "battery" and value not in BATTERIES:
        problem = "must be one of " + ", ".join(BATTERIES)
    elif key == "cost_factor" and not (value.replace(".", "", 1).isdigit() and value.isascii()):
        problem = 'must be a decimal in quotes, such as "0.6"'
    if problem:
        raise DefaultsAreInvalid(f'{shown}: {where} = "{value}" {problem}', hint="correct it; facts that nobody signed stay missing")
    return value


def _is_hs(value: str) -> bool:
    try:
        HsCode(value)
    except TradewindError:
        return False
    return True


def fill_category_defaults(connection: duckdb.DuckDBPyConnection, defaults: Defaults | None) -> None:
    """Makes the table category_defaults: one row for each slug, and one with an empty slug for products of no category."""
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE category_defaults (slug VARCHAR, default_weight_g BIGINT, default_length_mm BIGINT, default_width_mm BIGINT,
           default_height_mm BIGINT, default_image_width BIGINT, default_image_height BIGINT, default_cost_ppm BIGINT, default_cost_text VARCHAR,
           default_hs_code VARCHAR, default_origin VARCHAR, default_battery VARCHAR, default_note VARCHAR)"""
    )
    if defaults is None:
        return
    note = f"category default signed {defaults.signed_by}, {defaults.signed_on}"
    for slug in ("", *categories()):
        facts = defaults.of(slug)
        row = [slug, *(int(facts[key]) if key in facts else None for key in _INTEGERS)]
        factor = facts.get("cost_factor")
        row += [_ppm(factor) if factor else None, factor, facts.get("hs_code"), facts.get("origin"), facts.get("battery"), note]
        connection.execute(f"INSERT INTO category_defaults VALUES ({', '.join('?' * len(row))})", row)


def _ppm(decimal: str) -> int:
    whole, _, rest = decimal.partition(".")
    return int(whole or "0") * 1_000_000 + int((rest + "000000")[:6])


def fill_given_facts(connection: duckdb.DuckDBPyConnection, path: Path | None) -> str:
    """Makes the table given_facts from a CSV of sku, fact, value, signed_by; gives the file's digest, empty without a file."""
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE given_facts (sku VARCHAR, given_weight_g BIGINT, given_length_mm BIGINT, given_width_mm BIGINT,
           given_height_mm BIGINT, given_hs_code VARCHAR, given_origin VARCHAR, given_cost_minor BIGINT, given_cost_currency VARCHAR, given_brand VARCHAR,
           given_gtin VARCHAR, given_category VARCHAR, given_battery VARCHAR, given_by VARCHAR)"""
    )
    if path is None:
        return ""
    rows: dict[str, dict[str, object]] = {}
    try:
        data = path.read_bytes()
        lines = csv.DictReader(data.decode("utf-8-sig").splitlines())
        for number, line in enumerate(lines, start=2):
            _take(path.name, number, line, rows)
    except (OSError, UnicodeDecodeError) as error:
        raise DefaultsAreInvalid(
            f"{path}: {error}", hint="a facts file is UTF-8 CSV with the columns sku, fact, value, signed_by"
        ) from None
    names = [row[0] for row in connection.execute("SELECT column_name FROM (DESCRIBE given_facts)").fetchall()]
    values = [[facts.get(name) for name in names] for facts in rows.values()]
    if values:
        connection.executemany(f"INSERT INTO given_facts VALUES ({', '.join('?' * len(names))})", values)
    return hashlib.sha256(data).hexdigest()


def _take(shown: str, number: int, line: dict[str, str | None], rows: dict[str, dict[str, object]]) -> None:
    sku, fact, value, signer = (str(line.get(name) or "").strip() for name in ("sku", "fact", "value", "signed_by"))
    if not (sku and fact and value and signer) or fact not in GIVEN_FACTS:
        raise DefaultsAreInvalid(
            f'line {number} of {shown}: sku "{sku}", fact "{fact}", value "{value}", signed_by "{signer}" is not a signed fact',
            hint="each line needs all four; facts: " + ", ".join(GIVEN_FACTS),
        )
    row = rows.setdefault(sku, {"sku": sku})
    row["given_by"] = f"signed {signer}"
    where = f"line {number}"
    if fact == "cost":
        currency, _, amount = value.partition(" ")
        money = Money.parse(amount, Currency(currency))
        row |= {"given_cost_minor": money.minor, "given_cost_currency": money.currency.code}
    elif fact in ("brand", "gtin", "category"):
        if (fact == "gtin" and gtin_problem(value)) or (fact == "category" and value not in categories()):
            raise DefaultsAreInvalid(
                f'{where} of {shown}: "{value}" is not a {fact}', hint=gtin_problem(value) if fact == "gtin" else "use a slug of our list"
            )
        row[f"given_{fact}"] = value
    else:
        checked = _fact(shown, where, fact, value)
        row[f"given_{fact}"] = int(checked) if fact in _INTEGERS else checked
