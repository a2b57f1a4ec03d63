"""Pages of the shop for checks: from a running server, or from the window itself without one."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tradewind.checks.parity import Fetch
from tradewind.settings import Settings

PAGE_SECONDS = 20


@contextmanager
def from_server(url: str) -> Iterator[Fetch]:
    """Pages of the server at `url`."""
    with httpx.Client(base_url=url.rstrip("/"), timeout=PAGE_SECONDS) as client:

        def fetch(path: str) -> tuple[int, str]:
            answer = client.get(path)
            return answer.status_code, answer.text

        yield fetch


@contextmanager
def in_process(settings: Settings) -> Iterator[Fetch]:
    """Pages of this workspace's window, rendered in this process."""
    from tradewind.web import create_app

    app = create_app(settings)
    with asyncio.Runner() as runner:
        window = app.router.lifespan_context(app)
        runner.run(window.__aenter__())
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=settings.public_url, timeout=PAGE_SECONDS)

        def fetch(path: str) -> tuple[int, str]:
            answer = runner.run(client.get(path))
            return answer.status_code, answer.text

        try:
            yield fetch
        finally:
            runner.run(client.aclose())
            runner.run(window.__aexit__(None, None, None))
