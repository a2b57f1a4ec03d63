"""Runs a center: gRPC and REST on two ports of this machine, processing, and notifications, until it is told to stop."""

import asyncio
import base64
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import uvicorn

from tradewind.emulators.merchant_center.center import Center
from tradewind.emulators.merchant_center.errors import EmulatorIsMisused
from tradewind.emulators.merchant_center.grpc_side import grpc_server
from tradewind.emulators.merchant_center.names import ProductKey
from tradewind.emulators.merchant_center.rest_side import rest_app

TICK_SECONDS = 0.2
CALLBACK_SECONDS = 5.0
GRACE_SECONDS = 1.0
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class RunningCenter:
    """A center that serves, and where."""

    center: Center
    grpc_port: int
    rest_port: int

    @property
    def grpc_address(self) -> str:
        return f"{LOOPBACK}:{self.grpc_port}"

    @property
    def rest_url(self) -> str:
        return f"http://{LOOPBACK}:{self.rest_port}"


class _Web(uvicorn.Server):
    """Leaves signals to whoever started the center."""

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]
        return contextlib.nullcontext()


@contextlib.asynccontextmanager
async def run_center(center: Center, grpc_port: int = 0, rest_port: int = 0) -> AsyncIterator[RunningCenter]:
    """Serves on the loopback address (0: free ports) while the block lasts. EmulatorIsMisused when a port is taken."""
    server = grpc_server(center)
    try:
        bound = server.add_insecure_port(f"{LOOPBACK}:{grpc_port}")
    except RuntimeError:
        raise EmulatorIsMisused(f"port {grpc_port} is taken", hint="choose another with --grpc-port, 0 for a free one") from None
    with _listener(rest_port) as listener:
        web = _Web(uvicorn.Config(rest_app(center), log_config=None, access_log=False, lifespan="off"))
        await server.start()
        running = RunningCenter(center, bound, listener.getsockname()[1])
        tasks = [asyncio.create_task(web.serve(sockets=[listener])), asyncio.create_task(_tick(center))]
        try:
            while not web.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.01)
            yield running
        finally:
            web.should_exit = True
            tasks[1].cancel()
            await server.stop(GRACE_SECONDS)
            await asyncio.gather(*tasks, return_exceptions=True)


def _listener(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen()
    except OSError:
        listener.close()
        raise EmulatorIsMisused(f"port {port} is taken", hint="choose another with --rest-port, 0 for a free one") from None
    return listener


async def _tick(center: Center) -> None:
    async with httpx.AsyncClient(timeout=CALLBACK_SECONDS) as client:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            center.settle()
            for account, key, status in center.status_changes():
                await _notify(center, client, account, key, status)


async def _notify(center: Center, client: httpx.AsyncClient, account: int, key: ProductKey, status: str) -> None:
    """PRODUCT_STATUS_CHANGE in the form of a push message; an answer that is not 2xx is not sent again here."""
    for parent in (f"accounts/{account}", f"accounts/{center.config.advanced_account}"):
        for subscription in center.subscriptions.under(parent):
            change = {
                "account": f"accounts/{account}",
                "managingAccount": f"accounts/{center.config.advanced_account}",
                "resourceType": "PRODUCT",
                "attribute": "STATUS",
                "changes": [{"newValue": status, "regionCode": key.label, "reportingContext": "SHOPPING_ADS"}],
                "resourceId": str(key),
                "resource": f"accounts/{account}/products/{key}",
            }
            data = base64.b64encode(json.dumps(change).encode()).decode()
            message = {"message": {"data": data, "messageId": str(center.next_number()), "publishTime": center.now.isoformat()}}
            with contextlib.suppress(httpx.HTTPError):
                await client.post(subscription.call_back_uri, json=message)
