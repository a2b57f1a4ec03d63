"""The commands of `tradewind google` beside listings: promotions and regions."""

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from tradewind.cli.google_work import topology_here
from tradewind.cli.options import settings_here

if TYPE_CHECKING:
    from tradewind.listings.promoting import PlannedPromotion
    from tradewind.listings.shipping import Misfit
    from tradewind.listings.topology import Account
    from tradewind.settings import Settings


def promotions(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Bring Google's promotions to what promotions.toml grants.

    Example: tradewind google promotions --dry-run
    """
    settings = settings_here()
    steps, misfits = asyncio.run(_bring(settings, dry_run=dry_run))
    if as_json:
        print(json.dumps({"steps": steps, "misfits": [asdict(one) for one in misfits]}, ensure_ascii=False, indent=2))
        return
    for step in steps:
        print(f"{'would set' if dry_run else 'set'} {step['account']}  {step['name']}  {step['now']} -> {step['wanted']}")
    for one in misfits:
        print(f"does not fit: {one.market} {one.subject}: {one.message}")
    if not steps:
        print("every promotion is as promotions.toml says")


def regions(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Bring regions and regional prices to what regions.toml says.

    Example: tradewind google regions --dry-run
    """
    steps = asyncio.run(_bring_regions(settings_here(), dry_run=dry_run))
    if as_json:
        print(json.dumps(steps, ensure_ascii=False, indent=2))
        return
    for step in steps:
        print(f"{'would set' if dry_run else 'set'} {step['account']}  {step['what']}: {step['name']}  {step['now']} -> {step['wanted']}")
    if not steps:
        print("every region is as regions.toml says")


async def _bring_regions(settings: "Settings", *, dry_run: bool) -> list[dict[str, str]]:
    from tradewind.adapters.google_merchant import GoogleRegions
    from tradewind.bootstrap import open_google
    from tradewind.checks.regions import refuse_higher_prices
    from tradewind.db import open_database
    from tradewind.listings.regions import load_regions
    from tradewind.markets import load_markets

    steps = []
    book = load_regions(settings.rules_folder)
    currencies = {code: market.currency.code for code, market in load_markets(settings.own_rules).items()}
    if book.offers:
        with open_database(settings) as database, database.transaction() as tx:
            refuse_higher_prices(tx, book, sorted({one.market for one in book.offers}))
    async with open_google(settings) as channel:
        for account in topology_here(settings).accounts:
            for found in await GoogleRegions(channel, currencies).differences(account, book):
                if not dry_run:
                    await found.apply()
                steps.append(asdict(found.step))
    return steps


async def _bring(settings: "Settings", *, dry_run: bool) -> "tuple[list[dict[str, str]], list[Misfit]]":
    from tradewind.adapters.google_merchant import GooglePromotions
    from tradewind.bootstrap import open_google
    from tradewind.kit import system_clock

    steps, misfits = [], list["Misfit"]()
    async with open_google(settings) as channel:
        for account in topology_here(settings).accounts:
            planned, left_out = planned_of(settings, account)
            misfits += left_out
            for found in await GooglePromotions(channel).differences(account, planned, system_clock()):
                if not dry_run:
                    await found.apply()
                steps.append(asdict(found.step))
    return steps, misfits


def planned_of(settings: "Settings", account: "Account") -> "tuple[list[PlannedPromotion], list[Misfit]]":
    """The account's promotions as Google can show them, and those that it cannot."""
    from tradewind.kit import system_clock
    from tradewind.listings.promoting import plan_promotions
    from tradewind.markets import load_market
    from tradewind.promotions import load_promotions

    granted = load_promotions(settings.own_rules)
    planned, misfits = list["PlannedPromotion"](), dict["Misfit", None]()
    for feed in account.feeds:
        fitting, left_out = plan_promotions(granted, load_market(feed.market, settings.own_rules), feed, system_clock())
        planned += fitting
        misfits.update(dict.fromkeys(left_out))  # two languages of a market tell the same
    return planned, list(misfits)
