"""What happens to an order after it was placed. What talks to a payment provider never does so inside a transaction (law 8)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradewind import fulfillment, stock
from tradewind.db import AsyncDatabase, AsyncTransaction, audit
from tradewind.fulfillment import Shipment, ShipmentLine
from tradewind.kit import Clock, TradewindError, new_id
from tradewind.orders import privacy, store
from tradewind.orders.errors import (
    OrderCannotBeCanceled,
    OrderIsFinished,
    OrderIsOnHold,
    OrderUnknown,
    OrderWasChanged,
    PaymentDidNotFollow,
    QuantityIsNotOpen,
)
from tradewind.orders.model import (
    ORDER,
    Adjustment,
    AdjustmentStatus,
    AdjustmentType,
    Order,
    OrderEvent,
    OrderStatus,
    nothing_has_left,
    nothing_is_owed,
)
from tradewind.orders.rules import shipment_amount, units_to_ship
from tradewind.payments import Done, Payments, Result
from tradewind.stock import Wanted

PENDING_BATCH = 100
_MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class Handover:
    """What leaves: a carrier, its tracking number and page, and the units by line (none: all that are open)."""

    carrier: str
    tracking: str
    tracking_url: str = ""
    units: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Guarded:
    """How a caller protects a change: only an order that is still at `version` (OrderWasChanged), and what must happen in the very
    transaction of the effect, such as keeping the answer to an idempotency key. `within` hears the order's id and what was made.
    """

    version: int | None = None
    within: Callable[[AsyncTransaction, str, object], Awaitable[None]] | None = None


UNGUARDED = Guarded()


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order with its shipments."""

    order: Order
    shipments: tuple[Shipment, ...]


