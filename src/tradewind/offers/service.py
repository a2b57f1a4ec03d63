"""Offers inside a shard: the statements in their order. Every name they read and make stands at the head of its .sql file."""

from dataclasses import dataclass
from importlib import resources

import duckdb

_SQL = resources.files("tradewind.offers")
MACROS, TEXT, CHOSEN, TEXTS, OFFERS = (
    _SQL.joinpath(f"{name}.sql").read_text("utf-8") for name in ("macros", "text", "chosen", "texts", "offers")
)


@dataclass(frozen=True, slots=True)
class MarketTerms:
    """What every offer of a market shares."""

    market: str
    run_id: str
    currency: str
    tax_included: bool
    return_days: int
    public_url: str
    languages: tuple[str, ...]


def load_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the macros of clean lines, public ids and absolute addresses."""
    connection.execute(MACROS)


def load_terms(connection: duckdb.DuckDBPyConnection, terms: MarketTerms) -> None:
    """Make the temp tables `market_terms` and `market_language`."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE market_terms AS SELECT ?::VARCHAR AS market, ?::VARCHAR AS run_id, ?::VARCHAR AS currency,"
        " ?::BOOLEAN AS tax_included, ?::BIGINT AS return_days, ?::VARCHAR AS public_url",
        [terms.market, terms.run_id, terms.currency, terms.tax_included, terms.return_days, terms.public_url],
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE market_language AS SELECT unnest(?::VARCHAR[]) AS language, unnest(range(?))::BIGINT AS position",
        [list(terms.languages), len(terms.languages)],
    )


def choose_texts(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `text_choice`: the language and origin of each variant's text in this market."""
    connection.execute(TEXT)


def keep_chosen(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `chosen`: the decisions about the chosen variants, without their texts."""
    connection.execute(CHOSEN)


def load_texts(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `texts` and `wide` from `source` for the rows of `wanted_text` (sku, language, supplied)."""
    connection.execute(TEXTS)


def make_offers(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `offers`, in the order of `chosen_now`, from the tables of one market."""
    # Left to itself the optimizer turns joins around, and the order of the rows would be lost.
    connection.execute("SET disabled_optimizers = 'build_side_probe_side,join_order'")
    connection.execute(OFFERS)
    connection.execute("RESET disabled_optimizers")
