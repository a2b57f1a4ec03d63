"""The world's rules as dated data: one TOML per market, loaders and checks. Knows nothing of products."""

from tradewind.markets.digest import digest_of

__all__ = ["digest_of"]
