"""What can go wrong with stock.

TradewindError
├── StockFileIsInvalid
└── StockUnknown
"""

from tradewind.kit import InputIsInvalid, NotFound


class StockFileIsInvalid(InputIsInvalid):
    """A stock file cannot be read as a whole: its header or its encoding."""

    code = "stock_file_invalid"


class StockUnknown(NotFound):
    """No location has ever counted this sku."""

    code = "stock_unknown"
