"""What every operation of the Universal Commerce Protocol is about, whatever carried the call and whatever version it speaks."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tradewind.checkout import Reply, anybody
from tradewind.kit import Clock, new_id

V2026_01_23 = "2026-01-23"
V2026_04_08 = "2026-04-08"
DEFAULT_VERSION = V2026_04_08
VERSIONS = (V2026_04_08, V2026_01_23)
"""The versions that are served, the newest first."""


class Operation(StrEnum):
    """What a platform may ask for, in the words of the specification's OpenRPC."""

    CREATE_CHECKOUT = "create_checkout"
    GET_CHECKOUT = "get_checkout"
    UPDATE_CHECKOUT = "update_checkout"
    COMPLETE_CHECKOUT = "complete_checkout"
    CANCEL_CHECKOUT = "cancel_checkout"
    CREATE_CART = "create_cart"
    GET_CART = "get_cart"
    UPDATE_CART = "update_cart"
    CANCEL_CART = "cancel_cart"
    SEARCH_CATALOG = "search_catalog"
    LOOKUP_CATALOG = "lookup_catalog"
    GET_PRODUCT = "get_product"
    GET_ORDER = "get_order"


MUTATING = frozenset(
    {
        Operation.CREATE_CHECKOUT,
        Operation.UPDATE_CHECKOUT,
        Operation.COMPLETE_CHECKOUT,
        Operation.CANCEL_CHECKOUT,
        Operation.CREATE_CART,
        Operation.UPDATE_CART,
        Operation.CANCEL_CART,
    }
)
"""What changes something: a repeat with the same key gets the same answer."""
KEY_NEEDED = frozenset({Operation.COMPLETE_CHECKOUT, Operation.CANCEL_CHECKOUT, Operation.CANCEL_CART})
"""What must carry a key: for the others, a missing one only means that a repeat is a new request."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One version of a capability or a payment handler that a platform declares, with its configuration."""

    version: str
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlatformProfile:
    """What a platform says of itself at its profile's address. `keys` are its public keys as JWK, by their id."""

    url: str
    version: str
    capabilities: Mapping[str, tuple[Declared, ...]]
    handlers: Mapping[str, tuple[Declared, ...]] = field(default_factory=dict)
    keys: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Negotiated:
    """What both sides can do. `active` is the response's `ucp` object by root capability, without payment handlers; do not change it."""

    version: str
    platform: PlatformProfile
    capabilities: Mapping[str, str]
    platform_config: Mapping[str, Mapping[str, Any]]
    # The payment handlers that both know; None where the platform names none, so that all of ours may be shown.
    handlers: frozenset[str] | None
    active: Mapping[str, Mapping[str, Any]]

    def has(self, capability: str) -> bool:
        """Whether the capability was negotiated."""
        return capability in self.capabilities

    @property
    def supports_multi_group(self) -> bool:
        """Whether the platform can show several parcels of one method."""
        return self.platform_config.get("dev.ucp.shopping.fulfillment", {}).get("supports_multi_group") is True

    @property
    def webhook_url(self) -> str:
        """Where the platform wants to hear of its orders; empty when it does not."""
        found = self.platform_config.get("dev.ucp.shopping.order", {}).get("webhook_url", "")
        return found if isinstance(found, str) else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The status, the JSON as it is sent, and headers beside the content type."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    # The business said no, nothing was changed, and so nothing has kept the answer for its key yet.
    is_refusal: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call, freed of its carrier. `raw` is the resource's JSON exactly as it came: the idempotency of a repeat is judged by it."""

    operation: Operation
    resource_id: str
    raw: bytes
    idempotency_key: str
    negotiated: Negotiated
    at: datetime
    accept_language: str = ""
    if_match: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict)

    def reply(self, render: Callable[[Any], tuple[int, bytes]], clock: Clock, check: Callable[[Any], None] = anybody) -> Reply:
        """How the core keeps the answer of this call: for this platform and key, and for this very request only."""
        return Reply(self.key_scope, self.idempotency_key or new_id("none", clock=clock), self.digest, render, check)

    @property
    def key_scope(self) -> str:
        """For whom a key counts: "Uniqueness: Per-client, per-operation type" (signatures, Idempotency Key Requirements)."""
        return f"ucp/{self.operation}/{self.negotiated.platform.url}"

    @property
    def digest(self) -> str:
        """What makes two requests with a key the same one: the resource and "the SHA-256 hash of the raw body bytes" (ibid., Payload Matching)."""
        return hashlib.sha256(f"{self.operation} {self.resource_id}\n".encode() + self.raw).hexdigest()
