"""How many units of each sku lie at each location, and the ledger that explains every change (law 6)."""

from tradewind.stock.deltas import BATCH, apply_deltas, grown_old, moved_since, prune_deltas, sellable_levels
from tradewind.stock.errors import StockFileIsInvalid, StockUnknown
from tradewind.stock.model import BadRow, DeltasDone, StockCount, StockDelta, StockImport, StockLevel, StockMovement
from tradewind.stock.rules import checked_delta, named, sellable
from tradewind.stock.service import import_counts, read_counts, read_deltas, show
from tradewind.stock.store import EXPORT_SECONDS, allocate, export_sellable, levels, movements, release, reserve, set_on_hand

__all__ = [
    "BATCH",
    "EXPORT_SECONDS",
    "BadRow",
    "DeltasDone",
    "StockCount",
    "StockDelta",
    "StockFileIsInvalid",
    "StockImport",
    "StockLevel",
    "StockMovement",
    "StockUnknown",
    "allocate",
    "apply_deltas",
    "checked_delta",
    "export_sellable",
    "grown_old",
    "import_counts",
    "levels",
    "moved_since",
    "movements",
    "named",
    "prune_deltas",
    "read_counts",
    "read_deltas",
    "release",
    "reserve",
    "sellable",
    "sellable_levels",
    "set_on_hand",
    "show",
]
