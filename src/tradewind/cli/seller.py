"""tradewind seller: who sells, under which numbers, what is missing, and the U.S. sales tax rates that were loaded."""

import json
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli.options import day_of, settings_here, today

if TYPE_CHECKING:
    from tradewind.markets import Finding, Seller
    from tradewind.settings import Settings

FOUND_ISSUES = 3
EXPIRING_DAYS = 60
_SHOWN_REJECTED = 10

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="The seller's registrations, and U.S. sales tax rates."
)
sales_tax = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="U.S. sales tax rates by jurisdiction.")
app.add_typer(sales_tax, name="sales-tax")

AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="The day, such as 2026-07-01; today by default.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def show(as_of: AsOf = None, as_json: Json = False) -> None:
    """Show the seller and the registrations that hold on a day.

    Example: tradewind seller show
    """
    from tradewind.markets import REGISTRATION_KINDS, load_seller

    day, seller = day_of(as_of), load_seller(settings_here().rules_folder)
    held = [one for one in seller.registrations if one.holds(day)]
    if as_json:
        found = asdict(seller) | {"as_of": str(day), "registrations": [asdict(one) for one in held]}
        print(json.dumps(found, ensure_ascii=False, indent=2, default=str))
        return
    print(f"{seller.name}, {seller.country}" + (f"  INVENTED, signed {seller.signed_by}" if seller.invented else ""))
    for one in held:
        until = f" until {one.valid_to}" if one.valid_to else ""
        holder = f"  held by {one.holder}" if one.holder != seller.name else ""
        lane = f"  lane {one.lane}" if one.lane else ""
        print(f"{one.jurisdiction:6} {REGISTRATION_KINDS[one.kind]:38} {one.number:24} since {one.valid_from}{until}{lane}{holder}")


@app.command()
def check(
    market: Annotated[str | None, typer.Option("--market", metavar="CODE", help="Only this market; else every one.")] = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Find registrations that markets ask for and that are missing or run out (exit code 3).

    Example: tradewind seller check --market de
    """
    from tradewind.markets import load_market, load_markets, load_seller

    settings, day = settings_here(), day_of(as_of)
    seller = load_seller(settings.rules_folder)
    known = load_markets(settings.own_rules)
    codes = [load_market(market, settings.own_rules).code] if market else list(known)
    findings = [*_invented(seller), *_ending(seller, day), *(one for code in codes for one in _missing(settings, code, seller, day))]
    if as_json:
        print(json.dumps([asdict(one) for one in findings], ensure_ascii=False, indent=2))
    for one in findings if not as_json else []:
        print(f"{one.market:4} {one.code:12} {one.message}\n     next: {one.hint}")
    if not findings:
        typer.echo(f"{seller.name}: nothing is missing in {', '.join(codes)} on {day}", err=True)
    raise typer.Exit(FOUND_ISSUES if findings else 0)


@sales_tax.command()
def load(file: Annotated[Path, typer.Argument(help="A CSV of rates; docs/how-to/collect-sales-tax.md lists its columns.")]) -> None:
    """Load U.S. sales tax rates by state, ZIP, county and city; bad rows are counted.

    Example: tradewind seller sales-tax load rates.csv
    """
    from tradewind.markets import keep_sales_tax

    table, path = keep_sales_tax(settings_here().rules_folder, file.read_bytes(), file.name, today())
    for row, reason in table.rejected[:_SHOWN_REJECTED]:
        typer.echo(f"row {row} left out: {reason}", err=True)
    typer.echo(f"{len(table.rates)} rates of {', '.join(table.states())} loaded, {table.rejected_count} rows left out: {path}", err=True)
    raise typer.Exit(FOUND_ISSUES if table.rejected_count else 0)


@sales_tax.command("list")
def list_rates(as_of: AsOf = None, as_json: Json = False) -> None:
    """List the states: whether the seller collects there, and from which rates.

    Example: tradewind seller sales-tax list
    """
    from tradewind.markets import US_STATES, load_sales_tax, load_seller, permit_states

    settings, day = settings_here(), day_of(as_of)
    table, permits = load_sales_tax(settings.rules_folder), permit_states(load_seller(settings.rules_folder), day)
    rows = [_state(table, state, state in permits, day) for state in sorted(US_STATES)]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        print(f"{row['state']} {row['collected']:13} {row['rates']:6} rates  {row['certainty']:9} {row['note']}")


def _state(table: Any, state: str, permitted: bool, day: date) -> dict[str, Any]:
    held = [rate for rate in table.rates if rate.state == state and rate.valid_from <= day <= (rate.valid_to or date.max)]
    worst = next((one for one in ("estimate", "likely", "certain") if any(rate.certainty == one for rate in held)), "")
    note = "" if permitted else f"no permit in {state}: the buyer owes use tax where there is one"
    if held and not any(rate.rate_ppm for rate in held):
        note = "no general sales tax"
    elif permitted and not held:
        note = "a permit and no rate: tradewind seller sales-tax load FILE"
    elif permitted and table.is_sample:
        note = "sample of the package: a statewide average, not the rate of an address"
    return {
        "state": state,
        "collected": "collected" if permitted else "not collected",
        "rates": len(held),
        "certainty": worst,
        "note": note,
    }


def _invented(seller: "Seller") -> list["Finding"]:
    from tradewind.markets import Finding

    if not seller.invented:
        return []
    message = f"the seller {seller.name} is invented: no number of it is real"
    return [Finding("*", "invented", "seller", message, "write your own seller.toml: docs/how-to/register-a-seller.md")]


def _ending(seller: "Seller", day: date) -> list["Finding"]:
    from tradewind.markets import Finding, registered

    findings = []
    for one in seller.registrations:
        if one.valid_to is None or one.valid_to > day + timedelta(days=EXPIRING_DAYS):
            continue
        if registered(seller, one.kind, one.jurisdiction, max(day, one.valid_to) + timedelta(days=1), one.lane):
            continue  # another takes its place
        code = "expired" if one.valid_to < day else "expiring"
        message = f"{one.kind} {one.number} in {one.jurisdiction} {'ran' if code == 'expired' else 'runs'} out on {one.valid_to}"
        findings.append(Finding("*", code, one.kind, message, "renew it, then write the new one with its days into seller.toml"))
    return findings


def _missing(settings: "Settings", code: str, seller: "Seller", day: date) -> list["Finding"]:
    from tradewind.cli.market import CONFIRMATIONS
    from tradewind.markets import launch_blockers, load_confirmations, load_market

    confirmations = load_confirmations(settings.home / CONFIRMATIONS)
    found = launch_blockers(load_market(code, settings.own_rules), seller, day, confirmations)
    return [one for one in found if one.code == "registration"]
