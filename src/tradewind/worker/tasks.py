"""The house's own scheduled jobs. Blocking work stands in plain functions: an `async` task that blocks loses its heartbeat and runs twice."""

import procrastinate

from tradewind.worker.sweep import sweep_stalled_jobs

tasks = procrastinate.Blueprint()


@tasks.periodic(cron="* * * * *")
@tasks.task(name="sweep_stalled_jobs", pass_context=True, queueing_lock="sweep_stalled_jobs")
async def sweep(context: procrastinate.JobContext, timestamp: int) -> None:
    """Every minute: jobs of dead workers are tried again or given up."""
    del timestamp  # the schedule hands it over; what counts is the state now
    await sweep_stalled_jobs(context.app.job_manager)
