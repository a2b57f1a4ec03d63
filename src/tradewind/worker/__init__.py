"""Jobs and schedules: runs what the outbox asked for, on procrastinate's tables in the same database."""

from tradewind.worker.app import RETRY, build_app
from tradewind.worker.freshness import FreshnessWork, freshness_jobs
from tradewind.worker.loop import run_worker
from tradewind.worker.notifications import AccountMailJob, NotificationWork, notification_jobs
from tradewind.worker.retention import retention_jobs
from tradewind.worker.shop import ShopWork, shop_jobs
from tradewind.worker.sweep import MAX_ATTEMPTS, sweep_stalled_jobs
from tradewind.worker.webhooks import WebhookRound, WebhookWork, webhook_jobs

__all__ = [
    "MAX_ATTEMPTS",
    "RETRY",
    "AccountMailJob",
    "FreshnessWork",
    "NotificationWork",
    "ShopWork",
    "WebhookRound",
    "WebhookWork",
    "build_app",
    "freshness_jobs",
    "notification_jobs",
    "retention_jobs",
    "run_worker",
    "shop_jobs",
    "sweep_stalled_jobs",
    "webhook_jobs",
]
