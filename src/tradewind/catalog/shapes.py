"""The shapes that need no mapping: a Google feed, a Shopify product CSV, and Tradewind's own columns."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tradewind.catalog.errors import ShapeIsUnknown
from tradewind.catalog.mapping import known_shape, parse_mapping
from tradewind.catalog.model import CatalogMapping, Source
from tradewind.catalog.ports import StagedTable

# A shape is recognized by columns that it cannot be without; the first that fits wins.
_SIGNS = (
    ("shopify", ({"handle"}, {"title"}, {"variant sku", "variant price"})),
    (
        "tradewind",
        ({"sku"}, {"title", "title_en", "title_zh", "titles"}, {"cost", "cost_minor", "weight_g", "home_price", "home_price_minor"}),
    ),
    ("google", ({"id"}, {"title"}, {"image_link", "image link"}, {"price", "link"})),
)
_SAME_NAME = (
    "sku product_id brand gtin mpn category google_category home_category color size material pattern gender age_group image_width image_height "
    "hs_code origin condition battery rating rating_count sold_count"
)


def mapping_for(staged: StagedTable, path: Path) -> CatalogMapping:
    """The mapping of the shape that the columns show, or ShapeIsUnknown with the columns seen."""
    name = recognized_shape(staged.columns)
    if name is None:
        stem = path.name.split(".")[0]
        shown = ", ".join(staged.columns[:20]) + (" …" if len(staged.columns) > 20 else "")
        raise ShapeIsUnknown(
            f"{path.name} is of no shape that Tradewind knows (a Google feed, a Shopify product CSV, its own columns)\nits columns are: {shown}",
            hint=f"draft a mapping and look it over: tradewind catalog map {path} --output {stem}.mapping.toml\nthen: tradewind catalog import {path} --mapping {stem}.mapping.toml",
        )
    if name == "tradewind":
        return own_mapping(staged.columns)
    return fitted(known_shape(name), staged.columns)


def recognized_shape(columns: Sequence[str]) -> str | None:
    """The name of the shape, or None."""
    seen = {_plain(column) for column in columns}
    return next((name for name, groups in _SIGNS if all(seen & group for group in groups)), None)


def _plain(column: str) -> str:
    return column.lower().removeprefix("g:")


def fitted(mapping: CatalogMapping, columns: Sequence[str]) -> CatalogMapping:
    """The mapping without the sources whose column this file does not have; columns are found whatever their case or `g:`."""
    there = {_plain(column): column for column in columns}

    def found(name: str) -> str | None:
        table, dot, column = name.rpartition(".")
        actual = there.get(_plain(column)) or there.get(_plain(column).replace("_", " "))
        return table + dot + actual if actual else None

    def fit(source: Source) -> Source | None:
        if source.column is None:
            return source
        column, names = found(source.column), found(source.names) if source.names else None
        if column is None or (source.names and names is None):
            return None
        return replace(source, column=column, names=names)

    attributes = {name: tuple(kept for source in sources if (kept := fit(source))) for name, sources in mapping.attributes.items()}
    tables = tuple(table for table in mapping.tables if not table.collect or all(_plain(column) in there for column in table.collect))
    names = {table.name for table in tables}
    attributes = {
        name: tuple(source for source in sources if source.table is None or source.table in names) for name, sources in attributes.items()
    }
    stock = tuple(kept for source in mapping.stock if (kept := fit(source)))
    return replace(mapping, attributes={name: sources for name, sources in attributes.items() if sources}, tables=tables, stock=stock)


def own_mapping(columns: Sequence[str]) -> CatalogMapping:
    """The mapping of Tradewind's own columns: those of a snapshot's variant, with `title_<language>` and `stock_<location>`."""
    there = set(columns)
    lines = [f'{name} = "{name}"' for name in _SAME_NAME.split() if name in there]
    lines += _texts(columns, "title") + _texts(columns, "description")
    lines += [f'{name} = {{ column = "{name}", shape = "object" }}' for name in ("options", "specs") if name in there]
    if "images" in there:
        lines.append('images = { column = "images", split = "|" }')
    for fact in ("cost", "home_price"):
        currency = f"{{{fact}_currency}} " if f"{fact}_currency" in there else ""
        ways = [f'{{ template = "{currency}{{{fact}}}" }}'] if fact in there else []
        ways += [f'{{ template = "{currency}{{{fact}_minor}}", minor = true }}'] if f"{fact}_minor" in there else []
        if ways:
            lines.append(f"{fact} = [{', '.join(ways)}]")
    if "weight_g" in there:
        lines.append('weight = { column = "weight_g", unit = "g" }')
    lines += [f'{side} = {{ column = "{side}_mm", unit = "mm" }}' for side in ("length", "width", "height") if f"{side}_mm" in there]
    stock = [f'[[stock]]\ncolumn = "{column}"\nlocation = "{column[6:]}"' for column in columns if column.startswith("stock_")]
    if "stock" in there:
        stock.append('[[stock]]\ncolumn = "stock"\nshape = "object"')
    language = next((column[6:] for column in columns if re.fullmatch(r"title_[a-z]{2}", column)), "en")
    text = f'name = "tradewind"\nlanguage = "{language}"\n[attributes]\n' + "\n".join(lines) + "\n" + "\n".join(stock)
    return parse_mapping(text, "tradewind (known shape)", None)


def _texts(columns: Sequence[str], kind: str) -> list[str]:
    ways = [
        f'{{ column = "{column}", language = "{column[len(kind) + 1 :]}" }}'
        for column in columns
        if re.fullmatch(kind + "_[a-z]{2}", column)
    ]
    if kind + "s" in columns:
        ways += [f'{{ column = "{kind}s.{language}", language = "{language}" }}' for language in ("zh", "en", "de", "th")]
    if kind in columns:
        ways.append(f'"{kind}"')
    return [f"{kind} = [{', '.join(ways)}]"] if ways else []
