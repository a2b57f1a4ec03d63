"""The API for the retailer's own programs, under /api/v1: stock changes. Its description is at /api/v1/openapi.json."""

from tradewind.web.api.app import api_app
from tradewind.web.api.keys import STOCK_WRITE, issue, revoke

__all__ = ["STOCK_WRITE", "api_app", "issue", "revoke"]