class Orders:
    """Everything that can be done with an order. `by` is who does it, for the timeline."""

    def __init__(
        self, database: AsyncDatabase, payments: Payments, clock: Clock, *, forget_sessions: privacy.ForgetSessions = privacy.no_sessions
    ) -> None:
        self.database, self.payments, self.clock = database, payments, clock
        self._forget_sessions = forget_sessions

    async def find(self, name: str) -> OrderView:
        """The order of this id or number. OrderUnknown."""
        async with self.database.transaction() as tx:
            order = await self._named(tx, name)
            return OrderView(order, await fulfillment.of_order(tx, order.order_id))

    async def newest(
        self,
        *,
        market: str | None = None,
        status: str | None = None,
        email: str | None = None,
        is_held: bool | None = None,
        before: int | None = None,
        limit: int = store.PAGE,
    ) -> list[Order]:
        """The newest orders, below the number `before`; `is_held` chooses those that wait for a person."""
        async with self.database.transaction() as tx:
            return await store.orders(tx, market=market, status=status, email=email, is_held=is_held, before=before, limit=limit)

    async def of_person(self, email: str, shopper_id: str | None = None) -> list[Order]:
        """The newest orders of an e-mail address, and of an account when one is named."""
        async with self.database.transaction() as tx:
            return await privacy.of_person(tx, email, shopper_id)

    async def export_person(self, email: str, shopper_id: str | None = None) -> list[dict[str, Any]]:
        """Everything that orders hold of a person, as plain data; guests are found by their e-mail address."""
        async with self.database.transaction() as tx:
            return await privacy.export(tx, email, shopper_id)

    async def forget_person(self, email: str, by: str, shopper_id: str | None = None) -> tuple[int, int]:
        """Takes a person out of finished orders, as far as tax law allows, and out of the checkouts that they came from.

        How many orders, and how many are still open.
        """
        async with self.database.transaction() as tx:
            sessions, left = await privacy.forget_person(tx, email, shopper_id)
            bare = await self._forget_sessions(tx, sessions)
            await audit.record_async(tx, by, "orders.forget", "a buyer", {"orders": len(sessions), "checkouts": bare, "open": left})
            return len(sessions), left

    async def cancel(self, name: str, reason: str, by: str, guarded: Guarded = UNGUARDED) -> Order:
        """Gives units and money back before anything has left. OrderCannotBeCanceled, OrderIsFinished, PaymentDidNotFollow."""
        async with self.database.transaction() as tx:
            order = await self._open(tx, name, guarded)
            if not nothing_has_left(order):
                raise OrderCannotBeCanceled(
                    f"units of the order {order.number} have left", hint="refund it, and take the units back as a return"
                )
            at = self.clock()
            await self._free(tx, order, at)
            await store.want_less(tx, order.order_id, {line.line_id: line.total for line in order.lines if line.total})
            await store.set_state(tx, order.order_id, OrderStatus(ORDER.fire(order.status, "cancel", order)), None, at)
            quantities = {line.line_id: -line.total for line in order.lines}
            made = self._adjustment(AdjustmentType.CANCELLATION, -order.total_amount, quantities, reason, by)
            await store.add_adjustment(tx, order.order_id, made)
            detail = {"reason": reason, "by": by}
            await store.note(tx, order.order_id, OrderEvent.CANCELED, detail, at, moved=[line.sku for line in order.lines])
            await _also(tx, guarded, order.order_id, made)
        await self._follow(order.order_id, made)
        return (await self.find(order.order_id)).order

    async def withdraw(self, name: str, by: str) -> Order:
        """The buyer withdraws from the contract: what has not left is canceled at once; else a person takes the goods back and returns the money.

        A second time changes nothing. The event goes out in the transaction that notes it, so the buyer's receipt is never lost.
        """
        async with self.database.transaction() as tx:
            order, at = await self._named(tx, name, lock=True), self.clock()
            if order.status is OrderStatus.CANCELED or any(one.name == OrderEvent.WITHDRAWN for one in order.timeline):
                return order
            await store.note(tx, order.order_id, OrderEvent.WITHDRAWN, {"by": by}, at)
        if order.status is OrderStatus.OPEN and nothing_has_left(order):
            try:
                return await self.cancel(order.order_id, "withdrawal", by)
            except (OrderCannotBeCanceled, OrderIsFinished):
                pass  # it left, or ended, meanwhile
        return (await self.find(order.order_id)).order

    async def release(self, name: str, by: str, guarded: Guarded = UNGUARDED) -> Order:
        """A person has looked and takes the order off its hold: its units are allocated now. QuantityIsNotOpen when they are gone."""
        async with self.database.transaction() as tx:
            order, at = await self._open(tx, name, guarded), self.clock()
            if order.hold is None:
                await _also(tx, guarded, order.order_id, order)
                return order
            held = await stock.allocate_held(tx, reference=order.session_id, at=at)
            missing = [one for one in _wants(order) if (one.sku, one.location_id) not in held]
            if missing and await stock.allocate_free(tx, missing, reference=order.session_id, at=at):
                raise QuantityIsNotOpen(f"the units of the order {order.number} are gone", hint=f"tradewind order cancel {order.number}")
            await store.set_state(tx, order.order_id, order.status, None, at)
            await store.note(tx, order.order_id, OrderEvent.PROCESSING, {"by": by}, at)
            await _also(tx, guarded, order.order_id, order)
        return (await self.find(order.order_id)).order

    async def ship(self, name: str, handover: Handover, by: str, guarded: Guarded = UNGUARDED) -> Shipment:
        """Takes the money for what leaves, then books that it left. A repeat after a crash takes nothing twice.

        OrderIsOnHold, OrderLineUnknown, QuantityIsNotOpen, PaymentDidNotFollow.
        """
        async with self.database.transaction() as tx:
            order, units, number = await self._to_ship(tx, name, handover, guarded)
        done = await self.payments.capture_for(order.order_id, shipment_amount(order, units), f"shipment {number}")
        _require(done, f"the payment of the order {order.number} could not be captured", order)
        async with self.database.transaction() as tx:
            order, units, again = await self._to_ship(tx, name, handover, guarded)
            if again != number:
                raise QuantityIsNotOpen(f"somebody else shipped of the order {order.number}", hint=f"tradewind order show {order.number}")
            shipment = Shipment(
                new_id("shp", clock=self.clock),
                order.order_id,
                handover.carrier[:_MAX_TEXT],
                handover.tracking[:_MAX_TEXT],
                handover.tracking_url[:_MAX_TEXT],
                tuple(ShipmentLine(line_id, quantity) for line_id, quantity in units.items()),
                self.clock(),
            )
            leaving = [Wanted(line.sku, line.location_id, units[line.line_id]) for line in order.lines if line.line_id in units]
            short = await stock.ship_units(tx, leaving, reference=shipment.shipment_id, at=shipment.shipped_at)
            if short or not await store.fulfill(tx, order.order_id, units):
                raise QuantityIsNotOpen(f"the order {order.number} owes fewer units", hint=f"tradewind order show {order.number}")
            await fulfillment.insert(tx, shipment)
            detail = {"shipment_id": shipment.shipment_id, "carrier": shipment.carrier, "tracking": shipment.tracking, "by": by}
            await store.note(tx, order.order_id, OrderEvent.SHIPPED, detail, shipment.shipped_at)
            await _also(tx, guarded, order.order_id, shipment)
        return shipment

    async def deliver(self, name: str, shipment_id: str | None, by: str, guarded: Guarded = UNGUARDED) -> Order:
        """A shipment (or every one) has arrived; an order that owes nothing more is closed."""
        async with self.database.transaction() as tx:
            order, at = _still(await self._named(tx, name, lock=True), guarded), self.clock()
            for shipment in await fulfillment.of_order(tx, order.order_id):
                if shipment_id in {None, shipment.shipment_id} and await fulfillment.mark_delivered(tx, shipment.shipment_id, at):
                    detail = {"shipment_id": shipment.shipment_id, "by": by}
                    await store.note(tx, order.order_id, OrderEvent.DELIVERED, detail, at)
            shipments = await fulfillment.of_order(tx, order.order_id)
            if order.status is OrderStatus.OPEN and nothing_is_owed(order) and all(one.delivered_at for one in shipments):
                await store.set_state(tx, order.order_id, OrderStatus(ORDER.fire(order.status, "close", order)), order.hold, at)
            await _also(tx, guarded, order.order_id, order)
        return (await self.find(order.order_id)).order

    async def refund(
        self,
        name: str,
        amount: int,
        reason: str,
        by: str,
        *,
        quantities: Mapping[str, int] | None = None,
        guarded: Guarded = UNGUARDED,
    ) -> Adjustment:
        """Gives captured money back (minor units), with the units that came back when it is a return. PaymentDidNotFollow."""
        kind = AdjustmentType.RETURN if quantities else AdjustmentType.REFUND
        async with self.database.transaction() as tx:
            order = _still(await self._named(tx, name, lock=True), guarded)
            _check_back(order, quantities or {})
            returned = {line_id: -quantity for line_id, quantity in (quantities or {}).items()}
            made = self._adjustment(kind, -amount, returned, reason, by)
            await store.add_adjustment(tx, order.order_id, made)
            await _also(tx, guarded, order.order_id, made)
        await self._follow(order.order_id, made)
        return next(one for one in (await self.find(order.order_id)).order.adjustments if one.adjustment_id == made.adjustment_id)

    async def follow_up(self, limit: int = PENDING_BATCH) -> int:
        """Tries adjustments again whose money did not move yet; how many ended."""
        async with self.database.transaction() as tx:
            pending = await store.pending_adjustments(tx, limit)
        ended = 0
        for order_id, adjustment in pending:
            ended += await self._moved(order_id, adjustment) is not None
        return ended

    async def _follow(self, order_id: str, made: Adjustment) -> None:
        """Moves the money of an adjustment. PaymentDidNotFollow when that failed; what is not known yet is followed up by the worker."""
        if await self._moved(order_id, made) is AdjustmentStatus.FAILED:
            raise PaymentDidNotFollow(
                f"the money of {made.adjustment_id} could not be given back",
                hint=f"tradewind payment list; tradewind order show {order_id}",
            )

    async def _moved(self, order_id: str, made: Adjustment) -> AdjustmentStatus | None:
        """How moving the money ended; None while that is not known."""
        if made.type is AdjustmentType.CANCELLATION:
            done = await self.payments.void_for(made.adjustment_id, order_id=order_id)
        else:
            done = await self._refunded(order_id, made)
        result = done.outcome.status if done.outcome is not None else Result.SUCCEEDED
        if result in {Result.UNKNOWN, Result.PENDING}:
            return None
        status = AdjustmentStatus.COMPLETED if result is Result.SUCCEEDED else AdjustmentStatus.FAILED
        async with self.database.transaction() as tx:
            at = self.clock()
            ended = await store.end_adjustment(tx, made.adjustment_id, status, at)
            if ended and status is AdjustmentStatus.COMPLETED and made.type is not AdjustmentType.CANCELLATION:
                event = OrderEvent.RETURNED if made.type is AdjustmentType.RETURN else OrderEvent.REFUNDED
                detail = {"adjustment_id": made.adjustment_id, "amount": made.amount, "reason": made.reason, "by": made.made_by}
                await store.note(tx, order_id, event, detail, at)
        return status

    async def _refunded(self, order_id: str, made: Adjustment) -> Done:
        try:
            return await self.payments.refund_for(order_id, -made.amount, made.adjustment_id)
        except TradewindError:
            # The amount cannot go back: the adjustment has failed for good, and the caller hears why.
            async with self.database.transaction() as tx:
                await store.end_adjustment(tx, made.adjustment_id, AdjustmentStatus.FAILED, self.clock())
            raise

    async def _to_ship(self, tx: AsyncTransaction, name: str, handover: Handover, guarded: Guarded) -> tuple[Order, dict[str, int], int]:
        order = await self._open(tx, name, guarded)
        if order.hold:
            raise OrderIsOnHold(
                f"the order {order.number} is on hold: {order.hold}", hint=f"look at its payment; tradewind order release {order.number}"
            )
        number = len(await fulfillment.of_order(tx, order.order_id)) + 1
        return order, units_to_ship(order, handover.units or {}), number

    async def _free(self, tx: AsyncTransaction, order: Order, at: datetime) -> None:
        if order.hold:
            await stock.release_held(tx, reference=order.session_id, at=at)
            return
        short = await stock.deallocate(tx, _wants(order), reference=order.order_id, at=at)
        if short:
            raise QuantityIsNotOpen(f"stock has fewer units allocated than the order {order.number} owes", hint="tradewind stock check")

    def _adjustment(self, kind: AdjustmentType, amount: int, quantities: Mapping[str, int], reason: str, by: str) -> Adjustment:
        return Adjustment(
            new_id("adj", clock=self.clock), kind, AdjustmentStatus.PENDING, amount, quantities, reason[:_MAX_TEXT], by, self.clock()
        )

    async def _named(self, tx: AsyncTransaction, name: str, *, lock: bool = False) -> Order:
        order_id = await store.order_id_of(tx, int(name)) if name.isascii() and name.isdigit() else name
        found = await store.order(tx, order_id, lock=lock) if order_id else None
        if found is None:
            raise OrderUnknown(f'there is no order "{name}"', hint="tradewind order list")
        return found

    async def _open(self, tx: AsyncTransaction, name: str, guarded: Guarded) -> Order:
        order = _still(await self._named(tx, name, lock=True), guarded)
        if order.status is not OrderStatus.OPEN:
            raise OrderIsFinished(f"the order {order.number} is {order.status}", hint=f"tradewind order show {order.number}")
        return order


