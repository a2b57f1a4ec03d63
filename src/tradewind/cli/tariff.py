"""tradewind tariff: load official tariffs, see what is loaded, and what each layer says about a code."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli.options import day_of, settings_here

if TYPE_CHECKING:
    from tradewind.markets import Market, TariffReport
    from tradewind.settings import Settings

FOUND_ISSUES = 3
_SHOWN_REASONS = 8
_PERCENT = 10_000
_MICRO_DIGITS = 6

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Import duty: load tariffs, show a code's layers."
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def load(  # noqa: PLR0917 - one parameter an option, as everywhere in the command line
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The export: JSON or CSV, plain or gzipped.")],
    market: Annotated[str, typer.Option("--market", metavar="CODE", help="The market whose tariff it is.")],
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="The kind of file; told from its columns by default.")] = "",
    edition: Annotated[str | None, typer.Option("--edition", metavar="DATE", help="Its day; told from its name by default.")] = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who loads it; kept beside the table.")] = "",
    as_json: Json = False,
) -> None:
    """Load an official tariff or list; exit code 3: rows were refused.

    Example: tradewind tariff load hts_2026.json --market us --by Mei
    """
    from tradewind.markets import TariffIsInvalid, TariffOrder, load_tariff

    settings = settings_here()
    if not file.is_file():
        raise TariffIsInvalid(f"there is no file {file}", hint="give the path of the export that you downloaded")
    place, known = _tariff_of(_market(settings, market))
    order = TariffOrder(file, place, known, by or "unnamed", datetime.now(UTC).date(), kind, day_of(edition) if edition else None)
    report = load_tariff(settings.rules_folder / "tariffs", order)
    if as_json:
        print(json.dumps(_report(report), ensure_ascii=False, indent=2))
    else:
        _print_report(report, file)
    raise typer.Exit(FOUND_ISSUES if report.loaded.refused else 0)


@app.command("list")
def list_tables(
    market: Annotated[str | None, typer.Option("--market", metavar="CODE", help="One market; all by default.")] = None,
    as_json: Json = False,
) -> None:
    """List the loaded tables and the samples that stand in for others.

    Example: tradewind tariff list
    """
    settings = settings_here()
    rows = _table_rows(settings, market)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        if row["loaded"]:
            print(
                f"{row['tariff']:8} {row['table']:14} {row['edition'] or 'no edition':10}  {row['lines']:6} lines  {row['source']} ({row['by']})"
            )
        else:
            print(f"{row['tariff']:8} {row['table']:14} sample only  {row['lines']:6} codes  {row['source'][:80]}")


@app.command()
def show(
    code: Annotated[str, typer.Argument(metavar="CODE", help="A tariff code of 2 to 10 digits.")],
    market: Annotated[str, typer.Option("--market", metavar="CODE", help="The market of the import.")],
    origin: Annotated[str | None, typer.Option("--origin", metavar="CC", help="The country of origin; unknown by default.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="The day; today by default.")] = None,
    as_json: Json = False,
) -> None:
    """Show what each layer of duty says about a code, and their sum.

    Example: tradewind tariff show 61091000 --market us --origin CN
    """
    settings, day = settings_here(), day_of(as_of)
    digits = code.replace(".", "").replace(" ", "")
    if not digits.isdecimal() or not digits.isascii() or len(digits) not in (2, 4, 6, 8, 10):
        raise typer.BadParameter(f'"{code}" is not a tariff code; write 2, 4, 6, 8 or 10 digits, such as 610910')
    found = _shown(settings, _market(settings, market), digits, (origin or "").upper() or None, day)
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _print_shown(found)
    raise typer.Exit(0 if found["total"] and not found["total"]["needs_person"] else FOUND_ISSUES)


def _market(settings: "Settings", code: str) -> "Market":
    from tradewind.markets import load_market

    return load_market(code.lower(), settings.own_rules)


def _tariff_of(market: "Market") -> tuple[str, str]:
    """The name under which a market's tariff is kept (that of its bloc), and its currency."""
    layer = market.tariff[0]
    return layer.tariff, layer.currency or market.currency.code


def _report(report: "TariffReport") -> dict[str, Any]:
    loaded = report.loaded
    return {
        "kind": report.kind,
        "tariff": report.tariff,
        "edition": str(report.edition) if report.edition else None,
        "rows": loaded.rows,
        "loaded": loaded.taken,
        "refused": len(loaded.refused),
        "headings": loaded.headings,
        "repeated": loaded.repeated,
        "for_a_person": loaded.for_a_person,
        "tables": {name: len(lines) for name, lines in loaded.tables.items()} | {name: len(one[1]) for name, one in loaded.tiers.items()},
        "reasons": dict(loaded.reasons()),
        "refused_file": str(report.refused_file) if report.refused_file else None,
        "notes": loaded.notes,
    }


def _print_report(report: "TariffReport", file: Path) -> None:
    row = _report(report)
    edition = f", edition {row['edition']}" if row["edition"] else ", no edition given (--edition)"
    print(f"{file.name}: {row['kind']} into the tariff of {row['tariff']}{edition}")
    print(f"{row['rows']} rows = {row['loaded']} loaded + {row['refused']} refused")
    for name, count in row["tables"].items():
        print(f"  {name:24} {count:6}")
    if row["headings"] or row["repeated"]:
        print(f"  loaded rows without a line of their own: {row['headings']} headings, {row['repeated']} repeats of a line")
    if row["for_a_person"]:
        print(f"  {row['for_a_person']} lines have a rate that a person must read; prices that need one say so")
    for reason, count in list(row["reasons"].items())[:_SHOWN_REASONS]:
        print(f"  refused {count:6} × {reason}")
    if row["refused_file"]:
        print(f"  every refused row: {row['refused_file']}")
    for note in row["notes"]:
        print(f"  note: {note}")


