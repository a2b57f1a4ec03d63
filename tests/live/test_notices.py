"""Google tells that a product changed: the address takes it, the worker reads the product, the inbox says what it shows."""

import asyncio
import base64
import json
import time
from collections.abc import Iterator

import grpc
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.test_google_commands import TOPOLOGY
from tests.emulators.merchant_center_fixtures import ACCOUNT, Merchant, a_merchant, an_input
from web_running import Running, serve

from tradewind import bootstrap
from tradewind.adapters.google_merchant import GoogleAccounts
from tradewind.db import Database
from tradewind.listings.sync import reconcile
from tradewind.listings.topology import parse_topology
from tradewind.pipeline.notices import NoticeIsInvalid, callback, notice_key, parse_notice
from tradewind.settings import Settings
from tradewind.worker import freshness_jobs, run_worker

WAIT_SECONDS = 20


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    with a_merchant() as found:
        yield found


@pytest.fixture
def shop(workspace: Settings, database: Database) -> Iterator[Running]:
    del database  # it must be there
    workspace.rules_folder.mkdir(parents=True, exist_ok=True)
    (workspace.rules_folder / "google.toml").write_text(TOPOLOGY, encoding="utf-8")
    yield from serve(workspace.model_copy(update={"port": 0}))


def a_notice(resource: str = "en~US~o1", account: str = ACCOUNT) -> bytes:
    told = {"account": account, "resourceType": "PRODUCT", "attribute": "STATUS", "resourceId": resource}
    return json.dumps({"message": {"data": base64.b64encode(json.dumps(told).encode()).decode()}}).encode()


def jobs(database: Database) -> list[dict[str, str]]:
    with database.transaction() as tx:
        return [row["args"] for row in tx.execute("SELECT args FROM db_outbox WHERE task = 'freshness:reread' ORDER BY id")]


def called(shop: Running, body: bytes, key: str | None = None) -> int:
    query = {"key": notice_key(shop.settings.home) if key is None else key}
    return httpx.post(f"{shop.url}/api/v1/google/notifications", params=query, content=body).status_code


def subscribed(merchant: Merchant, address: str) -> list[str]:
    async def subscribe() -> list[str]:
        async with grpc.aio.insecure_channel(merchant.running.grpc_address) as channel:
            found = await GoogleAccounts(channel).differences(parse_topology(TOPOLOGY).accounts[0], callback=address)
            for one in found:
                await one.apply()
            return [one.step.what for one in found]

    return asyncio.run(subscribe())


def test_a_notice_is_taken_once_and_becomes_a_job(shop: Running, database: Database) -> None:
    assert [called(shop, a_notice()) for _ in range(3)] == [204, 204, 204]
    assert jobs(database) == [{"market": "us", "language": "en", "offer_id": "o1"}]


@pytest.mark.parametrize(("body", "key", "status"), [(a_notice(), "wrong", 401), (a_notice(), "", 401), (b"{}", None, 400), (b"[" * 9000, None, 400)])  # fmt: skip
def test_what_google_did_not_send_is_refused(shop: Running, database: Database, body: bytes, key: str | None, status: int) -> None:
    assert called(shop, body, key) == status
    assert jobs(database) == []


def test_a_product_of_no_feed_of_ours_is_forgotten(shop: Running, database: Database) -> None:
    assert [called(shop, a_notice("fr~FR~o1")), called(shop, a_notice(account="accounts/7"))] == [204, 204]
    assert jobs(database) == []


@given(st.binary(max_size=300) | st.text().map(lambda text: json.dumps({"message": {"data": text}}).encode()))
def test_no_body_breaks_the_reader(body: bytes) -> None:
    with pytest.raises(NoticeIsInvalid):
        parse_notice(body)


@pytest.mark.slow
def test_a_disapproval_at_google_is_in_the_inbox_without_a_reconcile(
    shop: Running, database: Database, merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = callback(shop.url, shop.settings.home)
    assert "notices" in subscribed(merchant, address)
    assert "notices" not in subscribed(merchant, address)
    merchant.insert(an_input("o1", title=""), merchant.primary())
    deadline = time.monotonic() + WAIT_SECONDS
    while not jobs(database) and time.monotonic() < deadline:
        time.sleep(0.1)
    settings = shop.settings.model_copy(update={"google_emulator": merchant.running.grpc_address})
    run_worker(settings, blueprints={"freshness": freshness_jobs(bootstrap.freshness_work())}, once=True)
    with database.transaction() as tx:
        assert next((one.code, one.count) for one in reconcile.issues(tx, "us-en")) == ("item_missing_required_attribute", 1)
