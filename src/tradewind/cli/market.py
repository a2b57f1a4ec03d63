"""tradewind market: the markets, their dated rules, and what a person must look at."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli.options import day_of, settings_here

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tradewind.markets import Confirmations, Finding, Market, Required, Rule
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

    settings, day = settings_here(), day_of(as_of)
    confirmations = _confirmations(settings)
    rows = [_summary(market, day, len(check(market, day, confirmations))) for market in load_markets(settings.own_rules).values()]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        display = "tax inside" if row["tax_included"] else "tax added"
        issues = f"rules {row['rules']:3}  gaps {len(row['gaps'])}  issues {row['issues']}"
        print(f"{row['market']:3} {row['name']:14} {row['level']:10} {row['currency']} {display:10} {issues}")


@app.command()
def show(code: str, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show the rules of a market that hold on a day.

    Example: tradewind market show de --as-of 2026-06-30
    """
    from tradewind.markets import load_market

    settings, day = settings_here(), day_of(as_of)
    market = load_market(code, settings.own_rules)
    rows = _rows(market, day, _confirmations(settings))
    if as_json:
        whole = {**_summary(market, day, None), "as_of": str(day), "rules": rows, **_areas(market)}
        print(json.dumps(whole, ensure_ascii=False, indent=2, default=str))
        return
    _print_head(market, day)
    for row in rows:
        until = row["valid_to"] or "open"
        print(f"\n{row['id']}  {row['value']}")
        print(f"    {row['kind']}, {row['valid_from']} to {until}, {row['certainty']}{row['note']}")
        print(f"    {row['source']}")
    for area in _areas(market)["unserved"]:
        where = ", ".join([*area["postcodes"], *area["regions"], *([f"/{area['pattern']}/"] if area["pattern"] else [])])
        print(f"\nnot sold to: {where}\n    {area['kind']}: {area['reason']} ({area['source']})")
    for zone in market.zones:
        print(f"\nzone {zone.code}: {zone.name} ({len(zone.postcodes) + len(zone.regions)} beginnings of postcodes or regions)")


