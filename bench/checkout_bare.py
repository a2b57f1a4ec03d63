"""What a purchase costs with nothing in it: FastAPI, JSON, a pool and as many trivial statements in as many transactions.

Run by uvicorn: bench.checkout_bare:create_app --factory
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from tradewind.settings import load_settings

CONNECTIONS = 8

TABLES = "CREATE TABLE IF NOT EXISTS bench_bare (id text PRIMARY KEY, body jsonb NOT NULL, version integer NOT NULL DEFAULT 1)"
_READ = "SELECT body, version FROM bench_bare WHERE id = %s"
_OFFERS = "SELECT offer_id, price_minor, quantity, title, lane_id, weight_g FROM offers_offer WHERE market = %s AND offer_id = ANY(%s)"
_WRITE = "INSERT INTO bench_bare (id, body) VALUES (%s, %s::jsonb) ON CONFLICT (id) DO UPDATE SET body = excluded.body, version = bench_bare.version + 1"
_PUT = "UPDATE bench_bare SET body = %s::jsonb, version = version + 1 WHERE id = %s"


def create_app() -> FastAPI:
    """The application of one process."""
    held: dict[str, Any] = {}

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        url = load_settings().database_url
        address = url.get_secret_value() if url is not None else ""
        options = {"row_factory": dict_row, "autocommit": True}
        async with AsyncConnectionPool(address, kwargs=options, min_size=0, max_size=CONNECTIONS, open=False) as pool:
            held["pool"] = pool
            yield

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/sessions")
    async def create(request: Request) -> Response:
        asked = json.loads(await request.body())
        session_id, body = request.headers["idempotency-key"], json.dumps(asked)
        async with held["pool"].connection() as tx:
            await (await tx.execute(_OFFERS, ("us", [one["offer_id"] for one in asked["lines"]]))).fetchall()
            await tx.execute(_WRITE, (session_id, body))
        return _answer(session_id, "incomplete", 201)

    @app.put("/sessions/{session_id}")
    async def update(session_id: str, request: Request) -> Response:
        asked = json.loads(await request.body())
        async with held["pool"].connection() as tx:
            await (await tx.execute(_READ, (session_id,))).fetchone()
            await (await tx.execute(_OFFERS, ("us", [one["offer_id"] for one in asked["lines"]]))).fetchall()
            await tx.execute(_PUT, (json.dumps(asked), session_id))
        return _answer(session_id, "ready_for_complete", 200)

    @app.post("/sessions/{session_id}/complete")
    async def complete(session_id: str, request: Request) -> Response:
        body = json.dumps(json.loads(await request.body()))
        async with held["pool"].connection() as tx:
            await (await tx.execute(_READ, (session_id,))).fetchone()
            await (await tx.execute(_OFFERS, ("us", ["S1", "S2"]))).fetchall()
        for writes in (3, 4):
            async with held["pool"].connection() as tx, tx.transaction():
                for number in range(writes):
                    await tx.execute(_WRITE, (f"{session_id}.{writes}.{number}", body))
        return _answer(session_id, "completed", 200)

    return app


def _answer(session_id: str, status: str, code: int) -> Response:
    body = json.dumps({"session_id": session_id, "status": status, "version": 1, "messages": []})
    return Response(body.encode(), code, media_type="application/json")
