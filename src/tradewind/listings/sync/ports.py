"""What the push needs from outside: the channel, and the rendered listings."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from tradewind.listings.sync.model import Budget, Outcome, Processed, Send, Target, Way

ListingRow = Mapping[str, str | None]
"""A rendered listing: Google's attribute names to their texts, as in listings.parquet."""


class ListingRows(Protocol):
    """Gives rendered listings of the published run."""

    def __call__(self, target: Target, offer_ids: Sequence[str]) -> Mapping[str, ListingRow]: ...


class ShownPort(Protocol):
    """Where it can be read what a channel shows."""

    def processed(self, target: Target) -> AsyncIterator[Processed]:
        """Every listing of the target that the channel shows."""


class MerchantPort(ShownPort, Protocol):
    """A channel that takes one product a call. Every method ends in an outcome, never in an exception of the wire."""

    async def insert(self, target: Target, send: Send, row: ListingRow) -> Outcome:
        """Sends the whole listing as `send.version`, with the price and availability of `send`."""

    async def overlay(self, target: Target, send: Send, row: ListingRow | None = None) -> Outcome:
        """Sends price and availability alone, over what a file said; a reduction that `row` announces stays one."""

    async def delete(self, target: Target, send: Send, way: Way) -> Outcome:
        """Takes the listing away; one that is not there is a success."""

    async def held_version(self, target: Target, offer_id: str) -> int | None:
        """The version that the channel shows; None when it holds none (yet)."""

    async def shown(self, target: Target, offer_id: str) -> Processed | None:
        """One listing as the channel shows it; None when it holds none (yet)."""

    async def budget(self, target: Target) -> Budget:
        """The quotas as the channel states them."""
