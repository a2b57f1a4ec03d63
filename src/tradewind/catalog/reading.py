"""Looks into a snapshot: one variant, its quarantine, and the facts that are missing, ranked by what they hold back."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from tradewind.catalog.compiling import literal
from tradewind.catalog.errors import QuarantineEntryNotFound, SkuNotFound
from tradewind.catalog.model import Snapshot
from tradewind.catalog.ports import relation_of
from tradewind.db import duck

MAX_LIST = 1000
SEARCH_BLOCK = 5_000
_READING_MEMORY_MB = 512
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Za-z]{2,4})?")
# The facts that pricing, customs or Google need, how a snapshot says where each comes from, what waits for it when it is
# missing, and what stands on it when it is only a default or worked out.
_GAP_FACTS = (
    (
        "category",
        "category_from",
        "no category: no default, no tariff rule and no margin can be chosen",
        "tariff rules and margins follow a guess from words",
    ),
    ("cost", "cost_from", "no price can be built", "prices stand on a share of the home price"),
    ("weight", "weight_from", "no freight can be quoted", "freight stands on a default"),
    ("hs_code", "hs_from", "no duty can be computed", "duty stands on a default"),
    ("origin", "origin_from", "no duty can be computed", "duty stands on a default"),
    ("dimensions", "dimensions_from", "volumetric weight is not known", "volumetric weight stands on a default"),
    ("gtin", "gtin_from", "Google limits offers of known brands without one", ""),
    ("brand", "brand_from", "Google asks for it", ""),
    (
        "image",
        "image_from",
        "its size is not known: Google wants 100 x 100 pixels, 250 x 250 for clothes",
        "its size stands on a default",
    ),
)
_WEAK = {"cost": ("category_default", "derived"), "category": ("derived",)}
_TEXTS = (
    ("title", "titles", "a title is made of brand, category and model, or the product is left out"),
    ("description", "descriptions", "the title stands in for it"),
)


@dataclass(frozen=True, slots=True)
class Gap:
    """A fact that is missing, or stands on a default, and how much waits for it."""

    fact: str
    state: str
    variants: int
    home_value_minor: int
    currency: str | None
    example_sku: str
    effect: str


@dataclass(frozen=True, slots=True)
class QuarantineEntry:
    """A row, or one variant of it, that could not be used."""

    row: int
    table_name: str
    field: str | None  # None when the row could not be read at all
    value: str | None
    reason: str
    hint: str
    quarantine_id: str


def _connect() -> duckdb.DuckDBPyConnection:
    return duck.connect(threads=1, memory_limit_mb=_READING_MEMORY_MB, preserve_insertion_order=True)


def show_variant(snapshot: Snapshot, sku: str, *, guess: bool = True) -> dict[str, object]:
    """Every fact of a variant, its stock by location, and the source row it was read from. SkuNotFound; with `guess` it names the nearest."""
    with _connect() as connection:
        found = connection.execute("SELECT * FROM read_parquet(?) WHERE sku = ?", [snapshot.all_products, sku])
        names = [column[0] for column in found.description or ()]
        row = found.fetchone()
        if row is None and not guess:
            raise SkuNotFound(f'no variant with the sku "{sku}" is in {snapshot.snapshot_id}', hint="list the variants")
        if row is None:
            near = connection.execute(
                "SELECT sku FROM read_parquet(?) ORDER BY levenshtein(sku, ?), sku LIMIT 3", [snapshot.all_products, sku]
            ).fetchall()
            raise SkuNotFound(
                f'no variant with the sku "{sku}" is in {snapshot.snapshot_id}',
                hint="the nearest are " + ", ".join(str(item[0]) for item in near),
            )
        stock = connection.execute(
            "SELECT location_id, quantity FROM read_parquet(?) WHERE sku = ? ORDER BY location_id", [snapshot.all_stock, sku]
        ).fetchall()
        facts = dict(zip(names, row, strict=True))
        source = _source_row(connection, snapshot, int(facts["source_row"]), None)
        return facts | {"stock": {str(location): int(quantity) for location, quantity in stock}, "source": source}


def variants_page(snapshot: Snapshot, after: str, limit: int) -> list[dict[str, Any]]:
    """Variants by sku, behind `after`: sku, product_id, language, titles, brand, category and row_hash (equal hash, equal facts)."""
    columns = ("sku", "product_id", "language", "titles", "brand", "category", "row_hash")
    with _connect() as connection:
        rows = connection.execute(
            f"SELECT {', '.join(columns)} FROM read_parquet(?) WHERE sku > ? ORDER BY sku LIMIT ?",
            [snapshot.all_products, after, min(limit, MAX_LIST)],
        ).fetchall()
    return [dict(zip(columns, row, strict=True)) for row in rows]


def first_sku(snapshot: Snapshot) -> str:
    """The first sku in order, for examples."""
    with _connect() as connection:
        row = connection.execute("SELECT min(sku) FROM read_parquet(?)", [snapshot.all_products]).fetchone()
    return str(row[0]) if row else ""


def source_row(snapshot: Snapshot, row: int, table: str | None = None) -> dict[str, object]:
    """A row as it was read: every column as text, or the record; of the primary table unless another is named."""
    with _connect() as connection:
        return _source_row(connection, snapshot, row, table)


def _source_row(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, row: int, table: str | None) -> dict[str, object]:
    path = snapshot.folder / "source" / f"{table or snapshot.sources[0].table}.parquet"
    if not path.is_file():
        return {}
    kinds = [
        (str(name), str(kind)) for name, kind, *_ in connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    ]
    is_own = any(name == "_row" for name, _ in kinds)  # no source may have a column of that name
    found = connection.execute(f"SELECT * FROM {relation_of(path, None if is_own else kinds)} WHERE _row = ?", [row])
    names = [column[0] for column in found.description or ()]
    values = found.fetchone()
    return {} if values is None else dict(zip(names, values, strict=True))


def list_quarantine(snapshot: Snapshot, *, limit: int = 100, issues: bool = False) -> list[QuarantineEntry]:
    """The quarantine's entries by table and row; with `issues`, the unusable optional values of rows that were kept."""
    with _connect() as connection:
        rows = connection.execute(
            "SELECT row, table_name, field, value, reason, hint, quarantine_id FROM read_parquet(?) ORDER BY table_name, row, field LIMIT ?",
            [str(_entries(snapshot, issues)), min(limit, MAX_LIST)],
        ).fetchall()
    return [QuarantineEntry(*row) for row in rows]