@app.command()
def check(
    codes: Annotated[list[str] | None, typer.Argument(metavar="[CODE]...", help="Markets; all when none is named.")] = None,
    launch: Annotated[bool, typer.Option("--launch", help="List everything that forbids a launch.")] = False,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Find gaps, overlaps and rules that have run out (exit code 3).

    Example: tradewind market check th --launch
    """
    from tradewind.checks.market import market_blockers, rate_findings
    from tradewind.markets import check as check_market
    from tradewind.markets import load_market, load_markets

    settings, day = settings_here(), day_of(as_of)
    wanted = codes or list(load_markets(settings.own_rules))
    confirmations = _confirmations(settings)
    if launch:
        findings = [one for code in wanted for one in market_blockers(settings, code, day, confirmations)]
    else:
        findings = [one for code in wanted for one in check_market(load_market(code, settings.own_rules), day, confirmations)]
    findings += rate_findings(settings, wanted, day, confirmations)
    if as_json:
        print(json.dumps([asdict(one) for one in findings], ensure_ascii=False, indent=2))
    for one, alike in _told_once(findings) if not as_json else ():
        more = f" (and alike in {', '.join(alike)})" if alike else ""
        print(f"{one.market:4} {one.code:9} {one.message}{more}\n     next: {one.hint}")
    if not findings:
        typer.echo(f"{', '.join(wanted)}: nothing to look at on {day}", err=True)
    raise typer.Exit(FOUND_ISSUES if findings else 0)


@app.command()
def notices(  # noqa: PLR0917 - one parameter an option
    code: str,
    hs: Annotated[str | None, typer.Option("--hs", metavar="CODE", help="The article's tariff code; without it every notice.")] = None,
    battery: Annotated[str | None, typer.Option("--battery", help="none, contained, packed or standalone.")] = None,
    brand: Annotated[str | None, typer.Option("--brand", help="Whose maker a safety notice names.")] = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """What an article must show, and which papers it needs (exit code 3: one is missing).

    Example: tradewind market notices de --hs 851830 --battery contained
    """
    from tradewind.kit import HsCode
    from tradewind.markets import Goods, battery_class, flags_for, load_market, load_seller, required

    settings, day = settings_here(), day_of(as_of)
    goods = Goods(HsCode(hs.replace(".", "")).digits if hs else None, brand, battery)
    market, seller = load_market(code, settings.own_rules), load_seller(settings.rules_folder)
    flags = flags_for(settings.own_rules, goods.hs_code, day) if market.country == "US" and goods.hs_code else None
    rows = required(market, day, goods, seller, confirmations=_confirmations(settings), flags=flags)
    shipping = battery_class(battery)
    if as_json:
        told = {"notices": [asdict(one) for one in rows], "battery": asdict(shipping) if shipping else None, "flags": flags}
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        print("\n".join(line for one in rows for line in _required(one)))
        print(f"battery: {shipping.words if shipping else 'none, or not known'}")
        print(f"flags of customs: {' '.join(flags)}" if flags else "flags of customs: none loaded, or none for the code")
    raise typer.Exit(FOUND_ISSUES if any(one.missing for one in rows) else 0)


def _required(one: "Required") -> list[str]:
    lines = [f"{one.topic}  on {', '.join(one.places) or 'offer'}  ({one.kind}, {one.certainty})", f"    {one.text}", f"    {one.source}"]
    return [*lines, *([f"    shows: {one.shown}"] if one.shown else []), *([f"    MISSING: {one.missing}"] if one.missing else [])]


@app.command()
def confirm(
    rule: Annotated[str, typer.Argument(help="The rule's id, or fx.age for old exchange rates.")],
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="The last day for which you confirm it.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so; kept in the file.")],
) -> None:
    """Confirm, with your name, that a rule that has run out still holds.

    Example: tradewind market confirm fx.age --until 2026-12-31 --by Mei
    """
    from tradewind.markets import FX_RULE, Confirmation, MarketIsUnknown, gaps_rule, load_markets, write_confirmation

    settings = settings_here()
    markets = load_markets(settings.own_rules).values()
    known = {rule.id for market in markets for rule in market.rules} | {layer.id for market in markets for layer in market.tariff}
    known |= {gaps_rule(market) for market in markets}
    if rule not in known | {FX_RULE}:
        raise MarketIsUnknown(f'no market has a rule "{rule}"', hint="tradewind market check names the rules that have run out")
    path = write_confirmation(_folder(settings), Confirmation(rule, day_of(until), by, datetime.now(UTC).date()))
    typer.echo(f"{rule} holds until {until} on the word of {by}: {path}", err=True)


def _folder(settings: "Settings") -> Path:
    return Path(settings.home) / CONFIRMATIONS


def _confirmations(settings: "Settings") -> "Confirmations":
    from tradewind.markets import load_confirmations

    return load_confirmations(_folder(settings))


def _summary(market: "Market", day: date, issues: int | None) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "market": market.code,
        "name": market.name,
        "level": market.level.value,
        "gaps": list(market.gaps),
        "country": market.country,
        "currency": market.currency.code,
        "languages": list(market.languages),
        "tax_included": market.tax_included,
        "rules": len(market.rules) + len(market.tariff),
    }
    return summary if issues is None else {**summary, "as_of": str(day), "issues": issues}


def _print_head(market: "Market", day: date) -> None:
    tax = f"{market.tax_name} {'inside the price' if market.tax_included else 'added at checkout'}"
    print(f"{market.name} ({market.code}) on {day}: {market.level.value}")
    print(f"{market.currency}, {', '.join(market.languages)}; {tax}; holidays of {market.holidays or 'no calendar'}")
    for gap in market.gaps:
        print(f"gap: {gap}")


def _areas(market: "Market") -> dict[str, list[dict[str, Any]]]:
    return {"unserved": [asdict(one) for one in market.unserved], "zones": [asdict(one) for one in market.zones]}


def _rows(market: "Market", day: date, confirmations: "Confirmations") -> list[dict[str, Any]]:
    from tradewind.markets import RuleKind, layers_in_force, rules_in_force
    from tradewind.pricing import percent

    rows = []
    for kind in RuleKind:
        for found in rules_in_force(market, kind, day, confirmations):
            rule = found.rule
            safe_side = ", the safe side: nothing else holds on this day" if rule.fallback else ""
            note = f", confirmed by {found.confirmed_by}" if found.confirmed_by else safe_side
            value = " ".join(_values(rule))
            rows.append(_row(rule, kind.value, value, found.certainty, note))
    for layer in layers_in_force(market, day, confirmations):
        value = f"{len(layer.rates)} codes, {len(layer.chapters)} chapter defaults" if layer.rates else percent(layer.every_code_ppm or 0)
        rows.append(_row(layer, "tariff", value, layer.confidence.value, ""))
    return rows


def _row(rule: Any, kind: str, value: str, certainty: str, note: str) -> dict[str, Any]:
    names = ("id", "valid_from", "valid_to", "source")
    return {"kind": kind, "value": value, "certainty": certainty, "note": note} | {name: getattr(rule, name) for name in names}


def _values(rule: "Rule") -> list[str]:
    per = "" if rule.per == "consignment" else f" per {rule.per}"
    from tradewind.pricing import percent

    rates = ", ".join(f"{prefix} {percent(ppm)}" for prefix, ppm in rule.rates)
    said = [
        (rule.rate_ppm is not None, percent(rule.rate_ppm or 0)),
        (bool(rates), f"({rates})"),
        (rule.amount is not None, str(rule.amount)),
        (rule.above is not None, f"above {rule.above}"),
        (rule.at_most is not None, f"{'up to' if rule.inclusive else 'below'} {rule.at_most}{per}"),
        (rule.days is not None, f"{rule.days} days"),
        (rule.text is not None, str(rule.text)),
        (bool(rule.counts), f"counts {', '.join(rule.counts)}"),
        (bool(rule.insurance_ppm), f"insurance {percent(rule.insurance_ppm)} when unknown"),
        (bool(rule.ships_from), f"shipped from {', '.join(rule.ships_from)}"),
        (bool(rule.hs), f"codes {' '.join(rule.hs)}"),
        (rule.registration is not None, f"needs {rule.registration}"),
        (bool(rule.shown_on), f"on {', '.join(rule.shown_on)}"),
    ]
    return [words for is_said, words in said if is_said]


def _told_once(findings: "Sequence[Finding]") -> list[tuple["Finding", list[str]]]:
    """Each finding with the other markets that have its twin: old exchange rates are one finding, however many markets use them."""
    from tradewind.markets import FX_RULE

    found, first = list[tuple["Finding", list[str]]](), dict[tuple[str, str], list[str]]()
    for one in findings:
        twins = first.get((one.code, one.hint)) if one.rule == FX_RULE else None
        if twins is not None:
            twins.append(one.market)
            continue
        found.append((one, first.setdefault((one.code, one.hint), []) if one.rule == FX_RULE else []))
    return found
