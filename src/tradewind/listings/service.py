"""Listings inside a shard: the terms of a market as tables, and the statement that renders and judges."""

from dataclasses import dataclass
from importlib import resources
from string import Template

import duckdb

from tradewind.catalog import ancestors, categories
from tradewind.listings.model import ATTRIBUTES, RuleBook
from tradewind.listings.rules import checks_sql, rules_sql
from tradewind.offers import offer_path

_LISTINGS = Template(resources.files("tradewind.listings").joinpath("listings.sql").read_text("utf-8"))
PATH_SEPARATOR = " > "
_HASHED_TEXTS = ("title", "description")


@dataclass(frozen=True, slots=True)
class ChannelTerms:
    """What every listing of a market shares. `digits` are the decimals of the currency."""

    market: str
    country: str
    currency: str
    digits: int
    public_url: str
    languages: tuple[str, ...]


def load_terms(connection: duckdb.DuckDBPyConnection, terms: ChannelTerms) -> None:
    """Make the temp tables `channel_terms` and `channel_category`.

    Freight is part of every price, so shipping costs nothing more at the checkout and the feed says so.
    """
    scale = 10**terms.digits
    nothing = f"0.{'0' * terms.digits}" if terms.digits else "0"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE channel_terms AS SELECT ?::VARCHAR AS link_start, ?::VARCHAR AS currency, ?::INTEGER AS digits,"
        " ?::BIGINT AS scale, ?::VARCHAR AS shipping",
        [
            terms.public_url + offer_path(terms.market, ""),
            terms.currency,
            terms.digits,
            scale,
            f"{terms.country}:::{nothing} {terms.currency}",
        ],
    )
    rows = [
        (slug, language, str(known.google_category), product_type(slug, language), known.apparel)
        for slug, known in categories().items()
        for language in terms.languages
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


def make_listings(connection: duckdb.DuckDBPyConnection, book: RuleBook) -> None:
    """Make `listings` from `offers`, row by row in the same order: attributes, verdict, issues and content hash."""
    # With few offers the optimizer would rather probe with the categories, and the order of the offers would be lost.
    connection.execute("SET disabled_optimizers = 'build_side_probe_side,join_order'")
    connection.execute(
        _LISTINGS.substitute(
            attributes=", ".join(ATTRIBUTES),
            hashed=", ".join(["text_hash", *(f"coalesce({name}, '')" for name in ATTRIBUTES if name not in _HASHED_TEXTS)]),
            checks=checks_sql(book),
            rules=rules_sql(book),
        )
    )
    connection.execute("RESET disabled_optimizers")
