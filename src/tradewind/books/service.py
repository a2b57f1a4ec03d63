"""Writes invoices when goods leave and credit notes when money goes back; each once, and afterwards as it was given out."""

from collections.abc import Callable
from dataclasses import replace

from tradewind import fulfillment, orders
from tradewind.books import store
from tradewind.books.errors import InvoiceIsNotDue
from tradewind.books.model import CREDIT_NOTE, INVOICE, Issued, Paper
from tradewind.books.rules import Terms, credit_note_of, invoice_of
from tradewind.db import AsyncDatabase, AsyncTransaction
from tradewind.kit import Clock
from tradewind.orders import Adjustment, AdjustmentStatus, AdjustmentType, OrderUnknown, OrderView

Print = Callable[[Paper], bytes]
_GIVES_BACK = {AdjustmentType.REFUND, AdjustmentType.RETURN, AdjustmentType.CREDIT, AdjustmentType.PRICE_ADJUSTMENT}


class Books:
    """The papers of orders. `terms` tells the seller and the tax rates of a market, `press` makes a PDF."""

    def __init__(self, database: AsyncDatabase, terms: Callable[[str], Terms], press: Print, clock: Clock) -> None:
        self.database, self.terms, self.press, self.clock = database, terms, press, clock

    async def invoice(self, name: str) -> Issued:
        """The order's invoice; it is written now, when a parcel has left and there was none. OrderUnknown, InvoiceIsNotDue."""
        async with self.database.transaction() as tx:
            view = await _view(tx, name)
            found = await store.find(tx, view.order.order_id, INVOICE)
            if found is not None:
                return found
            if not view.shipments:
                raise InvoiceIsNotDue(
                    f"nothing of the order {view.order.number} has left yet, so it has no invoice",
                    hint=f"tradewind order ship {view.order.number}",
                )
            return await self._write(tx, invoice_of(view, self.terms(view.order.market)), "")

    async def papers(self, name: str) -> list[Issued]:
        """Every paper of an order, oldest first; those that are due are written now. OrderUnknown."""
        async with self.database.transaction() as tx:
            view = await _view(tx, name)
        if view.shipments:
            await self.invoice(view.order.order_id)
            for made in given_back(view):
                await self.credit_note(view.order.order_id, made.adjustment_id)
        async with self.database.statements() as tx:
            return await store.of_order(tx, view.order.order_id)

    async def credit_note(self, name: str, adjustment_id: str) -> Issued:
        """The credit note of money that went back after the invoice. OrderUnknown, InvoiceIsNotDue."""
        async with self.database.transaction() as tx:
            view = await _view(tx, name)
            order_id = view.order.order_id
            found = await store.find(tx, order_id, CREDIT_NOTE, adjustment_id)
            if found is not None:
                return found
            made = next((one for one in given_back(view) if one.adjustment_id == adjustment_id), None)
            invoice = await store.find(tx, order_id, INVOICE)
            if made is None or invoice is None:
                raise InvoiceIsNotDue(f"{adjustment_id} gave nothing back of an invoice", hint=f"tradewind order show {view.order.number}")
            credited = await store.credited(tx, order_id)
            return await self._write(tx, credit_note_of(view, made, self.terms(view.order.market), invoice.number, credited), adjustment_id)

    async def _write(self, tx: AsyncTransaction, paper: Paper, cause: str) -> Issued:
        kind = "" if paper.kind == INVOICE else "C-"
        series = f"{paper.market.upper()}-{kind}{paper.issued_on:%Y}"
        number = f"{series}-{await store.next_number(tx, paper.seller.name, series):06d}"
        content = self.press(replace(paper, number=number))
        made = store.new_issue(number, paper.kind, paper.order_id, cause, paper.total, paper.currency, self.clock(), content)
        await store.insert(tx, paper.seller.name, made)
        return made


def given_back(view: OrderView) -> list[Adjustment]:
    """What gave money back of an order that was invoiced: each has a credit note."""
    done = (one for one in view.order.adjustments if one.status is AdjustmentStatus.COMPLETED)
    return [one for one in done if one.type in _GIVES_BACK and one.amount < 0]


async def _view(tx: AsyncTransaction, name: str) -> OrderView:
    """The order, locked: two who want its invoice at once get the same one."""
    order_id = await orders.store.order_id_of(tx, int(name)) if name.isascii() and name.isdigit() else name
    order = await orders.store.order(tx, order_id, lock=True) if order_id else None
    if order is None:
        raise OrderUnknown(f'there is no order "{name}"', hint="tradewind order list")
    return OrderView(order, await fulfillment.of_order(tx, order.order_id))