def _still(order: Order, guarded: Guarded) -> Order:
    """The order, when it is still what the caller saw."""
    if guarded.version is not None and order.version != guarded.version:
        raise OrderWasChanged(
            f"the order {order.number} is at version {order.version}, not {guarded.version}", hint="read it again and decide anew"
        )
    return order


async def _also(tx: AsyncTransaction, guarded: Guarded, order_id: str, made: object) -> None:
    if guarded.within is not None:
        await guarded.within(tx, order_id, made)


def _wants(order: Order) -> Sequence[Wanted]:
    return [Wanted(line.sku, line.location_id, line.total - line.fulfilled) for line in order.lines if line.total > line.fulfilled]


def _require(done: Done, what: str, order: Order) -> None:
    if done.outcome is not None and done.outcome.status is not Result.SUCCEEDED:
        said = done.outcome.message or done.outcome.code or done.outcome.status.value
        raise PaymentDidNotFollow(f"{what}: {said}", hint=f"tradewind order show {order.number}; try again when the payment is mended")


def _check_back(order: Order, quantities: Mapping[str, int]) -> None:
    back: dict[str, int] = {}
    for adjustment in order.adjustments:
        if adjustment.type is AdjustmentType.RETURN and adjustment.status is not AdjustmentStatus.FAILED:
            for line_id, quantity in adjustment.quantities.items():
                back[line_id] = back.get(line_id, 0) - quantity
    for line_id, quantity in quantities.items():
        line = order.line(line_id)
        left = line.fulfilled - back.get(line_id, 0) if line else 0
        if not 0 < quantity <= left:
            raise QuantityIsNotOpen(
                f"{quantity} units of {line_id} cannot come back: {left} are out", hint=f"tradewind order show {order.number}"
            )
