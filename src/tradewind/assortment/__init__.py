"""The choice: which variants travel to a market, how good they are, and every reason why one stays at home."""

from tradewind.assortment.model import Policy

__all__ = ["Policy"]
