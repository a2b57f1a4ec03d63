"""Google's Merchant API behind the listings' port, with the official clients over gRPC."""

from tradewind.adapters.google_merchant.accounts import GoogleAccounts
from tradewind.adapters.google_merchant.client import GoogleMerchant, connect, open_channel

__all__ = ["GoogleAccounts", "GoogleMerchant", "connect", "open_channel"]
