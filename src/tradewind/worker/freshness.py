"""Jobs that keep channels and feed files in step between runs; bootstrap brings what they do, this module brings when."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import procrastinate
import structlog

from tradewind.db import Database
from tradewind.settings import Settings

_log = structlog.get_logger("tradewind.worker")


@dataclass(frozen=True, slots=True)
class FreshnessWork:
    """What the jobs do, each for a workspace whose database is open."""

    push_urgent: Callable[[Settings, Database, str | None], int]
    renew_feeds: Callable[[Settings, str], bool]
    refresh_grown_old: Callable[[Settings, Database], int]
    forget: Callable[[Database], int]
    follow_search: Callable[[Settings, Database, str], int]
    reread: Callable[[Settings, Database, str, str, str], int]
    push_due: Callable[[Settings, Database], int]


def freshness_jobs(work: FreshnessWork) -> procrastinate.Blueprint:
    """The jobs under the names that pipeline.live puts into the outbox (`freshness:…`), and their schedules."""
    jobs = procrastinate.Blueprint()

    @jobs.task(name="push_urgent", pass_context=True)
    def push_urgent(context: procrastinate.JobContext, market: str) -> None:
        settings, database = _held(context)
        _log.info("pushed", market=market, sent=work.push_urgent(settings, database, market))

    @jobs.task(name="renew_feeds", pass_context=True)
    def renew_feeds(context: procrastinate.JobContext, market: str) -> None:
        settings, _ = _held(context)
        _log.info("feeds renewed", market=market, renewed=work.renew_feeds(settings, market))

    @jobs.task(name="follow_search", pass_context=True)
    def follow_search(context: procrastinate.JobContext, market: str) -> None:
        settings, database = _held(context)
        _log.info("search followed", market=market, products=work.follow_search(settings, database, market))

    @jobs.task(name="reread", pass_context=True)
    def reread(context: procrastinate.JobContext, market: str, language: str, offer_id: str) -> None:
        settings, database = _held(context)
        issues = work.reread(settings, database, market, language, offer_id)
        _log.info("read again", market=market, offer_id=offer_id, issues=issues)

    # What a wake-up missed, and what the twice-a-day rule held back until now.
    @jobs.periodic(cron="* * * * *")
    @jobs.task(name="every_minute", pass_context=True, queueing_lock="freshness every minute")
    def every_minute(context: procrastinate.JobContext, timestamp: int) -> None:
        del timestamp
        settings, database = _held(context)
        work.refresh_grown_old(settings, database)
        work.push_urgent(settings, database, None)

    # A listing that nobody sends again ends after 30 days; Google's quotas are counted by day.
    @jobs.periodic(cron="17 */6 * * *")
    @jobs.task(name="push_due", pass_context=True, queueing_lock="freshness push due")
    def push_due(context: procrastinate.JobContext, timestamp: int) -> None:
        del timestamp
        settings, database = _held(context)
        _log.info("pushed what was due", sent=work.push_due(settings, database))

    @jobs.periodic(cron="29 3 * * *")
    @jobs.task(name="forget", pass_context=True, queueing_lock="freshness forget")
    def forget(context: procrastinate.JobContext, timestamp: int) -> None:
        del timestamp
        _log.info("forgotten", rows=work.forget(_held(context)[1]))

    return jobs


def _held(context: procrastinate.JobContext) -> tuple[Settings, Database]:
    held = context.additional_context
    return cast("Settings", held["settings"]), cast("Database", held["database"])
