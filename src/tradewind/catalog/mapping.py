"""Reads a mapping file: which column is which attribute. Every error names the file, the key and what is known."""

import difflib
import hashlib
import tomllib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from tradewind.catalog.categories import categories
from tradewind.catalog.errors import MappingIsInvalid
from tradewind.catalog.model import PROVENANCES, CatalogMapping, Source, TableRule
from tradewind.kit import Currency, CurrencyUnknown

ATTRIBUTES = [
    "sku",
    "product_id",
    "title",
    "description",
    "brand",
    "gtin",
    "mpn",
    "google_category",
    "category",
    "home_category",
    "color",
    "size",
    "material",
    "pattern",
    "gender",
    "age_group",
    "options",
    "specs",
    "images",
    "image_width",
    "image_height",
    "home_price",
    "cost",
    "weight",
    "length",
    "width",
    "height",
    "dimensions",
    "hs_code",
    "origin",
    "condition",
    "battery",
    "rating",
    "rating_count",
    "sold_count",
]
TOP_KEYS = ["name", "note", "language", "currency", "country", "defaults", "facts", "tables", "attributes", "stock", "categories"]
TABLE_KEYS = ["file", "of", "primary", "on", "many", "collect", "where", "format", "encoding", "delimiter", "sheet", "items"]
SOURCE_KEYS = [
    "column",
    "path",
    "value",
    "template",
    "fields",
    "prefix",
    "unit",
    "currency",
    "minor",
    "decimal",
    "language",
    "split",
    "words",
    "without",
    "provenance",
    "location",
    "from",
    "times",
    "shape",
    "names",
    "table",
    "keys",
    "country",
    "note",
]
WEIGHT_UNITS = ["mg", "g", "kg", "jin", "斤", "lb", "oz"]
LENGTH_UNITS = ["mm", "cm", "m", "in", "ft"]
GUESSED = "?"  # behind a slug: nobody has confirmed it, so the category is derived and not a person's word
SHAPES = ("google", "shopify", "tradewind")
DIMENSIONS = ("length", "width", "height", "dimensions")


def load_mapping(path: Path) -> CatalogMapping:
    """The mapping in `path`; MappingIsInvalid names the key that is wrong and what is known instead."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise MappingIsInvalid(
            f"{path}: {error.strerror}", hint="give the path of a mapping file, or draft one: tradewind catalog map PATH"
        ) from None
    return parse_mapping(text, path.name, path)


def known_shape(name: str) -> CatalogMapping:
    """The mapping that comes with Tradewind for a shape it knows: google, shopify or tradewind."""
    text = resources.files("tradewind.catalog").joinpath(f"data/shapes/{name}.toml").read_text(encoding="utf-8")
    return parse_mapping(text, f"{name} (known shape)", None)


def parse_mapping(text: str, shown: str, path: Path | None) -> CatalogMapping:
    """The mapping written in `text`; `shown` is how errors call the file."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingIsInvalid(f"{shown} is not TOML: {error}", hint="see docs/reference/mapping.md for an example") from None
    return _Reader(shown, path).mapping(raw, hashlib.sha256(text.encode()).hexdigest())


