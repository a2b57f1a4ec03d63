"""Google's Merchant API behind the listings' port, with the official clients over gRPC."""

from tradewind.adapters.google_merchant.accounts import GoogleAccounts
from tradewind.adapters.google_merchant.client import GoogleMerchant, connect, open_channel
from tradewind.adapters.google_merchant.promoting import GooglePromotions
from tradewind.adapters.google_merchant.regional import GoogleRegions
from tradewind.adapters.google_merchant.reporting import GoogleReports

__all__ = ["GoogleAccounts", "GoogleMerchant", "GooglePromotions", "GoogleRegions", "GoogleReports", "connect", "open_channel"]
