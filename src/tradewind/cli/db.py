"""`tradewind db`: upgrade, status, backup and restore."""

import json
from pathlib import Path
from typing import Any

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Upgrade, back up and restore the database.")
JSON = typer.Option(False, "--json", help="Print JSON.")


@app.command()
def upgrade() -> None:
    """Bring the database to the level that this version needs.

    Example: tradewind db upgrade
    """
    from tradewind.db import open_address
    from tradewind.db import upgrade as apply_migrations
    from tradewind.settings import load_settings

    with open_address(load_settings()) as address:
        applied = apply_migrations(address())
    for revision in applied:
        typer.echo(f"applied {revision}")
    typer.echo("the database is up to date", err=True)


@app.command()
def status(as_json: bool = JSON) -> None:
    """Show where the database is, its migration level and its size.

    Example: tradewind db status --json
    """
    found = _status()
    if as_json:
        typer.echo(json.dumps(found))
    else:
        for name, value in found.items():
            typer.echo(f"{name:<16} {value}")
    if not found["is_enough"]:
        typer.echo("next:  tradewind db upgrade", err=True)
        raise typer.Exit(3)


@app.command()
def backup(target: Path = typer.Argument(help="A file to write, or a folder.")) -> None:
    """Write one file with the database, snapshots, runs, feeds and pictures.

    Example: tradewind db backup /backups/
    """
    from tradewind.db import open_address
    from tradewind.db.backup import back_up
    from tradewind.settings import load_settings

    settings = load_settings()
    with open_address(settings) as address:
        summary = back_up(address(), settings.home, target)
    typer.echo(summary.path)
    typer.echo(f"{summary.file_count} files, {summary.total_bytes // 1024:,} KB", err=True)


@app.command()
def restore(
    source: Path = typer.Argument(help="A file that `tradewind db backup` wrote."),
    force: bool = typer.Option(False, "--force", help="Replace what the workspace holds now."),
) -> None:
    """Bring a workspace back from a backup.

    Example: TRADEWIND_HOME=./new tradewind db restore backup.tar
    """
    from tradewind.db import open_address
    from tradewind.db.backup import restore as bring_back
    from tradewind.settings import load_settings

    settings = load_settings()
    with open_address(settings) as address:
        summary = bring_back(address(), settings.home, source, force=force)
    typer.echo(f"restored {summary.file_count} files written {summary.created_at}", err=True)


@app.command()
def prune(
    dry_run: bool = typer.Option(False, "--dry-run", help="Count only; remove nothing."),
    as_json: bool = JSON,
) -> None:
    """Remove what was kept long enough; the worker does it every night.

    Example: tradewind db prune --dry-run
    """
    from tradewind.bootstrap.retaining import prune as remove_old
    from tradewind.db import open_database
    from tradewind.kit import system_clock
    from tradewind.settings import load_settings

    settings = load_settings()
    with open_database(settings) as database:
        found = remove_old(settings, database, system_clock, dry_run=dry_run)
    if as_json:
        typer.echo(json.dumps(found))
        return
    for name, rows in found.items():
        typer.echo(f"{name:<24} {rows:>10,} {'old' if dry_run else 'removed'}")


def _status() -> dict[str, Any]:
    from tradewind.db import migration_level, open_address, outbox
    from tradewind.db.database import connect, place
    from tradewind.settings import load_settings

    settings = load_settings()
    with open_address(settings) as address, connect(address()) as connection:
        level = migration_level(connection)
        size = connection.execute(
            "SELECT pg_database_size(current_database()) AS bytes, current_setting('server_version') AS version"
        ).fetchone()
        where = place(address()) if settings.database_url else f"embedded in {settings.home}"
        return {
            "where": where,
            "server_version": size["version"] if size else "",
            "level": level.current,
            "needed_level": level.needed,
            "is_enough": level.is_enough,
            "size_bytes": size["bytes"] if size else 0,
            "outbox_waiting": outbox.waiting(connection)[0] if level.is_enough else 0,
        }
