"""Locations, lanes to markets, and rate cards."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum

from tradewind.kit import Currency

BAND_STEP_G = 50
"""Weight bands end at multiples of this many grams, so that a card becomes a lookup table."""


class StockAuthority(StrEnum):
    """Whose figure of a location's stock holds when two differ."""

    OURS = "ours"  # our ledger: counts and changes are booked here
    RETAILER = "retailer"  # the retailer's own system: we only repeat what it says


@dataclass(frozen=True, slots=True)
class Location:
    """A warehouse. `timezone` is the one in which its cut-off is meant.

    `buffer` units of each sku are never sold from here. What was last counted longer ago than `max_age` counts as out of stock.
    """

    location_id: str
    name: str
    country: str
    subdivision: str | None  # whose public holidays it keeps
    timezone: str
    stock_authority: StockAuthority = StockAuthority.OURS
    buffer: int = 0
    max_age: timedelta | None = None


@dataclass(frozen=True, slots=True)
class RateCard:
    """What a carrier asks by weight: bands of (up to grams, minor units), ascending. An invented card says so."""

    rate_card_id: str
    currency: Currency
    bands: tuple[tuple[int, int], ...]
    volumetric_divisor: int  # cubic millimeters per gram: 5000 is the usual 5,000 cubic centimeters per kilogram
    valid_from: date
    valid_to: date | None
    invented: bool
    signed_by: str
    source: str

    @property
    def max_weight_g(self) -> int:
        return self.bands[-1][0]


@dataclass(frozen=True, slots=True)
class Lane:
    """A way from a location to a market. `imported` goods have already passed customs there; others travel as a direct parcel."""

    lane_id: str
    location_id: str
    market: str
    imported: bool
    preference: int  # lower serves first
    min_quantity: int
    takes_batteries: bool
    transit_days: tuple[int, int]
    handling_days: tuple[int, int]
    cut_off: time
    inbound_per_kg: int  # minor units of the rate card's currency, for goods that were shipped in bulk
    rate_cards: tuple[RateCard, ...]

    def rate_card(self, day: date) -> RateCard | None:
        """The card that holds on a day, the newest when two do."""
        found = [card for card in self.rate_cards if card.valid_from <= day <= (card.valid_to or date.max)]
        return max(found, key=lambda card: card.valid_from) if found else None


@dataclass(frozen=True, slots=True)
class Network:
    """Every location and lane of the retailer."""

    locations: tuple[Location, ...]
    lanes: tuple[Lane, ...]

    def location(self, location_id: str) -> Location:
        """The location of this id; KeyError when there is none (the loader has checked every lane)."""
        return {one.location_id: one for one in self.locations}[location_id]

    def lanes_to(self, market: str) -> tuple[Lane, ...]:
        """The lanes that reach a market, the preferred first."""
        return tuple(sorted((lane for lane in self.lanes if lane.market == market), key=lambda lane: (lane.preference, lane.lane_id)))


@dataclass(frozen=True, slots=True)
class Promise:
    """When an order placed now arrives: the first and the last day, both business days of the destination."""

    earliest: date
    latest: date
