"""Runs the window in this process: takes the port, prints the addresses, drains when it is told to stop."""

import errno
import socket
from collections.abc import Callable

import uvicorn

from tradewind.db import open_database
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
    """Announces the addresses and serves until SIGINT or SIGTERM, then finishes open requests within `drain_seconds`. PortIsTaken or DatabaseIsUnreachable when it cannot."""
    with listen(host, port) as listener:
        with open_database(settings, connections=1):
            pass  # a database that cannot be reached is said here, before addresses are announced that would not answer
        address = shown_address(host, listener.getsockname()[1])
        announce(f"store   {address}/")
        announce(f"desk    {desk_link(settings, 'operator', address)}   (works once)")
        config = uvicorn.Config(
            create_app(settings, open_runs=open_runs, open_rates=open_rates, open_till=open_till, open_ucp=open_ucp, search=search),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=settings.drain_seconds,
        )
        uvicorn.Server(config).run(sockets=[listener])


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
