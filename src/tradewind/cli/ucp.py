"""tradewind ucp: native checkout in Google and other agents (the Universal Commerce Protocol)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from tradewind.cli.options import settings_here
from tradewind.cli.ucp_check import selfcheck

if TYPE_CHECKING:
    from tradewind.ucp.key_store import KeptKey
    from tradewind.ucp.keys import Keyring

Found = TypeVar("Found")

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Native checkout in Google and other agents.")
keys = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Keys that sign answers and webhooks.")
app.add_typer(keys, name="keys")
app.command("selfcheck")(selfcheck)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does it; it is kept in the audit trail.")]
Algorithm = Annotated[str, typer.Option("--algorithm", metavar="ES256|ES384", help="Every platform must know ES256.")]


@app.callback()
def root() -> None:
    """Native checkout in Google and other agents, by the Universal Commerce Protocol.

    Example: tradewind ucp keys list
    """


@keys.command("list")
def list_keys(as_json: Json = False) -> None:
    """Show the keys: which signs, which are published before or after; never their private halves.

    Example: tradewind ucp keys list
    """
    from tradewind.kit import system_clock
    from tradewind.ucp.keys import state_of

    found, now = _with(lambda keyring: keyring.all()), system_clock()
    told = [{**_told(one), "state": state_of(one, found, now)} for one in found]
    if as_json:
        print(json.dumps(told, indent=2))
        return
    for one in told:
        until = f", in the profile until {one['retires_at'][:16]}" if one["retires_at"] else ""
        print(f"{one['kid']}  {one['algorithm']}  {one['state']:9}  signs from {one['signs_from'][:16]}{until}")
    if not told:
        typer.echo("no key yet; the first is made when something must be signed, or by: tradewind ucp keys new", err=True)


@keys.command("new")
def new_key(algorithm: Algorithm = "ES256", by: By = "cli", as_json: Json = False) -> None:
    """Make the first key.

    Example: tradewind ucp keys new
    """
    made = _with(lambda keyring: keyring.first(algorithm, by))
    _say(made, as_json, f"{made.kid} signs from now on")


@keys.command()
def rotate(
    algorithm: Algorithm = "ES256",
    compromised: Annotated[bool, typer.Option("--compromised", help="End the older keys now: somebody else may know them.")] = False,
    by: By = "cli",
    as_json: Json = False,
) -> None:
    """Make a new key; the older ones stay published for their grace.

    Example: tradewind ucp keys rotate
    """
    grace = timedelta(days=settings_here().ucp_key_grace_days)
    made = _with(lambda keyring: keyring.rotate(algorithm, by, grace=grace, compromised=compromised))
    _say(made, as_json, f"{made.kid} is published now and signs from {made.signs_from:%Y-%m-%d %H:%M} UTC")


def _say(made: "KeptKey", as_json: bool, text: str) -> None:
    print(json.dumps(_told(made)) if as_json else text)


def _told(key: "KeptKey") -> dict[str, Any]:
    times = {name: getattr(key, name) for name in ("created_at", "signs_from", "retires_at")}
    return {"kid": key.kid, "algorithm": key.algorithm, **{name: at.isoformat() if at else None for name, at in times.items()}}


def _with(work: "Callable[[Keyring], Awaitable[Found]]") -> Found:
    from tradewind.bootstrap.signing import open_keyring
    from tradewind.kit import system_clock

    async def opened() -> Found:
        async with open_keyring(settings_here(), system_clock) as keyring:
            return await work(keyring)

    return asyncio.run(opened())
