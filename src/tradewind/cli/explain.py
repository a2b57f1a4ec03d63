"""tradewind explain: the whole story of one product in one market, from the source row to the verdict."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tradewind.pipeline.story import Story

VALUE_WIDTH = 60
SOURCE_FIELDS = 12

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def explain(
    sku: Annotated[str, typer.Argument(metavar="SKU", help="Our inventory code.")],
    market: Annotated[str, typer.Option(metavar="CODE", help="The market, such as us.")],
    run_id: Annotated[str | None, typer.Option("--run", metavar="RUN", help="A run; the newest of the market by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """The whole story of one product in one market.

    Example: tradewind explain HX-4411-BLK --market de
    """
    from tradewind.markets import load_market
    from tradewind.pipeline.story import newest_run, story
    from tradewind.settings import load_settings

    settings = load_settings()
    home, code = settings.home, load_market(market.strip().lower(), settings.own_rules).code
    told = story(home, run_id or newest_run(home, code), code, sku)
    if as_json:
        print(json.dumps(asdict(told), ensure_ascii=False, indent=2, default=str))
        return
    print("\n".join(lines(told)))


def lines(told: "Story") -> Iterator[str]:
    """The story as text."""
    yield f"{told.sku}  {told.title or '(no title)'}"
    yield f"{told.market}, {told.run_id}, snapshot {told.snapshot_id}"
    yield from _source(told)
    yield ""
    yield "facts"
    for fact in told.facts:
        note = f"  ({fact.note})" if fact.note else ""
        yield f"  {fact.name:12} {_cut(fact.value or '-'):34} {fact.provenance}{note}"
    if told.flags:
        yield f"  cleaned: {', '.join(told.flags)}"
    stock = ", ".join(f"{place} {units:,}" for place, units in told.stock.items())
    yield f"  {'stock':12} {stock or 'none'}"
    yield ""
    yield f"decision     {'chosen' if told.chosen else 'left out'}, quality {told.quality} of 1000"
    for reason in told.reasons:
        yield f"  {reason.text}"
        if reason.action:
            yield f"    next: {reason.action}"
    yield from _price(told)
    yield from _listing(told)


def _source(told: "Story") -> Iterator[str]:
    yield ""
    yield f"source row   {told.source_row:,}"
    for name, value in list(told.source.items())[:SOURCE_FIELDS]:
        yield f"  {name:24} {_cut(str(value))}"
    if len(told.source) > SOURCE_FIELDS:
        yield f"  and {len(told.source) - SOURCE_FIELDS} more fields (--json has all)"


def _price(told: "Story") -> Iterator[str]:
    from tradewind.kit import Currency, Money

    if not told.offer:
        return
    offer = told.offer
    yield ""
    yield f"price        {Money(offer['price_minor'], Currency(told.currency))}, {offer['certainty']}"
    for line in told.price:
        amount = Money(line.amount, Currency(told.currency)).plain()
        yield f"  {line.label:10} {amount:>12}  {line.formula}{f'  [{line.rule_id}]' if line.rule_id else ''}"
    yield from (f"  note: {note}" for note in told.price_notes)
    days = f"{offer['min_days']} to {offer['max_days']} business days"
    yield f"  {offer['availability']}, {offer['quantity']:,} units, from {offer['location_id']} by {offer['lane_id']}, {days}"
    if offer["defaulted"]:
        yield f"  stands on defaults: {', '.join(offer['defaulted'])}"


def _listing(told: "Story") -> Iterator[str]:
    if not told.attributes:
        return
    yield ""
    yield f"verdict      {told.verdict}"
    for issue in told.issues:
        yield f"  {issue.severity}: {issue.rule} ({issue.attribute}): {issue.action}"
    yield ""
    yield "attributes"
    for name, value in told.attributes.items():
        yield f"  {name:24} {_cut(str(value))}"


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= VALUE_WIDTH else flat[: VALUE_WIDTH - 1] + "…"
