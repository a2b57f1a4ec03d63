"""The API for the retailer's own programs, under /api/v1: catalog, stock, orders, payments, webhooks. Its description is at /api/v1/openapi.json."""

from tradewind.web.api.answers import problem_of
from tradewind.web.api.app import api_app
from tradewind.web.api.keys import SCOPES, STOCK_WRITE, issue, programs, revoke

__all__ = ["SCOPES", "STOCK_WRITE", "api_app", "issue", "problem_of", "programs", "revoke"]
