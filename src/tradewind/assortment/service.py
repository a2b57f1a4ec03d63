"""The choice inside a shard: the policy as tables, and the statement that reads them."""

from collections.abc import Collection
from importlib import resources
from string import Template

import duckdb

from tradewind.assortment.model import REQUIRABLE_FACTS, Policy
from tradewind.assortment.rules import reasons

PRICE_PROBLEM = "price_problem_"
_DECIDED = {"s": "served", "t": "text_choice", "p": "price_output"}
_NOT_CARRIED = frozenset({"sku", "reason", "imported", "supplied", "problem"})
SELECT = Template(resources.files("tradewind.assortment").joinpath("select.sql").read_text("utf-8"))
COLUMNS = ("sku", "product_id", "chosen", "reasons", "primary_reason", "quality", "offer_id")
"""The columns of selection.parquet; what stands behind them in the table is carried for the offers."""


def load(connection: duckdb.DuckDBPyConnection, policy: Policy, withdrawn: Collection[str] = ()) -> None:
    """Make the temp tables `policy`, `policy_category`, `price_reason` and `withdrawn_here` (skus) that select.sql reads."""
    connection.execute("CREATE OR REPLACE TEMP TABLE withdrawn_here AS SELECT DISTINCT unnest(?::VARCHAR[]) AS sku", [sorted(withdrawn)])
    needs = ", ".join(f"list_contains(?, '{fact}') AS needs_{fact}" for fact in REQUIRABLE_FACTS)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE policy AS SELECT ?::VARCHAR[] AS carried_batteries, ?::VARCHAR[] AS accepted_conditions,"
        f" ?::BIGINT AS max_weight_g, ?::BIGINT AS min_images, ?::BIGINT AS min_quality, ?::BIGINT AS min_margin_ppm,"
        f" ?::BIGINT AS max_price_minor, {needs}",
        [
            list(policy.carried_batteries),
            list(policy.accepted_conditions),
            policy.max_weight_g,
            policy.min_images,
            policy.min_quality,
            policy.min_margin_ppm,
            policy.max_price_minor,
            *[list(policy.required_facts)] * len(REQUIRABLE_FACTS),
        ],
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE policy_category AS"
        " SELECT category, min(code) AS code FROM ("
        "   SELECT unnest(?::VARCHAR[]) AS category, 'prohibited_category' AS code"
        "   UNION ALL SELECT unnest(?::VARCHAR[]), 'restricted_category') GROUP BY category",
        [list(policy.prohibited_categories), list(policy.restricted_categories)],
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE price_reason AS SELECT unnest(?::VARCHAR[]) AS code",
        [[code for code in reasons() if code.startswith(PRICE_PROBLEM)]],
    )


def select(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the temp table `selection` of the batch contract from facts, served, price_output and text_choice.

    Behind its own columns (COLUMNS) it carries what those decided about each variant.
    """
    carried = {alias: _columns(connection, table) for alias, table in _DECIDED.items()}
    connection.execute(
        SELECT.substitute(
            carried="".join(f", {alias}.{name}" for alias, names in carried.items() for name in names),
            names="".join(f", {name}" for names in carried.values() for name in names),
        )
    )


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall() if row[0] not in _NOT_CARRIED]
