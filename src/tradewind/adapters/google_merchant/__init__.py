"""Google's Merchant API behind the listings' port, with the official clients over gRPC."""

from tradewind.adapters.google_merchant.accounts import GoogleAccounts
from tradewind.adapters.google_merchant.client import GoogleMerchant, connect, open_channel
from tradewind.adapters.google_merchant.promoting import GooglePromotions
from tradewind.adapters.google_merchant.regional import GoogleRegions

__all__ = ["GoogleAccounts", "GoogleMerchant", "GooglePromotions", "GoogleRegions", "connect", "open_channel"]
