"""The choice inside a shard: the policy as tables, and the statement that reads them."""

from importlib import resources

import duckdb

from tradewind.assortment.model import REQUIRABLE_FACTS, Policy
from tradewind.assortment.rules import reasons

PRICE_PROBLEM = "price_problem_"
SELECT = resources.files("tradewind.assortment").joinpath("select.sql").read_text("utf-8")


def load(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """Make the temp tables `policy`, `policy_category` and `price_reason` that select.sql reads."""
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
    """Make the temp table `selection` of the batch contract from facts, served, price_output and text_choice."""
    connection.execute(SELECT)
