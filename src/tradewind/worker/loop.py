"""`tradewind worker`: jobs, schedules and the relay of the outbox in one process, until SIGTERM; then open jobs may end."""

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Mapping

import procrastinate
import structlog

from tradewind.db import Database, open_database, outbox
from tradewind.kit import TradewindError
from tradewind.settings import Settings
from tradewind.worker.app import build_app

CONCURRENCY = 4
RELAY_PAUSE_SECONDS = 0.25
RELAY_PAUSE_AFTER_ERROR_SECONDS = 5.0
_GRACE_SECONDS = 3.0
_FORCED_EXIT_CODE = 1

_log = structlog.get_logger("tradewind.worker")


def run_worker(
    settings: Settings,
    *,
    blueprints: Mapping[str, procrastinate.Blueprint] | None = None,
    concurrency: int = CONCURRENCY,
    once: bool = False,
) -> None:
    """Works until SIGTERM or SIGINT, or with `once` until nothing is left to do. Open jobs get `settings.drain_seconds` to end."""
    with open_database(settings, connections=concurrency + 2) as database:
        asyncio.run(_work(settings, database, blueprints, concurrency=concurrency, once=once))


async def _work(
    settings: Settings,
    database: Database,
    blueprints: Mapping[str, procrastinate.Blueprint] | None,
    *,
    concurrency: int,
    once: bool,
) -> None:
    async def address() -> str:
        return await asyncio.to_thread(database.address)

    app = build_app(address, blueprints=blueprints)
    if once:
        await asyncio.to_thread(relay_all, database)
    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                wait=not once,
                concurrency=concurrency,
                delete_jobs="successful",
                shutdown_graceful_timeout=settings.drain_seconds,
                install_signal_handlers=False,
                additional_context={"database": database, "settings": settings},
            )
        )
        relay = asyncio.create_task(_relay_forever(database))
        _stop_on_signals(worker, settings.drain_seconds)
        _log.info("worker started", concurrency=concurrency)
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await worker
        finally:
            relay.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await relay
    _log.info("worker stopped")


def relay_all(database: Database) -> int:
    """Turns every waiting row of the outbox into a job, a batch in each transaction, and gives their number."""
    total = 0
    while True:
        with database.transaction() as tx:
            moved = outbox.relay(tx)
        total += moved
        if moved < outbox.RELAY_BATCH:
            return total


async def _relay_forever(database: Database) -> None:
    while True:
        pause = RELAY_PAUSE_SECONDS
        try:
            await asyncio.to_thread(relay_all, database)
        except TradewindError as error:
            # The rows stay in the outbox; the next round finds them.
            _log.warning("relay waits", reason=error.message)
            pause = RELAY_PAUSE_AFTER_ERROR_SECONDS
        await asyncio.sleep(pause)


def _stop_on_signals(worker: asyncio.Task[None], drain_seconds: int) -> None:
    def stop() -> None:
        _log.info("worker drains", seconds=drain_seconds)
        # A thread cannot be interrupted. Leaving is safe: the locks and the heartbeat die with the process, and the sweep finds the job.
        forced = threading.Timer(drain_seconds + _GRACE_SECONDS, os._exit, args=(_FORCED_EXIT_CODE,))
        forced.daemon = True
        forced.start()
        worker.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(RuntimeError, ValueError):  # not in the main thread: the caller stops the worker
            loop.add_signal_handler(number, stop)
