"""Many buyers at once: whatever they are told, every answer is as the schemas say, and what there was is sold once."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from bench.checkout_stage import Article
from ucp_shop import ANNA, NEW_YORK, UcpShop, checkout, codes, open_shop, paid_with, to

from tradewind.settings import Settings

BUYERS, UNITS = 40, 15
MCP = "/ucp/mcp"
Told = list[tuple[int, dict[str, Any]]]


@pytest.fixture
def rush(workspace: Settings, shared_data: Path) -> Iterator[UcpShop]:
    """A shop with fewer units than buyers."""
    with open_shop(workspace, shared_data / "reference" / "ucp", goods=(Article("S1", units=UNITS),), markets=("us",)) as opened:
        yield opened


async def asked(shop: UcpShop, name: str, content: dict[str, Any], session: str, key: str, told: Told) -> dict[str, Any]:
    """One call of an operation, over REST for one half of the buyers and as a tool for the other."""
    headers = {"UCP-Agent": f'profile="{shop.platform}"', "Idempotency-Key": key, "Request-Id": key}
    if key.endswith("1"):
        meta = {"ucp-agent": {"profile": shop.platform}, "idempotency-key": key}
        arguments = {"meta": meta, "checkout": content} | ({"id": session} if session else {})
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": f"{name}_checkout", "arguments": arguments}}
        found = (await shop.client.post(MCP, json=call, headers=headers)).json()["result"]["structuredContent"]
        told.append((200, found))
        return found
    path = f"/ucp/{shop.version}/checkout-sessions" + (f"/{session}" if session else "") + ("/complete" if name == "complete" else "")
    answer: httpx.Response = await shop.client.request("PUT" if name == "update" else "POST", path, json=content, headers=headers)
    told.append((answer.status_code, answer.json()))
    return told[-1][1]


async def buyer(shop: UcpShop, number: int, told: Told) -> str:
    """Creates, changes and completes; the status of the last answer."""
    key = f"{number:04d}-{{}}-{number % 2}"
    person = {**ANNA, "email": f"anna{number}@example.com"}
    made = await asked(shop, "create", checkout(("S1", 1)), "", key.format("c"), told)
    wanted = checkout(("S1", 1), buyer=person, fulfillment=to({**NEW_YORK, "street_address": f"{number} 5th Ave"}))
    ready = await asked(shop, "update", wanted, made["id"], key.format("u"), told)
    if ready["status"] != "ready_for_complete":
        assert "out_of_stock" in codes(ready) or "item_unavailable" in codes(ready), ready["messages"]
        return "refused"
    ended = await asked(shop, "complete", paid_with("tok_visa"), made["id"], key.format("p"), told)
    return str(ended["status"])


@pytest.mark.slow
def test_every_answer_to_many_buyers_at_once_is_as_the_schemas_say(rush: UcpShop) -> None:
    told: Told = []

    async def all_of_them() -> list[str]:
        return await asyncio.gather(*(buyer(rush, number, told) for number in range(BUYERS)))

    ends = Counter(rush.run(all_of_them()))
    assert (ends["completed"], ends.total()) == (UNITS, BUYERS)
    assert {status for status, _ in told} <= {200, 201}
    assert [problem for _, found in told for problem in rush.problems(found)] == []
    assert len(told) >= 2 * BUYERS + UNITS
    assert len(rush.rows("SELECT order_id FROM orders_order")) == UNITS
