"""Jobs that send webhooks; bootstrap brings what they do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import procrastinate
import structlog

from tradewind.db import Database, outbox
from tradewind.kit import Clock
from tradewind.settings import Settings

SOON = timedelta(seconds=50)
_log = structlog.get_logger("tradewind.worker")


@dataclass(frozen=True, slots=True)
class WebhookRound:
    """What one sending did, and when there is more to send."""

    heard: int
    postponed: int
    dead: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class WebhookWork:
    """What the jobs do."""

    deliver: Callable[[Settings], WebhookRound]
    clock: Clock


def webhook_jobs(work: WebhookWork) -> procrastinate.Blueprint:
    """The jobs under the names that notifications puts into the outbox (`webhooks:…`), and the schedule that finds what was left."""
    jobs = procrastinate.Blueprint()

    def deliver_now(context: procrastinate.JobContext) -> None:
        held = context.additional_context
        settings, database = cast("Settings", held["settings"]), cast("Database", held["database"])
        done = work.deliver(settings)
        if done.heard or done.postponed or done.dead:
            _log.info("webhooks", heard=done.heard, postponed=done.postponed, dead=done.dead)
        # A retry within the minute gets a job of its own; later ones are found by the schedule.
        if done.postponed and done.next_at is not None and done.next_at < work.clock() + SOON:
            with database.transaction() as tx:
                outbox.put(tx, "webhooks:deliver", {}, scheduled_at=done.next_at)

    @jobs.task(name="deliver", pass_context=True)
    def deliver(context: procrastinate.JobContext) -> None:
        deliver_now(context)

    @jobs.periodic(cron="* * * * *")
    @jobs.task(name="every_minute", pass_context=True, queueing_lock="webhooks every minute")
    def every_minute(context: procrastinate.JobContext, timestamp: int) -> None:
        del timestamp
        deliver_now(context)

    return jobs
