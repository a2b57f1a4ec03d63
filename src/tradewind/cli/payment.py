"""tradewind payment: what was paid, what is unknown, what is disputed."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from tradewind.cli.options import one_of, settings_here

if TYPE_CHECKING:
    from tradewind.payments import Payment, Payments

FOUND_ISSUES = 3
OPEN_STATES = ("begun", "pending", "unknown")
Found = TypeVar("Found")

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Payments, their ends and disputes.")
dispute = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Disputes: cases with a deadline.")
app.add_typer(dispute, name="dispute")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides; it is kept in the audit trail.")]
Name = Annotated[str, typer.Argument(metavar="PAYMENT", help="The payment's id, such as pay_01k…")]
Case = Annotated[str, typer.Argument(metavar="DISPUTE", help="The dispute's id, such as dsp_01k…")]


@app.command("list")
def list_payments(
    status: Annotated[list[str] | None, typer.Option("--status", metavar="STATE", help="Only these, such as authorized.")] = None,
    is_open: Annotated[bool, typer.Option("--open", help="Only those whose end is not known.")] = False,
    review: Annotated[bool, typer.Option("--review", help="Only those that a person must look at.")] = False,
    as_json: Json = False,
) -> None:
    """List the newest payments.

    Example: tradewind payment list --open
    """
    from tradewind import payments as room

    states = OPEN_STATES if is_open else tuple(status or ())
    for state in states:
        one_of(state, room.PaymentStatus, "--status")

    async def read(payments: "Payments") -> "list[Payment]":
        async with payments.database.transaction() as tx:
            return await room.list_payments(tx, status=states, verdict="review" if review else None)

    found = _with(read)
    if as_json:
        _print([asdict(one) for one in found])
        return
    for one in found:
        until = f"  until {one.authorized_until:%Y-%m-%d %H:%M}" if one.authorized_until and one.status == "authorized" else ""
        print(f"{one.payment_id}  {one.status:10} {one.verdict:6} {one.money(one.amount)!s:>16}  {one.method:16} {one.provider}{until}")


@app.command()
def show(name: Name, as_json: Json = False) -> None:
    """Show a payment and every call that was made for it.

    Example: tradewind payment show pay_01k5x3
    """
    from tradewind import payments as room

    async def read(payments: "Payments") -> Any:
        payment = await payments.payment(name)
        async with payments.database.transaction() as tx:
            return payment, await room.operations(tx, name)

    payment, steps = _with(read)
    if as_json:
        _print({"payment": asdict(payment), "operations": [asdict(one) for one in steps]})
        return
    sums = ", ".join(f"{word} {payment.money(getattr(payment, word))}" for word in ("authorized", "captured", "refunded"))
    print(f"{payment.payment_id}  {payment.status}  {payment.money(payment.amount)}  ({sums})")
    print(f"session {payment.session_id}  order {payment.order_id or 'none'}  {payment.method} by {payment.provider} {payment.reference}")
    if payment.authorized_until is not None and payment.status == "authorized":
        print(f"the authorization runs out at {payment.authorized_until:%Y-%m-%d %H:%M} UTC")
    for line in (f"risk: {payment.verdict}", *payment.reasons, *filter(None, [payment.code, payment.message])):
        print(f"  {line}")
    for one in steps:
        said = f"  {one.code} {one.message}".rstrip()
        print(f"{one.created_at:%Y-%m-%d %H:%M:%S}  {one.key:40} {one.status or 'asked':10} {payment.money(one.amount)}{said}")


@app.command()
def reconcile(as_json: Json = False) -> None:
    """Ask the providers what became of everything whose end is not known (exit code 3 while something is open).

    Example: tradewind payment reconcile
    """
    from tradewind import payments as room

    done = _with(room.reconcile)
    if as_json:
        _print(asdict(done))
    else:
        print(f"{done.settled} payments and {done.finished} operations ended, {done.open} still open, {done.renewed} renewed,", end=" ")
        print(f"{done.expired} ran out, {done.announced} without an order announced")
    if done.open:
        raise typer.Exit(FOUND_ISSUES)


@app.command()
def confirm(
    name: Annotated[str, typer.Argument(metavar="PAYMENT|REFUND", help="A cash order's payment, or the key of a refund by hand.")], by: By
) -> None:
    """Confirm a cash order after a call, or say that a refund was paid by hand.

    Example: tradewind payment confirm pay_01k5x3 --by ben
    """
    from tradewind import payments as room

    payment = _with(lambda payments: room.confirm_by_hand(payments, name, by))
    print(f"{payment.payment_id}: {payment.status}, {payment.money(payment.refunded)} refunded")


@app.command()
def code(name: Name) -> None:
    """Make a new code for a cash order, to be told or sent to the shopper; an older one ends.

    Example: tradewind payment code pay_01k5x3
    """
    from tradewind import payments as room

    async def issue(payments: "Payments") -> str:
        async with payments.database.transaction() as tx:
            return await room.issue_code(tx, name)

    print(_with(issue))


@app.command()
def decide(
    name: Name,
    by: By,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept with the payment.")],
    accept: Annotated[bool, typer.Option("--accept/--refuse", help="Let the order go on, or cancel it.")] = False,
) -> None:
    """Decide about a payment that the risk rules want looked at.

    Example: tradewind payment decide pay_01k5x3 --accept --by ben --reason called
    """
    payment = _with(lambda payments: payments.decide(name, accept=accept, by=by, reason=reason))
    print(f"{payment.payment_id}: {payment.verdict}")


@dispute.command("list")
def list_disputes(
    everything: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False, as_json: Json = False
) -> None:
    """List the disputes, the next deadline first (exit code 3 while one needs an answer).

    Example: tradewind payment dispute list
    """
    from tradewind import payments as room

    async def read(payments: "Payments") -> Any:
        async with payments.database.transaction() as tx:
            return await room.list_cases(tx, open_only=not everything)

    found = _with(read)
    if as_json:
        _print([asdict(one) for one in found])
    else:
        for one in found:
            due = f"{one.evidence_due_at:%Y-%m-%d %H:%M}" if one.evidence_due_at else "no deadline"
            print(f"{one.dispute_id}  {one.status:14} {due:16} {one.currency} {one.amount}  {one.reason}  {one.payment_id}")
    if any(one.status == "needs_response" for one in found):
        raise typer.Exit(FOUND_ISSUES)


@dispute.command("show")
def show_dispute(name: Case, as_json: Json = False) -> None:
    """Show a dispute, the money it moved, and the evidence that is at hand.

    Example: tradewind payment dispute show dsp_01k5x3
    """
    from tradewind import payments as room

    found = _with(lambda payments: room.case(payments, name))
    evidence = found.dispute.evidence or room.pack(found, {})
    if as_json:
        _print({"dispute": asdict(found.dispute), "bookings": dict(found.bookings), "evidence": evidence})
        return
    one = found.dispute
    due = f", evidence by {one.evidence_due_at:%Y-%m-%d %H:%M} UTC" if one.evidence_due_at else ""
    print(f"{one.dispute_id}  {one.status}  {one.reason}{due}  payment {one.payment_id}")
    for kind, amount in found.bookings:
        print(f"  {kind:20} {found.payment.money(amount)}")
    for part, text in evidence.items():
        print(f"  {part}: {text}")


@dispute.command("submit")
def submit_dispute(
    name: Case,
    by: By,
    fact: Annotated[list[str], typer.Option("--fact", metavar="NAME=TEXT", help="order, delivery, carrier, tracking, customer, …")],
) -> None:
    """Hand the evidence of a dispute in; it can be done once.

    Example: tradewind payment dispute submit dsp_1 --by ben --fact order=lamp
    """
    from tradewind import payments as room

    facts = dict(_fact(text) for text in fact)

    async def hand_in(payments: "Payments") -> Any:
        return await room.submit(payments, name, room.pack(await room.case(payments, name), facts), by)

    done = _with(hand_in)
    print(f"{done.dispute_id}: {done.status}")


def _fact(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise typer.BadParameter(f'"{text}" is not NAME=TEXT')
    return name.strip(), value


def _with(work: "Callable[[Payments], Awaitable[Found]]") -> Found:
    from tradewind.bootstrap.paying import open_payments
    from tradewind.kit import system_clock

    async def opened() -> Found:
        async with open_payments(settings_here(), system_clock) as payments:
            return await work(payments)

    return asyncio.run(opened())


def _print(value: "dict[str, Any] | Sequence[Any]") -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))
