"""Listings inside a shard: the terms of a market as tables, and the statement that renders and judges."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from string import Template

import duckdb

from tradewind.catalog import ancestors, categories
from tradewind.listings.attribute_book import AttributeBook
from tradewind.listings.attribute_sql import MODEL, NOTHING, rendered
from tradewind.listings.facts_of_products import facts_of_products
from tradewind.listings.model import ATTRIBUTES, FURTHER, RuleBook, Verdict
from tradewind.listings.rules import bits, checks_sql, issue_list_sql, issues_sql, valued_bits
from tradewind.offers import Languages, SheetPart, in_language, offer_path, quoted

_SQL = resources.files("tradewind.listings")
_SHEET, _LISTINGS, _JUDGED, _FILE = (
    Template(_SQL.joinpath(f"{name}.sql").read_text("utf-8")) for name in ("sheet", "listings", "judged", "file")
)
PATH_SEPARATOR = " > "
TITLE_LENGTH, DESCRIPTION_LENGTH = 150, 5000
FREQUENT_SETS = 24


@dataclass(frozen=True, slots=True)
class ChannelTerms:
    """What every listing of a market shares. `digits` are the decimals of the currency."""

    market: str
    country: str
    currency: str
    digits: int
    public_url: str


def sheet_part(connection: duckdb.DuckDBPyConnection, languages: Languages, book: AttributeBook) -> SheetPart:
    """What Google's words need in the sheet; makes the temp tables it joins (channel_category, channel_word, channel_color)."""
    _load_categories(connection, tuple(languages))
    colors = ", ".join(
        f"{_GOOGLE_COLOR.format(color=f'color_{n}')} AS google_color_{n}, {_COLOR_COUNT.format(color=f'color_{n}')} AS color_count_{n}"
        for n in languages.values()
    )
    statements = _SHEET.substitute(
        paths=", ".join(f"max(k.path) FILTER (k.language = {quoted(code)}) AS path_{n}" for code, n in languages.items()),
        shown=", ".join(f"coalesce(text_{n}, nullif(word, '')) AS color_{n}" for n in languages.values()),
        colors=colors,
    )
    for statement in statements.split(";\n\n"):
        connection.execute(statement)
    facts = facts_of_products(connection, book.names, languages)
    hashed = "".join(f", '{name}=' || {name}" for name in sorted(facts.columns))
    return SheetPart(
        ",\n    ".join(
            [
                *(f"{sql} as {name}" for name, sql in facts.columns.items()),
                _FITTED.replace("$facts", hashed),
                *(_fitted(number) for number in languages.values()),
            ]
        ),
        "join channel_word as w on w.word = coalesce(h.category, '')\njoin channel_color as cc on cc.word = coalesce(h.own_color, '')\n"
        + facts.joins,
    )


def _load_categories(connection: duckdb.DuckDBPyConnection, languages: tuple[str, ...]) -> None:
    rows = [
        (slug, language, str(known.google_category), product_type(slug, language), known.apparel)
        for slug, known in categories().items()
        for language in languages
    ]
    columns = [list(column) for column in zip(*rows, strict=True)]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE channel_category AS SELECT unnest(?::VARCHAR[]) AS category, unnest(?::VARCHAR[]) AS language,"
        " unnest(?::VARCHAR[]) AS google_category, unnest(?::VARCHAR[]) AS path, unnest(?::BOOLEAN[]) AS is_apparel",
        columns,
    )


def product_type(slug: str, language: str) -> str:
    """The path of a category in our own list, in `language`: Google's product_type."""
    return PATH_SEPARATOR.join(categories()[step].name(language) for step in reversed(ancestors(slug)))


def make_listings(connection: duckdb.DuckDBPyConnection, terms: ChannelTerms, shown: Languages, book: AttributeBook) -> tuple[str, ...]:
    """Make the views `listing_rows` and `listings` of one market. Freight is part of every price, so the feed says that shipping costs nothing more.

    The attributes that the market itself decides are given back: `judge` hashes them.
    """
    nothing = f"0.{'0' * terms.digits}" if terms.digits else "0"
    names = ("title", "description", "material", "color", "path", "google_color", "color_count", "text_hash")
    sheet = {str(row[0]) for row in connection.execute("SELECT column_name FROM (DESCRIBE sheet)").fetchall()}
    more = rendered(book, sheet, shown)
    statements = _LISTINGS.substitute(
        {name: in_language(name, shown) for name in names}
        | _texts("title", shown, more.by_model)
        | _texts("description", shown, more.by_model),
        further=", ".join(f"{more.columns[name]} as {name}" for name in FURTHER),
        link_start=quoted(terms.public_url + offer_path(terms.market, "")),
        price=_price("coalesce(c.list_price_minor, c.price_minor)", terms),
        sale_price=f"case when c.list_price_minor is not null then {_price('c.price_minor', terms)} end",
        sale_dates=_SALE_DATES,
        shipping=NOTHING if book.account_shipping else quoted(f"{terms.country}:::{nothing} {terms.currency}"),
    )
    for statement in statements.split(";\n\n"):
        connection.execute(statement)
    return more.hashed


