"""How each kind of target is spoken to: the retailer's endpoints with a shared secret, platforms and Google with signed UCP orders."""

from tradewind.adapters.webhooks.own import OwnDialect, order_told
from tradewind.adapters.webhooks.ucp import GoogleAccess, GoogleDialect, UcpDialect

__all__ = ["GoogleAccess", "GoogleDialect", "OwnDialect", "UcpDialect", "order_told"]
