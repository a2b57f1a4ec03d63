"""tradewind stock: import a count, show what is there, and prove that nothing was lost."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tradewind.pipeline.live import LiveTerms
    from tradewind.settings import Settings
    from tradewind.stock import BadRow

FOUND_ISSUES = 3
BAD_ROWS_SHOWN = 20

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Stock by location.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]


@app.command("import")
def import_file(
    path: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Columns sku, location_id, on_hand.")], as_json: Json = False
) -> None:
    """Take over a count: the file's on_hand becomes what is there.

    Example: tradewind stock import counted.csv
    """
    from tradewind import stock
    from tradewind.db import open_database
    from tradewind.kit import system_clock
    from tradewind.pipeline import live
    from tradewind.settings import load_settings

    settings, now = load_settings(), system_clock()
    terms = _terms(settings)
    with open_database(settings) as database:
        done = stock.import_counts(database, path, at=now, then=lambda tx, skus: live.refresh(tx, skus, terms, now))
    if as_json:
        print(json.dumps(asdict(done), ensure_ascii=False, indent=2))
    else:
        print(f"{done.rows:,} rows read, {done.taken:,} taken over ({done.changed:,} levels changed), {len(done.bad):,} refused")
    _print_bad(done.bad)


@app.command()
def delta(
    path: Annotated[Path, typer.Argument(metavar="FILE.csv", help="sku, location_id, change or on_hand; expected_on and more.")],
    as_json: Json = False,
) -> None:
    """Book changes between counts; pages and channels follow at once.

    Example: tradewind stock delta changes.csv
    """
    from tradewind import stock
    from tradewind.db import open_database
    from tradewind.kit import system_clock
    from tradewind.pipeline import live
    from tradewind.settings import load_settings

    settings = load_settings()
    deltas, bad = stock.read_deltas(path, system_clock())
    terms, applied, repeated = _terms(settings), 0, 0
    with open_database(settings) as database:
        for start in range(0, len(deltas), stock.BATCH):
            with database.transaction(timeout_seconds=stock.EXPORT_SECONDS) as tx:
                done = live.change_stock(tx, deltas[start : start + stock.BATCH], terms, system_clock())
            applied, repeated = applied + done.applied, repeated + done.repeated
            bad.extend(done.bad)
    bad.sort(key=lambda one: one.row)
    if as_json:
        print(json.dumps({"applied": applied, "repeated": repeated, "bad": [asdict(one) for one in bad]}, ensure_ascii=False, indent=2))
    else:
        print(f"{applied:,} changes booked, {repeated:,} came before, {len(bad):,} refused")
    _print_bad(bad)


@app.command()
def key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The program that will use it.")],
    revoke: Annotated[bool, typer.Option("--revoke", help="End the program's key instead.")] = False,
) -> None:
    """Make a key that may change stock; `tradewind keys api` makes others.

    Example: tradewind stock key warehouse-system
    """
    from tradewind.db import open_database
    from tradewind.kit import system_clock
    from tradewind.settings import load_settings
    from tradewind.web import api

    with open_database(load_settings()) as database, database.transaction() as tx:
        if revoke:
            print(f"{name}: {'its key has ended' if api.revoke(tx, name) else 'it has no key'}")
        else:
            print(api.issue(tx, name, [api.STOCK_WRITE], system_clock()))


@app.command()
def show(sku: Annotated[str, typer.Argument(metavar="SKU", help="Our inventory code.")], as_json: Json = False) -> None:
    """Show a sku's stock by location and its last movements.

    Example: tradewind stock show HX-4411-BLK
    """
    from tradewind import stock
    from tradewind.db import open_database
    from tradewind.settings import load_settings

    with open_database(load_settings()) as database:
        levels, movements = stock.show(database, sku)
        with database.transaction() as tx:
            expected = stock.expected(tx, sku)
    if as_json:
        shown = {"levels": [asdict(level) for level in levels], "movements": [asdict(move) for move in movements], "expected": expected}
        print(json.dumps(shown, ensure_ascii=False, indent=2, default=str))
        return
    print(f"{'location':16} {'available':>10} {'on hand':>10} {'reserved':>10} {'allocated':>10} {'unavailable':>12}")
    for level in levels:
        counts = f"{level.available:>10,} {level.on_hand:>10,} {level.reserved:>10,} {level.allocated:>10,} {level.unavailable:>12,}"
        print(f"{level.location_id:16} {counts}")
    for location_id, day in expected.items():
        print(f"{location_id:16} more is expected on {day}")
    for move in movements:
        moved = {"on hand": move.on_hand, "reserved": move.reserved, "allocated": move.allocated, "unavailable": move.unavailable}
        changes = ", ".join(f"{name} {units:+,}" for name, units in moved.items() if units)
        print(f"  {move.moved_at:%Y-%m-%d %H:%M}  {move.location_id}  {move.reason} ({move.reference}): {changes}")


@app.command()
def check(as_json: Json = False) -> None:
    """Prove that every level is the sum of its ledger; 3 when one is not.

    Example: tradewind stock check
    """
    from tradewind import stock
    from tradewind.db import open_database
    from tradewind.settings import load_settings

    with open_database(load_settings()) as database, database.transaction(timeout_seconds=stock.EXPORT_SECONDS) as tx:
        proof = stock.prove(tx)
    if as_json:
        print(json.dumps(asdict(proof), ensure_ascii=False, indent=2))
    else:
        print(f"{proof.levels:,} levels, {proof.movements:,} movements and {proof.reservations:,} reservations compared")
        for one in proof.mismatches:
            print(f"{one.sku} at {one.location_id}: {one.counter} is {one.shown:,}, the ledger adds up to {one.proven:,}")
    if not proof.holds:
        raise typer.Exit(FOUND_ISSUES)


@app.command()
def sweep(as_json: Json = False) -> None:
    """Return the units of expired reservations; the worker does it too.

    Example: tradewind stock sweep
    """
    from tradewind import stock
    from tradewind.db import open_database
    from tradewind.kit import system_clock
    from tradewind.pipeline import live
    from tradewind.settings import load_settings

    settings, released = load_settings(), list[stock.Held]()
    terms = _terms(settings)
    with open_database(settings) as database:
        while True:
            with database.transaction() as tx:
                found = live.sweep(tx, terms, system_clock())
            released += found
            if len(found) < stock.SWEEP_BATCH:
                break
    if as_json:
        print(json.dumps([asdict(one) for one in released], ensure_ascii=False, indent=2))
    else:
        print(f"{len(released):,} reservations expired, {sum(one.quantity for one in released):,} units returned")


def _terms(settings: "Settings") -> "LiveTerms":
    from tradewind.network import load_network
    from tradewind.pipeline.live import terms_of

    return terms_of(load_network(settings.own_rules))


def _print_bad(bad: "Sequence[BadRow]") -> None:
    for one in bad[:BAD_ROWS_SHOWN]:
        print(f'row {one.row:,}: {one.field} "{one.value}": {one.reason}', file=sys.stderr)
    if len(bad) > BAD_ROWS_SHOWN:
        print(f"and {len(bad) - BAD_ROWS_SHOWN:,} more (--json has all)", file=sys.stderr)
    if bad:
        raise typer.Exit(FOUND_ISSUES)