def _texts(name: str, shown: Languages, by_model: str) -> dict[str, str]:
    """A title or description, or in its place the structured one that says that a model wrote it."""
    text = f"coalesce({in_language(f'short_{name}', shown)}, {in_language(name, shown)})"
    if not by_model:
        return {f"shown_{name}": text, f"structured_{name}": NOTHING}
    return {
        f"shown_{name}": f"case when not {by_model} then {text} end",
        f"structured_{name}": f"case when {by_model} then '{MODEL}' || {text} end",
    }


def judge(connection: duckdb.DuckDBPyConnection, book: RuleBook, decided: Sequence[str] = ()) -> None:
    """Make `judged` from `listing_rows`, row by row: broken rules, verdict and content hash (over the attributes `decided` too)."""
    hashed = "".join(f", '{name}=' || {name}" for name in decided)
    connection.execute(
        _JUDGED.substitute(
            checks=checks_sql(book), decided=hashed, disapproving=bits(book, Verdict.DISAPPROVED), limiting=bits(book, Verdict.LIMITED)
        )
    )


def file_sql(connection: duckdb.DuckDBPyConnection, book: RuleBook) -> str:
    """The query whose rows are listings.parquet."""
    frequent = connection.execute(
        f"SELECT broken FROM judged WHERE broken & {valued_bits(book)} = 0 GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {FREQUENT_SETS}"
    ).fetchall()
    return _FILE.substitute(
        attributes=", ".join(f"l.{name}" for name in ATTRIBUTES),
        frequent=" ".join(f"when {broken} then {issue_list_sql(book, broken)}" for (broken,) in frequent or [(0,)]),
        issues=issues_sql(book, "j.broken"),
    )


def _price(minor: str, terms: ChannelTerms) -> str:
    unit, digits = quoted(f" {terms.currency}"), terms.digits
    if digits == 0:
        return f"{minor} || {unit}"
    scale = 10**digits
    return f"concat({minor} // {scale}, '.', lpad(({minor} % {scale})::varchar, {digits}, '0'), {unit})"


# From the first minute of the first day to the last minute of the last one, in UTC as the days are counted.
_SALE_DATES = "c.sale_starts || 'T00:00+0000/' || c.sale_ends || 'T23:59+0000'"


# A color of Google's is a word, or three joined by a slash; numbers, codes and single letters are none.
_GOOGLE_COLOR = r"""case when {color} is null or regexp_matches({color}, '[0-9#]|^[A-Za-z]$') then null
         when not regexp_matches({color}, '[/,;|、，]') then left({color}, 40)
         else array_to_string(list_transform(list_filter(string_split_regex({color}, '\s*[/,;|、，]\s*'),
              lambda name: name <> '')[1:3], lambda name: left(name, 32)), '/') end"""
_COLOR_COUNT = "case when regexp_matches({color}, '[/,;|、，]') then len(string_split_regex({color}, '[/,;|、，]')) else 1 end"
_FITTED = """h.images[1] as image_link,
    case when len(h.images) > 1 then array_to_string(h.images[2:11], ',') end as additional_image_link,
    left(h.brand, 70) as short_brand, left(h.mpn, 70) as short_mpn, left(h.size, 100) as short_size, left(h.pattern, 100) as short_pattern,
    case when h.gtin is null and h.mpn is null and h.brand is null then 'no' end as identifier_exists,
    w.google_category as google_product_category, w.is_apparel,
    case when lower(h.gender) in ('male', 'men', 'man', 'mens', 'men''s', 'boys', '男', '男士') then 'male'
         when lower(h.gender) in ('female', 'women', 'woman', 'womens', 'women''s', 'girls', '女', '女士') then 'female'
         when lower(h.gender) in ('unisex', 'all', '中性', '通用') then 'unisex' end as google_gender,
    case when lower(h.age_group) in ('newborn', 'infant', 'toddler', 'kids', 'adult') then lower(h.age_group)
         when lower(h.age_group) in ('adults', '成人') then 'adult'
         when lower(h.age_group) in ('children', 'kid', 'child', '儿童') then 'kids' end as google_age_group,
    h.weight_g || ' g' as shipping_weight,
    case when len(h.defaulted) = 0 then 'own_facts' else left('default ' || array_to_string(h.defaulted, ' '), 100) end as custom_label_0,
    sha256(concat_ws(chr(31),
        coalesce(image_link, ''), coalesce(additional_image_link, ''), coalesce(short_brand, ''), coalesce(h.gtin, ''),
        coalesce(short_mpn, ''), coalesce(identifier_exists, ''), h.condition, coalesce(google_product_category, ''),
        coalesce(h.group_id, ''), coalesce(short_size, ''), coalesce(short_pattern, ''), coalesce(google_gender, ''),
        coalesce(google_age_group, ''), coalesce(shipping_weight, ''), custom_label_0$facts)) as listing_hash"""


def _fitted(number: int) -> str:
    title, description = f"h.title_{number}", f"h.description_{number}"
    return (
        f"case when length({title}) > {TITLE_LENGTH}"
        f" then regexp_replace(left({title}, {TITLE_LENGTH}), '\\s+\\S{{0,30}}$', '') end as short_title_{number},"
        f" case when length({description}) > {DESCRIPTION_LENGTH} or contains({description}, chr(10))"
        f" then left(replace({description}, chr(10), ' '), {DESCRIPTION_LENGTH}) end as short_description_{number},"
        f" w.path_{number}, cc.google_color_{number}, cc.color_count_{number}"
    )
