"""The checkout core behind a minimal JSON surface, for measuring it over real HTTP. It is no API: the shop's own surfaces are elsewhere.

Settings come from the environment; BENCH_HOLD_SECONDS and BENCH_PAYMENT_SECONDS shorten what a test cannot wait for.
Run by uvicorn: bench.checkout_app:create_app --factory
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response

from bench.checkout_stage import desks
from tradewind.adapters.payments import FakeBank, FakePayments
from tradewind.adapters.risk import RuleBasedRisk, load_denied, load_forwarders, load_rules
from tradewind.adapters.tax import RateFileTax
from tradewind.checkout import (
    Buyer,
    CheckoutSession,
    Completing,
    CreateSession,
    Destination,
    PaymentInstrument,
    Sessions,
    Shop,
    UpdateSession,
    WantedLine,
    dumped_bytes,
    settle_waiting,
)
from tradewind.db import AsyncDatabase, open_async_database
from tradewind.kit import TradewindError, system_clock
from tradewind.markets import load_sales_tax, load_seller
from tradewind.payments import Payments, load_methods
from tradewind.settings import Settings, load_settings

RECONCILE_SECONDS = 0.5


def make_completing(settings: Settings, database: AsyncDatabase, bank: FakeBank) -> Completing:
    """The core with the package's own rules, a fake provider over a bank file, and the risk rules that ship."""
    seconds = int(os.environ.get("BENCH_PAYMENT_SECONDS", "20"))
    tax = RateFileTax(load_sales_tax(settings.home), load_seller(settings.home), system_clock)
    sessions = Sessions(Shop(database, desks(), system_clock, tax))
    risk = RuleBasedRisk(load_rules(None), load_denied(None), load_forwarders(None))
    provider = FakePayments(bank, system_clock, page="http://127.0.0.1/fake-bank")
    payments = Payments(database, {"fake": provider}, risk, load_methods(), system_clock, pepper=b"bench", provider_seconds=seconds)
    return Completing(sessions, payments, hold_seconds=int(os.environ.get("BENCH_HOLD_SECONDS", "120")))


def create_app() -> FastAPI:
    """The application of one process."""
    settings = load_settings()
    held: dict[str, Any] = {}

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        bank = FakeBank(settings.home / "fake-bank.sqlite3")
        async with open_async_database(settings) as database:
            held["completing"] = completing = make_completing(settings, database, bank)
            for market in os.environ.get("BENCH_MARKETS", "us").split(","):
                completing.sessions.shop.desks(market, system_clock().date())
            work = asyncio.create_task(_reconcile(completing)) if os.environ.get("BENCH_RECONCILE") else None
            yield
            if work is not None:
                work.cancel()
        bank.close()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/sessions")
    async def create(request: Request) -> Response:
        asked = msgspec.json.decode(await request.body())
        wanted = CreateSession(asked["market"], _lines(asked))
        return _answer(await held["completing"].sessions.create(wanted, request.headers["idempotency-key"]), 201)

    @app.put("/sessions/{session_id}")
    async def update(session_id: str, request: Request) -> Response:
        asked = msgspec.json.decode(await request.body())
        place = asked["destination"]
        wanted = UpdateSession(
            _lines(asked), Buyer(**asked["buyer"]), Destination(**{**place, "lines": tuple(place["lines"])}), asked["selected_option"]
        )
        key, version = request.headers["idempotency-key"], request.headers.get("if-match")
        found = await held["completing"].sessions.update(
            session_id, wanted, if_match=int(version) if version else None, idempotency_key=key
        )
        return _answer(found)

    @app.post("/sessions/{session_id}/complete")
    async def complete(session_id: str, request: Request) -> Response:
        asked = msgspec.json.decode(await request.body())
        paying = PaymentInstrument(asked["method"], asked["token"], accepted_total=asked.get("accepted_total"))
        key = request.headers["idempotency-key"]
        return _answer(await held["completing"].complete(session_id, paying, idempotency_key=key))

    @app.get("/sessions/{session_id}")
    async def get(session_id: str) -> Response:
        return _answer(await held["completing"].sessions.get(session_id))

    @app.exception_handler(TradewindError)
    async def told(_request: Request, error: TradewindError) -> Response:
        return Response(json.dumps({"code": error.code, "message": error.message}), error.http_status, media_type="application/json")

    return app


async def _reconcile(completing: Completing) -> None:
    """What the worker does, in a process that a bench kills: nothing of it may be needed to be right."""
    while True:
        await asyncio.sleep(RECONCILE_SECONDS)
        try:
            await settle_waiting(completing)
        except TradewindError:
            continue


def _lines(asked: dict[str, Any]) -> tuple[WantedLine, ...]:
    return tuple(WantedLine(one["offer_id"], one["quantity"]) for one in asked["lines"])


def _answer(session: CheckoutSession, status: int = 200) -> Response:
    return Response(dumped_bytes(session), status, media_type="application/json", headers={"etag": f'"{session.version}"'})
