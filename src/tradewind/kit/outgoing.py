"""Calls to addresses that others named: what is sent, what comes back, and how it can fail. Pure; an adapter carries them out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tradewind.kit.errors import TradewindError


@dataclass(frozen=True, slots=True)
class OutgoingCall:
    """A request to somebody else's server, with the limits that it is worth: at most `max_bytes` of answer, in at most `seconds`."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: int = 10
    max_bytes: int = 65_536


@dataclass(frozen=True, slots=True)
class OutgoingAnswer:
    """What came back; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class OutgoingAddressIsRefused(TradewindError):
    """The address is not one that this house may be sent to: not https, with a password, or inside a network."""

    code = "outgoing_address_refused"
    http_status = 400


class OutsideIsAway(TradewindError):
    """Nobody answered in time, or not in HTTP."""

    code = "outside_away"
    http_status = 502


class OutsideAnswerIsTooLarge(TradewindError):
    """The answer is larger than it may be, or packed so that its size cannot be known."""

    code = "outside_answer_too_large"
    http_status = 502


class Outgoing(Protocol):
    """Carries a call out. OutgoingAddressIsRefused, OutsideIsAway, OutsideAnswerIsTooLarge."""

    async def send(self, call: OutgoingCall) -> OutgoingAnswer: ...

    def check(self, url: str) -> None:
        """OutgoingAddressIsRefused when the address can be refused by its looks, without asking any name server."""
        ...
