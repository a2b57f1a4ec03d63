"""POST /api/v1/google/notifications: Google tells that a product's status changed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from tradewind.db import Database
from tradewind.listings.topology import load_topology
from tradewind.pipeline.notices import is_key, parse_notice, receive
from tradewind.web.api.errors import KeyIsMissing
from tradewind.web.house import House

KEY_LENGTH = 200

routes = APIRouter(include_in_schema=False)


@routes.post("/google/notifications")
async def notified(request: Request, key: Annotated[str, Query(max_length=KEY_LENGTH)] = "") -> Response:
    """Takes a notice and answers at once: the product is read by the worker. What no feed of ours holds is taken and forgotten."""
    house: House = request.app.state.house
    if not is_key(house.settings.home, key):
        raise KeyIsMissing("the call does not carry the key of this address", hint="tradewind google setup subscribes with it")
    body = await request.body()
    database = await house.writer()
    await run_in_threadpool(_take, house, database, body)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


def _take(house: House, database: Database, body: bytes) -> None:
    notice, topology = parse_notice(body), load_topology(house.settings.rules_folder)
    with database.transaction() as tx:
        receive(tx, notice, topology)
