"""The house's own scheduled jobs. Blocking work stands in plain functions: an `async` task that blocks loses its heartbeat and runs twice."""

from typing import cast

import procrastinate
import structlog
from procrastinate.manager import JobManager

from tradewind.db import Database, idempotency, outbox
from tradewind.worker.sweep import sweep_stalled_jobs

KEEP_FINISHED_JOBS_HOURS = 24 * 30

tasks = procrastinate.Blueprint()
_log = structlog.get_logger("tradewind.worker")


@tasks.periodic(cron="* * * * *")
@tasks.task(name="sweep_stalled_jobs", pass_context=True, queueing_lock="sweep_stalled_jobs")
async def sweep(context: procrastinate.JobContext, timestamp: int) -> None:
    """Every minute: jobs of dead workers are tried again or given up."""
    del timestamp  # the schedule hands it over; what counts is the state now
    await sweep_stalled_jobs(context.app.job_manager)


@tasks.periodic(cron="17 3 * * *")
@tasks.task(name="prune", pass_context=True, queueing_lock="prune")
def prune(context: procrastinate.JobContext, timestamp: int) -> None:
    """Every night: idempotency keys and relayed outbox rows older than 48 hours are forgotten."""
    del timestamp
    prune_now(cast("Database", context.additional_context["database"]))


@tasks.periodic(cron="41 3 * * *")
@tasks.task(name="delete_old_jobs", pass_context=True, queueing_lock="delete_old_jobs")
async def delete_old_jobs(context: procrastinate.JobContext, timestamp: int) -> None:
    """Every night: failed jobs stay for 30 days, so that somebody can look at them."""
    del timestamp
    jobs: JobManager = context.app.job_manager
    await jobs.delete_old_jobs(nb_hours=KEEP_FINISHED_JOBS_HOURS, include_failed=True)


def prune_now(database: Database) -> tuple[int, int]:
    """How many idempotency keys and outbox rows were forgotten."""
    with database.transaction() as tx:
        keys, rows = idempotency.prune(tx), outbox.prune(tx)
    _log.info("pruned", idempotency_keys=keys, outbox_rows=rows)
    return keys, rows
