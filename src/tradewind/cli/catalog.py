"""`tradewind catalog`: import the home catalog, draft mappings, see gaps and quarantine."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tradewind.catalog import Snapshot

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Import the home catalog, draft mappings, see gaps and quarantine.")
quarantine = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Rows that could not be used, and why.")
app.add_typer(quarantine, name="quarantine")

Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
SnapshotId = Annotated[str | None, typer.Option("--snapshot", help="A snapshot's id; the latest otherwise.")]
_FOUND_ISSUES = 3


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="A catalog file, or the folder that holds its files.")],
    mapping: Annotated[Path | None, typer.Option(help="A mapping TOML; known shapes need none.")] = None,
    facts: Annotated[Path | None, typer.Option(help="A CSV of sku, fact, value, signed_by.")] = None,
    salvage: Annotated[bool, typer.Option("--salvage", help="Take what is readable of a broken file.")] = False,
    as_json: Json = False,
) -> None:
    """Import a catalog file into a new immutable snapshot.

    Example: tradewind catalog import spring.csv --mapping spring.mapping.toml
    """
    from tradewind.bootstrap import import_catalog
    from tradewind.settings import load_settings

    with _progress() as step:
        outcome = import_catalog(load_settings(), path, mapping, facts=facts, salvage=salvage, step=step)
    snapshot, counts = outcome.snapshot, outcome.snapshot.counts
    if as_json:
        _print_json(
            {
                "snapshot": snapshot.snapshot_id,
                "already_known": outcome.already_known,
                "folder": str(snapshot.folder),
                "counts": asdict(counts),
            }
        )
        return
    if outcome.already_known:
        print(f"{snapshot.snapshot_id}: this input was imported before (same files, mapping and defaults); nothing to do")
        return
    print(f"{snapshot.snapshot_id}  {snapshot.mapping}, {snapshot.shard_count} shard(s), {snapshot.seconds} s")
    print(f"  rows read    {counts.rows_read:>10,}")
    print(f"  accepted     {counts.rows_accepted:>10,}  {counts.variants:,} variants of {counts.products:,} products")
    print(f"  quarantined  {counts.rows_quarantined:>10,}  {'tradewind catalog quarantine list' if counts.quarantine_entries else ''}")
    print(f"  issues       {counts.issues:>10,}  {'tradewind catalog quarantine list --issues' if counts.issues else ''}")
    print("see what is missing: tradewind catalog gaps", file=sys.stderr)


@app.command("map")
def map_(
    path: Annotated[Path, typer.Argument(help="The catalog file to look at.")],
    *,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write it; stdout without it.")] = None,
    language: Annotated[str | None, typer.Option(help="The language of its texts, such as zh.")] = None,
    currency: Annotated[str | None, typer.Option(help="The currency of its prices, such as CNY.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Its text encoding, such as gb18030.")] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook; the first otherwise.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over an existing file.")] = False,
) -> None:
    """Write a first draft of a mapping, from the file's columns and values.

    Example: tradewind catalog map spring.csv --output spring.mapping.toml
    """
    from tradewind.bootstrap import draft_mapping
    from tradewind.kit import Currency, InputIsInvalid
    from tradewind.settings import load_settings

    if not path.is_file():
        raise InputIsInvalid(f"{path} is not a file", hint="give the path of a catalog file; of a folder, draft one file after the other")
    if output is not None and output.exists() and not force:
        raise InputIsInvalid(f"{output} is there already", hint="give another name, or write over it with --force")
    money = Currency(currency.upper()).code if currency else None
    text = draft_mapping(load_settings(), path, language=language, currency=money, encoding=encoding, sheet=sheet)
    if output is None:
        print(text, end="")
        return
    output.write_text(text, encoding="utf-8")
    guesses = text.count("guess")
    print(f"{output}: {guesses} guesses to look over, then: tradewind catalog import {path} --mapping {output}", file=sys.stderr)


@app.command()
def snapshots(as_json: Json = False) -> None:
    """List the snapshots, the newest first.

    Example: tradewind catalog snapshots
    """
    from tradewind.catalog import list_snapshots
    from tradewind.settings import load_settings

    found = list_snapshots(load_settings().home)
    if as_json:
        _print_json(
            [
                {
                    "snapshot": one.snapshot_id,
                    "created_at": one.created_at.isoformat(),
                    "mapping": one.mapping,
                    "shards": one.shard_count,
                    "counts": asdict(one.counts),
                    "sources": [asdict(source) for source in one.sources],
                }
                for one in found
            ]
        )
        return
    for one in found:
        print(
            f"{one.snapshot_id}  {one.created_at:%Y-%m-%d %H:%M}  {one.mapping:<20} {one.counts.variants:>9,} variants  {one.counts.rows_quarantined:>7,} quarantined"
        )
    if not found:
        print("none yet: tradewind catalog import PATH", file=sys.stderr)


@app.command()
def show(sku: str, snapshot: SnapshotId = None, as_json: Json = False) -> None:
    """Every fact of a variant and where it comes from.

    Example: tradewind catalog show HX-4411-BLK
    """
    from tradewind.catalog import show_variant

    facts = show_variant(_snapshot(snapshot), sku)
    if as_json:
        _print_json(facts)
        return
    for name, value in facts.items():
        if name.endswith("_from") or name in ("source", "row_hash") or value in (None, [], {}):
            continue
        origin = facts.get(f"{name}_from") or facts.get(f"{name.rsplit('_', 1)[0]}_from") or ""
        shown = json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)
        print(f"{name:<20} {shown[:200]}{f'   ({origin})' if origin else ''}")
    missing = [name.removesuffix("_from") for name, value in facts.items() if value == "missing"]
    if missing:
        print(f"{'missing':<20} {', '.join(missing)}")


@app.command()
def gaps(snapshot: SnapshotId = None, as_json: Json = False) -> None:
    """Rank missing and defaulted facts by what they hold back.

    Example: tradewind catalog gaps
    """
    from tradewind.catalog import gaps as find_gaps
    from tradewind.kit import Currency, Money

    found = find_gaps(_snapshot(snapshot), market_languages())
    if as_json:
        _print_json([asdict(gap) for gap in found])
        return
    print(f"{'fact':<14} {'state':<17} {'variants':>9}  {'home value':>20}  what it holds back")
    for gap in found:
        value = str(Money(gap.home_value_minor, Currency(gap.currency))) if gap.currency else ""
        print(
            f"{gap.fact.replace('_', ' '):<14} {gap.state.replace('_', ' '):<17} {gap.variants:>9,}  {value:>20}  {gap.effect}, e.g. {gap.example_sku}"
        )


@quarantine.command("list")
def list_(
    snapshot: SnapshotId = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many entries.")] = 50,
    issues: Annotated[bool, typer.Option("--issues", help="Unusable values of rows that were kept.")] = False,
    as_json: Json = False,
) -> None:
    """Reasons with their counts, then entries. Exit code 3 when there are any.

    Example: tradewind catalog quarantine list --limit 20
    """
    from tradewind.catalog import list_quarantine, quarantine_reasons

    chosen = _snapshot(snapshot)
    entries = list_quarantine(chosen, limit=limit, issues=issues)
    if as_json:
        _print_json([asdict(entry) for entry in entries])
    else:
        for field, reason, count in quarantine_reasons(chosen, issues=issues):
            print(f"{count:>9,}  {f'{field}: ' if field else ''}{reason}")
        for entry in entries:
            print(f"{entry.quarantine_id}  {entry.table_name} row {entry.row:,}  {_what(entry.field, entry.value)}{entry.reason}")
    raise SystemExit(_FOUND_ISSUES if entries else 0)


@quarantine.command("show")
def show_entry(entry_id: Annotated[str, typer.Argument(metavar="ID")], snapshot: SnapshotId = None, as_json: Json = False) -> None:
    """One quarantined row: its value, the reason, what to do, the source.

    Example: tradewind catalog quarantine show 8f21
    """
    from tradewind.catalog import show_quarantine

    entry, source = show_quarantine(_snapshot(snapshot), entry_id)
    if as_json:
        _print_json(asdict(entry) | {"source": source})
        return
    print(f"row {entry.row:,} of {entry.table_name}: {_what(entry.field, entry.value)}{entry.reason}\nnext: {entry.hint}")
    for name, value in source.items():
        print(f"  {name}: {str(value)[:200]}")


def _what(field: str | None, value: str | None) -> str:
    """The field and its value, as far as there are such: a whole row that could not be read has none."""
    shown = f'"{" ".join(value.split())[:60]}"' if value else ""
    if not field:
        return f"{shown}: " if shown else ""
    return f"{field} = {shown}: " if shown else f"{field} is empty: "


def market_languages() -> list[str]:
    """The languages of the last run's markets, of the default ones before the first run."""
    from tradewind.cli.run import DEFAULT_MARKETS
    from tradewind.markets import load_market
    from tradewind.pipeline import reading
    from tradewind.settings import load_settings

    settings = load_settings()
    codes = reading.next_request(settings.home)[0] or DEFAULT_MARKETS
    return list(dict.fromkeys(language for code in codes for language in load_market(code, settings.own_rules).languages))


def _snapshot(snapshot_id: str | None) -> "Snapshot":
    from tradewind.catalog import load_snapshot
    from tradewind.settings import load_settings

    return load_snapshot(load_settings().home, snapshot_id)


def _print_json(value: Any) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False, indent=1, default=str)
    print()


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar with speed and time left on a terminal's stderr; silence elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _phase, _done, _total: None
        return
    words = {"read": "reading (bytes)", "normalize": "normalizing (rows)", "shards": "writing shards"}
    columns = (
        TextColumn("{task.description:<20}"),
        BarColumn(),
        TextColumn("{task.completed:,}/{task.total:,}"),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        tasks: dict[str, TaskID] = {}

        def step(phase: str, done: int, total: int) -> None:
            if phase not in tasks:
                tasks[phase] = progress.add_task(words.get(phase, phase), total=total, speed="")
            task = progress.tasks[tasks[phase]]
            speed = f"{task.speed:,.0f}/s" if task.speed else ""
            progress.update(tasks[phase], completed=done, total=total, speed=speed)

        yield step
