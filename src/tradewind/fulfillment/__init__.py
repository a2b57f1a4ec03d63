"""Shipments: what left the house, with whom, and when it arrived."""

from tradewind.fulfillment.model import SHIPMENT, Shipment, ShipmentLine
from tradewind.fulfillment.store import insert, mark_delivered, of_order

__all__ = ["SHIPMENT", "Shipment", "ShipmentLine", "insert", "mark_delivered", "of_order"]
