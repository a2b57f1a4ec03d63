"""tradewind order: list, show, ship, deliver, refund, release and cancel orders."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from tradewind.cli.options import one_of

if TYPE_CHECKING:
    from tradewind.bootstrap.selling import Till
    from tradewind.orders import Order, OrderView

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Orders, from the button to the door.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
Name = Annotated[str, typer.Argument(metavar="ORDER", help="Its number or its id.")]
By = Annotated[str, typer.Option("--by", help="Who does it, for the order's timeline.")]
Lines = Annotated[list[str] | None, typer.Option("--line", metavar="LINE=2", help="Units of a line; may be given again.")]
FOUND_ISSUES = 3
T = TypeVar("T")


@app.command("list")
def list_orders(
    market: Annotated[str | None, typer.Option(help="Only of this market.")] = None,
    status: Annotated[str | None, typer.Option(help="open, canceled or closed.")] = None,
    before: Annotated[int | None, typer.Option(help="Numbers below this one.")] = None,
    as_json: Json = False,
) -> None:
    """List the newest orders.

    Example: tradewind order list --status open
    """
    from tradewind.orders import OrderStatus

    one_of(status, OrderStatus, "--status")
    found = _till(lambda till: till.orders.newest(market=market, status=status, before=before))
    if as_json:
        print(json.dumps([_order_json(one) for one in found], ensure_ascii=False, indent=2))
        return
    for one in found:
        units = sum(line.total for line in one.lines)
        left = sum(line.fulfilled for line in one.lines)
        held = f"  on hold: {one.hold}" if one.hold else ""
        print(
            f"{one.number}  {one.placed_at:%Y-%m-%d %H:%M}  {one.market}  {one.status:8}  {_money(one, one.total_amount):>16}  {left} of {units} shipped{held}"
        )


@app.command()
def show(name: Name, as_json: Json = False) -> None:
    """Show an order: lines, totals, payment, shipments and timeline.

    Example: tradewind order show 100001
    """

    async def found(till: "Till") -> "tuple[OrderView, Any]":
        view = await till.orders.find(name)
        return view, await till.payments.payment(view.order.payment_id)

    view, payment = _till(found)
    if as_json:
        print(json.dumps(_view_json(view, payment), ensure_ascii=False, indent=2))
        return
    _print_view(view, payment)


@app.command()
def ship(  # noqa: PLR0917 - one parameter an option
    name: Name,
    carrier: Annotated[str, typer.Option(help="Who carries it.")],
    tracking: Annotated[str, typer.Option(help="The carrier's tracking number.")],
    url: Annotated[str, typer.Option(help="The page where it can be followed.")] = "",
    line: Lines = None,
    by: By = "cli",
) -> None:
    """Capture the payment and book that units left; all open ones by default.

    Example: tradewind order ship 100001 --carrier DHL --tracking JD0123456789
    """
    from tradewind.orders import Handover

    shipment = _till(lambda till: till.orders.ship(name, Handover(carrier, tracking, url, _units(line)), by))
    print(f"{shipment.shipment_id}: {sum(one.quantity for one in shipment.lines)} units left with {carrier}, {tracking}")


@app.command()
def deliver(name: Name, shipment: Annotated[str | None, typer.Option(help="Only this shipment.")] = None, by: By = "cli") -> None:
    """Book that shipments arrived.

    Example: tradewind order deliver 100001
    """
    order = _till(lambda till: till.orders.deliver(name, shipment, by))
    print(f"{order.number} is {order.status}")


@app.command()
def refund(
    name: Name,
    amount: Annotated[str, typer.Option(help="How much, such as 12.50, in the order's currency.")],
    reason: Annotated[str, typer.Option(help="Why; the shopper reads it.")],
    line: Lines = None,
    by: By = "cli",
) -> None:
    """Give captured money back; with --line the units came back as a return.

    Example: tradewind order refund 100001 --amount 12.50 --reason "one broke"
    """
    from tradewind.kit import Currency, Money

    async def given(till: "Till") -> tuple[Any, Any]:
        order = (await till.orders.find(name)).order
        minor = Money.parse(amount, Currency(order.currency)).minor
        return order, await till.orders.refund(name, minor, reason, by, quantities=_units(line))

    order, made = _till(given)
    print(f"{made.adjustment_id}: {made.type} of {_money(order, -made.amount)} is {made.status}")


@app.command()
def invoice(
    name: Name,
    out: Annotated[Path, typer.Option("--out", help="The PDF to write.")],
    credit: Annotated[str | None, typer.Option("--credit-note", help="The credit note of this adjustment instead.")] = None,
) -> None:
    """Write the invoice of an order of which a parcel has left.

    Example: tradewind order invoice 100001 --out invoice.pdf
    """
    from tradewind.bootstrap.invoicing import make_books
    from tradewind.kit import system_clock
    from tradewind.settings import load_settings

    async def written(till: "Till") -> Any:
        books = make_books(load_settings(), till.orders.database, system_clock)
        return await (books.credit_note(name, credit) if credit else books.invoice(name))

    made = _till(written)
    out.write_bytes(made.content)
    print(f"{made.number}  sha256 {made.sha256}")


@app.command()
def cancel(name: Name, reason: Annotated[str, typer.Option(help="Why.")], by: By = "cli") -> None:
    """Cancel an order of which nothing has left: units and money go back.

    Example: tradewind order cancel 100001 --reason "ordered twice"
    """
    order = _till(lambda till: till.orders.cancel(name, reason, by))
    print(f"{order.number} is {order.status}")


@app.command()
def release(name: Name, by: By = "cli") -> None:
    """Take an order off its hold after a look at its payment.

    Example: tradewind order release 100001 --by anna
    """
    order = _till(lambda till: till.orders.release(name, by))
    print(f"{order.number} is {order.status}" + (f", on hold: {order.hold}" if order.hold else ", its units are allocated"))


@app.command()
def export(email: Annotated[str, typer.Argument(help="The buyer's e-mail address.")]) -> None:
    """Print all that orders hold of a buyer, guest or not, as JSON.

    Example: tradewind order export mei@example.com
    """
    print(json.dumps(_till(lambda till: till.orders.export_person(email)), ensure_ascii=False, indent=2, default=str))


@app.command()
def forget(email: Annotated[str, typer.Argument(help="The buyer's e-mail address.")], by: By = "cli") -> None:
    """Take a buyer out of finished orders; invoices keep name and address.

    Example: tradewind order forget mei@example.com --by anna
    """
    forgotten, left = _till(lambda till: till.orders.forget_person(email, by))
    print(f"{forgotten} orders do not know this buyer's e-mail, phone and consent any more; {left} are still open and stay as they are")
    if left:
        raise typer.Exit(FOUND_ISSUES)


def _till(work: "Callable[[Till], Awaitable[T]]") -> T:
    from tradewind.bootstrap.selling import open_till
    from tradewind.kit import system_clock
    from tradewind.settings import load_settings

    async def opened() -> T:
        async with open_till(load_settings(), system_clock) as till:
            return await work(till)

    return asyncio.run(opened())


def _units(lines: list[str] | None) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in lines or []:
        line_id, _, number = text.rpartition("=")
        if not line_id or not number.isascii() or not number.isdigit():
            raise typer.BadParameter(f'"{text}" is no line; write --line line_1=2, with a whole number of units')
        found[line_id] = int(number)
    return found


def _money(order: "Order", minor: int) -> str:
    from tradewind.kit import Currency, Money

    return str(Money(minor, Currency(order.currency)))


def _order_json(order: "Order") -> dict[str, Any]:
    from dataclasses import asdict

    return json.loads(json.dumps(asdict(order), default=str))  # type: ignore[no-any-return]


def _view_json(view: "OrderView", payment: Any) -> dict[str, Any]:
    from dataclasses import asdict

    from tradewind.orders import fulfillment_status

    return {
        **_order_json(view.order),
        "fulfillment_status": fulfillment_status(view.order, view.shipments),
        "shipments": json.loads(json.dumps([asdict(one) for one in view.shipments], default=str)),
        "payment": {name: getattr(payment, name) for name in ("payment_id", "status", "authorized", "captured", "refunded", "verdict")},
    }


def _print_view(view: "OrderView", payment: Any) -> None:
    from tradewind.orders import fulfillment_status

    order = view.order
    print(f"{order.number}  {order.order_id}  {order.market}  {order.status}, {fulfillment_status(order, view.shipments)}")
    for line in order.lines:
        print(
            f"  {line.line_id:8} {line.total} × {line.sku}  {_money(order, line.paid + line.tax):>16}  {line.fulfilled} shipped from {line.location_id}"
        )
    for kind, amount in order.facts.get("totals", ()):
        print(f"  {kind:16} {_money(order, amount):>16}")
    print(
        f"  payment {payment.status}: {_money(order, payment.authorized)} authorized, {_money(order, payment.captured)} captured,"
        f" {_money(order, payment.refunded)} refunded"
    )
    for shipment in view.shipments:
        print(f"  {shipment.shipment_id}  {shipment.carrier} {shipment.tracking}  {shipment.state}")
    for adjustment in order.adjustments:
        print(f"  {adjustment.type} {_money(order, adjustment.amount)}: {adjustment.reason} ({adjustment.status})")
    for entry in order.timeline:
        print(f"  {entry.at:%Y-%m-%d %H:%M}  {entry.name}")
