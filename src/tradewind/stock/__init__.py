"""How many units of each sku lie at each location, and the ledger that explains every change (law 6)."""

from tradewind.stock.checking import Mismatch, StockProof, prove
from tradewind.stock.deltas import BATCH, apply_deltas, grown_old, moved_since, prune_deltas, sellable_levels
from tradewind.stock.errors import StockFileIsInvalid, StockUnknown
from tradewind.stock.holding import (
    SWEEP_BATCH,
    allocate_free,
    allocate_held,
    deallocate,
    expire,
    expire_async,
    extend_held,
    free_units,
    release_held,
    reserve_all,
    ship_units,
    wanted_of,
)
from tradewind.stock.listing import levels_page, story
from tradewind.stock.model import BadRow, DeltasDone, Held, StockCount, StockDelta, StockImport, StockLevel, StockMovement, Wanted
from tradewind.stock.rules import checked_delta, named, sellable
from tradewind.stock.service import import_counts, read_counts, read_deltas, show
from tradewind.stock.store import EXPORT_SECONDS, expected, expected_on, export_sellable, levels, movements, set_on_hand

__all__ = [
    "BATCH",
    "EXPORT_SECONDS",
    "SWEEP_BATCH",
    "BadRow",
    "DeltasDone",
    "Held",
    "Mismatch",
    "StockCount",
    "StockDelta",
    "StockFileIsInvalid",
    "StockImport",
    "StockLevel",
    "StockMovement",
    "StockProof",
    "StockUnknown",
    "Wanted",
    "allocate_free",
    "allocate_held",
    "apply_deltas",
    "checked_delta",
    "deallocate",
    "expected",
    "expected_on",
    "expire",
    "expire_async",
    "export_sellable",
    "extend_held",
    "free_units",
    "grown_old",
    "import_counts",
    "levels",
    "levels_page",
    "moved_since",
    "movements",
    "named",
    "prove",
    "prune_deltas",
    "read_counts",
    "read_deltas",
    "release_held",
    "reserve_all",
    "sellable",
    "sellable_levels",
    "set_on_hand",
    "ship_units",
    "show",
    "story",
    "wanted_of",
]
