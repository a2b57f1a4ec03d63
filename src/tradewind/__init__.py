"""Tradewind opens a retailer's flagship store on Google's shopping platforms."""

__version__ = "0.1.0"