class _Reader:
    def __init__(self, shown: str, path: Path | None) -> None:
        self.shown = shown
        self.path = path

    def wrong(self, key: str, problem: str, known: Iterable[str] = (), hint: str = "") -> MappingIsInvalid:
        names = list(known)
        near = difflib.get_close_matches(key.rsplit(".", 1)[-1], names, 1)
        told = f"did you mean {near[0]}? " if near else ""
        listed = f"known: {', '.join(names)}" if names else "see docs/reference/mapping.md"
        return MappingIsInvalid(f"{self.shown}: {key}: {problem}", hint=hint or told + listed)

    def keys(self, where: str, given: dict[str, object], known: list[str]) -> None:
        for key in given:
            if key not in known:
                raise self.wrong(f"{where}{key}", "is not a key of a mapping", known)

    def table_of(self, raw: dict[str, object], key: str) -> dict[str, object]:
        value = raw.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"must be a table, not {value!r}")
        return value

    def mapping(self, raw: dict[str, object], digest: str) -> CatalogMapping:
        self.keys("", raw, TOP_KEYS)
        currency = self.currency("currency", raw.get("currency"))
        attributes: dict[str, tuple[Source, ...]] = {}
        for name, given in self.table_of(raw, "attributes").items():
            if name not in ATTRIBUTES:
                raise self.wrong(f"attributes.{name}", "is not an attribute", ATTRIBUTES)
            attributes[name] = self.sources(f"attributes.{name}", name, given)
        if "sku" not in attributes:
            raise self.wrong(
                "attributes.sku",
                "is missing: every variant needs an id",
                hint='name its column, or make one: sku = { fields = ["name", "brand"], prefix = "my-" }',
            )
        if "title" not in attributes:
            raise self.wrong("attributes.title", "is missing: a product without a title cannot be sold", hint='add title = "<column>"')
        return CatalogMapping(
            name=str(raw.get("name") or (self.path.stem.removesuffix(".mapping") if self.path else self.shown)),
            language=str(raw.get("language") or "en"),
            currency=currency,
            country=str(raw["country"]).upper() if "country" in raw else None,
            tables=self.tables(self.table_of(raw, "tables")),
            attributes=attributes,
            stock=self.sources("stock", "stock", raw["stock"]) if "stock" in raw else (),
            categories=self.categories(self.table_of(raw, "categories")),
            defaults=self.beside(raw.get("defaults")),
            facts=self.beside(raw.get("facts")),
            path=self.path,
            digest=digest,
        )

    def beside(self, given: object) -> Path | None:
        if given is None:
            return None
        return (self.path.parent if self.path else Path()) / str(given)

    def currency(self, key: str, given: object) -> str | None:
        if given is None:
            return None
        try:
            return Currency(str(given)).code
        except CurrencyUnknown as error:
            raise self.wrong(key, error.message, hint=error.hint) from None

    def categories(self, raw: dict[str, object]) -> dict[str, str]:
        slugs = list(categories())
        for home, slug in raw.items():
            if str(slug).removesuffix(GUESSED) not in categories():
                near = difflib.get_close_matches(str(slug), slugs, 1)
                hint = (f"did you mean {near[0]}? " if near else "") + "the slugs stand in docs/reference/mapping.md"
                raise self.wrong(f'categories."{home}"', f'"{slug}" is not one of our categories', hint=hint)
        return {home: str(slug) for home, slug in raw.items()}

    def tables(self, raw: dict[str, object]) -> tuple[TableRule, ...]:
        if not raw:
            return (TableRule("products", primary=True),)
        rules = [self.table(name, given) for name, given in raw.items()]
        primaries = [rule.name for rule in rules if rule.primary]
        if len(rules) == 1:
            primaries = [rules[0].name]
        if len(primaries) != 1:
            raise self.wrong("tables", f"exactly one table must say primary = true, not {len(primaries)}")
        first = [_as_primary(rule) for rule in rules if rule.name == primaries[0]]
        rest = [rule for rule in rules if rule.name != primaries[0]]
        for rule in rest:
            if not rule.on:
                raise self.wrong(
                    f"tables.{rule.name}.on",
                    "is missing: how do its rows meet the others?",
                    hint=f'add on = {{ parent_id = "{first[0].name}.id" }}',
                )
        return tuple(first + rest)

    def table(self, name: str, given: object) -> TableRule:
        if not isinstance(given, dict):
            raise self.wrong(f"tables.{name}", "must be a table")
        self.keys(f"tables.{name}.", given, TABLE_KEYS)
        collect = given.get("collect")
        if collect is not None and not (isinstance(collect, dict) and set(collect) == {"key", "value"}):
            raise self.wrong(f"tables.{name}.collect", 'must be { key = "<column>", value = "<column>" }')
        where = given.get("where", {})
        texts = {key: str(given[key]) for key in ("file", "of", "format", "encoding", "delimiter", "sheet", "items") if key in given}
        return TableRule(
            name=name,
            primary=bool(given.get("primary", False)),
            on=tuple((str(own), str(other)) for own, other in given.get("on", {}).items()),
            many=bool(given.get("many", False)),
            collect=(str(collect["key"]), str(collect["value"])) if collect else None,
            where=tuple(
                (key, tuple(str(item) for item in (value if isinstance(value, list) else [value]))) for key, value in where.items()
            ),
            **texts,
        )

    def sources(self, key: str, attribute: str, given: object) -> tuple[Source, ...]:
        entries = given if isinstance(given, list) else [given]
        if not entries:
            raise self.wrong(key, "is an empty list")
        return tuple(self.source(key, attribute, entry) for entry in entries)

    def source(self, key: str, attribute: str, given: object) -> Source:
        if isinstance(given, str):
            return Source(column=given)
        if not isinstance(given, dict):
            raise self.wrong(key, f'must be "<column>" or {{ column = … }}, not {given!r}')
        self.keys(f"{key}.", given, SOURCE_KEYS)
        ways = [way for way in ("column", "path", "value", "template", "fields", "from", "table", "keys") if way in given]
        if len(ways) != 1:
            raise self.wrong(key, f"needs exactly one of column, value, template, fields, from, table, keys; it has {ways or 'none'}")
        self.check_words(key, attribute, given)
        words = given.get("words", {})
        optional = {
            name: str(given[name])
            for name in ("value", "template", "unit", "language", "split", "location", "times", "shape", "names", "table", "keys")
            if name in given
        }
        return Source(
            column=str(given["column"] if "column" in given else given["path"]) if {"column", "path"} & set(given) else None,
            fields=tuple(str(name) for name in given.get("fields", ())),
            prefix=str(given.get("prefix", "")),
            currency=self.currency(f"{key}.currency", given.get("currency")),
            minor=bool(given.get("minor", False)),
            decimal=str(given.get("decimal", ".")),
            words={str(word).lower(): str(value) for word, value in words.items()},
            without=self.endings(key, given.get("without", [])),
            provenance=str(given.get("provenance", "supplier")),
            basis=str(given["from"]) if "from" in given else None,
            country=str(given["country"]).upper() if "country" in given else None,
            **optional,
        )

    def endings(self, key: str, given: object) -> tuple[str, ...]:
        found = given if isinstance(given, list) else [given]
        if not all(isinstance(one, str) and one.strip() for one in found):
            raise self.wrong(f"{key}.without", f"must be endings of the text, not {given!r}", hint='without = ["制造商"]')
        return tuple(found)

    def check_words(self, key: str, attribute: str, given: dict[str, object]) -> None:
        if given.get("provenance", "supplier") not in PROVENANCES[:4]:
            raise self.wrong(f"{key}.provenance", f'"{given["provenance"]}" is no provenance', PROVENANCES[:4])
        if given.get("decimal", ".") not in (".", ","):
            raise self.wrong(f"{key}.decimal", 'must be "." or ","')
        unit = given.get("unit")
        units = WEIGHT_UNITS if attribute == "weight" else LENGTH_UNITS
        if unit is not None and (attribute not in (*DIMENSIONS, "weight") or unit not in units):
            raise self.wrong(f"{key}.unit", f'"{unit}" is not a unit of {attribute}', units)
        if "from" in given and (attribute != "cost" or given["from"] not in ("home_price", "retail_price") or "times" not in given):
            raise self.wrong(f"{key}.from", "only a cost can be derived", hint='write cost = { from = "home_price", times = "0.7" }')
        if attribute == "stock" and "location" not in given and given.get("shape") != "object":
            raise self.wrong(f"{key}.location", "is missing: where does this stock lie?", hint='add location = "SZX-1"')


def _as_primary(rule: TableRule) -> TableRule:
    from dataclasses import replace

    return replace(rule, primary=True)
