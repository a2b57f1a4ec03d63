"""The desks of a process: a market's rules of a day are resolved once, by the first purchase of that day."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from tradewind.checkout.errors import MarketIsNotOpen
from tradewind.checkout.ports import MarketDesk, RegionalTerms
from tradewind.kit import TradewindError
from tradewind.markets import Market
from tradewind.network import Network
from tradewind.pricing import PriceBook

KEPT_DESKS = 120


def desk_of(market: Market, book: PriceBook, network: Network, regional: Mapping[str, Sequence[RegionalTerms]] | None = None) -> MarketDesk:
    """The desk of a market whose price book is resolved."""
    return MarketDesk(
        market,
        book,
        {lane.lane_id: lane for lane in network.lanes_to(market.code)},
        {location.location_id: location for location in network.locations},
        regional=regional or {},
    )


class KeptDesks:
    """Desks by market and day. `made` resolves one; it may take a moment, so two threads never make the same at once."""

    def __init__(self, made: Callable[[str, date], MarketDesk]) -> None:
        self._made, self._lock = made, threading.Lock()
        self._kept: dict[tuple[str, date], MarketDesk] = {}

    def __call__(self, market: str, day: date) -> MarketDesk:
        """The desk. MarketIsNotOpen when its rules of the day do not resolve."""
        found = self._kept.get((market, day))
        if found is not None:
            return found
        with self._lock:
            found = self._kept.get((market, day))
            if found is None:
                if len(self._kept) >= KEPT_DESKS:
                    self._kept.clear()
                found = self._kept[market, day] = self._resolved(market, day)
            return found

    def forget(self) -> None:
        """The rules have changed: resolve them anew."""
        with self._lock:
            self._kept.clear()

    def _resolved(self, market: str, day: date) -> MarketDesk:
        try:
            return self._made(market, day)
        except TradewindError as error:
            raise MarketIsNotOpen(f'nothing can be sold in "{market}" on {day}: {error.message}', hint=error.hint) from None
