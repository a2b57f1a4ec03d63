"""Stock levels, counts and movements. All quantities are whole units."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StockLevel:
    """The units of a sku at a location; `available` is what may still be promised."""

    sku: str
    location_id: str
    on_hand: int
    reserved: int
    allocated: int
    unavailable: int
    available: int
    updated_at: datetime
    counted_at: datetime


@dataclass(frozen=True, slots=True)
class StockMovement:
    """A ledger row: by how much each counter moved, and why. The rows of a level add up to its counters."""

    sku: str
    location_id: str
    on_hand: int
    reserved: int
    allocated: int
    unavailable: int
    reason: str
    reference: str
    moved_at: datetime


@dataclass(frozen=True, slots=True)
class StockCount:
    """A row of a stock file: what was counted."""

    row: int
    sku: str
    location_id: str
    on_hand: int


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of a stock file that was not taken over, and why."""

    row: int
    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class StockImport:
    """What became of a stock file. rows = taken + the bad ones; `changed` of the taken differ from before."""

    rows: int
    taken: int
    changed: int
    bad: tuple[BadRow, ...]


@dataclass(frozen=True, slots=True)
class StockDelta:
    """A change of a level that counts once: by `change` units, or to `on_hand` where `expected` was seen before (None: whatever it was).

    `moved_at` is when it happened at its source. `expected_on` is the day on which more is to come (ISO), "none" takes it back.
    """

    delta_id: str
    sku: str
    location_id: str
    change: int | None
    on_hand: int | None
    expected: int | None
    moved_at: datetime
    row: int = 0
    expected_on: str = ""

    @property
    def content(self) -> str:
        """What must be equal when the same id comes again."""
        return f"{self.change} {self.on_hand} {self.expected}" + (f" {self.expected_on}" if self.expected_on else "")

    @property
    def only_expects(self) -> bool:
        """Whether it moves nothing, and only says when more is to come."""
        return self.change is None and self.on_hand is None


@dataclass(frozen=True, slots=True)
class DeltasDone:
    """What became of deltas: applied now, applied before, and refused; `skus` are those whose levels were written."""

    applied: int
    repeated: int
    bad: tuple[BadRow, ...]
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units that somebody wants from a location: `spare` units always stay there, and a count before `oldest` counts as nothing."""

    sku: str
    location_id: str
    quantity: int
    spare: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """Units that were held for a checkout (`reference`)."""

    reference: str
    sku: str
    location_id: str
    quantity: int
