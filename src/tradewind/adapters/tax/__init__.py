"""Sales tax by destination: a jurisdiction rate file, or Stripe Tax. Both collect only in states that the seller holds a permit for."""

from tradewind.adapters.tax.rate_file import RateFileTax
from tradewind.adapters.tax.stripe_tax import StripeTax

__all__ = ["RateFileTax", "StripeTax"]
