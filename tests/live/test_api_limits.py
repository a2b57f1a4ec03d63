"""The API's doors: a key without the scope, a key that was revoked, and one that calls too often."""

import asyncio
from typing import Any

import httpx
import pytest
from running import Tradewind
from web_builders import NOW

from tradewind.db import Database, open_async_database
from tradewind.db.audit import entries
from tradewind.kit import fixed_clock
from tradewind.settings import Settings
from tradewind.web.api import STOCK_WRITE, api_app, issue
from tradewind.web.api.errors import TooManyRequests
from tradewind.web.api.keys import Pace
from tradewind.web.house import House

CHANGE = {"changes": [{"sku": "HX-1", "location_id": "SZX-1", "delta_id": "d1", "on_hand": 1}]}


def a_key(database: Database, *scopes: str) -> str:
    with database.transaction() as tx:
        return issue(tx, "pos", scopes, NOW)


def called(settings: Settings, key: str, times: int = 1, pace: Pace | None = None) -> list[tuple[int, str, str]]:
    """Status, error code and Retry-After of each call."""

    async def call() -> list[tuple[int, str, str]]:
        house = House(settings, fixed_clock(NOW), {})
        app = api_app(house)
        app.state.pace = pace or app.state.pace
        opened = open_async_database(settings)
        house.database = await opened.__aenter__()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test") as client:
            answers = [await client.post("/stock", json=CHANGE, headers=headers(key, f"call-{number}")) for number in range(times)]
        await opened.__aexit__(None, None, None)
        await house.close()
        return [(one.status_code, code_of(one.json()), one.headers.get("Retry-After", "")) for one in answers]

    return asyncio.run(call())


def headers(key: str, call: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", "Idempotency-Key": call}


def code_of(body: dict[str, Any]) -> str:
    return str(body.get("code", ""))


@pytest.fixture
def settings(workspace: Settings, database: Database) -> Settings:
    del database  # it must be there
    return workspace


def test_a_key_without_the_scope_is_refused(settings: Settings, database: Database) -> None:
    assert called(settings, a_key(database)) == [(403, "api_scope_missing", "")]


def test_a_key_that_calls_too_often_is_told_when_to_come_back(settings: Settings, database: Database) -> None:
    pace = Pace(rate=1, burst=2, seconds=lambda: 0.0)
    answers = called(settings, a_key(database, STOCK_WRITE), 3, pace)
    assert answers == [(200, "", ""), (200, "", ""), (429, "too_many_requests", "1")]


def test_a_pace_fills_up_again_and_is_each_keys_own() -> None:
    now = [0.0]
    pace = Pace(rate=2, burst=1, seconds=lambda: now[0])
    pace.step("a")
    pace.step("b")
    with pytest.raises(TooManyRequests):
        pace.step("a")
    now[0] = 0.5
    pace.step("a")


def test_a_revoked_key_ends_and_the_audit_trail_says_so(settings: Settings, database: Database, tradewind: Tradewind) -> None:
    key = a_key(database, STOCK_WRITE)
    assert called(settings, key)[0][0] == 200
    assert "its key has ended" in tradewind("stock", "key", "pos", "--revoke").out
    assert called(settings, key) == [(401, "api_key_missing", "")]
    assert "it has no key" in tradewind("stock", "key", "pos", "--revoke").out
    with database.transaction() as tx:
        assert [one.action for one in entries(tx, subject="pos")] == ["api_key.revoke", "api_key.issue"]
