"""Google's services of these settings, and what the worker does with them: push what is urgent, read again what changed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from tradewind.settings import Settings, secret

if TYPE_CHECKING:
    import grpc
    from pydantic import SecretStr

    from tradewind.adapters.google_merchant import GoogleAccounts, GoogleMerchant
    from tradewind.db import Database
    from tradewind.listings.sync import Target
    from tradewind.listings.topology import Account, Feed


@asynccontextmanager
async def open_merchant(settings: Settings) -> "AsyncIterator[GoogleMerchant]":
    """The Merchant API of these settings: Google, or an emulator."""
    from tradewind.adapters.google_merchant import connect
    from tradewind.markets import load_markets

    currencies = {code: market.currency.code for code, market in load_markets(settings.own_rules).items()}
    async with connect(currencies, _key(settings), settings.google_emulator) as merchant:
        yield merchant


@asynccontextmanager
async def open_accounts(settings: Settings) -> "AsyncIterator[GoogleAccounts]":
    """The account services of the Merchant API."""
    from tradewind.adapters.google_merchant import GoogleAccounts

    async with open_google(settings) as channel:
        yield GoogleAccounts(channel)


@asynccontextmanager
async def open_google(settings: Settings) -> "AsyncIterator[grpc.aio.Channel]":
    """A channel to the Merchant API of these settings: Google, or an emulator."""
    from tradewind.adapters.google_merchant import open_channel

    async with open_channel(_key(settings), settings.google_emulator) as channel:
        yield channel


def _key(settings: Settings) -> "SecretStr | None":
    """The service account's key; an emulator asks for none."""
    if settings.google_emulator is not None or (settings.google_key is None and settings.google_key_file is None):
        return None
    return secret(settings.google_key, settings.google_key_file, "google_key")


def push_urgent(settings: Settings, database: "Database", market: str | None = None) -> int:
    """Sends what would sell wrongly (withdrawn, sold out, dearer) to Google, of one market or all; how many. 0 without a google.toml."""
    from tradewind.listings.sync import urgent_waits
    from tradewind.listings.topology import FILE, load_topology

    if not (settings.rules_folder / FILE).is_file():
        return 0
    chosen = [
        (account, feed)
        for account in load_topology(settings.rules_folder).accounts
        for feed in account.feeds
        if market in {None, feed.market}
    ]
    with database.transaction() as tx:
        waiting = [(account, feed) for account, feed in chosen if urgent_waits(tx, account.target(feed, "").feed)]
    return asyncio.run(_push(settings, database, waiting, only_urgent=True)) if waiting else 0


def push_due(settings: Settings, database: "Database") -> int:
    """Plans and sends everything that is due in the feeds that a person pushed before: changes, and listings that would expire; how many."""
    from tradewind.kit import system_clock
    from tradewind.listings.topology import FILE, load_topology
    from tradewind.pipeline.channel import Channel

    if not (settings.rules_folder / FILE).is_file():
        return 0
    channel, due = Channel(database, settings.home.absolute(), system_clock), []
    for account in load_topology(settings.rules_folder).accounts:
        for feed in account.feeds:
            target = account.target(feed, "")
            if channel.status(target).held:
                channel.plan(target)
                due.append((account, feed))
    return asyncio.run(_push(settings, database, due, only_urgent=False)) if due else 0


async def _push(settings: Settings, database: "Database", waiting: "Sequence[tuple[Account, Feed]]", *, only_urgent: bool) -> int:
    import random

    from tradewind.kit import system_clock
    from tradewind.listings.sync import AccountIsFrozen, Pusher, watch
    from tradewind.listings.sync.rules import LAST_URGENT
    from tradewind.pipeline.channel import Channel

    channel, sent = Channel(database, settings.home.absolute(), system_clock), 0
    async with open_merchant(settings) as merchant, open_accounts(settings) as accounts:
        pusher = Pusher(database, merchant, channel.rows, channel.clock, random.SystemRandom())
        for account, feed in waiting:
            source = await accounts.source_of(account, feed)
            if source is None:  # `tradewind google setup` was not run yet; a person's push says so
                continue
            await watch(database, accounts, account.resource, system_clock())
            with suppress(AccountIsFrozen):  # a frozen account keeps its queue
                target = account.target(feed, source)
                report = await (pusher.push(target, last=LAST_URGENT) if only_urgent else pusher.push(target))
                sent += report.sent
    return sent


def reread(settings: Settings, database: "Database", market: str, language: str, offer_id: str) -> int:
    """Reads one product at Google again; how many issues it has. 0 without a feed for it."""
    from tradewind.listings.topology import FILE, load_topology

    if not (settings.rules_folder / FILE).is_file():
        return 0
    found = [
        account.target(feed, "")
        for account in load_topology(settings.rules_folder).accounts
        for feed in account.feeds
        if (feed.market, feed.language) == (market, language)
    ]
    return asyncio.run(_reread(settings, database, found[0], offer_id)) if found else 0


async def _reread(settings: Settings, database: "Database", target: "Target", offer_id: str) -> int:
    from tradewind.kit import system_clock
    from tradewind.pipeline.notices import reread as read_again

    async with open_merchant(settings) as merchant:
        return await read_again(database, merchant, target, offer_id, system_clock())
