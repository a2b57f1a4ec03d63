"""Jobs and schedules: runs what the outbox asked for, on procrastinate's tables in the same database."""

from tradewind.worker.app import RETRY, build_app
from tradewind.worker.loop import run_worker
from tradewind.worker.sweep import MAX_ATTEMPTS, sweep_stalled_jobs

__all__ = ["MAX_ATTEMPTS", "RETRY", "build_app", "run_worker", "sweep_stalled_jobs"]
