"""The nightly job that removes what is kept for a time only."""

from collections.abc import Callable, Mapping
from typing import cast

import procrastinate
import structlog

from tradewind.db import Database
from tradewind.settings import Settings

_log = structlog.get_logger("tradewind.worker")


def retention_jobs(prune: Callable[[Settings, Database], Mapping[str, int]]) -> procrastinate.Blueprint:
    """`retention:prune`, every night: what it removed stands in the log, by kind."""
    jobs = procrastinate.Blueprint()

    @jobs.periodic(cron="17 3 * * *")
    @jobs.task(name="prune", pass_context=True, queueing_lock="retention prune")
    def nightly(context: procrastinate.JobContext, timestamp: int) -> None:
        del timestamp
        held = context.additional_context
        gone = prune(cast("Settings", held["settings"]), cast("Database", held["database"]))
        _log.info("pruned", rows=dict(gone))

    return jobs
