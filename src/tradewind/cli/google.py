"""tradewind google: accounts, listings and their state at Google's Merchant Center, and an emulator of it."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli import google_accounts, google_selling
from tradewind.cli.google_work import advice_of, launch_subjects, learn_of_fetch, print_fix, push_feed, reconcile_feed, statuses_of, targets
from tradewind.cli.options import settings_here

if TYPE_CHECKING:
    from tradewind.emulators.merchant_center import Center
    from tradewind.listings.sync import Target
    from tradewind.pipeline.channel import Channel
    from tradewind.settings import Settings

FOUND_ISSUES = 3

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Google's Merchant Center.")

Market = Annotated[str, typer.Option("--market", metavar="CODE", help="The market, such as us.")]
app.command()(google_accounts.connect)
app.command()(google_accounts.setup)
app.command()(google_accounts.shipping)
app.command()(google_selling.promotions)
app.command()(google_selling.regions)
app.command()(google_accounts.freeze)
app.command()(google_accounts.thaw)
app.command()(google_accounts.appeal)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]


@app.command()
def plan(market: Market, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Compare the published run with what Google holds: what must be sent.

    Example: tradewind google plan --market us --dry-run
    """
    settings = settings_here()
    found: dict[str, dict[str, int]] = {}
    for channel, target in targets(settings, market):
        waiting = channel.plan(target, dry_run=dry_run)
        found[target.feed] = {reason.name.lower(): number for reason, number in waiting.items()}
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for feed, waiting_by_name in found.items():
        told = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in waiting_by_name.items()) or "nothing waits"
        print(f"{feed}: {told}")


@app.command()
def advise(market: Market, as_json: Json = False) -> None:
    """Say whether Google's quotas carry a market, or a file should.

    Example: tradewind google advise --market us
    """
    import asyncio

    settings = settings_here()
    found = {target.feed: asdict(asyncio.run(advice_of(settings, channel, target))) for channel, target in targets(settings, market)}
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for feed, one in found.items():
        limit = "no limit known" if one["calls_a_day"] is None else f"{one['calls_a_day']:,} calls a day"
        print(f"{feed}: {one['calls_waiting']:,} calls wait, {one['refreshes']:,} a day for refreshes, {limit}")
        print(f"    {one['message']}")


@app.command()
def fetched(market: Market, as_json: Json = False) -> None:
    """Ask when Google read the feed files, and note what it holds since.

    Example: tradewind google fetched --market de
    """
    import asyncio

    settings = settings_here()
    found = {
        target.feed: asyncio.run(learn_of_fetch(settings, channel, target))
        for channel, target in targets(settings, market)
        if target.primary == "file"
    }
    if as_json:
        print(json.dumps({feed: {"read_at": at, "held": number} for feed, (at, number) in found.items()}, indent=2, default=str))
        return
    for feed, (at, number) in found.items():
        print(f"{feed}: {'never read' if at is None else f'{number:,} listings are held since it was read at {at:%Y-%m-%d %H:%M} UTC'}")
    if not found:
        print(f"{market}: no feed of it is a file")


