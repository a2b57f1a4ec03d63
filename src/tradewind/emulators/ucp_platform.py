"""A stand-in for a platform of the Universal Commerce Protocol on loopback: it publishes its profile and keys, signs what it asks, and takes
webhooks as strictly as a good platform does. It can be told to fail. It decides nothing about money.
"""

import base64
import hashlib
import hmac
import json
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from tradewind.emulators.answering import Told, serve_json
from tradewind.kit import Clock, system_clock
from tradewind.ucp.errors import UcpRefused
from tradewind.ucp.signing import Message, signed_headers, verify
from tradewind.ucp.signing_detached import HEADER, verify_detached
from tradewind.ucp.signing_keys import SigningKey, new_signing_key

PROFILE_PATH, WEBHOOK_PATH, OWN_PATH = "/.well-known/ucp", "/webhooks/orders", "/own"
GOOGLE_PATH = "/v1/webhooks/partners/{partner}/events/order"
RFC_9421_SINCE = "2026-04-08"
FETCH_SECONDS = 5
FRESH = timedelta(minutes=5)
CAPABILITIES = (
    "dev.ucp.shopping.checkout",
    "dev.ucp.shopping.fulfillment",
    "dev.ucp.shopping.discount",
    "dev.ucp.shopping.buyer_consent",
    "dev.ucp.shopping.cart",
    "dev.ucp.shopping.catalog.search",
    "dev.ucp.shopping.catalog.lookup",
    "dev.ucp.shopping.order",
)
Keys = Callable[[str], Mapping[str, Mapping[str, Any]]]
"""The published keys of a business by id, from the address of its profile."""


@dataclass(frozen=True, slots=True)
class Received:
    """A webhook that was taken: its id, its time in seconds, where it came in, and the JSON it carried."""

    webhook_id: str
    timestamp: int
    path: str
    body: dict[str, Any]
    headers: Mapping[str, str]


