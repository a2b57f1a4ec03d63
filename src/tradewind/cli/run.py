"""tradewind run: from the catalog to offers and feeds; approve, reject, roll back."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tradewind.pipeline import Progress
    from tradewind.pipeline.reading import RunSummary
    from tradewind.settings import Settings

FOUND_ISSUES = 3
DEFAULT_MARKETS = ("us", "de", "th")

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides; it is recorded.")]
Run = Annotated[str, typer.Argument(metavar="RUN", help="The run's id (tradewind run list).")]
Markets = Annotated[list[str] | None, typer.Option("--market", metavar="CODE", help="Only this market; may be repeated.")]


@app.callback(invoke_without_command=True)
def run(
    ctx: typer.Context,
    *,
    markets: Annotated[str | None, typer.Option(metavar="us,de", help="Markets; those of the last run by default.")] = None,
    snapshot: Annotated[str | None, typer.Option(metavar="ID", help="The catalog snapshot; the newest by default.")] = None,
    as_of: Annotated[str | None, typer.Option(metavar="DATE", help="The day whose rules hold; today by default.")] = None,
    on: Annotated[str, typer.Option(help="Where shards are computed: local or ray.")] = "local",
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Processes on this machine.")] = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who runs it.")] = "",
    fresh: Annotated[bool, typer.Option("--fresh", help="Resume nothing, carry no earlier row over.")] = False,
    no_publish: Annotated[bool, typer.Option("--no-publish", help="Compute only; tradewind run approve publishes.")] = False,
    as_json: Json = False,
) -> None:
    """From the catalog to offers and feeds. An interrupted run is resumed.

    Example: tradewind run --markets us,de,th
    """
    if ctx.invoked_subcommand:
        return
    if on == "local":
        from tradewind.adapters.placement import start_ahead

        start_ahead()
    from tradewind.bootstrap import open_runs
    from tradewind.pipeline import RunRequest, reading
    from tradewind.settings import load_settings

    settings = load_settings()
    if workers:
        settings = settings.model_copy(update={"workers": workers})
    known, resumed_day, resumed_snapshot = reading.next_request(settings.home) if markets is None else ((), None, None)
    request = RunRequest(
        markets=market_codes(markets) if markets is not None else known or DEFAULT_MARKETS,
        as_of=_day(as_of or resumed_day),
        by=by or os.environ.get("USER") or "unknown",
        snapshot_id=snapshot or resumed_snapshot,
        publish=not no_publish,
        fresh=fresh,
    )
    with _bar() as progress, open_runs(settings, on=on, progress=progress, say=_say) as runs:
        done = runs.run(request)
    _show(settings, done.run_id, as_json=as_json)


@app.command("list")
def list_runs(
    market: Annotated[str | None, typer.Option(metavar="CODE", help="Only runs of this market.")] = None, as_json: Json = False
) -> None:
    """List the runs, newest first.

    Example: tradewind run list --market us
    """
    from tradewind.cli.run_text import overall_state
    from tradewind.pipeline import reading
    from tradewind.settings import load_settings

    found = [run for run in reading.runs(load_settings().home) if market is None or any(part.market == market for part in run.markets)]
    if as_json:
        _print_json([_plain(run) for run in found])
        return
    for run in found:
        states = "  ".join(f"{part.market} {part.state.replace('_', ' ')}" for part in run.markets if market in {None, part.market})
        print(f"{run.run_id}  {run.created_at:%Y-%m-%d %H:%M}  {overall_state(run):18}  {states}")
    if not found:
        _say("no run yet: tradewind run --markets us,de,th")


@app.command()
def show(run_id: Run, as_json: Json = False) -> None:
    """Show a run: chosen, left out and why, changes, what the gate said.

    Example: tradewind run show run_01k3v9x2m4c8a7b
    """
    from tradewind.settings import load_settings

    _show(load_settings(), run_id, as_json=as_json, exits=False)


@app.command()
def approve(run_id: Run, by: By, market: Markets = None, as_json: Json = False) -> None:
    """Publish what the gate holds.

    Example: tradewind run approve run_01k3v9x2m4c8a7b --market us --by Anna
    """
    from tradewind.bootstrap import open_runs
    from tradewind.settings import load_settings

    settings = load_settings()
    with open_runs(settings, say=_say) as runs:
        runs.approve(run_id, market or (), by)
    _show(settings, run_id, as_json=as_json)


@app.command()
def reject(run_id: Run, by: By, market: Markets = None, as_json: Json = False) -> None:
    """Keep what is published; the run's markets are turned down.

    Example: tradewind run reject run_01k3v9x2m4c8a7b --market us --by Anna
    """
    from tradewind.bootstrap import open_runs
    from tradewind.settings import load_settings

    settings = load_settings()
    with open_runs(settings, say=_say) as runs:
        runs.reject(run_id, market or (), by)
    _show(settings, run_id, as_json=as_json)


@app.command()
def rollback(market: Annotated[str, typer.Option(metavar="CODE", help="The market.")], by: By, as_json: Json = False) -> None:
    """Show the market's previous run again: pages and feeds.

    Example: tradewind run rollback --market us --by Anna
    """
    from tradewind.bootstrap import open_runs
    from tradewind.settings import load_settings

    settings = load_settings()
    with open_runs(settings, say=_say) as runs:
        shown = runs.roll_back(market, by)
    if as_json:
        _print_json({"market": market, "run_id": shown.run_id, "offers": shown.market(market).chosen})
        return
    print(f"{market} shows {shown.run_id} again: {shown.market(market).chosen:,} offers")


def _show(settings: "Settings", run_id: str, *, as_json: bool, exits: bool = True) -> None:
    from tradewind.cli.run_text import summary_lines
    from tradewind.pipeline import reading

    found = reading.summary(settings.home, run_id)
    if as_json:
        _print_json(_plain(found))
    else:
        print("\n".join(summary_lines(found)))
    if exits and any(part.state == "waiting" for part in found.markets):
        raise typer.Exit(FOUND_ISSUES)


def market_codes(text: str) -> tuple[str, ...]:
    """The codes of a list such as "us,de"; an empty one is a usage error, never the last run's markets."""
    codes = tuple(code.strip().lower() for code in text.split(",") if code.strip())
    if not codes:
        raise typer.BadParameter("name at least one market, such as --markets us,de", param_hint="--markets")
    return codes


def _day(text: str | None) -> date:
    from tradewind.kit import system_clock

    try:
        return date.fromisoformat(text) if text else system_clock().date()
    except ValueError:
        raise typer.BadParameter(f'"{text}" is not a day such as 2026-07-01') from None


@contextmanager
def _bar() -> "Iterator[Progress]":
    """A progress bar on a terminal, nothing elsewhere."""
    from tradewind.pipeline import silent

    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("shards"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("shards", total=None)
        yield lambda done, total, _result: bar.update(task, completed=done, total=total)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _plain(run: "RunSummary") -> Any:
    from dataclasses import asdict

    return asdict(run)


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))
