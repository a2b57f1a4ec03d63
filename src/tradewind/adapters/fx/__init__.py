"""Exchange rates: the ECB's history and its updates, the retailer's own CSV by kind, and the rates that were used last."""

from tradewind.adapters.fx.ecb import EcbHistory
from tradewind.adapters.fx.errors import RatesAreOld, RatesNotReached
from tradewind.adapters.fx.own import CUSTOMS, INVENTED, SHOP, OwnRates, load_rates, own_rates
from tradewind.adapters.fx.update import ECB_URL, Updated, read_ecb, update_rates
from tradewind.adapters.fx.used import load_used, save_used

__all__ = [
    "CUSTOMS",
    "ECB_URL",
    "INVENTED",
    "SHOP",
    "EcbHistory",
    "OwnRates",
    "RatesAreOld",
    "RatesNotReached",
    "Updated",
    "load_rates",
    "load_used",
    "own_rates",
    "read_ecb",
    "save_used",
    "update_rates",
]
