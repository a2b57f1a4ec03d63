"""What rooms and people do with webhooks: tell an order's news, look at deliveries, send them again."""

from collections.abc import Sequence
from datetime import datetime

from tradewind import fulfillment, orders
from tradewind.db import AsyncDatabase, AsyncTransaction, outbox
from tradewind.kit import Clock
from tradewind.notifications.service import NEWS
from tradewind.notifications.webhooks import store
from tradewind.notifications.webhooks.errors import DeliveryUnknown
from tradewind.notifications.webhooks.model import Delivery, Lag, OrderHappening, TargetKind
from tradewind.notifications.webhooks.ports import TargetFinder, Within
from tradewind.notifications.webhooks.rules import happenings, is_for
from tradewind.orders import OrderView

DELIVER = "webhooks:deliver"
"""The job that sends what waits."""


class Webhooks:
    """The listening and looking half; `find` names the targets outside the house that hear of an order."""

    def __init__(self, database: AsyncDatabase, clock: Clock, find: TargetFinder) -> None:
        self._database, self._clock, self._find = database, clock, find

    async def tell(self, order_id: str) -> int:
        """Writes what every target has still to hear of an order, and wakes the sending; how many deliveries are new.

        It reads the order's whole timeline, so it may be called once for several events, or again after a crash.
        """
        async with self._database.transaction() as tx:
            order = await orders.store.order(tx, order_id)
            if order is None:
                return 0
            view, now = OrderView(order, tuple(await fulfillment.of_order(tx, order_id))), self._clock()
            news = [one for one in happenings(order) if one.at >= now - NEWS]
            told = 0
            for target in self._find(view):
                await store.know_target(tx, target, now)
                told += await store.enqueue(tx, target.target_id, [one for one in news if is_for(target.kind, one.event)], now)
            told += await self._own(tx, news, now)
            if told:
                await outbox.put_async(tx, DELIVER, {})
            return told

    async def deliveries(
        self,
        *,
        status: str | None = None,
        order_id: str | None = None,
        target_id: str | None = None,
        before: int | None = None,
        limit: int = store.PAGE,
    ) -> list[Delivery]:
        """The newest deliveries, below the id `before`."""
        async with self._database.transaction() as tx:
            return await store.deliveries(tx, status=status, order_id=order_id, target_id=target_id, before=before, limit=limit)

    async def replay(
        self, *, delivery_id: int | None = None, order_id: str | None = None, target_id: str | None = None, within: Within | None = None
    ) -> int:
        """Sends one delivery again, or every dead one of an order or target; how many. DeliveryUnknown when none is so.

        `within` takes part in the transaction and hears the count.
        """
        async with self._database.transaction() as tx:
            count = await store.replay(tx, self._clock(), delivery_id=delivery_id, order_id=order_id, target_id=target_id)
            if delivery_id is not None and not count:
                raise DeliveryUnknown(f"no delivery {delivery_id} has ended", hint="tradewind webhook list --status dead")
            if target_id is not None:
                await store.ask_from(tx, target_id, None)
            await outbox.put_async(tx, DELIVER, {})
            if within is not None:
                await within(tx, count)
            return count

    async def lag(self, since: datetime) -> Lag:
        """How far behind deliveries were since a moment, and what waits or is dead."""
        async with self._database.transaction() as tx:
            return await store.lag(tx, since)

    async def _own(self, tx: AsyncTransaction, news: Sequence[OrderHappening], now: datetime) -> int:
        """An endpoint hears of what happened since it was registered."""
        told = 0
        for endpoint in await store.endpoints(tx):
            wanted = [one for one in news if is_for(TargetKind.OWN, one.event, endpoint.events) and one.at >= endpoint.created_at]
            told += await store.enqueue(tx, endpoint.endpoint_id, wanted, now)
        return told
