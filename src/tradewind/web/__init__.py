"""The store window and the retailer's desk: pages over what is published, and over how it came to be."""

from tradewind.web import serving
from tradewind.web.app import create_app
from tradewind.web.errors import PortIsTaken
from tradewind.web.house import MarketWindow

__all__ = ["MarketWindow", "PortIsTaken", "create_app", "serving"]
