"""tradewind fx: the exchange rates that prices stand on, their age and kind, and how newer ones come in."""

import json
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli.options import day_of, settings_here, today

if TYPE_CHECKING:
    from tradewind.settings import Settings

FOUND_ISSUES = 3
EURO = "EUR"
_SHOWN_DIGITS = 6

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Exchange rates: their age and kind, and newer ones."
)


@app.command("list")
def list_rates(
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="The day, such as 2026-07-01; today by default.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every currency, not only those of the markets and CNY.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the newest rate of each currency by kind, and its age (exit code 3: too old).

    Example: tradewind fx list
    """
    settings, day = settings_here(), day_of(as_of)
    rows = _rows(settings, day, every=every)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    for row in rows if not as_json else []:
        age = f"{row['age_days']} days" if row["age_days"] is not None else "-"
        print(
            f"{row['currency']} {row['kind']:8} {row['rate'] or '-':>16} {row['day'] or 'no rate':10} {age:>9}  {row['state']:9} {row['source']}"
        )
    bad = [row["currency"] for row in rows if row["state"] in ("old", "missing") and row["kind"] == "shop"]
    if bad:
        typer.echo(f"{len(bad)} currencies have no rate that is new enough: tradewind fx update, or your own rates.csv", err=True)
    raise typer.Exit(FOUND_ISSUES if bad else 0)


@app.command()
def update(
    source: Annotated[
        str | None, typer.Option("--from", metavar="FILE|URL", help="An ECB zip, CSV or XML; else it is fetched from the ECB.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Take a file that is older, or that moves a rate by half.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Load the ECB's reference rates; what is wrong leaves the old ones.

    Example: tradewind fx update --from eurofxref-hist.zip
    """
    from tradewind.adapters.fx import ECB_URL, update_rates

    settings = settings_here()
    done = update_rates(settings.rules_folder, source or ECB_URL, today(), force=force)
    if as_json:
        print(json.dumps(asdict(done), default=str, indent=2))
        return
    typer.echo(
        f"rates of {done.after} ({done.currencies} currencies), before of {done.before}: {done.days_added} days more, {done.path}", err=True
    )


def _rows(settings: "Settings", day: date, *, every: bool) -> list[dict[str, Any]]:
    from tradewind.bootstrap import exchange_rates
    from tradewind.cli.market import CONFIRMATIONS
    from tradewind.markets import FX_RULE, load_confirmations, load_markets
    from tradewind.pricing import load_margins

    limit = load_margins(settings.own_rules).fx_max_age_days
    word = load_confirmations(settings.home / CONFIRMATIONS).get(FX_RULE)
    confirmed = word is not None and day <= word.until
    wanted = {market.currency.code for market in load_markets(settings.own_rules).values()} | {"CNY"}
    rows = []
    for kind in ("shop", "customs"):
        rates = exchange_rates(settings, kind)
        known = rates.currencies()
        for code in sorted((known if every else wanted) - {EURO}):
            found = rates.rate(EURO, code, day) or rates.rate("USD", code, day)
            # A customs rate that is only the shop's would be listed twice.
            if kind == "shop" or (found is not None and "a shop rate" not in found.source):
                rows.append(_row(code, kind, found, day, limit, confirmed=confirmed))
    return rows


def _row(code: str, kind: str, found: Any, day: date, limit: int, *, confirmed: bool) -> dict[str, Any]:
    if found is None:
        return {"currency": code, "kind": kind, "rate": None, "day": None, "age_days": None, "state": "missing", "source": ""}
    age = (day - found.day).days
    # A customs rate holds until the next one is published, so only a shop rate grows old by days.
    state = "ok" if age <= limit or kind == "customs" else "confirmed" if confirmed else "old"
    return {
        "currency": code,
        "kind": kind,
        "rate": f"{_decimal(found.numerator, found.denominator)} per {found.base}",
        "day": str(found.day),
        "age_days": age,
        "state": state,
        "source": found.source,
    }


def _decimal(numerator: int, denominator: int) -> str:
    from tradewind.kit import Rounding, divide

    scaled = divide(numerator * 10**_SHOWN_DIGITS, denominator, Rounding.HALF_UP)
    whole, rest = divmod(scaled, 10**_SHOWN_DIGITS)
    return f"{whole}.{rest:0{_SHOWN_DIGITS}d}".rstrip("0").rstrip(".")
