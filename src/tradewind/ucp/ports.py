"""What a UCP server asks of its surroundings: profiles of platforms, signatures, and addresses of the shop's own pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tradewind.ucp.model import PlatformProfile


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """A request as it came over the wire, for whoever verifies its signature. Header names are lower case."""

    method: str
    scheme: str
    authority: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class PlatformProfiles(Protocol):
    """Fetches and keeps the profiles of platforms."""

    async def profile(self, url: str, *, refresh: bool = False) -> PlatformProfile:
        """The profile. `refresh` asks again although it is kept (a new key); never more than once in its floor.

        ProfileUrlIsInvalid, ProfileIsUnreachable, ProfileIsMalformed.
        """
        ...


class RequestVerifier(Protocol):
    """Verifies the signatures of requests."""

    def verify(self, request: RequestFacts, platform: PlatformProfile) -> None:
        """Returns when the request is signed well enough. SignatureIsMissing, SignatureIsInvalid, KeyNotFound, DigestDoesNotMatch, AlgorithmIsUnsupported."""
        ...


class ResponseSigner(Protocol):
    """Signs answers, and publishes the keys to verify them with."""

    def headers(self, request: RequestFacts, status: int, body: bytes) -> Mapping[str, str]:
        """The headers that sign an answer; none where nothing is signed."""
        ...

    def public_keys(self) -> Sequence[Mapping[str, Any]]:
        """The public keys as JWK, for the profile."""
        ...


class ShopLinks(Protocol):
    """Addresses of the shop's own pages, absolute."""

    def checkout(self, market: str, session_id: str) -> str:
        """Where a buyer goes on with this very checkout."""
        ...

    def checkout_return(self, session_id: str) -> str:
        """Where a bank sends the buyer back to; "{market}" stands for the session's market."""
        ...

    def cart(self, market: str, cart_id: str) -> str:
        """Where a buyer goes on with this very cart."""
        ...

    def order(self, market: str, order_id: str) -> str:
        """The order's page, for whom it was told to."""
        ...

    def shop(self, market: str) -> str:
        """The market's front page."""
        ...

    def policies(self, market: str) -> Sequence[tuple[str, str]]:
        """What must be shown beside a purchase, as (type of link, address): terms_of_service, privacy_policy, refund_policy, …"""
        ...
