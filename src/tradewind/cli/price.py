"""tradewind price: explain a price by the rules of any day, quote a basket, show what was published."""

import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli.options import day_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tradewind.pipeline.planning import RuleSources
    from tradewind.pipeline.retelling import Difference, Elsewhere, Retold
    from tradewind.pricing import Address, Basket, Quote
    from tradewind.settings import Settings

FOUND_ISSUES = 3
HISTORY_SHOWN = 50
MAX_FILE_BYTES = 1_000_000

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Prices: explain, quote, check, history.")

MarketCode = Annotated[str, typer.Option("--market", metavar="CODE", help="The market, such as de.")]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="The day whose rules hold; today by default.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]


@app.command()
def explain(  # noqa: PLR0917 - one parameter an option
    sku: Annotated[str, typer.Argument(metavar="SKU", help="Our inventory code.")],
    market: MarketCode,
    as_of: AsOf = None,
    compare: Annotated[str | None, typer.Option("--compare", metavar="DATE", help="Show what differs from this day.")] = None,
    lane: Annotated[str | None, typer.Option("--lane", metavar="LANE", help="Priced over this lane.")] = None,
    as_json: Json = False,
) -> None:
    """Every line of a price, by the rules of any day.

    Example: tradewind price explain HX-4411-BLK --market de --as-of 2026-06-30
    """
    from tradewind.pipeline import retelling
    from tradewind.pipeline.planning import standing
    from tradewind.pricing import load_prices

    sources, settings = _sources()
    found = retelling.load_market_of(market, sources)
    facts = retelling.facts_of(settings.home, found.code, sku)
    table = load_prices(sources.folder)
    book = retelling.book_of(found, day_of(as_of), sources)
    told = retelling.retell(facts, book, lane, table)
    told = replace(told, notes=(*told.notes, *standing(found, book.as_of, sources.confirmations, book)))
    other = retelling.retell(facts, retelling.book_of(found, day_of(compare), sources), told.lane_id, table) if compare else None
    changes = retelling.differences(other.lines, told.lines) if other else ()
    if as_json:
        shown = asdict(told) | ({"compared_with": asdict(other), "differences": [_json(one) for one in changes]} if other else {})
        print(json.dumps(shown, ensure_ascii=False, indent=2, default=str))
    else:
        print("\n".join([*_told(told), *(_compared(told, other, changes) if other else ())]))
    if told.problem:
        raise typer.Exit(FOUND_ISSUES)


