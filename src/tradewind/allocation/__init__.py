"""Which warehouse serves a product in a market, and why."""

from tradewind.allocation.model import LaneBook, ServingLane
from tradewind.allocation.rules import REASONS, lane_book
from tradewind.allocation.service import load, serve

__all__ = ["REASONS", "LaneBook", "ServingLane", "lane_book", "load", "serve"]