def quarantine_reasons(snapshot: Snapshot, *, issues: bool = False) -> list[tuple[str, str, int]]:
    """Field, reason and how many entries have it, most first."""
    with _connect() as connection:
        found = connection.execute(
            "SELECT field, regexp_replace(reason, '[0-9]+', 'N') AS why, count(*) AS entries FROM read_parquet(?) GROUP BY field, why ORDER BY entries DESC, field, why",
            [str(_entries(snapshot, issues))],
        ).fetchall()
    return [(str(field or ""), str(reason), int(count)) for field, reason, count in found]


def show_quarantine(snapshot: Snapshot, quarantine_id: str) -> tuple[QuarantineEntry, dict[str, object]]:
    """One entry, of the quarantine or of the issues, and the source row it is about."""
    with _connect() as connection:
        for issues in (False, True):
            row = connection.execute(
                "SELECT row, table_name, field, value, reason, hint, quarantine_id FROM read_parquet(?) WHERE starts_with(quarantine_id, ?) ORDER BY quarantine_id LIMIT 1",
                [str(_entries(snapshot, issues)), quarantine_id],
            ).fetchone()
            if row is not None:
                entry = QuarantineEntry(*row)
                return entry, _source_row(connection, snapshot, entry.row, entry.table_name)
    raise QuarantineEntryNotFound(
        f'no quarantine entry of {snapshot.snapshot_id} begins with "{quarantine_id}"', hint="tradewind catalog quarantine list"
    )


def _entries(snapshot: Snapshot, issues: bool) -> Path:
    return snapshot.folder / ("issues.parquet" if issues else "quarantine.parquet")


def gaps(snapshot: Snapshot, languages: Sequence[str] = ()) -> list[Gap]:
    """Missing and defaulted facts, and texts missing in one of the languages: those of the most variants first, then of the most home value."""
    selects = [_gap_of_fact(*fact) for fact in _GAP_FACTS]
    selects += [_gap_of_text(*text, language) for text in _TEXTS for language in languages if _LANGUAGE.fullmatch(language)]
    columns = ", ".join(
        ["sku", "home_price_minor", "home_price_currency", "titles", "descriptions", *(column for _, column, _, _ in _GAP_FACTS)]
    )
    with _connect() as connection:
        query = f"WITH facts AS (SELECT {columns} FROM read_parquet(?)) {' UNION ALL '.join(selects)} ORDER BY state = 'missing' DESC, variants DESC, home_value DESC, fact"
        rows = connection.execute(query, [snapshot.all_products]).fetchall()
    return [Gap(*row) for row in rows]


_COUNTED = """count(*) AS variants, coalesce(sum(home_price_minor), 0)::BIGINT AS home_value,
    CASE WHEN count(DISTINCT home_price_currency) = 1 THEN any_value(home_price_currency) END AS currency, min(sku) AS example"""


def _gap_of_fact(fact: str, column: str, missing: str, weak: str) -> str:
    states = ", ".join(literal(state) for state in ("missing", *_WEAK.get(fact, ("category_default",))))
    effect = f"CASE {column} WHEN 'missing' THEN {literal(missing)} ELSE {literal(weak)} END"
    return f"SELECT {literal(fact)} AS fact, {column} AS state, {_COUNTED}, {effect} AS effect FROM facts WHERE {column} IN ({states}) GROUP BY {column}"


def _gap_of_text(kind: str, column: str, effect: str, language: str) -> str:
    return f"""SELECT {literal(f"{kind} {language}")} AS fact, 'missing' AS state, {_COUNTED}, {literal(effect)} AS effect
        FROM facts WHERE {column}[{literal(language)}] IS NULL HAVING count(*) > 0"""


def for_search(snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """What people of the house find a variant by, in its home language, product by product. Prices are those at home, in minor units."""
    with _connect() as connection:
        found = connection.execute(
            "SELECT sku AS offer_id, sku, product_id, language, coalesce(titles[language], map_values(titles)[1], sku) AS title,"
            " left(coalesce(descriptions[language], ''), 1000) AS description, brand, gtin, mpn, category, color, size, material, pattern,"
            " gender, age_group, options, specs, coalesce(home_price_minor, cost_minor, 0) AS price_minor, 'in_stock' AS availability,"
            " rating_milli, rating_count, len(images) > 0 AS has_image FROM read_parquet(?) ORDER BY product_id, sku",
            [snapshot.all_products],
        )
        names = [column[0] for column in found.description or ()]
        while rows := found.fetchmany(SEARCH_BLOCK):
            yield from (dict(zip(names, row, strict=True)) for row in rows)
