"""What the commands of `tradewind google` and `tradewind launch` share: feeds, channels and calls to Google, without printing."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tradewind.adapters.google_merchant import GoogleAccounts
    from tradewind.adapters.google_merchant.steps import Found
    from tradewind.checks.launch import AccountState, Subject
    from tradewind.listings.shipping import Misfit, ShippingPlan
    from tradewind.listings.sync import AccountIssue, Advice, Target
    from tradewind.listings.topology import Account, Topology
    from tradewind.pipeline.channel import Channel
    from tradewind.settings import Settings


def topology_here(settings: "Settings") -> "Topology":
    """The accounts of this installation's google.toml."""
    from tradewind.listings.topology import load_topology

    return load_topology(settings.rules_folder)


def targets(settings: "Settings", market: str, *, needs_source: bool = False) -> "Iterator[tuple[Channel, Target]]":
    """The market's feeds, each with its channel; the data source is asked for only when something is to be sent."""
    import asyncio

    from tradewind.db import open_database
    from tradewind.kit import NotFound, system_clock
    from tradewind.pipeline.channel import Channel

    feeds = topology_here(settings).feeds_of(market)
    with open_database(settings) as database:
        for account, feed in feeds:
            source = asyncio.run(source_of(settings, account, feed)) if needs_source else ""
            if source is None:
                raise NotFound(f'{account.resource} has no data source "{feed.source_name}"', hint="tradewind google setup")
            yield Channel(database, settings.home.absolute(), system_clock), account.target(feed, source)


async def source_of(settings: "Settings", account: "Account", feed: Any) -> str | None:
    """The API data source of a feed; None before it was made."""
    from tradewind.bootstrap import open_accounts

    async with open_accounts(settings) as accounts:
        return await accounts.source_of(account, feed)


async def account_problems(settings: "Settings") -> dict[str, list[str]]:
    """Account-level issues by account."""
    from tradewind.bootstrap import open_accounts

    found = {}
    async with open_accounts(settings) as accounts:
        for account in topology_here(settings).accounts:
            found[account.resource] = [f"{one.severity}: {one.title}" for one in await accounts.account_issues(account.resource)]
    return found


async def set_up(settings: "Settings", topology: "Topology", *, dry_run: bool) -> list[dict[str, str]]:
    """The steps from what Google has to what google.toml says; taken unless it is a dry run."""
    from tradewind.bootstrap import open_accounts

    steps = []
    async with open_accounts(settings) as accounts:
        for account in topology.accounts:
            for found in await differences_of(settings, accounts, account):
                if not dry_run:
                    await found.apply()
                steps.append(asdict(found.step))
    return steps


async def push_feed(settings: "Settings", channel: "Channel", target: "Target", limit: int | None) -> dict[str, Any]:
    """Sends what waits in one feed; the report as plain values."""
    import random

    from tradewind.bootstrap import open_accounts, open_merchant
    from tradewind.listings.sync import Pusher, Way, watch

    async with open_merchant(settings) as merchant, open_accounts(settings) as accounts:
        await watch(channel.database, accounts, target.account, channel.clock())
        if target.primary is Way.FILE:
            await _learn_of_fetch(settings, channel, target, accounts)
        pusher = Pusher(channel.database, merchant, channel.rows, channel.clock, random.SystemRandom())
        report = await pusher.push(target, limit)
    return {
        "results": {result.value: number for result, number in report.results.items()},
        "recovered": {result.value: number for result, number in report.recovered.items()},
        "reasons": dict(report.reasons),
        "stopped": report.stopped,
    }


async def _learn_of_fetch(
    settings: "Settings", channel: "Channel", target: "Target", accounts: "GoogleAccounts"
) -> "tuple[datetime | None, int]":
    """What had waited for the file is held once Google has read it: when that was, and how many."""
    for account, feed in topology_here(settings).feeds_of(target.market):
        if account.target(feed, target.source) == target:
            at = await accounts.fetched_at(account, feed)
            return at, 0 if at is None else channel.fetched(target, at)
    return None, 0


async def learn_of_fetch(settings: "Settings", channel: "Channel", target: "Target") -> "tuple[datetime | None, int]":
    """When Google read the feed's file last, and how many listings are held since."""
    from tradewind.bootstrap import open_accounts

    async with open_accounts(settings) as accounts:
        return await _learn_of_fetch(settings, channel, target, accounts)


async def advice_of(settings: "Settings", channel: "Channel", target: "Target") -> "Advice":
    """What Google's quotas of now mean for a feed."""
    from tradewind.bootstrap import open_merchant
    from tradewind.listings.sync import advise
    from tradewind.listings.sync.push import URGENT_RESERVE_PERCENT

    async with open_merchant(settings) as merchant:
        budget = await merchant.budget(target)
    return advise(target, channel.status(target), budget, URGENT_RESERVE_PERCENT)


async def statuses_of(settings: "Settings", market: str) -> dict[str, list[dict[str, Any]]]:
    """What Google counts in each country of the accounts that have feeds of the market."""
    from tradewind.adapters.google_merchant import GoogleReports
    from tradewind.bootstrap import open_google

    found = {}
    async with open_google(settings) as channel:
        for account in {one.resource: one for one, _ in topology_here(settings).feeds_of(market)}:
            found[account] = [asdict(one) for one in await GoogleReports(channel).statuses(account)]
    return found


async def reconcile_feed(
    settings: "Settings", channel: "Channel", target: "Target", *, dry_run: bool, by_report: bool = False
) -> list[Any]:
    """What Google shows of one feed against the ledger; `by_report` in few large pages, without versions."""
    from tradewind.adapters.google_merchant import GoogleReports
    from tradewind.bootstrap import open_google, open_merchant
    from tradewind.markets import load_market

    digits = load_market(target.market, settings.own_rules).currency.digits
    if by_report:
        async with open_google(settings) as wire:
            return list(await channel.reconcile(GoogleReports(wire), target, digits, dry_run=dry_run))
    async with open_merchant(settings) as merchant:
        return list(await channel.reconcile(merchant, target, digits, dry_run=dry_run))


