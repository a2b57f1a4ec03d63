"""Jobs that send mails; bootstrap brings what they do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import procrastinate

from tradewind.db import Database
from tradewind.settings import Settings
from tradewind.worker.app import RETRY


@dataclass(frozen=True, slots=True)
class AccountMailJob:
    """A mail about an account, and the reference that names it for ever."""

    template: str
    shopper_id: str
    code_id: str | None
    reference: str


@dataclass(frozen=True, slots=True)
class NotificationWork:
    """What the jobs do; each says whether the mail left."""

    account_mail: Callable[[Settings, Database, AccountMailJob], bool]


def notification_jobs(work: NotificationWork) -> procrastinate.Blueprint:
    """The jobs under the names that the rooms put into the outbox (`notifications:…`)."""
    jobs = procrastinate.Blueprint()

    @jobs.task(name="account_mail", pass_context=True, retry=RETRY)
    def account_mail(context: procrastinate.JobContext, template: str, shopper_id: str, code_id: str | None = None) -> None:
        held = context.additional_context
        settings, database = cast("Settings", held["settings"]), cast("Database", held["database"])
        reference = f"{template}/{code_id or context.job.id}"
        work.account_mail(settings, database, AccountMailJob(template, shopper_id, code_id, reference))

    return jobs
