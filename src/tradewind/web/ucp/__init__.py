"""The Universal Commerce Protocol over HTTP."""

from tradewind.web.ucp import mcp
from tradewind.web.ucp.entry import Asking, OpenUcp, Ucp, enter
from tradewind.web.ucp.rest import routes

__all__ = ["Asking", "OpenUcp", "Ucp", "enter", "mcp", "routes"]
