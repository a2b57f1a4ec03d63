"""`tradewind worker`: runs queued jobs and schedules."""

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def worker(
    concurrency: int = typer.Option(4, min=1, max=64, help="Jobs that run at the same time."),
    once: bool = typer.Option(False, "--once", help="End when nothing is left to do."),
) -> None:
    """Run queued jobs and schedules until SIGTERM, then let open jobs end.

    Example: tradewind worker --concurrency 8
    """
    from tradewind.bootstrap import freshness_work
    from tradewind.bootstrap.notifying import notification_work
    from tradewind.bootstrap.retaining import nightly
    from tradewind.bootstrap.selling import shop_work
    from tradewind.bootstrap.webhooks import webhook_work
    from tradewind.logs import configure_logs
    from tradewind.settings import load_settings
    from tradewind.worker import freshness_jobs, notification_jobs, retention_jobs, run_worker, shop_jobs, webhook_jobs

    settings = load_settings()
    configure_logs(settings)
    run_worker(
        settings,
        blueprints={
            "freshness": freshness_jobs(freshness_work()),
            "notifications": notification_jobs(notification_work()),
            "retention": retention_jobs(nightly),
            "webhooks": webhook_jobs(webhook_work()),
            **shop_jobs(shop_work()),
        },
        concurrency=concurrency,
        once=once,
    )
