"""Allocation inside a shard: the lane table, and the statement that reads it."""

from dataclasses import asdict
from importlib import resources

import duckdb

from tradewind.allocation.model import LaneBook, ServingLane

SERVE = resources.files("tradewind.allocation").joinpath("serve.sql").read_text("utf-8")
_COLUMNS = {
    "lane_id": "VARCHAR",
    "location_id": "VARCHAR",
    "ships_from": "VARCHAR",
    "imported": "BOOLEAN",
    "min_quantity": "BIGINT",
    "max_weight_g": "BIGINT",
    "takes_batteries": "BOOLEAN",
    "min_days": "BIGINT",
    "max_days": "BIGINT",
}
_MAX_QUANTITY = 2**40 - 1


def load(connection: duckdb.DuckDBPyConnection, book: LaneBook) -> None:
    """Make the temp table `serving_lane` that serve.sql reads."""
    connection.execute(f"CREATE OR REPLACE TEMP MACRO max_quantity() AS {_MAX_QUANTITY}::BIGINT")
    without_stock = {lane.lane_id: rank for rank, lane in enumerate(sorted(book.lanes, key=_when_nothing_is_left))}
    columns = ", ".join(f"unnest(?::{kind}[]) AS {name}" for name, kind in _COLUMNS.items())
    rows = [asdict(lane) for lane in book.lanes]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE serving_lane AS"
        f" SELECT unnest(?::BIGINT[]) AS rank, unnest(?::BIGINT[]) AS rank_without_stock, {columns}",
        [
            list(range(len(rows))),
            [without_stock[lane.lane_id] for lane in book.lanes],
            *([row[name] for row in rows] for name in _COLUMNS),
        ],
    )


def serve(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the temp table `served` of the batch contract from `facts` and `stock`."""
    connection.execute(SERVE)


def _when_nothing_is_left(lane: ServingLane) -> tuple[bool, int]:
    """A product that is nowhere in stock is shown as it would normally come: the direct parcel, whose warehouse is refilled first."""
    return lane.imported, lane.preference
