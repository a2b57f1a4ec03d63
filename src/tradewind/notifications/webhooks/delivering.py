"""Sends what waits: several targets at once, one order of a target after the other, and never twice what somebody else is sending."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from tradewind import fulfillment, orders
from tradewind.db import AsyncDatabase
from tradewind.kit import Clock, Outgoing, OutgoingCall, TradewindError
from tradewind.notifications.webhooks import store
from tradewind.notifications.webhooks.model import DELIVERY, Delivery, DeliveryStatus, OrderHappening, TargetKind
from tradewind.notifications.webhooks.ports import Dialect
from tradewind.notifications.webhooks.rules import gives_up, happenings, is_heard, pause, wait
from tradewind.orders import OrderView

AT_ONCE, OF_ONE_TARGET = 16, 4
ANSWER_SECONDS, ANSWER_BYTES = 10, 65_536
# Whoever dies while sending gives its deliveries back after this; longer than an answer may take.
LEASE = timedelta(seconds=60)
RUN_LIMIT = 2_000
_ERROR_LENGTH = 300

_log = structlog.get_logger("tradewind.webhooks")


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a run did, and when the next delivery may be sent."""

    heard: int
    postponed: int
    dead: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of one attempt; `status` is None where nobody answered."""

    status: int | None
    error: str = ""
    retry_after: str = ""
    is_hopeless: bool = False


class Delivering:
    """The sending half. `spread` gives 0…100, so that retries of many do not come at once."""

    def __init__(
        self,
        database: AsyncDatabase,
        outgoing: Outgoing,
        dialects: Mapping[TargetKind, Dialect],
        clock: Clock,
        spread: Callable[[], int],
    ) -> None:
        self._database, self._outgoing, self._dialects, self._clock, self._spread = database, outgoing, dialects, clock, spread
        self._ended: Counter[str] = Counter()

    async def run(self) -> Delivered:
        """Sends until nothing is due. A target that fails is left alone for a while; the others do not wait for it."""
        self._ended.clear()
        pending: dict[asyncio.Task[None], str] = {}
        taken = 0
        while True:
            room = min(AT_ONCE - len(pending), RUN_LIMIT - taken)
            found = await self._take(room, Counter(pending.values())) if room else []
            taken += len(found)
            for one in found:
                pending[asyncio.create_task(self._deliver(one))] = one.target.target_id
            if not pending:
                break
            done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                del pending[task]
                task.result()
        async with self._database.transaction() as tx:
            next_at = await store.next_due(tx)
        return Delivered(self._ended["heard"], self._ended["postponed"], self._ended["dead"], next_at)

    async def _take(self, room: int, working: Mapping[str, int]) -> list[Delivery]:
        now = self._clock()
        busy = [target for target, count in working.items() if count >= OF_ONE_TARGET]
        async with self._database.transaction() as tx:
            return await store.take(tx, store.Taking(now, now + LEASE, room, OF_ONE_TARGET, busy))

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            result = await self._sent(delivery)
        except TradewindError as error:
            result = _Result(None, error.message)
        except Exception as error:  # noqa: BLE001 - one order that cannot be told must not stop the others; the log has the reason
            _log.exception("webhook failed", delivery=delivery.delivery_id, order_id=delivery.order_id)
            result = _Result(None, f"{type(error).__name__}: {error}")
        await self._book(delivery, result)

    async def _sent(self, delivery: Delivery) -> _Result:
        async with self._database.transaction() as tx:
            order = await orders.store.order(tx, delivery.order_id)
            shipments = tuple(await fulfillment.of_order(tx, delivery.order_id))
        happening = _happening(delivery, happenings(order)) if order is not None else None
        dialect = self._dialects.get(delivery.target.kind)
        if order is None or happening is None:
            return _Result(None, "the order is gone", is_hopeless=True)
        if dialect is None:
            return _Result(None, f"this installation does not speak to {delivery.target.kind}", is_hopeless=True)
        made = await dialect.dispatch(delivery, delivery.timestamp or 0, OrderView(order, shipments), happening)
        call = OutgoingCall("POST", made.url, made.headers, made.body, ANSWER_SECONDS, ANSWER_BYTES)
        answer = await self._outgoing.send(call)
        said = "" if is_heard(answer.status) else f"{answer.status} {answer.body[:_ERROR_LENGTH].decode('utf-8', 'replace')}".strip()
        return _Result(answer.status, said, answer.headers.get("retry-after", ""))

    async def _book(self, delivery: Delivery, result: _Result) -> None:
        now, error, target_id = self._clock(), _printable(result.error), delivery.target.target_id
        said = store.Said(result.status, error)
        if result.status is not None and is_heard(result.status):
            await self._end(delivery, "deliver", said, now)
            _log.info("webhook heard", target=target_id, order_id=delivery.order_id, name=delivery.event, attempts=delivery.attempts)
            return
        if result.is_hopeless or gives_up(delivery.target.kind, result.status, delivery.attempts):
            await self._end(delivery, "give_up", said, now)
            _log.error("webhook given up", target=target_id, order_id=delivery.order_id, name=delivery.event, reason=error)
            return
        async with self._database.transaction() as tx:
            await store.postpone(tx, delivery, said, now + wait(delivery.attempts, result.retry_after, self._spread()))
            alone = pause(await store.note_failure(tx, target_id))
            if alone is not None:
                await store.ask_from(tx, target_id, now + alone)
        self._ended["postponed"] += 1
        _log.warning("webhook not heard", target=target_id, order_id=delivery.order_id, attempts=delivery.attempts, reason=error)

    async def _end(self, delivery: Delivery, step: str, said: store.Said, at: datetime) -> None:
        status = DeliveryStatus(DELIVERY.fire(delivery.status, step, delivery))
        async with self._database.transaction() as tx:
            await store.end(tx, delivery, status, said, at)
            if status is DeliveryStatus.DELIVERED:
                await store.ask_from(tx, delivery.target.target_id, None)
        self._ended["heard" if status is DeliveryStatus.DELIVERED else "dead"] += 1


def _happening(delivery: Delivery, found: list[OrderHappening]) -> OrderHappening | None:
    return next((one for one in found if (one.event, one.number) == (delivery.event, delivery.number)), None)


def _printable(text: str) -> str:
    """An answer of a stranger, as it may stand in our table and logs."""
    return "".join(one if one.isprintable() else " " for one in text)[:_ERROR_LENGTH]
