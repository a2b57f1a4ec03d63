"""`tradewind demo`: a catalog becomes shops in several countries, in one command and without any configuration."""

import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tradewind.catalog import Snapshot
    from tradewind.pipeline.manifest import Manifest, MarketRun
    from tradewind.settings import Settings

SIGNER = "demo"
CONFIRMED_DAYS = 90
SHOWN_REASONS = 3
CONFIRMATIONS = "confirmations"
# What is wrong with a file that a drafted mapping can put right: its columns are its own, or its encoding is.
DRAFTED_AFTER = ("shape_unknown", "bytes_invalid")

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def demo(
    catalog: Annotated[Path | None, typer.Option(help="A catalog of your own; an invented one without it.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="Its mapping TOML; drafted when left out.")] = None,
    markets: Annotated[str, typer.Option(help="Markets, by comma.")] = "us,de,th",
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Do everything but start the store.")] = False,
) -> None:
    """Build the sample catalog, run everything and open the store.

    Everything lies under TRADEWIND_HOME (default ./var); again is fine.

    Example: tradewind demo --catalog spring.csv --markets us,de
    """
    from tradewind.cli.run import market_codes
    from tradewind.settings import load_settings

    settings, started = load_settings(), time.monotonic()
    codes = market_codes(markets)
    snapshot, sku = _own(settings, catalog, mapping) if catalog else _sample(settings)
    said = _confirm_what_ran_out(settings, codes, datetime.now(UTC).date())
    run = _run(settings, codes)
    _summarize(run, snapshot, said)
    _say(f"done in {time.monotonic() - started:.0f} s\n")
    _next_steps(settings, run, sku, serving=not no_serve)
    if not no_serve:
        _serve(settings)


def _sample(settings: "Settings") -> "tuple[Snapshot, str]":
    """The invented retailer's catalog and stock, imported; with the sku that the hints name."""
    from tradewind.adapters.demo import build_sample_catalog
    from tradewind.bootstrap import import_catalog
    from tradewind.db import open_database
    from tradewind.stock import import_counts

    sample = build_sample_catalog(settings.home / "demo", settings.home / "media")
    _say(f"sample   {sample.rows} rows in {sample.catalog}, {sample.broken} of them broken on purpose")
    snapshot = import_catalog(settings, sample.catalog, sample.mapping).snapshot
    with open_database(settings) as database:
        counted = import_counts(database, sample.stock, at=datetime.now(UTC))
    _say(f"stock    {counted.taken} counts in four places: Shenzhen, Los Angeles, Duisburg, Bangkok")
    return snapshot, sample.example_sku


def _own(settings: "Settings", catalog: Path, mapping: Path | None) -> "tuple[Snapshot, str]":
    """A catalog of one's own, imported; its mapping is drafted when the file has no known shape and none was given."""
    from tradewind.bootstrap import import_catalog
    from tradewind.kit import TradewindError

    try:
        return _with_sku(import_catalog(settings, catalog, mapping).snapshot)
    except TradewindError as error:
        if mapping is not None or error.code not in DRAFTED_AFTER:
            raise
    drafted = _drafted(settings, catalog)
    snapshot = import_catalog(settings, catalog, drafted).snapshot
    if snapshot.counts.issues or snapshot.counts.rows_quarantined:
        _say(
            f"import   {snapshot.counts.rows_quarantined} rows in quarantine, {snapshot.counts.issues} values not used (tradewind catalog gaps)"
        )
    return _with_sku(snapshot)


def _drafted(settings: "Settings", catalog: Path) -> Path:
    """The mapping drafted for this file, kept so that a person can correct it and run the demo again."""
    from tradewind.bootstrap import draft_mapping

    drafted = settings.home / "demo" / f"{catalog.name.split('.')[0]}.mapping.toml"
    if drafted.exists():
        _say(f"mapping  {drafted} is there from an earlier try and is used as it is; delete it to have it drafted anew")
        return drafted
    text = draft_mapping(settings, catalog)
    drafted.parent.mkdir(parents=True, exist_ok=True)
    drafted.write_text(text, encoding="utf-8")
    _say(f"mapping  drafted into {drafted}: it is a guess, look it over and run this again")
    return drafted


def _with_sku(snapshot: "Snapshot") -> "tuple[Snapshot, str]":
    """The snapshot, and a sku of it that the hints can name."""
    from tradewind.catalog import first_sku

    return snapshot, first_sku(snapshot)


def _confirm_what_ran_out(settings: "Settings", codes: tuple[str, ...], today: date) -> set[str]:
    """Signs, as `demo`, that expired rules hold for the demo's while: a person does this with `tradewind market confirm`. Gives the rules."""
    from tradewind.adapters.fx import EcbHistory
    from tradewind.markets import FX_RULE, Confirmation, check, load_confirmations, load_market, write_confirmation
    from tradewind.pricing import load_margins

    folder = settings.home / CONFIRMATIONS
    known = load_confirmations(folder)
    found = [finding for code in codes for finding in check(load_market(code, settings.own_rules), today, known)]
    expired = [finding.rule for finding in found if finding.code == "expired"]
    oldest_allowed = today - timedelta(days=load_margins(settings.own_rules).fx_max_age_days)
    if EcbHistory().newest_day < oldest_allowed and (FX_RULE not in known or known[FX_RULE].until < today):
        expired.append(FX_RULE)
    until = today + timedelta(days=CONFIRMED_DAYS)
    for rule in dict.fromkeys(expired):
        write_confirmation(folder, Confirmation(rule, until, SIGNER, today))
        _say(f'rules    {rule} has run out; taken to hold until {until} on the word of "{SIGNER}": no advice')
    return set(expired)


def _run(settings: "Settings", codes: tuple[str, ...]) -> "Manifest":
    """The main job. What the gate would hold is let into the local window by `demo`, openly: this is not a launch."""
    from tradewind.bootstrap import open_runs
    from tradewind.pipeline import RunRequest

    with open_runs(settings, say=_say) as runs:
        run = runs.run(RunRequest(markets=codes, as_of=datetime.now(UTC).date(), by=SIGNER))
        held = [part for part in run.markets if part.state == "waiting"]
        for part in held:
            reasons = "; ".join(finding.message for finding in part.gate.findings) if part.gate else ""
            _say(f'gate     {part.market} would wait for a person ({reasons}); approved by "{SIGNER}" for this window only')
        return runs.approve(run.run_id, [part.market for part in held], SIGNER) if held else run


def _summarize(run: "Manifest", snapshot: "Snapshot", said: set[str]) -> None:
    for note in dict.fromkeys(note for part in run.markets for note in part.notes):
        if note.split(" ", 1)[0] not in said:
            _say(f"rules    {note}")
    counts = snapshot.counts
    _say(
        f"catalog  {counts.rows_read} rows read, {counts.rows_quarantined} in quarantine, {counts.variants} variants of {counts.products} products"
    )
    for part in run.markets:
        _say(f"{part.market:<8} {_told(part)}")


def _told(part: "MarketRun") -> str:
    reasons = sorted(part.left_out.items(), key=lambda item: (-item[1], item[0]))[:SHOWN_REASONS]
    shown = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in reasons)
    left = f"; left out {sum(part.left_out.values())} ({shown})" if reasons else ""
    return f"{part.chosen} offers of {part.considered} variants{left}; since last time {part.new} new, {part.changed} changed, {part.gone} gone"


def _next_steps(settings: "Settings", run: "Manifest", sku: str, *, serving: bool) -> None:
    first = run.markets[0].market
    feeds = settings.home / "feeds" / first / "products.tsv"
    print(f"feeds    {feeds}")
    print("try      tradewind catalog quarantine list")
    print("         tradewind catalog gaps")
    print(f"         tradewind explain {sku} --market {run.markets[-1].market}")
    print("         tradewind market check")
    print("         tradewind demo --catalog your-own.csv")
    if serving:
        print(f"         buy something with a test card: the order's mail lies in {settings.home / 'mails'}")
        print("         tradewind order list")
        print("         tradewind ucp selfcheck --buy        (in a second terminal: an agent buys)")
    else:
        print("open     tradewind serve --with-worker")
    sys.stdout.flush()


def _serve(settings: "Settings") -> None:
    from tradewind.bootstrap.window import window_parts
    from tradewind.cli.beside import worker_beside
    from tradewind.logs import configure_logs
    from tradewind.web import serving

    configure_logs(settings)
    with worker_beside(settings):
        serving.serve(settings, settings.host, settings.port, _announce, **window_parts(settings))


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _announce(line: str) -> None:
    print(line, flush=True)
