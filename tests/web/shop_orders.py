"""Purchases behind the window's back, for pages that show what was bought."""

import asyncio
import itertools
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from web_running import Running

from tradewind.bootstrap.paying import deliver_fake_webhooks
from tradewind.bootstrap.selling import Till, open_till
from tradewind.checkout import Buyer, CreateSession, Destination, PaymentInstrument, WantedLine
from tradewind.kit import new_id, system_clock
from tradewind.orders import Handover, Order, OrderView
from tradewind.payments import Payment
from tradewind.web.desk.tasks import carry_out

FORWARDER = "Am Speicher 9"
Found = TypeVar("Found")
_people = itertools.count(1)


def an_order(
    store: Running, *lines: tuple[str, int], token: str = "tok_visa", email: str = "", street: str = "", shipped: bool = False
) -> Order:
    """An order of another German guest each time, for the risk rules' sake; at FORWARDER it is put on hold, and `tok_dispute` is disputed once it is shipped."""

    if street == FORWARDER:
        (store.settings.rules_folder).mkdir(exist_ok=True)
        rows = f"country,postcode,line,name\nDE,10115,{FORWARDER},Depot\n"
        (store.settings.rules_folder / "forwarders.csv").write_text(rows, "utf-8")

    async def bought() -> Order:
        async with open_till(store.settings, system_clock) as till:
            order = await _bought(till, lines or (("S15", 2), ("S16", 1)), token, email, street)
            if shipped:
                await till.orders.ship(order.order_id, Handover("DHL", "JD1"), "test")
                await deliver_fake_webhooks(store.settings, till.payments)
            return (await till.orders.find(order.order_id)).order

    return _run(bought())


def shipped(store: Running, order_id: str) -> None:
    """The whole order leaves, and its payment is captured."""

    async def sent() -> None:
        async with open_till(store.settings, system_clock) as till:
            await till.orders.ship(order_id, Handover("DHL", "JD2"), "test")

    _run(sent())


def refunded(store: Running, order_id: str, amount: int) -> None:
    """So many minor units go back to the buyer."""

    async def given() -> None:
        async with open_till(store.settings, system_clock) as till:
            await till.orders.refund(order_id, amount, "scratched", "test")

    _run(given())


def found(store: Running, order: Order) -> Any:
    """The order as it is now, with its shipments, and its payment."""

    async def read() -> Any:
        async with open_till(store.settings, system_clock) as till:
            return await till.orders.find(order.order_id), await till.payments.payment(order.payment_id)

    return _run(read())


def carried_out(store: Running, view: OrderView, payment: Payment, task: str, **form: str) -> None:
    """Does a task of the desk to the order as somebody saw it."""

    async def done() -> None:
        async with open_till(store.settings, system_clock) as till:
            await carry_out(till.orders, view, payment, task, form=form, by="Ada")

    _run(done())


def _run(work: Coroutine[Any, Any, Found]) -> Found:
    """Runs it in a thread of its own: a test with a browser has a loop already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def _bought(till: Till, lines: tuple[tuple[str, int], ...], token: str, email: str, street: str) -> Order:
    number = next(_people)
    buyer, place = (
        Buyer(email or f"desk{number}@example.com", "Mei Lin"),
        Destination("DE", "", "10115", "Berlin", (street or f"Invalidenstr. {number}",), "Mei Lin"),
    )
    wanted = CreateSession("de", tuple(WantedLine(*line) for line in lines), "de", buyer=buyer, destination=place)
    session = await till.sessions.create(wanted, new_id("key"))
    instrument = PaymentInstrument("card", token, f"http://127.0.0.1/back/{session.session_id}", session.total)
    done = await till.completing.complete(session.session_id, instrument, idempotency_key=new_id("key"))
    assert done.order_id is not None, done.messages
    return (await till.orders.find(done.order_id)).order
