"""Jobs that send mails; bootstrap brings what they do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import procrastinate
import structlog

from tradewind.db import Database
from tradewind.settings import Settings
from tradewind.worker.app import RETRY

_log = structlog.get_logger("tradewind.worker")


@dataclass(frozen=True, slots=True)
class AccountMailJob:
    """A mail about an account, and the reference that names it for ever."""

    template: str
    shopper_id: str
    code_id: str | None
    reference: str


@dataclass(frozen=True, slots=True)
class NotificationWork:
    """What the jobs do: send a mail (whether it left), and forget what is old (how many rows)."""

    account_mail: Callable[[Settings, Database, AccountMailJob], bool]
    forget: Callable[[Settings, Database], int]


def notification_jobs(work: NotificationWork) -> procrastinate.Blueprint:
    """The jobs under the names that the rooms put into the outbox (`notifications:…`)."""
    jobs = procrastinate.Blueprint()

    @jobs.task(name="account_mail", pass_context=True, retry=RETRY)
    def account_mail(context: procrastinate.JobContext, template: str, shopper_id: str, code_id: str | None = None) -> None:
        held = context.additional_context
        settings, database = cast("Settings", held["settings"]), cast("Database", held["database"])
        reference = f"{template}/{code_id or context.job.id}"
        work.account_mail(settings, database, AccountMailJob(template, shopper_id, code_id, reference))

    @jobs.periodic(cron="37 3 * * *")
    @jobs.task(name="forget", pass_context=True, queueing_lock="notifications forget")
    def forget(context: procrastinate.JobContext, timestamp: int) -> None:
        del timestamp
        held = context.additional_context
        _log.info("forgotten", rows=work.forget(cast("Settings", held["settings"]), cast("Database", held["database"])))

    return jobs
