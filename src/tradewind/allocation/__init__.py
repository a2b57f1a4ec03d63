"""Which warehouse serves a product in a market, and why."""

from tradewind.allocation.model import LaneBook, ServingLane

__all__ = ["LaneBook", "ServingLane"]
