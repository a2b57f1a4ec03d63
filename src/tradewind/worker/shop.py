"""Jobs of the shop: they end what was left in the middle, return what expired, and tell what happened; bootstrap brings what they do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import procrastinate
import structlog

from tradewind.db import Database
from tradewind.settings import Settings
from tradewind.worker.app import RETRY

_log = structlog.get_logger("tradewind.worker")


@dataclass(frozen=True, slots=True)
class ShopWork:
    """What the jobs do."""

    payment_changed: Callable[[Settings, str, str], None]
    reconcile: Callable[[Settings], None]
    stock_moved: Callable[[Settings, Database, Sequence[str]], int]
    sweep: Callable[[Settings, Database], int]
    # Who hears of every order event, each with (settings, database, order id, event): mails, webhooks, the books.
    order_listeners: tuple[Callable[[Settings, Database, str, str], None], ...] = ()


def shop_jobs(work: ShopWork) -> dict[str, procrastinate.Blueprint]:
    """The jobs under the names that the rooms put into the outbox: `payments:changed`, `orders:event`, `stock:moved`; and their schedules."""
    payments, orders, stock = procrastinate.Blueprint(), procrastinate.Blueprint(), procrastinate.Blueprint()

    @payments.task(name="changed", pass_context=True, retry=RETRY)
    def changed(
        context: procrastinate.JobContext, payment_id: str, session_id: str = "", order_id: str | None = None, event: str = ""
    ) -> None:
        del session_id, order_id
        work.payment_changed(_held(context)[0], payment_id, event)

    @payments.periodic(cron="* * * * *")
    @payments.task(name="reconcile", pass_context=True, queueing_lock="payments reconcile")
    def reconcile(context: procrastinate.JobContext, timestamp: int) -> None:
        del timestamp
        work.reconcile(_held(context)[0])

    @orders.task(name="event", pass_context=True, retry=RETRY)
    def event(context: procrastinate.JobContext, order_id: str, event: str) -> None:
        _log.info("order event", order_id=order_id, name=event)
        for listener in work.order_listeners:
            listener(*_held(context), order_id, event)

    @stock.task(name="moved", pass_context=True, retry=RETRY)
    def moved(context: procrastinate.JobContext, skus: list[str]) -> None:
        work.stock_moved(*_held(context), skus)

    @stock.periodic(cron="* * * * *")
    @stock.task(name="sweep", pass_context=True, queueing_lock="stock sweep")
    def sweep(context: procrastinate.JobContext, timestamp: int) -> None:
        del timestamp
        returned = work.sweep(*_held(context))
        if returned:
            _log.info("reservations expired", count=returned)

    return {"payments": payments, "orders": orders, "stock": stock}


def _held(context: procrastinate.JobContext) -> tuple[Settings, Database]:
    held = context.additional_context
    return cast("Settings", held["settings"]), cast("Database", held["database"])
