"""Shipments in PostgreSQL."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tradewind.db import AsyncTransaction
from tradewind.fulfillment.model import Shipment, ShipmentLine

SHIPMENTS_LIMIT = 200

_COLUMNS = "shipment_id, order_id, carrier, tracking, tracking_url, lines, shipped_at, delivered_at"


async def insert(tx: AsyncTransaction, shipment: Shipment) -> None:
    """Writes what left the house."""
    lines = json.dumps([{"line_id": one.line_id, "quantity": one.quantity} for one in shipment.lines])
    await tx.execute(
        f"INSERT INTO fulfillment_shipment ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s, %s)",
        (
            shipment.shipment_id,
            shipment.order_id,
            shipment.carrier,
            shipment.tracking,
            shipment.tracking_url,
            lines,
            shipment.shipped_at,
            shipment.delivered_at,
        ),
    )


async def of_order(tx: AsyncTransaction, order_id: str) -> tuple[Shipment, ...]:
    """The shipments of an order, oldest first."""
    rows = await tx.execute(
        f"SELECT {_COLUMNS} FROM fulfillment_shipment WHERE order_id = %s ORDER BY shipped_at, shipment_id LIMIT %s",
        (order_id, SHIPMENTS_LIMIT),
    )
    return tuple(_shipment(row) for row in await rows.fetchall())


async def mark_delivered(tx: AsyncTransaction, shipment_id: str, at: datetime) -> bool:
    """The shipment arrived. False when that was known."""
    done = await tx.execute(
        "UPDATE fulfillment_shipment SET delivered_at = %s WHERE shipment_id = %s AND delivered_at IS NULL", (at, shipment_id)
    )
    return done.rowcount == 1


def _shipment(row: Mapping[str, Any]) -> Shipment:
    return Shipment(**{**row, "lines": tuple(ShipmentLine(**one) for one in row["lines"])})