@app.command()
def quote(  # noqa: PLR0917 - one parameter an option
    market: MarketCode,
    line: Annotated[list[str] | None, typer.Option("--line", metavar="SKU=N", help="Units of a sku; may be repeated.")] = None,
    file: Annotated[Path | None, typer.Option("--file", metavar="FILE", help="A basket as JSON: lines (sku, quantity), address.")] = None,
    postcode: Annotated[str | None, typer.Option("--postcode", help="Where the goods go.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="The state or province, such as CA.")] = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Price a basket as a whole at the listed prices.

    Example: tradewind price quote --market gb --line HX-4411-BLK=2
    """
    from tradewind.bootstrap import tax_port
    from tradewind.kit import system_clock
    from tradewind.pipeline import retelling
    from tradewind.pricing import quote as quoted

    sources, settings = _sources()
    found = retelling.load_market_of(market, sources)
    lines, address = _wanted(line or [], file, postcode, region)
    book = retelling.book_of(found, day_of(as_of), sources)
    basket = _basket(lines, address, settings, retelling, book, is_listed=as_of is None)
    tax = None if found.tax_included or found.country != "US" else tax_port(settings, system_clock)
    result = quoted(basket, book, found, tax)
    print(json.dumps(_as_json(result), ensure_ascii=False, indent=2, default=str) if as_json else "\n".join(_quote_text(result)))


@app.command()
def history(
    offer: Annotated[str, typer.Argument(metavar="OFFER", help="The offer's id.")],
    market: MarketCode,
    as_json: Json = False,
) -> None:
    """What an offer was published at, and the reduction that may be announced.

    Example: tradewind price history HX-4411-BLK --market de
    """
    from tradewind.db import open_database
    from tradewind.kit import Currency, Money, NotFound, system_clock
    from tradewind.pricing import badge_problems, price_history, running_reduction

    sources, settings = _sources()
    code = _market_code(market, sources)
    with open_database(settings) as database, database.transaction() as tx:
        found = price_history(tx, code, offer)
    if not found:
        raise NotFound(f'no price of "{offer}" was ever published in {code}', hint=f"tradewind run --markets {code}, then approve it")
    last = found[-1]
    now = system_clock()
    starts, until = _dated(sources, code, offer, now) or (last.since.date(), now)
    reduction = None if last.price_minor is None else running_reduction(found, last.price_minor, last.currency, starts, now)
    badge = badge_problems(found, reduction.reference_minor, reduction.price_minor, reduction.since, until) if reduction else []
    if as_json:
        told = {"prices": [asdict(one) for one in found], "reduction": asdict(reduction) if reduction else None, "badge_problems": badge}
        print(json.dumps(told, indent=2, default=str))
        return
    for one in found[-HISTORY_SHOWN:]:
        price = "no longer published" if one.price_minor is None else str(Money(one.price_minor, Currency(one.currency)))
        print(f"{one.since:%Y-%m-%d %H:%M} UTC  {price:>22}  {one.run_id}")
    if reduction is None:
        print("no reduction may be announced: today's price must be below the lowest of the 30 days before it, all of them published here")
    else:
        before = Money(reduction.reference_minor, Currency(reduction.currency))
        print(f"{reduction.percent} % off may be announced, from {before}, the lowest price of the 30 days before  [{reduction.rule_id}]")
        print("\n".join(f"Google shows no sale badge: {problem}" for problem in badge) or "Google may show its sale badge")


def _dated(sources: "RuleSources", market: str, offer: str, now: datetime) -> tuple[date, datetime] | None:
    """The first day and the end of the sale or list price that is in force for an offer; None without one that ends."""
    from tradewind.offers import public_id
    from tradewind.pricing import PriceKind, load_prices

    for row in reversed(load_prices(sources.folder).rows):
        is_dated = row.kind is not PriceKind.FIXED and row.ends is not None and row.holds(now.date())
        if is_dated and row.market == market and public_id(row.sku) == offer:
            return row.starts, datetime.combine(row.ends or row.starts, time.max, UTC)
    return None


@app.command()
def check(as_of: AsOf = None, as_json: Json = False) -> None:
    """Check the prices that you set in prices.csv (exit code 3).

    Example: tradewind price check --as-of 2026-12-01
    """
    from tradewind.pipeline.setprices import check_set_prices
    from tradewind.pricing import PRICES_FILE

    sources, settings = _sources()
    found = check_set_prices(settings.home, sources, day_of(as_of))
    if as_json:
        print(json.dumps(asdict(found), ensure_ascii=False, indent=2))
    for one in found.findings if not as_json else ():
        print(f"{one.market:4} {one.sku:16} {one.code:14} {one.message}")
    where = sources.folder / PRICES_FILE if sources.folder is not None else PRICES_FILE
    typer.echo(f"{where}: {found.rows:,} rows, {found.priced:,} products priced by the rules of {day_of(as_of)}", err=True)
    if found.left:
        typer.echo(f"{found.left:,} more were not priced; a run tells what it refuses", err=True)
    raise typer.Exit(FOUND_ISSUES if found.findings else 0)


def _sources() -> "tuple[RuleSources, Settings]":
    from tradewind.bootstrap import pricing_rates
    from tradewind.pipeline.planning import rule_sources
    from tradewind.settings import load_settings

    settings = load_settings()
    return rule_sources(settings.home, settings.own_rules, pricing_rates(settings), settings.public_url), settings


def _market_code(market: str, sources: "RuleSources") -> str:
    from tradewind.pipeline.retelling import load_market_of

    return load_market_of(market, sources).code


def _told(told: "Retold") -> "Iterator[str]":
    from tradewind.kit import Currency, Money
    from tradewind.pricing import PROBLEMS

    yield f"{told.sku}  {told.title or ''}".rstrip()
    yield f"{told.market}, by the rules of {told.as_of}, over {told.lane_id} (snapshot {told.snapshot_id})"
    if told.problem:
        yield f"no price: {PROBLEMS.get(told.problem, told.problem)}"
        return
    for line in told.lines:
        amount = str(Money(line.amount, Currency(told.currency)))
        yield f"  {line.label:8} {amount:>18}  {line.formula}{f'  [{line.rule_id}]' if line.rule_id else ''}"
        if line.source and line.amount:
            yield f"  {'':27}  {line.source}"
    yield f"  this price is {told.certainty}"
    yield from (f"  note: {note}" for note in told.notes)
    for way in told.elsewhere:
        yield f"  {_served_by(way, told.currency)}"


def _served_by(way: "Elsewhere", currency: str) -> str:
    from tradewind.kit import Currency, Money
    from tradewind.pricing import PROBLEMS

    def money(minor: int) -> str:
        return str(Money(minor, Currency(currency)))

    start = f"if {way.lane_id} serves instead ({'already imported' if way.imported else 'a parcel from abroad'}): "
    if way.price_minor is None:
        return f"{start}it cannot, {PROBLEMS.get(way.problem or '', way.problem)}"
    end = "which that parcel cannot be priced at"
    if way.difference is not None:
        said = "bears" if way.difference > 0 else "keeps another"
        end = f"of which the business {said} {money(abs(way.difference))}" if way.difference else "and nothing changes for the business"
    return f"{start}the buyer pays the same price, {end} (its own price would be {money(way.price_minor)})"


def _compared(told: "Retold", other: "Retold", changes: "Sequence[Difference]") -> "Iterator[str]":
    from tradewind.kit import Currency, Money

    yield ""
    yield f"{told.as_of} against {other.as_of}" + ("" if changes else ": nothing differs")
    for one in changes:
        yield f"  {one.label:8} {'-' if one.change < 0 else '+'}{Money(abs(one.change), Currency(told.currency))}"
        for day, line in ((other.as_of, one.before), (told.as_of, one.after)):
            rule = f"  [{line.rule_id}]" if line and line.rule_id else ""
            yield f"    {day}  {line.formula}{rule}" if line else f"    {day}  no such line"


def _json(one: "Difference") -> dict[str, Any]:
    return asdict(one) | {"change": one.change}


def _wanted(
    lines: list[str], file: Path | None, postcode: str | None, region: str | None
) -> tuple[list[tuple[str, int]], dict[str, Any] | None]:
    given: dict[str, Any] = {}
    if file is not None:
        content = file.read_bytes()[: MAX_FILE_BYTES + 1]
        try:
            given = json.loads(content) if len(content) <= MAX_FILE_BYTES else {}
            wanted = [(str(one["sku"]), int(one["quantity"])) for one in given["lines"]]
        except (ValueError, KeyError, TypeError) as error:
            raise typer.BadParameter(f'{file} is no basket ({error}); write {{"lines": [{{"sku": "A", "quantity": 2}}]}}') from None
    else:
        wanted = [_line(text) for text in lines]
    if not wanted:
        raise typer.BadParameter("the basket is empty; give --line SKU=2 or --file FILE")
    address = dict(given.get("address") or {})
    address |= {name: value for name, value in (("postcode", postcode), ("region", region)) if value}
    return wanted, address or None


def _line(text: str) -> tuple[str, int]:
    sku, _, number = text.rpartition("=")
    if not sku or not number.isascii() or not number.isdigit():
        raise typer.BadParameter(f'"{text}" is no line; write --line SKU=2, with a whole number of units')
    return sku, int(number)


def _basket(
    lines: list[tuple[str, int]], address: dict[str, Any] | None, settings: "Settings", retelling: Any, book: Any, *, is_listed: bool
) -> "Basket":
    from tradewind.kit import InputIsInvalid
    from tradewind.pricing import PROBLEMS, Basket, BasketLine, load_prices

    found, table = [], load_prices(settings.own_rules)
    for sku, quantity in lines:
        facts = retelling.facts_of(settings.home, book.market, sku)
        told = retelling.retell(facts, book, table=table)
        if told.price_minor is None:
            raise InputIsInvalid(
                f"{sku} has no price in {book.market}: {PROBLEMS.get(told.problem or '', told.problem)}",
                hint=f"tradewind explain {sku} --market {book.market}",
            )
        # Today the price that the newest run listed binds; on another day there is only the computed one.
        price = facts.listed_minor if is_listed and facts.listed_minor is not None else told.price_minor
        values = facts.values
        sides = tuple(values[name] for name in ("length_mm", "width_mm", "height_mm"))
        known = None if any(side is None for side in sides) else sides
        found.append(
            BasketLine(
                sku,
                values["hs_code"],
                values["origin"],
                quantity,
                price,
                values["weight_g"],
                told.lane_id,
                known,
                certainty=told.certainty,
            )
        )
    return Basket(tuple(found), _address(address) if address else None)


def _address(given: dict[str, Any]) -> "Address":
    from tradewind.pricing import Address

    lines = tuple(str(line) for line in given.get("lines") or ())
    names = {name: str(given.get(name) or "") for name in ("postcode", "region", "county", "city")}
    return Address(names["postcode"] or None, names["region"] or None, names["county"], names["city"], lines)


def _as_json(result: "Quote") -> dict[str, Any]:
    consignments = [
        {
            **{name: getattr(one, name) for name in ("lane_id", "listed", "discount", "paid", "absorbed", "reasons")},
            "parts": len(one.parts),
            "charges": [charge._asdict() for charge in one.charges],
        }
        for one in result.consignments
    ]
    names = ("market", "as_of", "currency", "tax_included", "listed", "discount", "absorbed", "total", "certainty", "rule_ids", "notes")
    low, high = result.duty_range
    return {
        **{name: getattr(result, name) for name in names},
        "duty_low": low,
        "duty": high,
        "lines": [asdict(line) for line in result.lines],
        "consignments": consignments,
        "sales_tax": asdict(result.sales_tax) if result.sales_tax else None,
        "area": asdict(result.area) if result.area else None,
    }


def _quote_text(result: "Quote") -> "Iterator[str]":
    from tradewind.kit import Currency, Money

    def money(minor: int) -> str:
        return f"{Money(minor, Currency(result.currency))!s:>18}"

    for line in result.lines:
        yield f"{money(line.listed)}  {line.quantity} × {line.sku}"
    if result.discount:
        yield f"{money(-result.discount)}  discount: what travels together costs less"
    if result.sales_tax:
        yield f"{money(result.sales_tax.total)}  sales tax, {result.sales_tax.certainty}"
    yield f"{money(result.total)}  total, {'tax and duty included' if result.tax_included else 'duty included'}; {result.certainty}"
    for one in result.consignments:
        yield ""
        yield f"{one.lane_id}: {len(one.parts)} consignment{'s' if len(one.parts) > 1 else ''}"
        yield from (f"  {reason}" for reason in one.reasons)
        if one.absorbed:
            yield f"  the business bears {Money(one.absorbed, Currency(result.currency))}"
        for charge in one.charges:
            rules = f"  [{' '.join(charge.rule_ids)}]" if charge.rule_ids else ""
            yield f"  {charge.label:9} {money(charge.amount)}  {charge.formula}{rules}"
            yield from (f"  {'':28}  {source}" for source in charge.sources)
    yield from (f"note: {note}" for note in result.notes)
