"""tradewind stock: import a count, and show what is there."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

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
    from tradewind.settings import load_settings

    with open_database(load_settings()) as database:
        done = stock.import_counts(database, path, at=system_clock())
    if as_json:
        print(json.dumps(asdict(done), ensure_ascii=False, indent=2))
    else:
        print(f"{done.rows:,} rows read, {done.taken:,} taken over ({done.changed:,} levels changed), {len(done.bad):,} refused")
    for bad in done.bad[:BAD_ROWS_SHOWN]:
        print(f'row {bad.row:,}: {bad.field} "{bad.value}": {bad.reason}', file=sys.stderr)
    if len(done.bad) > BAD_ROWS_SHOWN:
        print(f"and {len(done.bad) - BAD_ROWS_SHOWN:,} more (--json has all)", file=sys.stderr)
    if done.bad:
        raise typer.Exit(FOUND_ISSUES)


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
    if as_json:
        shown = {"levels": [asdict(level) for level in levels], "movements": [asdict(move) for move in movements]}
        print(json.dumps(shown, ensure_ascii=False, indent=2, default=str))
        return
    print(f"{'location':16} {'available':>10} {'on hand':>10} {'reserved':>10} {'allocated':>10} {'unavailable':>12}")
    for level in levels:
        counts = f"{level.available:>10,} {level.on_hand:>10,} {level.reserved:>10,} {level.allocated:>10,} {level.unavailable:>12,}"
        print(f"{level.location_id:16} {counts}")
    for move in movements:
        moved = {"on hand": move.on_hand, "reserved": move.reserved, "allocated": move.allocated, "unavailable": move.unavailable}
        changes = ", ".join(f"{name} {units:+,}" for name, units in moved.items() if units)
        print(f"  {move.moved_at:%Y-%m-%d %H:%M}  {move.location_id}  {move.reason} ({move.reference}): {changes}")
