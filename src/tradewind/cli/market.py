"""tradewind market: the markets, their dated rules, and what a person must look at."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tradewind.markets import Confirmations, Finding, Market, Rule
    from tradewind.settings import Settings

FOUND_ISSUES = 3
CONFIRMATIONS = "confirmations"

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Markets and their dated rules.")

AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="The day, such as 2026-07-01; today by default.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_markets(as_of: AsOf = None, as_json: Json = False) -> None:
    """List the markets.

    Example: tradewind market list
    """
    from tradewind.markets import check, load_markets

    settings, day = _settings(), _day(as_of)
    confirmations = _confirmations(settings)
    rows = [_summary(market, day, len(check(market, day, confirmations))) for market in load_markets(settings.market_folder).values()]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        display = "tax in the price" if row["tax_included"] else "tax at checkout"
        languages = ",".join(row["languages"])
        print(
            f"{row['market']:4} {row['name']:16} {row['currency']} {languages:8} {display:17} rules {row['rules']:3}  issues {row['issues']}"
        )


@app.command()
def show(code: str, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show the rules of a market that hold on a day.

    Example: tradewind market show de --as-of 2026-06-30
    """
    from tradewind.markets import load_market

    settings, day = _settings(), _day(as_of)
    market = load_market(code, settings.market_folder)
    rows = _rows(market, day, _confirmations(settings))
    if as_json:
        print(json.dumps({**_summary(market, day, None), "as_of": str(day), "rules": rows}, ensure_ascii=False, indent=2, default=str))
        return
    print(f"{market.name} ({market.code}) on {day}: {market.currency}, {', '.join(market.languages)}")
    for row in rows:
        until = row["valid_to"] or "open"
        print(f"\n{row['id']}  {row['value']}")
        print(f"    {row['kind']}, {row['valid_from']} to {until}, {row['certainty']}{row['note']}")
        print(f"    {row['source']}")


@app.command()
def check(
    codes: Annotated[list[str] | None, typer.Argument(metavar="[CODE]...", help="Markets; all when none is named.")] = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Find gaps, overlaps and rules that have run out (exit code 3).

    Example: tradewind market check th
    """
    from tradewind.markets import check as check_market
    from tradewind.markets import load_market, load_markets

    settings, day = _settings(), _day(as_of)
    wanted = codes or list(load_markets(settings.market_folder))
    confirmations = _confirmations(settings)
    findings = [one for code in wanted for one in check_market(load_market(code, settings.market_folder), day, confirmations)]
    findings += _rate_findings(settings, day, confirmations)
    if as_json:
        print(json.dumps([asdict(one) for one in findings], ensure_ascii=False, indent=2))
    for one in findings if not as_json else []:
        print(f"{one.market:4} {one.code:9} {one.message}\n     next: {one.hint}")
    if not findings:
        typer.echo(f"{', '.join(wanted)}: nothing to look at on {day}", err=True)
    raise typer.Exit(FOUND_ISSUES if findings else 0)


@app.command()
def confirm(
    rule: Annotated[str, typer.Argument(help="The rule's id, or fx.age for old exchange rates.")],
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="The last day for which you confirm it.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so; kept in the file.")],
) -> None:
    """Confirm, with your name, that a rule that has run out still holds.

    Example: tradewind market confirm fx.age --until 2026-12-31 --by Mei
    """
    from tradewind.markets import FX_RULE, Confirmation, MarketIsUnknown, load_markets, write_confirmation

    settings = _settings()
    markets = load_markets(settings.market_folder).values()
    known = {rule.id for market in markets for rule in market.rules} | {layer.id for market in markets for layer in market.tariff}
    if rule not in known | {FX_RULE}:
        raise MarketIsUnknown(f'no market has a rule "{rule}"', hint="tradewind market check names the rules that have run out")
    path = write_confirmation(_folder(settings), Confirmation(rule, _day(until), by, datetime.now(UTC).date()))
    typer.echo(f"{rule} holds until {until} on the word of {by}: {path}", err=True)


def _settings() -> "Settings":
    from tradewind.settings import load_settings

    return load_settings()


def _folder(settings: "Settings") -> Path:
    return Path(settings.home) / CONFIRMATIONS


def _confirmations(settings: "Settings") -> "Confirmations":
    from tradewind.markets import load_confirmations

    return load_confirmations(_folder(settings))


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else datetime.now(UTC).date()
    except ValueError:
        raise typer.BadParameter(f'"{text}" is not a day; write it like 2026-07-01') from None


def _summary(market: "Market", day: date, issues: int | None) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "market": market.code,
        "name": market.name,
        "country": market.country,
        "currency": market.currency.code,
        "languages": list(market.languages),
        "tax_included": market.tax_included,
        "rules": len(market.rules) + len(market.tariff),
    }
    return summary if issues is None else {**summary, "as_of": str(day), "issues": issues}


def _rows(market: "Market", day: date, confirmations: "Confirmations") -> list[dict[str, Any]]:
    from tradewind.markets import RuleKind, layers_in_force, rules_in_force

    rows = []
    for kind in RuleKind:
        for found in rules_in_force(market, kind, day, confirmations):
            rule = found.rule
            safe_side = ", the safe side: nothing else holds on this day" if rule.fallback else ""
            note = f", confirmed by {found.confirmed_by}" if found.confirmed_by else safe_side
            value = " ".join(_values(rule))
            rows.append(_row(rule, kind.value, value, found.certainty, note))
    for layer in layers_in_force(market, day, confirmations):
        value = f"{len(layer.rates)} codes, {len(layer.chapters)} chapter defaults" if layer.rates else f"{layer.every_code_ppm} ppm"
        rows.append(_row(layer, "tariff", value, layer.confidence.value, ""))
    return rows


def _row(rule: Any, kind: str, value: str, certainty: str, note: str) -> dict[str, Any]:
    names = ("id", "valid_from", "valid_to", "source")
    return {"kind": kind, "value": value, "certainty": certainty, "note": note} | {name: getattr(rule, name) for name in names}


def _values(rule: "Rule") -> list[str]:
    said = [
        (rule.rate_ppm is not None, f"{rule.rate_ppm} ppm"),
        (rule.amount is not None, str(rule.amount)),
        (rule.at_most is not None, f"up to {rule.at_most}"),
        (rule.days is not None, f"{rule.days} days"),
        (rule.text is not None, str(rule.text)),
        (bool(rule.counts), f"counts {', '.join(rule.counts)}"),
    ]
    return [words for is_said, words in said if is_said]


def _rate_findings(settings: "Settings", day: date, confirmations: "Confirmations") -> list["Finding"]:
    from tradewind.adapters.fx import EcbHistory
    from tradewind.markets import FX_RULE, Finding
    from tradewind.pricing import load_margins

    newest, limit = EcbHistory().newest_day, load_margins(settings.market_folder).fx_max_age_days
    confirmed = confirmations.get(FX_RULE)
    if (day - newest).days <= limit or (confirmed is not None and day <= confirmed.until):
        return []
    message = f"the newest exchange rates are of {newest}, older than {limit} days: prices that use them are estimates"
    return [Finding("*", "expired", FX_RULE, message, f"tradewind market confirm {FX_RULE} --until DATE --by NAME, or your own rates.csv")]
