"""Targets of webhooks, and the deliveries that wait for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from tradewind.kit import StateMachine, Transition


class TargetKind(StrEnum):
    """How a target is spoken to."""

    UCP = "ucp"  # the webhook_url of the platform that the order was bought through
    GOOGLE = "google"  # Google's fixed endpoint for order events
    OWN = "own"  # an endpoint that the retailer registered


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


DELIVERY = StateMachine(
    "webhook_delivery",
    (
        Transition("deliver", "waiting", "delivered"),
        Transition("give_up", "waiting", "dead"),
        Transition("replay", "dead", "waiting"),
        Transition("replay", "delivered", "waiting"),
    ),
)


@dataclass(frozen=True, slots=True)
class Target:
    """Who is told. `version` is the protocol's, for those that speak one; `platform` the address of its profile."""

    target_id: str
    kind: TargetKind
    url: str
    version: str = ""
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A target that the retailer registered. Without `events` it hears of every one; `failures` counts those since the last success."""

    endpoint_id: str
    url: str
    events: tuple[str, ...]
    description: str
    is_paused: bool
    failures: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OrderHappening:
    """One thing that happened to an order: the `number`-th of its name."""

    order_id: str
    event: str
    number: int
    detail: Mapping[str, Any]
    at: datetime

    @property
    def key(self) -> str:
        """What names it among all that happened to the order: "shipped/2"."""
        return f"{self.event}/{self.number}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing that happened, for one target. `webhook_id` is the same in every attempt; `timestamp` in seconds is set by the first."""

    delivery_id: int
    webhook_id: str
    target: Target
    order_id: str
    event: str
    number: int
    occurred_at: datetime
    status: DeliveryStatus
    attempts: int
    next_at: datetime
    timestamp: int | None = None
    last_status: int | None = None
    last_error: str = ""
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lag:
    """How far behind the deliveries are: milliseconds from what happened to what was heard, over a period; and what waits or is dead now."""

    delivered: int
    p50_ms: int | None
    p99_ms: int | None
    waiting: int
    oldest_waiting_at: datetime | None
    dead: int