@dataclass
class PlatformStandIn:
    """What the platform is, and what it remembers. `faults` are statuses that webhooks are answered with, one each; 0 closes the connection."""

    version: str = "2026-04-08"
    capabilities: Sequence[str] = CAPABILITIES
    handlers: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    keys: list[SigningKey] = field(default_factory=lambda: [new_signing_key("platform-1", "ES256")])
    business_keys: Keys | None = None
    google_partner: str = "partner"
    google_key: str = "key"
    own_secret: str = ""
    clock: Clock = system_clock
    address: str = ""
    cache_control: str = "public, max-age=300"
    profile_faults: list[int] = field(default_factory=list)
    profile_body: Any = None
    profile_requests: int = 0
    faults: list[int] = field(default_factory=list)
    delay_seconds: int = 0
    retry_after: str = ""
    received: list[Received] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    duplicates: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def profile_url(self) -> str:
        """Where its profile lies while it is served."""
        return self.address + PROFILE_PATH

    @property
    def webhook_url(self) -> str:
        """Where it takes the events of orders."""
        return self.address + WEBHOOK_PATH

    @property
    def agent(self) -> str:
        """Its header UCP-Agent."""
        return f'profile="{self.profile_url}"'

    def profile(self) -> dict[str, Any]:
        """What it publishes."""
        config = {"dev.ucp.shopping.order": {"webhook_url": self.webhook_url}, **self.config}
        declared = {
            name: [
                {
                    "version": self.version,
                    "spec": f"https://ucp.dev/{self.version}/specification/overview",
                    "schema": f"https://ucp.dev/{self.version}/schemas/shopping/{name.rpartition('.')[2]}.json",
                    **({"config": config[name]} if name in config else {}),
                }
            ]
            for name in self.capabilities
        }
        ucp = {"version": self.version, "services": {}, "capabilities": declared, "payment_handlers": dict(self.handlers)}
        return {"ucp": ucp, "signing_keys": [one.jwk() for one in self.keys]}

    def signed(
        self, method: str, url: str, body: bytes = b"", *, idempotency_key: str | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """The headers of a request, signed with its newest key; a fresh idempotency key where none is given for a change."""
        sent = {"ucp-agent": self.agent, "request-id": str(uuid4()), **(headers or {})}
        if body:
            sent.setdefault("content-type", "application/json")
        if method in {"POST", "PUT"}:
            sent["idempotency-key"] = idempotency_key or str(uuid4())
        return sent | signed_headers(Message(method, url, sent, body), self.keys[-1], self.clock())

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: str) -> Told:
        """What it answers."""
        given = {name.lower(): value for name, value in headers.items()}
        if method == "GET" and path == PROFILE_PATH:
            return self._profile()
        if self.faults:
            status = self.faults.pop(0)
            told = {"Retry-After": self.retry_after} if self.retry_after else {}
            return (status, {"code": "fault"}, told) if status else None
        with self._lock:
            return self._webhook(path, given, body)

    def _profile(self) -> Told:
        self.profile_requests += 1
        if self.profile_faults:
            status = self.profile_faults.pop(0)
            return (status, {}) if status else None
        body = self.profile_body if self.profile_body is not None else self.profile()
        return 200, body, {"Cache-Control": self.cache_control}

    def _webhook(self, path: str, headers: Mapping[str, str], body: str) -> Told:
        doors = {
            WEBHOOK_PATH: self._by_signature,
            OWN_PATH: self._by_secret,
            GOOGLE_PATH.format(partner=self.google_partner): self._as_google,
        }
        door = doors.get(path)
        if door is None:
            return 404, {"code": "not_found"}
        problem = door(path, headers, body)
        if problem is not None:
            self.refused.append(problem[1])
            return problem[0], {"code": problem[1]}
        found = json.loads(body)
        if "event_id" in found:  # 2026-01-23
            webhook_id, timestamp = found["event_id"], int(datetime.fromisoformat(found["created_time"]).timestamp())
        else:
            webhook_id, timestamp = headers["webhook-id"], int(headers["webhook-timestamp"])
        if any(one.webhook_id == webhook_id and one.path == path for one in self.received):
            self.duplicates += 1
            return 200, {"ucp": {"version": self.version}}
        order_id = _order_of(found)
        last = max((one.timestamp for one in self.received if one.path == path and _order_of(one.body) == order_id), default=0)
        if timestamp < last:
            self.refused.append("older_than_last")
            return 400, {"code": "older_than_last"}
        self.received.append(Received(webhook_id, timestamp, path, found, dict(headers)))
        return 200, {"ucp": {"version": self.version}}

    def _by_signature(self, path: str, headers: Mapping[str, str], body: str) -> tuple[int, str] | None:
        """The whole signature, by the keys that the sender's profile publishes."""
        try:
            keys = (self.business_keys or published_keys)(_profile_of(headers.get("ucp-agent", "")))
            if self.version < RFC_9421_SINCE:
                verify_detached(headers.get(HEADER, ""), body.encode(), keys)
                return None
            verify(Message("POST", self.address + path, headers, body.encode()), keys, self.clock())
        except UcpRefused as error:
            return error.http_status, error.code
        return None if {"webhook-id", "webhook-timestamp"} <= headers.keys() else (400, "webhook_header_missing")

    def _as_google(self, path: str, headers: Mapping[str, str], body: str) -> tuple[int, str] | None:
        if headers.get("x-goog-api-key") != self.google_key:
            return 403, "api_key_invalid"
        return self._by_signature(path, headers, body)

    def _by_secret(self, _path: str, headers: Mapping[str, str], body: str) -> tuple[int, str] | None:
        """The shared secret of the Standard Webhooks."""
        text = f"{headers.get('webhook-id')}.{headers.get('webhook-timestamp')}.{body}".encode()
        key = base64.b64decode(self.own_secret.removeprefix("whsec_"))
        wanted = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
        is_fresh = abs(self.clock().timestamp() - int(headers.get("webhook-timestamp", "0"))) < FRESH.total_seconds()
        is_right = wanted in headers.get("webhook-signature", "").split(" ")
        return None if is_right and is_fresh else (401, "signature_invalid")


@contextmanager
def serve_platform(platform: PlatformStandIn) -> Iterator[PlatformStandIn]:
    """The platform answers on a free loopback port while the block runs; its `address` says where."""
    waiting = threading.Event()

    def answer(method: str, path: str, headers: Mapping[str, str], body: str) -> Told:
        waiting.wait(platform.delay_seconds)
        return platform.answer(method, path, headers, body)

    with serve_json(answer) as address:
        platform.address = address
        try:
            yield platform
        finally:
            waiting.set()


def published_keys(profile_url: str) -> dict[str, Mapping[str, Any]]:
    """The keys that stand in the profile at an address of this machine."""
    with urllib.request.urlopen(profile_url, timeout=FETCH_SECONDS) as answer:  # noqa: S310 - a stand-in on loopback
        found = json.load(answer)
    return {one["kid"]: one for one in found.get("signing_keys", [])}


def _profile_of(agent: str) -> str:
    return agent.partition('profile="')[2].partition('"')[0]


def _order_of(body: Mapping[str, Any]) -> str:
    """The order that a webhook is about: the entity itself, or the data of an event."""
    return str(body.get("id", "")) if "line_items" in body else str((body.get("data") or {}).get("order_id", ""))
