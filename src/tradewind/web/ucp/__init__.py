"""The Universal Commerce Protocol over HTTP."""

from tradewind.web.ucp import mcp
from tradewind.web.ucp.entry import Asking, OpenUcp, Ucp, enter
from tradewind.web.ucp.rest import Door, routes

__all__ = ["Asking", "Door", "OpenUcp", "Ucp", "enter", "mcp", "routes"]