@app.command()
def push(
    market: Market,
    limit: Annotated[int | None, typer.Option(min=1, help="At most this many sends.")] = None,
    unchecked: Annotated[str | None, typer.Option(metavar="WHY", help="First push without launch check.")] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Plan, then send the most urgent changes within Google's quotas.

    A first push needs a clean `tradewind launch check`.

    Example: tradewind google push --market us --limit 100
    """
    import asyncio

    settings = settings_here()
    if dry_run:
        plan(market, dry_run=True, as_json=as_json)
        return
    reports = {}
    for channel, target in targets(settings, market, needs_source=True):
        if channel.plan(target):
            _refuse_unready(settings, channel, target, unchecked)
        reports[target.feed] = asyncio.run(push_feed(settings, channel, target, limit))
    if as_json:
        print(json.dumps(reports, indent=2))
    else:
        _print_reports(reports, market)
    if any(report["results"].get("failed") for report in reports.values()):
        raise typer.Exit(FOUND_ISSUES)


@app.command()
def status(
    market: Market,
    at_google: Annotated[bool, typer.Option("--at-google", help="Ask Google: shown and refused by country, by cause.")] = False,
    as_json: Json = False,
) -> None:
    """What Google holds of a market's listings, and what waits.

    Example: tradewind google status --market us --at-google
    """
    if at_google:
        _print_statuses(market, as_json=as_json)
        return
    found = {}
    for channel, target in targets(settings_here(), market):
        numbers = asdict(channel.status(target)) | {"lag": asdict(channel.lag(target))}
        found[target.feed] = numbers | {"waiting": {reason.name.lower(): number for reason, number in numbers["waiting"].items()}}
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for feed, numbers in found.items():
        waiting = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in numbers["waiting"].items()) or "nothing"
        print(f"{feed}: {numbers['held']} held, {numbers['expiring']} expire within 5 days; waiting: {waiting}")
        lag = numbers["lag"]
        if lag["changes"]:
            print(f"    last hour: {lag['changes']} changes held after p50 {lag['p50_ms']:,} ms, p99 {lag['p99_ms']:,} ms")
        for reason, number in numbers["failed"].items():
            print(f"    refused: {number} x {reason}")
            print_fix("reason", reason, market)


@app.command()
def reconcile(
    market: Market,
    by_report: Annotated[bool, typer.Option("--by-report", help="Read the product report: few calls, no versions.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Read what Google shows and hold it against what was sent (exit code 3).

    Example: tradewind google reconcile --market us
    """
    import asyncio

    settings = settings_here()
    found = {
        target.feed: [asdict(one) for one in asyncio.run(reconcile_feed(settings, channel, target, dry_run=dry_run, by_report=by_report))]
        for channel, target in targets(settings, market)
    }
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    for feed, differences in found.items() if not as_json else ():
        print(f"{feed}: {'all as intended' if not differences else ''}")
        for one in differences:
            print(f"    {one['count']:7} {one['kind']:12} such as {', '.join(one['samples'])}")
    if any(found.values()):
        raise typer.Exit(FOUND_ISSUES)


@app.command()
def issues(market: Market, as_json: Json = False) -> None:
    """The issue inbox of the last reconcile, grouped by cause (exit code 3).

    Example: tradewind google issues --market us
    """
    from tradewind.listings.sync import fix_of

    found = {
        target.feed: [asdict(group) | {"fix": fix_of("issue", group.code, market).do} for group in channel.issues(target)]
        for channel, target in targets(settings_here(), market)
    }
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    for feed, groups in found.items() if not as_json else ():
        print(f"{feed}: {'no issues' if not groups else ''}")
        for one in groups:
            print(f"    {one['count']:7} {one['severity']:11} {one['attribute']}: {one['detail']} ({one['code']})")
            print(f"            in {', '.join(one['countries'])}; such as {', '.join(one['samples'])}")
            print_fix("issue", one["code"], market)
    if any(found.values()):
        raise typer.Exit(FOUND_ISSUES)


@app.command()
def emulator(  # noqa: PLR0917 - the options of the command
    grpc_port: Annotated[int, typer.Option(min=0, max=65535, help="The gRPC port; 0 takes a free one.")] = 0,
    rest_port: Annotated[int, typer.Option(min=0, max=65535, help="The REST port; 0 takes a free one.")] = 0,
    accounts: Annotated[str, typer.Option(metavar="N,N", help="Sub-accounts, by number.")] = "1001",
    processing_seconds: Annotated[float, typer.Option(min=0, help="From an input to its processed product.")] = 2.0,
    per_minute: Annotated[int | None, typer.Option(min=0, help="Quota of calls a minute.")] = None,
    per_day: Annotated[int | None, typer.Option(min=0, help="Quota of calls a day.")] = None,
    strict_updates: Annotated[bool, typer.Option(help="Refuse a product's third update in a day.")] = False,
) -> None:
    """Run a Merchant Center emulator on this machine until Ctrl-C.

    Example: tradewind google emulator --grpc-port 8701 --rest-port 8702
    """
    import asyncio

    from tradewind.emulators.merchant_center import Center, CenterConfig
    from tradewind.kit import system_clock

    config = CenterConfig(
        accounts=_numbers(accounts),
        processing_seconds=processing_seconds,
        quota_per_minute=per_minute,
        quota_per_day=per_day,
        strict_updates=strict_updates,
    )
    asyncio.run(_serve(Center(config, system_clock), grpc_port, rest_port))


def _refuse_unready(settings: "Settings", channel: "Channel", target: "Target", unchecked: str | None) -> None:
    """A feed of which Google holds nothing yet goes out only after a clean launch check, or on somebody's word, which is kept."""
    from tradewind.checks.launch import LaunchIsBlocked, blocked
    from tradewind.db import audit

    if channel.status(target).held:
        return
    if unchecked is not None and unchecked.strip():
        with channel.database.transaction() as tx:
            audit.record(tx, "command line", "google.push_unchecked", target.feed, {"why": unchecked.strip()})
        return
    found = blocked(launch_subjects(settings, target.market))
    if found:
        raise LaunchIsBlocked(
            f"{target.feed} was never pushed, and {len(found)} things stand in its way, such as {found[0].name}: {found[0].message}",
            hint=f"tradewind launch check --market {target.market}",
        )


def _print_reports(reports: dict[str, dict[str, Any]], market: str) -> None:
    for feed, report in reports.items():
        told = ", ".join(f"{number} {result}" for result, number in report["results"].items()) or "nothing to send"
        print(f"{feed}: {told}")
        for reason, number in report["reasons"].items():
            print(f"    {number} x {reason}")
            print_fix("reason", reason, market)
        if report["stopped"]:
            print(f"    stopped: {report['stopped']}")


def _print_statuses(market: str, *, as_json: bool) -> None:
    import asyncio

    found = asyncio.run(statuses_of(settings_here(), market))
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for account, statuses in found.items():
        print(f"{account}: {'nothing is counted yet' if not statuses else ''}")
        for one in statuses:
            counts = f"{one['active']:,} shown, {one['pending']:,} pending, {one['disapproved']:,} refused, {one['expiring']:,} expire soon"
            print(f"    {one['country']} {one['context']}: {counts}")
            for issue in one["issues"]:
                print(f"        {issue['count']:7,} {issue['severity']:11} {issue['attribute']}: {issue['detail']} ({issue['code']})")


def _numbers(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() for part in parts):
        raise typer.BadParameter(f'"{text}": account numbers joined by commas, such as 1001,1002', param_hint="--accounts")
    return tuple(int(part) for part in parts)


async def _serve(center: "Center", grpc_port: int, rest_port: int) -> None:
    import asyncio
    import signal

    from tradewind.emulators.merchant_center import run_center

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with run_center(center, grpc_port, rest_port) as running:
        print(f"grpc  {running.grpc_address}   (insecure channel, anonymous credentials)")
        print(f"rest  {running.rest_url}")
        print(f"state {running.rest_url}/emulator/report", flush=True)
        await stop.wait()
