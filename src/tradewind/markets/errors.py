"""What can be wrong with a market's data.

TradewindError
├── MarketIsInvalid (input)      a file that does not say what a market must say
├── MarketIsUnknown (not found)  no such market, or no such rule in it
├── SalesTaxIsInvalid (input)    a file of sales tax rates without its columns, or with too many bad rows
├── TariffIsInvalid (input)      a tariff export of another format, cut off, or without its columns
└── SellerIsInvalid (input)      a seller.toml that does not say what it must, or a number of the wrong form
"""

from tradewind.kit import InputIsInvalid, NotFound


class MarketIsInvalid(InputIsInvalid):
    """A market, tariff or confirmation file has an unknown key, a missing value or a wrong one."""

    code = "market_invalid"


class MarketIsUnknown(NotFound):
    """There is no market, or no rule, of this name."""

    code = "market_unknown"


class TariffIsInvalid(InputIsInvalid):
    """A tariff export is not what it should be: another format, cut off, in another encoding, or without its columns."""

    code = "tariff_invalid"


class SellerIsInvalid(InputIsInvalid):
    """A seller file has an unknown key, a missing value, or a registration number of the wrong form."""

    code = "seller_invalid"


class SalesTaxIsInvalid(InputIsInvalid):
    """A file of U.S. sales tax rates lacks columns, or too many of its rows are wrong."""

    code = "sales_tax_invalid"
