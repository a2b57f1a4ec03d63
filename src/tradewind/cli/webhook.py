"""tradewind webhook: who is told of orders, what they have still to hear, and sending again."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from tradewind.cli.options import one_of, settings_here

if TYPE_CHECKING:
    from tradewind.bootstrap.webhooks import Hooks
    from tradewind.notifications.webhooks import Delivery, NewEndpoint

FOUND_ISSUES = 3
Found = TypeVar("Found")

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Who is told of orders, and what they heard.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does it; it is kept in the audit trail.")]
Name = Annotated[str, typer.Argument(metavar="ENDPOINT", help="The endpoint's id, such as hook_01k…")]
Events = Annotated[list[str] | None, typer.Option("--event", metavar="NAME", help="Only these, such as shipped; else all.")]
OfOrder = Annotated[str | None, typer.Option("--order", metavar="ORDER", help="Only of this order id.")]
OfTarget = Annotated[str | None, typer.Option("--target", metavar="TARGET", help="Only of this target id.")]


@app.command("list")
def list_deliveries(
    status: Annotated[str | None, typer.Option("--status", metavar="STATE", help="waiting, delivered or dead.")] = None,
    order: OfOrder = None,
    target: OfTarget = None,
    as_json: Json = False,
) -> None:
    """List the newest deliveries (exit code 3 while one of them is dead).

    Example: tradewind webhook list --status dead
    """
    from tradewind.notifications.webhooks import DeliveryStatus

    one_of(status, DeliveryStatus, "--status")
    found = _with(lambda hooks: hooks.webhooks.deliveries(status=status, order_id=order, target_id=target))
    if as_json:
        print(json.dumps([asdict(one) for one in found], indent=2, default=str))
    else:
        for one in found:
            print(_line(one))
    if any(one.status == "dead" for one in found):
        raise typer.Exit(FOUND_ISSUES)


@app.command()
def replay(
    delivery: Annotated[int | None, typer.Argument(metavar="DELIVERY", help="A delivery's number, heard or dead.")] = None,
    order: OfOrder = None,
    target: OfTarget = None,
    dead: Annotated[bool, typer.Option("--dead", help="Every dead one there is.")] = False,
) -> None:
    """Send again: one delivery, or every dead one of an order, a target, or at all.

    Example: tradewind webhook replay --target google
    """
    if delivery is None and order is None and target is None and not dead:
        raise typer.BadParameter("name a delivery, --order, --target or --dead")
    count = _with(lambda hooks: hooks.webhooks.replay(delivery_id=delivery, order_id=order, target_id=target))
    print(f"{count} are sent again by the worker")


@app.command()
def lag(
    minutes: Annotated[int, typer.Option("--minutes", min=1, help="Over the last so many minutes.")] = 60,
    as_json: Json = False,
) -> None:
    """Show how late webhooks are heard, and what waits or is dead (exit code 3 then).

    Example: tradewind webhook lag --minutes 10
    """
    from tradewind.kit import system_clock

    since = system_clock() - timedelta(minutes=minutes)
    found = _with(lambda hooks: hooks.webhooks.lag(since))
    if as_json:
        print(json.dumps(asdict(found), default=str))
    else:
        late = f", half within {found.p50_ms} ms, 99 % within {found.p99_ms} ms" if found.delivered else ""
        print(f"{found.delivered} heard in {minutes} minutes{late}")
        oldest = f" (the oldest since {found.oldest_waiting_at:%Y-%m-%d %H:%M:%S} UTC)" if found.oldest_waiting_at else ""
        print(f"{found.waiting} wait{oldest}, {found.dead} are dead")
    if found.dead and not as_json:
        raise typer.Exit(FOUND_ISSUES)


@app.command()
def endpoints(as_json: Json = False) -> None:
    """List the retailer's own endpoints.

    Example: tradewind webhook endpoints
    """
    found = _with(lambda hooks: hooks.endpoints.all())
    if as_json:
        print(json.dumps([asdict(one) for one in found], indent=2, default=str))
        return
    for one in found:
        state = "paused" if one.is_paused else f"{one.failures} failures" if one.failures else "ok"
        print(f"{one.endpoint_id}  {state:12} {', '.join(one.events) or 'all events'}  {one.url}  {one.description}".rstrip())


@app.command()
def register(
    url: Annotated[str, typer.Argument(metavar="URL", help="An https address of a public server.")],
    event: Events = None,
    description: Annotated[str, typer.Option("--description", metavar="TEXT", help="What it is for.")] = "",
    by: By = "cli",
    as_json: Json = False,
) -> None:
    """Register an endpoint of yours; its secret is shown this once.

    Example: tradewind webhook register https://erp.example/orders
    """
    _show_secret(_with(lambda hooks: hooks.endpoints.register(url, by, events=event or (), description=description)), as_json)


@app.command()
def secret(name: Name, by: By = "cli", as_json: Json = False) -> None:
    """Make a new secret for an endpoint; the old one ends.

    Example: tradewind webhook secret hook_01k5x3
    """
    _show_secret(_with(lambda hooks: hooks.endpoints.renew_secret(name, by)), as_json)


@app.command()
def pause(name: Name, resume: Annotated[bool, typer.Option("--resume", help="Go on.")] = False, by: By = "cli") -> None:
    """Hold back what an endpoint has to hear, or go on.

    Example: tradewind webhook pause hook_01k5x3 --resume
    """
    changed = _with(lambda hooks: hooks.endpoints.pause(name, by, is_paused=not resume))
    print(f"{changed.endpoint_id} {'is paused' if changed.is_paused else 'goes on'}")


@app.command()
def remove(name: Name, by: By = "cli") -> None:
    """End an endpoint; what it had still to hear is dead.

    Example: tradewind webhook remove hook_01k5x3
    """
    _with(lambda hooks: hooks.endpoints.remove(name, by))
    print(f"{name} is removed")


def _show_secret(made: "NewEndpoint", as_json: bool) -> None:
    if as_json:
        print(json.dumps({**asdict(made.endpoint), "secret": made.secret}, default=str))
        return
    print(f"{made.endpoint.endpoint_id}  {made.endpoint.url}")
    print(made.secret)
    typer.echo("next: give the secret to the receiver now; it is not shown again", err=True)


def _line(one: "Delivery") -> str:
    said = f"  {one.last_error}" if one.last_error and one.status != "delivered" else ""
    told = f"{one.event}/{one.number}"
    return f"{one.delivery_id:6}  {one.status:9} {one.attempts:2}×  {told:14} {one.order_id}  {one.target.target_id}{said}"


def _with(work: "Callable[[Hooks], Awaitable[Found]]") -> Any:
    from tradewind.bootstrap.webhooks import open_hooks
    from tradewind.kit import system_clock

    async def opened() -> Found:
        async with open_hooks(settings_here(), system_clock) as hooks:
            return await work(hooks)

    return asyncio.run(opened())