async def differences_of(settings: "Settings", accounts: "GoogleAccounts", account: "Account") -> "list[Found]":
    """What differs between an account at Google and google.toml, the lanes, and the files that are published."""
    from tradewind.adapters.feeds.splitting import parts_of

    files = {(feed.market, feed.language): parts_of(settings.home / "feeds" / feed.market / feed.language) for feed in account.feeds}
    return await accounts.differences(account, shipping_of(settings, account)[0].services, callback_of(settings), files)


def callback_of(settings: "Settings") -> str:
    """Where Google tells of changes; empty when the shop has no https address (an emulator may call any)."""
    from tradewind.pipeline.notices import callback

    reachable = settings.public_url.startswith("https://") or settings.google_emulator is not None
    return callback(settings.public_url, settings.home) if reachable else ""


def shipping_of(settings: "Settings", account: "Account") -> "tuple[ShippingPlan, tuple[Misfit, ...]]":
    """The account's shipping as compiled from lanes, and return terms that are too short."""
    from tradewind.cli.options import today
    from tradewind.listings.own_attributes import own_attributes
    from tradewind.listings.shipping import compile_shipping, short_returns
    from tradewind.markets import load_confirmations, load_market
    from tradewind.network import load_network

    markets = [load_market(code, settings.own_rules) for code in sorted({feed.market for feed in account.feeds})]
    short = short_returns(markets, account.return_days, today(), load_confirmations(settings.home / "confirmations"))
    by_label = own_attributes(settings.own_rules).account_shipping
    return compile_shipping(markets, load_network(settings.own_rules), today(), by_label), short


async def account_state(settings: "Settings", account: "Account") -> "AccountState":
    """What Google has of an account: open steps of the setup, and account-level issues."""
    from tradewind.bootstrap import open_accounts
    from tradewind.checks.launch import AccountState

    async with open_accounts(settings) as accounts:
        steps = [
            f"{one.step.what} {one.step.name}: {one.step.now} -> {one.step.wanted}"
            for one in await differences_of(settings, accounts, account)
        ]
        issues = [f"{one.severity}: {one.title}" for one in await accounts.account_issues(account.resource)]
    return AccountState(tuple(steps), tuple(issues))


def appeal_facts(settings: "Settings", number: int) -> dict[str, Any]:
    """What an appeal for the account needs, with Google's list of today."""
    import asyncio

    from tradewind.bootstrap import open_accounts
    from tradewind.checks.appeal import facts
    from tradewind.db import open_database
    from tradewind.kit import NotFound, system_clock

    known = {one.number: one for one in topology_here(settings).accounts}
    if number not in known:
        raise NotFound(f"google.toml has no account {number}", hint=f"accounts there: {', '.join(map(str, sorted(known)))}")
    account = known[number]

    async def issues() -> "list[AccountIssue]":
        async with open_accounts(settings) as accounts:
            return await accounts.account_issues(account.resource)

    listed = asyncio.run(issues())
    checked = [one for market in sorted({feed.market for feed in account.feeds}) for one in launch_subjects(settings, market, offline=True)]
    with open_database(settings) as database, database.transaction() as tx:
        return facts(tx, account, listed, checked, system_clock())


def launch_subjects(settings: "Settings", market: str, url: str | None = None, *, offline: bool = False) -> "list[Subject]":
    """Everything that a first push of the market needs, for each account that has a feed of it.

    Pages are read from `url`, else from the claimed site; beside an emulator, which no site stands behind, from this workspace.
    """
    import asyncio
    from contextlib import ExitStack

    from tradewind.checks.fetching import from_server, in_process
    from tradewind.checks.launch import Launch, check_launch
    from tradewind.checks.regions import higher_prices
    from tradewind.cli.options import today
    from tradewind.db import open_database
    from tradewind.listings.regions import load_regions
    from tradewind.logs import configure_logs
    from tradewind.markets import load_confirmations
    from tradewind.orders import store as orders
    from tradewind.pipeline.published import published_files, published_runs

    configure_logs(settings.model_copy(update={"log_level": "WARNING"}))  # a line for each page would hide the findings
    with open_database(settings) as database:
        runs = published_runs(database)
        with database.transaction() as tx:
            tested_at = orders.carried_out_at(tx, market)
            higher = tuple(higher_prices(tx, load_regions(settings.rules_folder), [market]))
    files = published_files(settings.home, runs, market) if market in runs else None
    found = list["Subject"]()
    feeds = topology_here(settings).feeds_of(market)
    for account in {one.number: one for one, _ in feeds}.values():
        launch = Launch(
            settings=settings,
            market=market,
            account=account,
            feeds=tuple(feed for owner, feed in feeds if owner == account),
            files=files,
            confirmations=load_confirmations(settings.home / "confirmations"),
            day=today(),
            at_google=None if offline else asyncio.run(account_state(settings, account)),
            higher_regions=higher,
            tested_at=tested_at,
        )
        with ExitStack() as stack:
            here = url is None and settings.google_emulator is not None
            fetch = stack.enter_context(in_process(settings) if here else from_server(url or account.site))
            found += check_launch(launch, fetch)
    return found


def print_fix(kind: Literal["reason", "issue"], code: str, market: str) -> None:
    """What a refusal or an issue means, and what to do."""
    from tradewind.listings.sync import fix_of

    found = fix_of(kind, code, market)
    print(f"            {found.means}\n            next: {found.do}")
