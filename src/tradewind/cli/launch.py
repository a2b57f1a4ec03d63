"""tradewind launch: what a market needs before Google may see it."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from tradewind.cli.google_work import launch_subjects
from tradewind.cli.options import settings_here

FOUND_ISSUES = 3

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Before a market's first push to Google.")


@app.callback()
def launch() -> None:
    """Before a market's first push to Google."""


@app.command()
def check(
    market: Annotated[str, typer.Option("--market", metavar="CODE", help="The market, such as us.")],
    url: Annotated[str | None, typer.Option(metavar="URL", help="Where the shop runs; else the site.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask Google.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what stands in the way of a first push (exit code 3).

    Example: tradewind launch check --market de
    """
    from tradewind.checks.launch import blocked

    code = market.strip().lower()
    found = launch_subjects(settings_here(), code, url, offline=offline)
    if as_json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
    for one in found if not as_json else ():
        print(f"{one.state:8} {one.name}: {one.message}" + (f"\n         next: {one.next_step}" if one.next_step else ""))
    if not as_json:
        number = len(blocked(found))
        print(f"{code}: {f'{number} things stand in the way' if number else 'ready for a first push'}")
    if blocked(found):
        raise typer.Exit(FOUND_ISSUES)
