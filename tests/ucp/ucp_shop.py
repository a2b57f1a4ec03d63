"""A shop that speaks the protocol to a test: the real window over ASGI, real PostgreSQL, the fake bank, and a platform that is known beforehand."""

import asyncio
import json
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
from bench.checkout_stage import Article, stage
from ucp_schemas import ERROR, schemas

from tradewind.bootstrap.selling import Till, close_till, make_till
from tradewind.bootstrap.ucp import make_counter
from tradewind.db import AsyncDatabase, Database, load_sealer, open_database
from tradewind.kit import new_id
from tradewind.settings import Settings
from tradewind.ucp import VERSIONS, PlatformProfile, RequestFacts, read_profile
from tradewind.ucp.errors import ProfileIsUnreachable
from tradewind.ucp.negotiation import URL_LIMIT
from tradewind.web import create_app
from tradewind.web.shopping import Till as PagesTill
from tradewind.web.ucp import Ucp

Found = TypeVar("Found")
Json = dict[str, Any]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLATFORM = "https://platform.example/.well-known/ucp"
GOOGLE = "https://shopping.google.com/.well-known/ucp"
GOODS = (Article("S1"), Article("S2", kind=1), Article("S3", kind=2))
SHOPPING = "dev.ucp.shopping"
OLD = "2026-01-23"
CAPABILITIES = ("checkout", "fulfillment", "discount", "order", "cart", "catalog.search", "catalog.lookup", "buyer_consent")
NEW_YORK = {
    "street_address": "350 5th Ave",
    "address_locality": "New York",
    "address_region": "NY",
    "postal_code": "10001",
    "address_country": "US",
}
ANNA = {"first_name": "Anna", "last_name": "van Beethoven", "email": "anna@example.com", "phone_number": "+12125550100"}


@dataclass
class Hands:
    """A clock whose hands a test moves."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class KnownPlatforms:
    """Profiles that need not be fetched."""

    profiles: dict[str, bytes] = field(default_factory=dict)
    read: dict[str, PlatformProfile] = field(default_factory=dict)

    async def profile(self, url: str, *, refresh: bool = False) -> PlatformProfile:
        del refresh
        if url not in self.read:
            if url not in self.profiles:
                raise ProfileIsUnreachable(f"{url[:URL_LIMIT]} does not answer")
            self.read[url] = read_profile(url, self.profiles[url])
        return self.read[url]

    def know(self, url: str, content: object) -> None:
        self.profiles[url] = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.read.pop(url, None)


class Unsigned:
    """Neither asks for signatures nor makes them."""

    def verify(self, request: RequestFacts, platform: PlatformProfile) -> None:
        del request, platform

    def headers(self, request: RequestFacts, status: int, body: bytes) -> Mapping[str, str]:
        del request, status, body
        return {}

    def public_keys(self) -> Sequence[Mapping[str, Any]]:
        return ()


def platform_profile(version: str = VERSIONS[0], capabilities: Sequence[str] = CAPABILITIES, **more: Any) -> Json:
    """A platform's profile with these capabilities, at the address that tests use."""
    declared: Json = {
        f"{SHOPPING}.{name}": [{"version": version, "spec": "https://ucp.dev/", "schema": "https://ucp.dev/"}] for name in capabilities
    }
    if f"{SHOPPING}.order" in declared:
        declared[f"{SHOPPING}.order"][0]["config"] = {"webhook_url": "https://platform.example/orders"}
    return {"ucp": {"version": version, "services": {}, "capabilities": declared, "payment_handlers": {}, **more}}