def _table_rows(settings: "Settings", wanted: str | None) -> list[dict[str, Any]]:
    from tradewind.markets import load_markets

    markets = load_markets(settings.own_rules)
    chosen = [_market(settings, wanted)] if wanted else list(markets.values())
    rows = dict[tuple[str, str], dict[str, Any]]()
    for layer in (layer for market in chosen for layer in market.tariff):
        for name, table in ((layer.table, layer.loaded), (layer.exempt_table, layer.loaded_exempt)):
            if not name:
                continue
            rows[layer.tariff, name] = {
                "tariff": layer.tariff,
                "table": name,
                "loaded": table is not None,
                "lines": table.rows if table else len(layer.rates if name == layer.table else layer.exempt),
                "edition": str(table.edition) if table and table.edition else None,
                "source": table.source if table else layer.source,
                "by": table.loaded_by if table else None,
                "loaded_on": str(table.loaded_on) if table else None,
            }
    return [rows[key] for key in sorted(rows)]


def _shown(settings: "Settings", market: "Market", code: str, origin: str | None, day: date) -> dict[str, Any]:
    from tradewind.markets import layers_in_force, load_confirmations
    from tradewind.pricing import duty_of

    confirmations = load_confirmations(Path(settings.home) / "confirmations")
    layers = layers_in_force(market, day, confirmations)
    total, parts = duty_of(layers, market.country, origin, code, day)
    return {
        "market": market.code,
        "code": code,
        "origin": origin,
        "as_of": str(day),
        "currency": _tariff_of(market)[1],
        "agency_flags": _flags(settings, market, code, day),
        "layers": [
            {
                "id": layer.id,
                "mode": layer.mode.value,
                "says": None
                if part is None
                else {
                    "ppm": part.ppm,
                    "low_ppm": part.low_ppm,
                    "per_kg_micro": part.per_kg_micro,
                    "per_item_micro": part.per_item_micro,
                    "needs_person": part.needs_person,
                    "certainty": part.certainty,
                    "text": part.text,
                    "preference": _preference(part.special, origin),
                },
                "owed": total is not None and layer.id in total.rule_ids,
                "from": str(layer.valid_from),
                "to": str(layer.valid_to) if layer.valid_to else None,
                "source": f"{layer.loaded.source}, edition {layer.loaded.edition or 'unknown'}" if layer.loaded else layer.source,
            }
            for layer, part in parts
        ],
        "total": None
        if total is None
        else {
            "ppm": total.ppm,
            "low_ppm": total.low_ppm,
            "per_kg_micro": total.per_kg_micro,
            "per_item_micro": total.per_item_micro,
            "needs_person": total.needs_person,
            "certainty": total.certainty,
            "rule_ids": list(total.rule_ids),
        },
    }


def _preference(special: str, origin: str | None) -> str | None:
    from tradewind.markets import preference_of

    found = preference_of(special, origin) if origin else None
    return f"{found[0]} under {found[1]} when the goods prove that they qualify; prices use the general rate" if found else None


def _flags(settings: "Settings", market: "Market", code: str, day: date) -> list[str]:
    from tradewind.markets import loaded_table, table_rows

    table = loaded_table(settings.rules_folder, market.tariff[0].tariff, "pga")
    rows = table_rows(table, day) if table else ()
    return sorted({flag for row in rows if row.code.startswith(code) for flag in row.list.split()})


def _print_shown(found: dict[str, Any]) -> None:
    print(f"{found['code']} from {found['origin'] or 'an unknown origin'} into {found['market']} on {found['as_of']}")
    for layer in found["layers"]:
        said = layer["says"]
        words = "does not name it" if said is None else f"{_rate(said, found['currency'])}{'  ' + said['text'] if said['text'] else ''}"
        mark = "" if layer["owed"] or said is None else "  (not owed on top: excluded, or another layer covers it)"
        print(f"  {layer['id']:24} {words}{mark}\n      {layer['source'][:100]}, {layer['from']} to {layer['to'] or 'open'}")
        if said and said["preference"]:
            print(f"      {said['preference']}")
    if found["agency_flags"]:
        print(f"  flags of other agencies: {', '.join(found['agency_flags'])} (papers, not duty)")
    total = found["total"]
    if total is None:
        print("  total: unknown; no tariff is held for this code and day\n         next: tradewind tariff load FILE --market CODE")
    elif total["needs_person"]:
        print("  total: a person must read the rate; no price is made from a guess")
    else:
        print(f"  total: {_rate(total, found['currency'])}, {total['certainty']}")


def _rate(row: dict[str, Any], currency: str) -> str:
    if row["needs_person"]:
        return "for a person to read"
    share = _percent(row["ppm"]) if row["ppm"] == row["low_ppm"] else f"{_percent(row['low_ppm'])} to {_percent(row['ppm'])}"
    specific = [
        f"{_amount(row[key], currency)} {unit}" for key, unit in (("per_kg_micro", "per kg"), ("per_item_micro", "each")) if row[key]
    ]
    return " + ".join([*([share] if row["ppm"] or not specific else []), *specific])


def _percent(ppm: int) -> str:
    whole, part = divmod(ppm, _PERCENT)
    return f"{whole}.{part:04d}".rstrip("0").rstrip(".") + " %"


def _amount(micro: int, currency: str) -> str:
    from tradewind.kit import Currency

    digits = _MICRO_DIGITS + Currency(currency).digits
    return f"{micro // 10**digits}.{micro % 10**digits:0{digits}d}".rstrip("0").rstrip(".") + f" {currency}"
