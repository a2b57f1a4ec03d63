"""Runs the window in this process: takes the port, prints the addresses, drains when it is told to stop."""

import errno
import socket
from collections.abc import Awaitable, Callable

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tradewind.db import open_database
from tradewind.kit import TradewindError
from tradewind.search import Search
from tradewind.settings import Settings
from tradewind.web.app import create_app
from tradewind.web.desk.days import OpenRates
from tradewind.web.desk.keys import Keys
from tradewind.web.desk.routes import OpenRuns
from tradewind.web.errors import PortIsTaken
from tradewind.web.shopping import OpenTill
from tradewind.web.ucp import OpenUcp

BACKLOG = 512
KEEP_ALIVE_SECONDS = 15


def serve(
    settings: Settings,
    host: str,
    port: int,
    announce: Callable[[str], None],
    *,
    open_runs: OpenRuns | None = None,
    open_rates: OpenRates | None = None,
    search: Search | None = None,
    open_till: OpenTill | None = None,
    open_ucp: OpenUcp | None = None,
) -> None:
    """Opens the window, announces its addresses and serves until SIGINT or SIGTERM, then finishes open requests within `drain_seconds`.

    PortIsTaken, DatabaseIsUnreachable, or what keeps the window from opening (a setting, a file of the retailer's).
    """
    with listen(host, port) as listener:
        with open_database(settings, connections=1):
            pass  # a database that cannot be reached is said here, before addresses are announced that would not answer
        address = shown_address(host, listener.getsockname()[1])

        def opened() -> None:
            announce(f"store   {address}/")
            announce(f"desk    {desk_link(settings, 'operator', address)}   (works once)")

        window = _Window(
            create_app(settings, open_runs=open_runs, open_rates=open_rates, open_till=open_till, open_ucp=open_ucp, search=search), opened
        )
        config = uvicorn.Config(
            window,
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=settings.drain_seconds,
        )
        try:
            uvicorn.Server(config).run(sockets=[listener])
        except SystemExit:  # how the server ends when its application cannot start
            if window.refusal is None:
                raise
            raise window.refusal from None


class _Window:
    """The application for its server: `opened` is called once it is open, and what keeps it from opening is no traceback but `refusal`."""

    def __init__(self, app: ASGIApp, opened: Callable[[], None]) -> None:
        self._app, self._opened = app, opened
        self.refusal: TradewindError | None = None

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        return self._live(scope, receive, send) if scope["type"] == "lifespan" else self._app(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        failures: list[Message] = []

        async def told(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed":
                failures.append(message)
                return
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self._opened()

        try:
            await self._app(scope, receive, told)
        except Exception as error:
            self.refusal = error if failures and isinstance(error, TradewindError) else None
            for message in failures:
                await send(message if self.refusal is None else {"type": message["type"], "message": ""})
            raise


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. PortIsTaken says who may hold it and what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortIsTaken(f"port {port} on {host} is taken by another program", hint=f"tradewind serve --port {port + 1}") from None
        raise PortIsTaken(
            f"cannot listen on {host}, port {port}: {error.strerror}",
            hint="choose another with --host and --port; ports under 1024 need rights",
        ) from None
    return listener


def desk_link(settings: Settings, role: str, address: str | None = None) -> str:
    """A new link into the desk that works once."""
    return f"{address or settings.public_url}/desk/enter?key={Keys(settings.home).issue(role)}"


def shown_address(host: str, port: int) -> str:
    """An address that a browser on this machine can open."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - a name to show, not to bind
    return f"http://{name}:{port}"
