"""What a self-check asks for and what it finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from tradewind.kit import Currency, Money

Json = dict[str, Any]


class Verdict(StrEnum):
    """How a step ended. `to do` is what a launch still needs; `unknown` is what only somebody else can tell; `skipped` could not be tried."""

    OK = "ok"
    FAILED = "failed"
    TO_DO = "to do"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried. `told` says what came of it, with the value that was wrong."""

    area: str
    name: str
    verdict: Verdict
    told: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a feed promises of an offer; the price is in minor units of the currency."""

    offer_id: str
    title: str
    price: int
    currency: str
    is_in_stock: bool

    @property
    def told(self) -> str:
        """The price in words."""
        return str(Money(self.price, Currency(self.currency)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to check: a market of the server at `url`. `buys` places real orders and can be true only where the fake bank answers."""

    url: str
    market: str
    country: str
    feed: Path
    address: Json
    sample: int = 100
    buys: bool = False
    seconds: int = 20


@dataclass(slots=True)
class Report:
    """Every step in its order, and how long the operations took in milliseconds."""

    steps: list[Step] = field(default_factory=list)
    took_ms: dict[str, list[float]] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether anything is not as it must be."""
        return any(one.verdict is Verdict.FAILED for one in self.steps)

    def counts(self) -> Mapping[Verdict, int]:
        """The steps by how they ended."""
        return {verdict: sum(1 for one in self.steps if one.verdict is verdict) for verdict in Verdict}


class NotAsItMustBe(Exception):
    """A step found something wrong; its text says what, and the value."""


class IsToBeDone(Exception):
    """A launch needs something that is not there yet; its text says what, and where it is set."""


class CannotBeTried(Exception):
    """A step needs something that is not there; its text says what."""


class NobodyHereKnows(Exception):
    """A step ends where only somebody else can tell; its text says who."""


def wanted_at_launch(holds: object, told: str) -> None:
    """IsToBeDone unless it holds."""
    if not holds:
        raise IsToBeDone(told)


def must(holds: object, told: str) -> None:
    """NotAsItMustBe unless it holds."""
    if not holds:
        raise NotAsItMustBe(told)
