"""tradewind listings: judge what is listed, prove that every surface says the same, hand feeds over."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli.options import settings_here

if TYPE_CHECKING:
    from tradewind.listings.check import Judgement
    from tradewind.settings import Settings

FOUND_ISSUES = 3
FINDINGS_SHOWN = 20

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Listings at Google.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OneMarket = Annotated[str | None, typer.Option("--market", metavar="CODE", help="One market; all by default.")]


@app.callback()
def root() -> None:
    """Listings at Google."""


@app.command()
def check(
    market: OneMarket = None,
    as_of: Annotated[str | None, typer.Option(metavar="DATE", help="By the rules of this day.")] = None,
    verdicts: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write each verdict.")] = None,
    file: Annotated[Path | None, typer.Option(metavar="FEED", help="A feed file instead.")] = None,
    as_json: Json = False,
) -> None:
    """Judge published listings by the rules of a day: what breaks, and when.

    Example: tradewind listings check --as-of 2027-02-01
    """
    from tradewind.checks.published import ListingsCheck
    from tradewind.kit import system_clock
    from tradewind.listings.own_rules import own_rules
    from tradewind.markets import load_market
    from tradewind.pipeline.published import published_files

    settings, today = settings_here(), system_clock().date()
    day = _day(as_of) if as_of else today
    own = own_rules(settings.own_rules)
    found = []
    if file is not None:
        found.append(_judged_file(settings, file, market, (today, day)))
    else:
        runs = _published(settings)
        judging = ListingsCheck(settings.workers, settings.memory_limit_mb, today, day, own)
        if verdicts is not None:
            verdicts.mkdir(parents=True, exist_ok=True)
        for code in [market.strip().lower()] if market else sorted(runs):
            target = verdicts / f"{code}.parquet" if verdicts is not None else None
            found.append(judging.judge(published_files(settings.home, runs, code), load_market(code, settings.own_rules), target))
    if as_json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2, default=str))
    else:
        for one in found:
            _print_judgement(one)
    if any(one.breaks for one in found):
        raise typer.Exit(FOUND_ISSUES)


def _judged_file(settings: "Settings", file: Path, market: str | None, days: tuple[Any, Any]) -> "Judgement":
    from tradewind.checks.foreign import judge_file
    from tradewind.kit import InputIsInvalid
    from tradewind.listings.own_rules import own_rules
    from tradewind.markets import load_market

    if market is None:
        raise InputIsInvalid("a feed file is judged for one market", hint="add --market, such as --market us")
    here = load_market(market.strip().lower(), settings.own_rules)
    return judge_file(file, here.country, here.currency, days, own_rules(settings.own_rules))


def _print_judgement(told: "Judgement") -> None:
    from tradewind.kit import Currency, Money

    def money(minor: int) -> str:
        return str(Money(minor, Currency(told.currency)))

    print(f"{told.market}: {told.offers:,} listings by the rules of {told.day} (today is {told.today})")
    print(f"  {'':14}{'today':>12}{told.day!s:>14}")
    for verdict, count in told.verdicts_now.items():
        print(f"  {verdict:14}{count:>12,}{told.verdicts_then[verdict]:>14,}")
    if told.newly_disapproved:
        print(f"  {told.newly_disapproved:,} listings break by then: {money(told.at_risk_minor)} at risk ({told.basis})")
    if told.breaks:
        print(f"  refused on that day: {money(told.refused_minor)} ({told.basis})")
    for one in told.findings[:FINDINGS_SHOWN]:
        since = f", from {one.valid_from}" if one.valid_from else ""
        change = one.then or "no rule any more" if one.now == one.then else f"{one.now or 'no rule'} today, then {one.then or 'no rule'}"
        print(f"  {one.rule} ({one.attribute}): {one.offers:,} listings, {money(one.revenue_minor)}; {change}{since}")
        print(f"    next: {one.action}")
        for sample in one.samples:
            print(f"    {sample.offer_id}  {' '.join(sample.value.split())[:60]}")
    if len(told.findings) > FINDINGS_SHOWN:
        print(f"  and {len(told.findings) - FINDINGS_SHOWN} more rules (--json has all)")
    print("  unknown, for every listing, because only Google can judge it:")
    for about in told.unknown.values():
        print(f"    {about}")


def _day(text: str) -> Any:
    from datetime import date

    from tradewind.kit import InputIsInvalid

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputIsInvalid(f'"{text}" is not a day', hint="write it as 2027-02-01") from None


def _published(settings: "Settings") -> dict[str, str]:
    from tradewind.db import open_database
    from tradewind.pipeline.published import published_runs

    with open_database(settings) as database:
        return dict(published_runs(database))


@app.command()
def parity(
    market: OneMarket = None,
    sample: Annotated[int, typer.Option(min=1, metavar="N", help="How many pages a market.")] = 40,
    all_pages: Annotated[bool, typer.Option("--all", help="Every page.")] = False,
    url: Annotated[str | None, typer.Option(metavar="URL", help="Pages of a running server.")] = None,
    as_json: Json = False,
) -> None:
    """Prove that all surfaces agree: feeds, pages, UCP, order lines.

    Example: tradewind listings parity --market us --sample 100
    """
    from tradewind.checks.fetching import from_server, in_process
    from tradewind.checks.parity import Place, prove
    from tradewind.checks.selling import selling_surfaces
    from tradewind.db import open_database
    from tradewind.logs import configure_logs
    from tradewind.markets import load_market
    from tradewind.pipeline.published import published_files

    settings = settings_here()
    configure_logs(settings.model_copy(update={"log_level": "WARNING"}))  # a line for each page would hide the proof
    runs = _published(settings)
    proofs = []
    with (
        open_database(settings) as database,
        from_server(url) if url else in_process(settings) as fetch,
        selling_surfaces(settings) as further,
    ):
        for code in [market.strip().lower()] if market else sorted(runs):
            offers = published_files(settings.home, runs, code).count
            here = load_market(code, settings.own_rules)
            place = Place(code, here.country, here.languages[0], settings.home / "feeds" / code)
            proofs.append(prove(place, database, fetch, every=1 if all_pages else max(1, offers // sample), further=further))
    if as_json:
        print(json.dumps([asdict(one) for one in proofs], ensure_ascii=False, indent=2))
    else:
        for one in proofs:
            counts = ", ".join(f"{surface} {count:,}" for surface, count in one.compared.items())
            print(f"{one.market}: compared {counts}; {len(one.mismatches) + one.more:,} mismatches")
            for bad in one.mismatches[:FINDINGS_SHOWN]:
                print(f"  {bad.offer_id}: {bad.field} is {bad.value} in {bad.surface}, {bad.expected} in {bad.beside}")
    if any(one.mismatches for one in proofs):
        raise typer.Exit(FOUND_ISSUES)


@app.command("publish-feeds")
def publish_feeds(
    market: OneMarket = None,
    to: Annotated[str | None, typer.Option(metavar="PLACE", help="A folder, or sftp://user@host/folder.")] = None,
    as_json: Json = False,
) -> None:
    """Make the feeds of each language: parts, gzip, supplemental.

    Example: tradewind listings publish-feeds --to /mnt/feeds
    """
    from tradewind import bootstrap
    from tradewind.db import open_database
    from tradewind.pipeline.published import published_runs

    settings = settings_here()
    root = settings.home / "feeds"
    made: list[Path] = []
    with open_database(settings) as database:
        for code in [market.strip().lower()] if market else sorted(published_runs(database)):
            made.extend(bootstrap.publish_feeds(settings, database, code, to=to))
    if as_json:
        print(json.dumps([{"file": str(path.relative_to(root)), "bytes": path.stat().st_size} for path in made], indent=2))
        return
    for path in made:
        print(f"{path.relative_to(root)}  {path.stat().st_size:,} bytes  {settings.public_url}/feeds/{path.relative_to(root)}")


@app.command()
def duplicates(
    limit: Annotated[int, typer.Option(min=1, max=100_000, metavar="N", help="How many to show.")] = 20, as_json: Json = False
) -> None:
    """Show which variant is listed under a shared GTIN, and why.

    Example: tradewind listings duplicates --limit 100
    """
    from tradewind.catalog import load_snapshot
    from tradewind.listings.duplicates import shared_gtins
    from tradewind.pipeline.manifest import Workspace

    settings = settings_here()
    snapshot = load_snapshot(settings.home)
    total, found = shared_gtins(Workspace(settings.home).products(snapshot.snapshot_id), limit)
    if as_json:
        print(json.dumps({"shared": total, "gtins": [asdict(one) for one in found]}, ensure_ascii=False, indent=2))
        return
    print(f"{total:,} GTINs are carried by more than one variant; one of each is listed")
    for one in found:
        print(f"{one.gtin}  {one.sku}  {one.title[:60]}")
        for rival in one.rivals:
            print(f"  not {rival.sku}: {rival.reason}")


@app.command()
def reviews(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Reviews as .csv or .jsonl.")],
    market: Annotated[str, typer.Option("--market", metavar="CODE", help="The market, such as us.")],
    output: Annotated[Path, typer.Option(metavar="FILE.xml", help="Where to write.")],
    as_json: Json = False,
) -> None:
    """Write a market's product reviews as Google's XML.

    Example: tradewind listings reviews all.csv --market us --output us.xml
    """
    from tradewind.adapters.feeds.reviews import write_reviews

    settings = settings_here()
    counts = write_reviews(file, output, market.strip().lower(), shop=settings.store_name, public_url=settings.public_url)
    if as_json:
        print(json.dumps(counts, indent=2))
    else:
        print(", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items()))
