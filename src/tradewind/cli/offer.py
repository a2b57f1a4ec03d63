"""tradewind offer: recalls and takedowns, and how fast changes reach pages and channels."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tradewind.settings import Settings

LAG_HOURS = 1

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Published offers between runs.")

Name = Annotated[str, typer.Argument(metavar="SKU|OFFER_ID", help="Our inventory code, or the id in the page's address.")]
Market = Annotated[str | None, typer.Option("--market", metavar="CODE", help="One market only, such as us.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decided it; the audit trail keeps it.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def withdraw(  # noqa: PLR0917 - the options of the command
    name: Name,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; shoppers do not see it.")],
    by: By,
    market: Market = None,
    ahead: Annotated[bool, typer.Option("--ahead", help="Also a SKU that is not on sale yet.")] = False,
    as_json: Json = False,
) -> None:
    """Take an offer out of pages, lists, feeds and channels at once.

    Example: tradewind offer withdraw HX-1 --reason "recall 7" --by Ann
    """
    from tradewind.db import open_database
    from tradewind.kit import system_clock
    from tradewind.offers.withdrawal import EVERYWHERE, Withdrawal, find_sku
    from tradewind.pipeline import live
    from tradewind.settings import load_settings

    settings = load_settings()
    _refuse_empty(reason=reason, by=by)
    with open_database(settings) as database, database.transaction() as tx:
        sku = find_sku(tx, name, ahead=ahead)
        affected = live.withdraw(tx, Withdrawal(sku, market or EVERYWHERE, reason.strip(), by.strip(), system_clock()))
    _renew(settings, {one.market for one in affected})
    _tell("withdrawn", sku, affected, as_json=as_json)


@app.command()
def restore(name: Name, by: By, market: Market = None, as_json: Json = False) -> None:
    """Take a withdrawal back.

    Example: tradewind offer restore HX-4411 --by Ann
    """
    from tradewind.db import open_database
    from tradewind.kit import system_clock
    from tradewind.offers.withdrawal import EVERYWHERE, find_sku
    from tradewind.pipeline import live
    from tradewind.settings import load_settings

    settings = load_settings()
    _refuse_empty(by=by)
    with open_database(settings) as database, database.transaction() as tx:
        sku = find_sku(tx, name)
        affected = live.restore(tx, sku, market or EVERYWHERE, by.strip(), system_clock())
    _renew(settings, {one.market for one in affected})
    _tell("on sale again", sku, affected, as_json=as_json)


@app.command("list-withdrawn")
def list_withdrawn(as_json: Json = False) -> None:
    """Everything that is withdrawn, the newest first.

    Example: tradewind offer list-withdrawn --json
    """
    from tradewind.db import open_database
    from tradewind.offers.withdrawal import EVERYWHERE, withdrawals
    from tradewind.settings import load_settings

    with open_database(load_settings()) as database, database.transaction() as tx:
        found = withdrawals(tx)
    if as_json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2, default=str))
        return
    for one in found:
        place = "everywhere" if one.market == EVERYWHERE else one.market
        print(f"{one.withdrawn_at:%Y-%m-%d %H:%M}  {one.sku:24} {place:10} {one.withdrawn_by}: {one.reason}")
    if not found:
        print("nothing is withdrawn")


@app.command()
def lag(as_json: Json = False) -> None:
    """How fast changes of the last hour reached pages and Google.

    Example: tradewind offer lag --json
    """
    from tradewind.db import open_database
    from tradewind.kit import system_clock
    from tradewind.pipeline import live
    from tradewind.settings import load_settings

    settings = load_settings()
    with open_database(settings) as database, database.transaction() as tx:
        found = live.lags(tx, system_clock(), hours=LAG_HOURS)
    if as_json:
        print(json.dumps({name: asdict(one) for name, one in found.items()}, indent=2))
        return
    for name, one in found.items():
        told = f"p50 {one.p50_ms:,} ms, p99 {one.p99_ms:,} ms" if one.changes else "nothing changed in the last hour"
        print(f"{name:10} {one.changes:>9,} changes  {told}")


def _refuse_empty(**given: str) -> None:
    for name, value in given.items():
        if not value.strip():
            raise typer.BadParameter("it must say something", param_hint=f"--{name}")


def _renew(settings: "Settings", markets: set[str]) -> None:
    """The feed files follow at once; a worker does the same when this process dies before it."""
    from tradewind.bootstrap import open_runs

    if not markets:
        return
    with open_runs(settings, say=lambda _line: None) as runs:
        for market in sorted(markets):
            runs.renew_feeds(market)


def _tell(what: str, sku: str, affected: list[Any], *, as_json: bool) -> None:
    markets = sorted({one.market for one in affected})
    if as_json:
        print(json.dumps({"sku": sku, "markets": markets, "offers": [asdict(one) for one in affected]}, indent=2))
    else:
        print(f"{sku}: {what} in {', '.join(markets) or 'no published market'}")
