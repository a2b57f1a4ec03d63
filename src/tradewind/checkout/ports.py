"""What a checkout asks of its surroundings beyond payments and stock: a market's rules of today, and discounts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from tradewind.checkout.model import AppliedDiscount, SessionLine
from tradewind.db import AsyncTransaction
from tradewind.markets import Market
from tradewind.network import Lane, Location
from tradewind.pricing import PriceBook


@dataclass(frozen=True, slots=True)
class RegionalTerms:
    """Where an offer costs less (minor units) or is not to be had: by postcodes, of which one with a `*` at its end stands for any ending."""

    postcodes: tuple[str, ...]
    price: int | None
    is_sold: bool = True

    def holds_at(self, postcode: str) -> bool:
        """Whether a destination with this postcode lies there."""
        text = postcode.strip().upper()
        return any(text.startswith(one[:-1]) if one.endswith("*") else text == one for one in self.postcodes)


@dataclass(frozen=True, slots=True)
class MarketDesk:
    """All that a purchase in one market on one day is priced and promised by."""

    market: Market
    book: PriceBook
    lanes: Mapping[str, Lane]
    locations: Mapping[str, Location]
    # Promised days by (lane, destination's country, minute): the calendar is asked once for all shoppers of a minute.
    promises: dict[tuple[str, str, datetime], tuple[date, date]] = field(default_factory=dict)
    # What regions.toml says, by offer id: the channel shows it there, so the checkout keeps to it.
    regional: Mapping[str, Sequence[RegionalTerms]] = field(default_factory=dict)

    def price_at(self, offer_id: str, postcode: str, price: int) -> int:
        """What the offer costs there: the lowest of its own price and the regions' that hold the postcode."""
        return min([price, *(one.price for one in self._terms(offer_id, postcode) if one.price is not None)])

    def is_sold_at(self, offer_id: str, postcode: str) -> bool:
        """Whether the offer is to be had there."""
        return all(one.is_sold for one in self._terms(offer_id, postcode))

    def _terms(self, offer_id: str, postcode: str) -> list[RegionalTerms]:
        return [one for one in self.regional.get(offer_id, ()) if postcode and one.holds_at(postcode)]


Desks = Callable[[str, date], MarketDesk]
"""The desk of a market on a day; kept by whoever makes it. MarketIsNotOpen."""


@dataclass(frozen=True, slots=True)
class DiscountQuestion:
    """What discounts are decided by: the lines at what they cost without them, the delivery, the codes as they were typed."""

    market: str
    currency: str
    lines: Sequence[SessionLine]
    fulfillment: int
    codes: Sequence[str]
    email: str
    at: datetime
    # The benefits that the buyer says to have; nothing proves them yet.
    claims: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class DiscountAnswer:
    """The discounts that count, and each code that does not, with the reason's code."""

    applied: tuple[AppliedDiscount, ...] = ()
    rejected: tuple[tuple[str, str], ...] = ()


class Discounts(Protocol):
    """Codes and automatic discounts. `decide` is pure and fast; `claim` counts a use, and says no when its limit is reached."""

    def decide(self, question: DiscountQuestion) -> DiscountAnswer:
        """Which discounts count."""
        ...

    def unproved(self, applied: Sequence[AppliedDiscount], email: str, method: str) -> Sequence[str]:
        """The claims behind these discounts that neither the buyer's e-mail address nor the method of payment proves."""
        ...

    async def claim(
        self, tx: AsyncTransaction, applied: Sequence[AppliedDiscount], email: str, session_id: str, at: datetime
    ) -> Sequence[str]:
        """Counts a use of each; the promotions whose limit is reached: then roll back."""
        ...

    async def release(self, tx: AsyncTransaction, session_id: str, at: datetime) -> None:
        """Takes the uses of a session back, because it was not completed."""
        ...


class NoDiscounts:
    """A shop without promotions: every code is unknown."""

    def decide(self, question: DiscountQuestion) -> DiscountAnswer:
        """No discount counts."""
        return DiscountAnswer(rejected=tuple((code, "unknown") for code in question.codes))

    def unproved(self, applied: Sequence[AppliedDiscount], email: str, method: str) -> Sequence[str]:
        """Nothing is claimed where nothing is granted."""
        del applied, email, method
        return ()

    async def claim(
        self, tx: AsyncTransaction, applied: Sequence[AppliedDiscount], email: str, session_id: str, at: datetime
    ) -> Sequence[str]:
        """Nothing to count."""
        del tx, applied, email, session_id, at
        return ()

    async def release(self, tx: AsyncTransaction, session_id: str, at: datetime) -> None:
        """Nothing to take back."""
        del tx, session_id, at
