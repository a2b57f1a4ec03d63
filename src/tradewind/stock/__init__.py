"""How many units of each sku lie at each location, and the ledger that explains every change (law 6)."""

from tradewind.stock.errors import StockFileIsInvalid, StockUnknown
from tradewind.stock.model import BadRow, StockCount, StockImport, StockLevel, StockMovement
from tradewind.stock.service import import_counts, read_counts, show
from tradewind.stock.store import EXPORT_SECONDS, allocate, export_available, levels, movements, release, reserve, set_on_hand

__all__ = [
    "EXPORT_SECONDS",
    "BadRow",
    "StockCount",
    "StockFileIsInvalid",
    "StockImport",
    "StockLevel",
    "StockMovement",
    "StockUnknown",
    "allocate",
    "export_available",
    "import_counts",
    "levels",
    "movements",
    "read_counts",
    "release",
    "reserve",
    "set_on_hand",
    "show",
]
