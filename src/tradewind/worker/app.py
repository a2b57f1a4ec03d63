"""The procrastinate application on our database."""

from collections.abc import Awaitable, Callable, Mapping

import procrastinate

from tradewind.worker.tasks import tasks

# Waits 4, 16, 64 … seconds between attempts: an outside system that is down for some minutes loses nothing.
RETRY = procrastinate.RetryStrategy(max_attempts=6, exponential_wait=4)
_MIN_CONNECTIONS, _MAX_CONNECTIONS = 1, 6


def build_app(
    address: str | Callable[[], Awaitable[str]], *, blueprints: Mapping[str, procrastinate.Blueprint] | None = None
) -> procrastinate.App:
    """The application with the house's own tasks and those of `blueprints`, whose task names get the key as prefix (`mail:send`)."""
    connector = procrastinate.PsycopgConnector(conninfo=address, min_size=_MIN_CONNECTIONS, max_size=_MAX_CONNECTIONS)
    app = procrastinate.App(connector=connector)
    app.add_tasks_from(tasks, namespace="tradewind")
    for namespace, blueprint in (blueprints or {}).items():
        app.add_tasks_from(blueprint, namespace=namespace)
    return app
