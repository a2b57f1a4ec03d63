"""`tradewind keys`: the keys that seal personal data in the database."""

import json

import typer

from tradewind.cli.options import settings_here

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


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
