"""What a person can do with an order: which tasks are open, what each changes in numbers, and how it is carried out."""

from collections.abc import Mapping
from dataclasses import dataclass

from tradewind.kit import Currency, InputIsInvalid, Money
from tradewind.orders import Guarded, Handover, Order, Orders, OrderStatus, OrderView
from tradewind.payments import Payment, PaymentStatus, Verdict
from tradewind.web.errors import PageNotFound

TEXT_LIMIT = 200
ADDRESS_LIMIT = 500
UNITS = "units."
_UNITS_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Task:
    """A thing to do with an order. `closed` says why it cannot be done now; empty when it can."""

    name: str
    verb: str
    done: str
    danger: bool
    closed: str


def tasks(view: OrderView, payment: Payment) -> dict[str, Task]:
    """Every task of an order, open or with the reason why not."""
    order = view.order
    over = "" if order.status is OrderStatus.OPEN else f"the order is {order.status}"
    held = f"the order is on hold: {order.hold}" if order.hold else ""
    left = any(line.fulfilled for line in order.lines)
    found = (
        (
            "release",
            "Release the hold",
            "Released: its units are allocated.",
            False,
            over or ("" if order.hold else "the order is not on hold"),
        ),
        (
            "ship",
            "Ship",
            "Shipped, and the money for it taken.",
            False,
            over or held or ("" if units_open(order) else "every unit has left"),
        ),
        (
            "deliver",
            "Mark as delivered",
            "Delivered.",
            False,
            "" if any(one.delivered_at is None for one in view.shipments) else "nothing is on its way",
        ),
        ("refund", "Refund or return", "The money is on its way back.", True, "" if left_to_refund(payment) else "no money was taken"),
        ("cancel", "Cancel", "Canceled: units and money went back.", True, over or ("units have left: refund it instead" if left else "")),
    )
    return {name: Task(name, verb, done, danger, closed) for name, verb, done, danger, closed in found}


def units_open(order: Order) -> int:
    """The units that have not left yet."""
    return sum(line.total - line.fulfilled for line in order.lines)


def left_to_refund(payment: Payment) -> int:
    """What was taken and did not go back, in minor units."""
    return payment.captured - payment.refunded


def consequence(task: Task, view: OrderView, payment: Payment) -> list[str]:
    """What the task changes, in numbers."""
    order = view.order
    units, held = units_open(order), payment.money(payment.authorized - payment.captured)
    told = {
        "release": [f"{units} units are allocated and may be shipped; {held} stay authorized until they leave."],
        "ship": [
            f"{units} units have not left yet. If all of them leave, everything that is still authorized is captured: {held}.",
            "A part captures the price of its units; the first shipment also captures the delivery.",
        ],
        "deliver": ["The buyer's time to return begins. An order that owes nothing more is closed."],
        "refund": [
            f"{payment.money(payment.captured)} were taken, {payment.money(payment.refunded)} went back: at most {payment.money(left_to_refund(payment))} can go back now.",
            "Units that are named came back as a return; without any it is a refund.",
        ],
        "cancel": [f"{units} units go back to stock, and {payment.money(payment.authorized)} to the buyer. This cannot be undone."],
    }
    return told[task.name]


async def carry_out(orders: Orders, view: OrderView, payment: Payment, name: str, *, form: Mapping[str, str], by: str) -> None:
    """Does the task to the order as `view` shows it, in the name of `by`. InputIsInvalid, OrderWasChanged, and what the orders' room refuses."""
    order, unchanged = view.order, Guarded(view.order.version)
    if name == "release":
        await orders.release(order.order_id, by, unchanged)
        await _judged(orders, payment, accept=True, by=by, reason="released at the desk")
    elif name == "ship":
        await orders.ship(order.order_id, handover_of(form), by, unchanged)
    elif name == "deliver":
        await orders.deliver(order.order_id, form.get("shipment") or None, by, unchanged)
    elif name == "refund":
        amount = amount_of(form, payment)
        await orders.refund(order.order_id, amount, reason_of(form), by, quantities=units_of(form) or None, guarded=unchanged)
    elif name == "cancel":
        await orders.cancel(order.order_id, reason_of(form), by, unchanged)
        await _judged(orders, payment, accept=False, by=by, reason="canceled at the desk")
    else:
        raise PageNotFound(f'there is no task "{name}"', hint="release, ship, deliver, refund or cancel")


def handover_of(form: Mapping[str, str]) -> Handover:
    """The handover that a form describes. InputIsInvalid."""
    carrier, tracking = (form.get(name, "").strip()[:TEXT_LIMIT] for name in ("carrier", "tracking"))
    if not carrier or not tracking:
        raise InputIsInvalid("a shipment needs its carrier and its tracking number", hint="enter both")
    address = form.get("tracking_url", "").strip()[:ADDRESS_LIMIT]
    if address and not address.startswith(("https://", "http://")):
        raise InputIsInvalid(f'"{address}" is not the address of a page', hint="begin it with https://, or leave it empty")
    units = units_of(form)
    if any(name.startswith(UNITS) for name in form) and not units:
        raise InputIsInvalid("no unit is chosen", hint="enter how many units of each line leave")
    return Handover(carrier, tracking, address, units or None)


def units_of(form: Mapping[str, str]) -> dict[str, int]:
    """The units by line that a form names; lines with none are left out. InputIsInvalid."""
    found = {}
    for name, text in form.items():
        if name.startswith(UNITS) and text.strip():
            if not text.isascii() or not text.isdigit() or len(text) > _UNITS_DIGITS:
                raise InputIsInvalid(f'"{text[:TEXT_LIMIT]}" is no number of units', hint="write a whole number, such as 2")
            if int(text):
                found[name.removeprefix(UNITS)] = int(text)
    return found


def amount_of(form: Mapping[str, str], payment: Payment) -> int:
    """The amount of a refund in minor units. AmountIsInvalid, InputIsInvalid."""
    amount = Money.parse(form.get("amount", "").strip()[:TEXT_LIMIT], Currency(payment.currency))
    if not 0 < amount.minor <= left_to_refund(payment):
        raise InputIsInvalid(f"{amount} cannot go back", hint=f"at most {payment.money(left_to_refund(payment))}")
    return amount.minor


def reason_of(form: Mapping[str, str]) -> str:
    """Why. InputIsInvalid when nothing is said."""
    reason = form.get("reason", "").strip()[:TEXT_LIMIT]
    if not reason:
        raise InputIsInvalid("no reason is given", hint="say why; it stands in the order's timeline")
    return reason


async def _judged(orders: Orders, payment: Payment, *, accept: bool, by: str, reason: str) -> None:
    """A payment that waited for a review does not wait any more."""
    if payment.verdict is Verdict.REVIEW and payment.status is not PaymentStatus.FAILED:
        await orders.payments.decide(payment.payment_id, accept=accept, by=by, reason=reason)