@dataclass
class UcpShop:
    """The shop as a platform sees it; every answer is validated against the schemas of its version when they are there."""

    runner: asyncio.Runner
    client: httpx.AsyncClient
    sync: Database
    till: Till
    ucp: Ucp
    platforms: KnownPlatforms
    clock: Hands
    reference: Path | None
    version: str = VERSIONS[0]
    platform: str = PLATFORM
    keys: int = 0

    def run(self, work: Coroutine[Any, Any, Found]) -> Found:
        return self.runner.run(work)

    def key(self) -> str:
        self.keys += 1
        return f"00000000-0000-4000-8000-{self.keys:012d}"

    def send(self, method: str, path: str, content: object = None, *, key: str | None = None, **headers: str) -> httpx.Response:
        """One request as it is; header names with _ for -."""
        named = {
            "UCP-Agent": f'profile="{self.platform}"',
            "Idempotency-Key": key if key is not None else self.key(),
            "Request-Id": new_id("r"),
        }
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        body = content if isinstance(content, bytes | None) else json.dumps(content).encode()
        sent = {name: value for name, value in named.items() if value}
        return self.run(self.client.request(method, path, content=body, headers={**sent, "Content-Type": "application/json"}))

    def ask(self, method: str, path: str, content: object = None, **more: Any) -> Json:
        """The JSON of an answer that the business gave, validated."""
        response = self.send(method, f"/ucp/{self.version}{path}", content, **more)
        assert response.status_code in {200, 201, 404}, response.text
        found: Json = response.json()
        assert self.problems(found) == []
        return found

    def problems(self, found: Json) -> list[str]:
        """What of an answer is not as the schemas say."""
        if self.reference is None:
            return []
        known = schemas(self.reference / self.version)
        if "id" in found:
            return known.checkout_problems(found)
        return known.problems(found, ERROR) if self.version > OLD else []

    def create(self, *lines: tuple[str, int], **more: Any) -> Json:
        return self.ask("POST", "/checkout-sessions", checkout(*lines, **more))

    def update(self, session: Json, *lines: tuple[str, int], **more: Any) -> Json:
        wanted = lines or tuple((one["item"]["id"], one["quantity"]) for one in session["line_items"])
        key = more.pop("key", None)
        return self.ask("PUT", f"/checkout-sessions/{session['id']}", checkout(*wanted, **more), key=key)

    def ready(self, *lines: tuple[str, int], **more: Any) -> Json:
        return self.create(*lines, **{"buyer": ANNA, "fulfillment": to(NEW_YORK), **more})

    def complete(self, session: Json, token: str = "tok_visa", **more: Any) -> Json:
        return self.ask("POST", f"/checkout-sessions/{session['id']}/complete", paid_with(token), **more)

    def get(self, session: Json) -> Json:
        return self.ask("GET", f"/checkout-sessions/{session['id']}")

    def rows(self, statement: str, *values: Any) -> list[Json]:
        with self.sync.transaction() as tx:
            return [dict(row) for row in tx.execute(statement, values)]


def checkout(*lines: tuple[str, int], **more: Any) -> Json:
    """The body of a create or update."""
    wanted = lines or (("S1", 1), ("S2", 2))
    return {"line_items": [{"item": {"id": name}, "quantity": units} for name, units in wanted], **more}


def to(address: Json, option: str | None = None, **more: Any) -> Json:
    """The fulfillment of a request that goes to one address."""
    method: Json = {"type": "shipping", "line_item_ids": [], "destinations": [address], **more}
    if option is not None:
        method["groups"] = [{"id": "group_1", "selected_option_id": option}]
    return {"methods": [method]}


def paid_with(token: str, handler: str = "fake_pay", kind: str = "token") -> Json:
    """The body of a complete."""
    instrument = {"id": "pi_1", "handler_id": handler, "type": "card", "selected": True, "credential": {"type": kind, "token": token}}
    return {"payment": {"instruments": [instrument]}}


def amounts(found: Json) -> dict[str, int]:
    """The totals by type."""
    return {one["type"]: one["amount"] for one in found["totals"]}


def codes(found: Json) -> list[str]:
    """The codes of the messages."""
    return [one["code"] for one in found.get("messages", ())]


@contextmanager
def open_shop(
    settings: Settings, reference: Path | None, *, goods: Sequence[Article] = GOODS, markets: Sequence[str] = ("us", "de")
) -> Iterator[UcpShop]:
    """A shop with these articles."""
    clock, platforms, unsigned = Hands(), KnownPlatforms(), Unsigned()
    for url in (PLATFORM, GOOGLE):
        platforms.know(url, platform_profile())
    held: dict[str, Any] = {}

    def open_till(database: AsyncDatabase) -> PagesTill:
        till = held["till"] = make_till(settings, database, clock)
        return PagesTill(till.sessions, till.completing, till.orders, load_sealer(settings, clock()))

    async def open_ucp(database: AsyncDatabase) -> Ucp:
        held["ucp"] = Ucp(make_counter(settings, database, held["till"], clock), platforms, unsigned, unsigned, orders_need_proof=False)
        return held["ucp"]

    with open_database(settings) as sync, asyncio.Runner() as runner:
        stage(sync, markets, goods, NOON)
        app = create_app(settings, open_till=open_till, open_ucp=open_ucp, clock=clock)
        life = app.router.lifespan_context(app)
        runner.run(life.__aenter__())
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=settings.public_url)
        try:
            yield UcpShop(runner, client, sync, held["till"], held["ucp"], platforms, clock, reference)
        finally:
            runner.run(client.aclose())
            runner.run(life.__aexit__(None, None, None))
            close_till(held["till"])
