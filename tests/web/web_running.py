"""Starts a window for tests: uvicorn in a thread, on a free port."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from web_builders import NOW

from tradewind.kit import fixed_clock
from tradewind.settings import Settings
from tradewind.web import create_app, serving

STARTING_SECONDS = 20


@dataclass(frozen=True)
class Running:
    """A window that answers at `url`."""

    url: str
    settings: Settings
    app: Any

    def get(self, path: str, **given: Any) -> httpx.Response:
        return httpx.get(self.url + path, timeout=20, **given)


def serve(settings: Settings, **given: Any) -> Iterator[Running]:
    """The window of `settings` on a free port, until the caller is done."""
    listener = serving.listen("127.0.0.1", settings.port)
    app = create_app(settings, clock=fixed_clock(NOW), **given)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    limit = time.monotonic() + STARTING_SECONDS
    while not server.started and thread.is_alive() and time.monotonic() < limit:
        time.sleep(0.02)
    assert server.started
    yield Running(f"http://127.0.0.1:{listener.getsockname()[1]}", settings, app)
    server.should_exit = True
    thread.join(10)
    listener.close()


def free_port() -> int:
    with serving.listen("127.0.0.1", 0) as listener:
        return int(listener.getsockname()[1])
