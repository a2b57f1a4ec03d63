"""Offers inside a shard: the statements in their order. Every name they read and make stands at the head of its .sql file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from string import Template

import duckdb

_SQL = resources.files("tradewind.offers")
MACROS, TEXT, CHOSEN = (_SQL.joinpath(f"{name}.sql").read_text("utf-8") for name in ("macros", "text", "chosen"))
WORDS, SHEET, OFFERS = (Template(_SQL.joinpath(f"{name}.sql").read_text("utf-8")) for name in ("words", "sheet", "offers"))

Languages = Mapping[str, int]
"""The languages of a shard's markets, and the number that ends the names of their columns in the sheet."""


@dataclass(frozen=True, slots=True)
class MarketTerms:
    """What every offer of a market shares."""

    market: str
    run_id: str
    currency: str
    tax_included: bool
    return_days: int
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetPart:
    """What another room writes into the sheet beside the offers' own columns: a list of columns of `h`, and joins they need."""

    columns: str
    joins: str = ""


def load_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the macros of clean lines, public ids and absolute addresses."""
    connection.execute(MACROS)


def load_terms(connection: duckdb.DuckDBPyConnection, terms: MarketTerms) -> None:
    """Make the temp table `market_language`."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE market_language AS SELECT unnest(?::VARCHAR[]) AS language, unnest(range(?))::BIGINT AS position",
        [list(terms.languages), len(terms.languages)],
    )


def choose_texts(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `text_choice`: the language and origin of each variant's text in this market."""
    connection.execute(TEXT)


def load_words(connection: duckdb.DuckDBPyConnection, languages: Languages) -> None:
    """Make `color_word`, `material_word` and `category_word` from the words that `source` carries."""
    texts = ", ".join(f"max(t.text) FILTER (t.language = {quoted(code)}) AS text_{number}" for code, number in languages.items())
    for statement in WORDS.substitute(texts=texts).split(";\n\n"):
        connection.execute(statement)


def make_sheet(
    connection: duckdb.DuckDBPyConnection, languages: Languages, public_url: str, selections: Sequence[str], part: SheetPart
) -> None:
    """Make `sheet` for the variants that some of the `selections` (one a market) chose, with the columns of another room's `part`."""
    union = " UNION ALL ".join(f"SELECT sku, language FROM {table} WHERE chosen" for table in selections)
    wants = ", ".join(f"bool_or(language = {quoted(code)}) AS wants_{number}" for code, number in languages.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE wanted AS SELECT sku, {wants} FROM ({union}) GROUP BY sku")
    connection.execute(
        SHEET.substitute(
            public_url=quoted(public_url),
            worded=_joined(_worded(code, number) for code, number in languages.items()),
            hashed=_joined(_hashed(number) for number in languages.values()),
            more=part.columns,
            joins=part.joins,
        )
    )


def _worded(code: str, number: int) -> str:
    # A page and a feed need a description; the title is the honest one when the supplier wrote none in this language.
    language, supplied = quoted(code), f"list_contains(p.has_language, {quoted(code)})"
    return (
        f"case when not w.wants_{number} then null when {supplied} then one_line(p.titles[{language}])"
        f" else concat_ws(' ', {'p.brand' if code == 'zh' else 'p.brand_abroad'}, k.text_{number}, p.model,"
        f" coalesce(c.text_{number}, readable_word(p.color, {language}))) end as title_{number},"
        f" coalesce(case when w.wants_{number} and {supplied} then paragraphs(p.descriptions[{language}]) end, title_{number})"
        f" as description_{number},"
        f" coalesce(c.text_{number}, p.color) as color_{number}, coalesce(m.text_{number}, p.material) as material_{number}"
    )


def _hashed(number: int) -> str:
    parts = ", ".join(f"coalesce({name}_{number}, '')" for name in ("title", "description", "color", "material"))
    return f"case when title_{number} is not null then sha256(concat_ws(chr(31), {parts})) end as text_hash_{number}"


def align_chosen(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `chosen`, row by row beside `sheet`, from one market's `selection_now`."""
    connection.execute(CHOSEN)


def shown_languages(connection: duckdb.DuckDBPyConnection, languages: Languages) -> Languages:
    """Those languages that texts of `chosen` are in; all of them when nothing was chosen."""
    found = {row[0] for row in connection.execute("SELECT DISTINCT language FROM chosen WHERE sku IS NOT NULL").fetchall()}
    return {code: number for code, number in languages.items() if code in found} or languages


def in_language(name: str, shown: Languages) -> str:
    """The sheet's column `name` in the language of the row's text, as SQL over `s` (sheet) and `c` (chosen)."""
    if len(shown) == 1:
        return f"s.{name}_{next(iter(shown.values()))}"
    cases = " ".join(f"when {quoted(code)} then s.{name}_{number}" for code, number in shown.items())
    return f"case c.language {cases} end"


def make_offers(connection: duckdb.DuckDBPyConnection, terms: MarketTerms, shown: Languages) -> None:
    """Make the view `offer_rows` of one market, in the order of `sheet`."""
    texts = {name: in_language(name, shown) for name in ("title", "description", "color", "material")}
    connection.execute(
        OFFERS.substitute(
            market=quoted(terms.market),
            run_id=quoted(terms.run_id),
            currency=quoted(terms.currency),
            tax_included=str(terms.tax_included).lower(),
            return_days=terms.return_days,
            **texts,
        )
    )


def quoted(text: str) -> str:
    """The text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _joined(parts: Iterable[str]) -> str:
    return ",\n        ".join(parts)
