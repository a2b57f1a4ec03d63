"""`tradewind keys`: the keys that seal personal data in the database, and those that programs show to the API."""

import json
from typing import Annotated

import typer

from tradewind.cli.options import settings_here

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)
programs = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Keys of programs that call the API.")
app.add_typer(programs, name="api")


@app.callback()
def root() -> None:
    """The keys that seal names, addresses and e-mails in the database.

    Example: tradewind keys list
    """


@app.command("list")
def list_keys(as_json: bool = typer.Option(False, "--json", help="Print JSON.")) -> None:
    """Show the keys by name, the newest first; never the keys themselves.

    Example: tradewind keys list
    """
    from tradewind.db import load_sealer
    from tradewind.kit import system_clock

    keys = load_sealer(settings_here(), system_clock()).keys
    told = [{"name": one.name, "since": one.since, "seals": number == 0} for number, one in enumerate(keys)]
    if as_json:
        print(json.dumps(told))
        return
    for one in told:
        print(f"{one['name']}  since {one['since']}  {'seals and opens' if one['seals'] else 'opens'}")


@app.command()
def rotate() -> None:
    """Make a new key for everything sealed from now on; older values stay readable.

    Example: tradewind keys rotate
    """
    from tradewind.db import rotate_keys
    from tradewind.kit import system_clock

    made = rotate_keys(settings_here(), system_clock())
    print(f"{made.name} seals from now on")
    typer.echo("next: restart serve and worker, then run: tradewind keys reseal", err=True)


@app.command()
def reseal() -> None:
    """Seal again, with the newest key, what an older key sealed.

    Example: tradewind keys reseal
    """
    from tradewind.bootstrap import reseal as sealed_again
    from tradewind.kit import system_clock

    renewed = sealed_again(settings_here(), system_clock)
    print(f"{renewed} values sealed again; the older keys are no longer needed")


@programs.command("make")
def make_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The program; an older key of it ends.")],
    scope: Annotated[list[str] | None, typer.Option("--scope", help="What it may do; may be given again.")] = None,
) -> None:
    """Make a program's key; it is shown once.

    Example: tradewind keys api make erp --scope orders:read
    """
    from tradewind.db import open_database
    from tradewind.kit import system_clock
    from tradewind.web import api

    if not scope:
        told = "\n".join(f"  {one:15} {what}" for one, what in api.SCOPES.items())
        raise typer.BadParameter(f"name at least one with --scope\n{told}")
    with open_database(settings_here()) as database, database.transaction() as tx:
        print(api.issue(tx, name, scope, system_clock()))


@programs.command("list")
def list_programs(as_json: bool = typer.Option(False, "--json", help="Print JSON.")) -> None:
    """Show which programs have a key, and what each may do; never the keys.

    Example: tradewind keys api list
    """
    from tradewind.db import open_database
    from tradewind.web import api

    with open_database(settings_here()) as database, database.transaction() as tx:
        found = api.programs(tx)
    if as_json:
        print(json.dumps([{"name": one.name, "scopes": one.scopes, "created_at": one.created_at.isoformat()} for one in found]))
        return
    for one in found:
        print(f"{one.name}  since {one.created_at:%Y-%m-%d}  {' '.join(one.scopes)}")


@programs.command("revoke")
def revoke_key(name: Annotated[str, typer.Argument(metavar="NAME", help="The program.")]) -> None:
    """End a program's key at once.

    Example: tradewind keys api revoke erp
    """
    from tradewind.db import open_database
    from tradewind.web import api

    with open_database(settings_here()) as database, database.transaction() as tx:
        print(f"{name}: {'its key has ended' if api.revoke(tx, name) else 'it has no key'}")
