"""Whether the process lives, and whether it is ready to be sent visitors."""

import asyncio
from datetime import timedelta
from typing import Any

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tradewind.db import migration_level_async
from tradewind.offers import live, store
from tradewind.web.house import House

CHECK_SECONDS = 5
LAG_OVER = timedelta(hours=1)
routes = APIRouter(include_in_schema=False)
_log = structlog.get_logger("tradewind.web")


@routes.get("/healthz")
async def healthz() -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


@routes.get("/readyz")
async def readyz(request: Request) -> Response:
    """The database answers, its tables are those of this version, and at least one market is published."""
    house: House = request.app.state.house
    checks: dict[str, Any] = {}
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            checks |= await _checks(house)
    except Exception as error:  # noqa: BLE001 - whatever stops the check also stops visitors; the log keeps the reason
        _log.warning("not ready", reason=repr(error))
        checks |= {"database": "no answer"}
    ready = checks.get("database") == "ok" and checks.get("migrations") == "ok" and bool(checks.get("published"))
    body = {"status": "ready" if ready else "not ready", **checks}
    return JSONResponse(body, status_code=200 if ready else 503, headers={"Cache-Control": "no-store"})


async def _checks(house: House) -> dict[str, Any]:
    async with house.database.transaction() as tx:
        level = await migration_level_async(tx)
        found = f"at {level.current}, this version needs {level.needed}"
        checks: dict[str, Any] = {"database": "ok", "migrations": "ok" if level.is_enough else found}
        if level.is_enough:
            checks["lag_ms"] = await _lag(tx, house)
            checks["published"] = {one.market: one.run_id for one in await store.publications(tx)}
    return checks


async def _lag(tx: Any, house: House) -> dict[str, Any]:
    """From a change to the row that pages read, over the last hour."""
    found = await live.lag_async(tx, house.clock() - LAG_OVER)
    return {"changes": found.changes, "p50": found.p50_ms, "p99": found.p99_ms}
