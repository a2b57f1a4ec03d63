"""Which location serves a product in a market: the lanes of one market on one day."""

from dataclasses import dataclass, field
from datetime import date

from tradewind.markets import digest_of


@dataclass(frozen=True, slots=True)
class ServingLane:
    """A way from a location to the market. `min_days` and `max_days` are business days from the order to the door."""

    lane_id: str
    location_id: str
    ships_from: str
    imported: bool
    preference: int  # lower serves first
    min_quantity: int  # fewer units than this do not count as stock here
    max_weight_g: int
    takes_batteries: bool
    min_days: int
    max_days: int


@dataclass(frozen=True, slots=True)
class LaneBook:
    """The lanes that reach one market on one day, nearest first; small, frozen and picklable."""

    market: str
    as_of: date
    lanes: tuple[ServingLane, ...]
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", digest_of(self))
