"""Composes webhooks: who hears of an order, how each target is spoken to, the jobs that send."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tradewind.settings import Settings

if TYPE_CHECKING:
    from tradewind.adapters.webhooks import GoogleAccess
    from tradewind.db import AsyncDatabase, Database
    from tradewind.kit import Clock
    from tradewind.notifications.webhooks import Delivering, Endpoints, Target, TargetFinder, Webhooks
    from tradewind.orders import OrderView
    from tradewind.ucp.keys import Keyring
    from tradewind.worker import WebhookWork

PROFILE = "/.well-known/ucp"
_VERSIONS = frozenset({"2026-01-23", "2026-04-08"})
_GOOGLE_HOSTS = ("google.com", "googleapis.com")
_CONNECTIONS = 6
_SPREAD = 101


@dataclass(frozen=True, slots=True)
class Hooks:
    """Everything about webhooks on one open database."""

    webhooks: "Webhooks"
    endpoints: "Endpoints"
    delivering: "Delivering"
    keyring: "Keyring"


def make_hooks(settings: Settings, database: "AsyncDatabase", clock: "Clock") -> Hooks:
    """The machinery on an open database; `await hooks.keyring.load()` before anything is sent."""
    from tradewind.adapters.webhooks import GoogleDialect, OwnDialect, UcpDialect
    from tradewind.bootstrap.outgoing import outgoing
    from tradewind.bootstrap.signing import make_keyring
    from tradewind.db import load_sealer
    from tradewind.notifications.webhooks import Delivering, Dialect, TargetKind, Webhooks
    from tradewind.web.shopping import order_address

    sealer, client, access = load_sealer(settings, clock()), outgoing(settings), google_access(settings)
    endpoints, keyring = make_endpoints(settings, database, clock), make_keyring(settings, database, clock)

    def permalink(market: str, order_id: str) -> str:
        return settings.public_url + order_address(sealer, market, order_id)

    ucp = UcpDialect(keyring.signing, permalink, settings.public_url + PROFILE, clock)
    dialects: dict[TargetKind, Dialect] = {TargetKind.OWN: OwnDialect(endpoints.secret, clock), TargetKind.UCP: ucp}
    if access is not None:
        dialects[TargetKind.GOOGLE] = GoogleDialect(ucp, access)
    delivering = Delivering(database, client, dialects, clock, lambda: secrets.randbelow(_SPREAD))
    return Hooks(Webhooks(database, clock, target_finder(access)), endpoints, delivering, keyring)


def make_endpoints(settings: Settings, database: "AsyncDatabase", clock: "Clock") -> "Endpoints":
    """The retailer's own endpoints on an open database."""
    from tradewind.bootstrap.outgoing import outgoing
    from tradewind.db import load_sealer
    from tradewind.notifications.webhooks import Endpoints

    return Endpoints(database, outgoing(settings), load_sealer(settings, clock()), clock)


def make_looking(database: "AsyncDatabase", clock: "Clock") -> "Webhooks":
    """What looks at deliveries and sends them again, for a process that needs no partner's key because it tells nobody itself."""
    from tradewind.notifications.webhooks import Webhooks

    return Webhooks(database, clock, lambda _view: ())


@asynccontextmanager
async def open_hooks(settings: Settings, clock: "Clock") -> AsyncIterator[Hooks]:
    """The machinery with a database of its own, for jobs and commands."""
    from tradewind.db import open_async_database

    async with open_async_database(settings, connections=_CONNECTIONS) as database:
        yield make_hooks(settings, database, clock)


def target_finder(access: "GoogleAccess | None") -> "TargetFinder":
    """Who outside the house hears of an order: Google by its own door, any other platform at the address that its profile named."""
    from tradewind.notifications.webhooks import Target, TargetKind

    def find(view: "OrderView") -> "Sequence[Target]":
        source = view.order.facts.get("source") or {}
        platform, url = str(source.get("platform") or ""), str(source.get("webhook_url") or "")
        if source.get("surface") != "ucp" or source.get("ucp_version") not in _VERSIONS:
            return ()
        if is_google(platform):
            return (Target("google", TargetKind.GOOGLE, access.endpoint, str(source["ucp_version"]), platform),) if access else ()
        if not url:
            return ()
        name = hashlib.sha256(f"{platform} {url}".encode()).hexdigest()[:16]
        return (Target(f"ucp_{name}", TargetKind.UCP, url, str(source["ucp_version"]), platform),)

    return find


def is_google(profile_url: str) -> bool:
    """Whether a platform's profile is Google's."""
    host = urlsplit(profile_url).hostname or ""
    return any(host == one or host.endswith(f".{one}") for one in _GOOGLE_HOSTS)


def google_access(settings: Settings) -> "GoogleAccess | None":
    """The door for order events at Google, where the retailer is a partner. SettingIsInvalid when its key is missing."""
    from tradewind.adapters.webhooks import GoogleAccess
    from tradewind.settings import secret

    if not settings.google_orders_partner:
        return None
    key = secret(settings.google_orders_api_key, settings.google_orders_api_key_file, "google_orders_api_key")
    return GoogleAccess(settings.google_orders_url.rstrip("/"), settings.google_orders_partner, key)


def tell_order(settings: Settings, database: "Database", order_id: str, event: str) -> None:
    """Hears of an order's events, and writes down who must hear of them."""
    from tradewind.kit import system_clock

    del database, event  # the order's whole timeline counts

    async def told() -> None:
        async with open_hooks(settings, system_clock) as hooks:
            await hooks.webhooks.tell(order_id)

    asyncio.run(told())


def webhook_work() -> "WebhookWork":
    """What the worker does for webhooks."""
    from tradewind.kit import system_clock
    from tradewind.worker import WebhookRound, WebhookWork

    async def delivered(settings: Settings) -> WebhookRound:
        async with open_hooks(settings, system_clock) as hooks:
            await hooks.keyring.load()
            done = await hooks.delivering.run()
            return WebhookRound(done.heard, done.postponed, done.dead, done.next_at)

    return WebhookWork(lambda settings: asyncio.run(delivered(settings)), system_clock)
