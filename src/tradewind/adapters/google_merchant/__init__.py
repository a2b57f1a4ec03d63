"""Google's Merchant API behind the listings' port, with the official clients over gRPC."""

from tradewind.adapters.google_merchant.client import GoogleMerchant, connect

__all__ = ["GoogleMerchant", "connect"]
