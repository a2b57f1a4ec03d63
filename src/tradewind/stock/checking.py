"""The proof that nothing was lost: every level's counters are the sums of its ledger, and what is reserved has a reservation behind it."""

from dataclasses import dataclass

from tradewind.db import Transaction

FINDINGS_LIMIT = 100
COUNTERS = ("on_hand", "reserved", "allocated", "unavailable")

_LEDGER = """
    SELECT l.sku, l.location_id, l.on_hand, l.reserved, l.allocated, l.unavailable,
           coalesce(m.on_hand, 0) AS booked_on_hand, coalesce(m.reserved, 0) AS booked_reserved,
           coalesce(m.allocated, 0) AS booked_allocated, coalesce(m.unavailable, 0) AS booked_unavailable, coalesce(r.held, 0) AS held
      FROM stock_level AS l
      LEFT JOIN (SELECT sku, location_id, sum(on_hand)::bigint AS on_hand, sum(reserved)::bigint AS reserved,
                        sum(allocated)::bigint AS allocated, sum(unavailable)::bigint AS unavailable
                   FROM stock_movement GROUP BY 1, 2) AS m USING (sku, location_id)
      LEFT JOIN (SELECT sku, location_id, sum(quantity)::bigint AS held FROM stock_reservation GROUP BY 1, 2) AS r USING (sku, location_id)
     WHERE l.on_hand <> coalesce(m.on_hand, 0) OR l.reserved <> coalesce(m.reserved, 0) OR l.allocated <> coalesce(m.allocated, 0)
        OR l.unavailable <> coalesce(m.unavailable, 0) OR l.reserved <> coalesce(r.held, 0)
     ORDER BY l.sku, l.location_id LIMIT %s
"""
_COUNTS = "SELECT (SELECT count(*) FROM stock_level) AS levels, (SELECT count(*) FROM stock_movement) AS movements, (SELECT count(*) FROM stock_reservation) AS held"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A counter of a level that is not what its ledger (or its reservations) add up to."""

    sku: str
    location_id: str
    counter: str
    shown: int
    proven: int


@dataclass(frozen=True, slots=True)
class StockProof:
    """How much was compared, and what does not agree (at most FINDINGS_LIMIT levels)."""

    levels: int
    movements: int
    reservations: int
    mismatches: tuple[Mismatch, ...]

    @property
    def holds(self) -> bool:
        return not self.mismatches


def prove(tx: Transaction) -> StockProof:
    """Compares every level with the sum of its movements, and what is reserved with the reservations, at one moment."""
    counts = tx.execute(_COUNTS).fetchone() or {"levels": 0, "movements": 0, "held": 0}
    found = []
    for row in tx.execute(_LEDGER, (FINDINGS_LIMIT,)):
        pairs = [(counter, row[counter], row[f"booked_{counter}"]) for counter in COUNTERS] + [
            ("reservations", row["reserved"], row["held"])
        ]
        found += [Mismatch(row["sku"], row["location_id"], counter, shown, proven) for counter, shown, proven in pairs if shown != proven]
    return StockProof(counts["levels"], counts["movements"], counts["held"], tuple(found))
