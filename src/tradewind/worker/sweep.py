"""Jobs whose worker died: tried again, and given up after some attempts, because a job that kills its worker would return for ever."""

import structlog
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

STALLED_SECONDS = 30
MAX_ATTEMPTS = 5

_log = structlog.get_logger("tradewind.worker")


async def sweep_stalled_jobs(
    jobs: JobManager, *, stalled_seconds: float = STALLED_SECONDS, max_attempts: int = MAX_ATTEMPTS
) -> tuple[int, int]:
    """How many jobs of dead workers are tried again, and how many have failed for good."""
    retried = failed = 0
    for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=stalled_seconds):
        if job.attempts + 1 >= max_attempts:
            await jobs.finish_job(job, Status.FAILED, delete_job=False)
            failed += 1
            _log.error("job given up", job_id=job.id, task=job.task_name, attempts=job.attempts + 1)
        else:
            await jobs.retry_job(job)
            retried += 1
            _log.warning("job of a dead worker tried again", job_id=job.id, task=job.task_name, attempts=job.attempts + 1)
    return retried, failed
