"""Allocation inside a shard: the lane table, and the statement that reads it."""

from importlib import resources

import duckdb

from tradewind.allocation.model import LaneBook

SERVE = resources.files("tradewind.allocation").joinpath("serve.sql").read_text("utf-8")

# A product that is nowhere in stock is shown as it would normally come: the direct parcel, whose warehouse is refilled first.
_IMPORTED_LAST = 1000


def load(connection: duckdb.DuckDBPyConnection, book: LaneBook) -> None:
    """Make the temp table `serving_lane` that serve.sql reads."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE serving_lane (lane_id VARCHAR, location_id VARCHAR, ships_from VARCHAR, imported BOOLEAN,"
        " preference BIGINT, out_of_stock_preference BIGINT, min_quantity BIGINT, max_weight_g BIGINT, takes_batteries BOOLEAN,"
        " min_days BIGINT, max_days BIGINT)"
    )
    for lane in book.lanes:
        connection.execute(
            "INSERT INTO serving_lane VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                lane.lane_id,
                lane.location_id,
                lane.ships_from,
                lane.imported,
                lane.preference,
                lane.preference + _IMPORTED_LAST * lane.imported,
                lane.min_quantity,
                lane.max_weight_g,
                lane.takes_batteries,
                lane.min_days,
                lane.max_days,
            ],
        )


def serve(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the temp table `served` of the batch contract from `facts` and `stock`."""
    connection.execute(SERVE)
