"""What can be wrong with a market's data.

TradewindError
├── MarketIsInvalid (input)      a file that does not say what a market must say
├── MarketIsUnknown (not found)  no such market, or no such rule in it
└── SellerIsInvalid (input)      a seller.toml that does not say what it must, or a number of the wrong form
"""

from tradewind.kit import InputIsInvalid, NotFound


class MarketIsInvalid(InputIsInvalid):
    """A market, tariff or confirmation file has an unknown key, a missing value or a wrong one."""

    code = "market_invalid"


class MarketIsUnknown(NotFound):
    """There is no market, or no rule, of this name."""

    code = "market_unknown"


class SellerIsInvalid(InputIsInvalid):
    """A seller file has an unknown key, a missing value, or a registration number of the wrong form."""

    code = "seller_invalid"
