"""The MCP binding: the same thirteen operations as tools, read by the official client, with the schemas' answers and the protocol's errors."""

import json
from typing import Any

import httpx2
import mcp
import pytest
from mcp.client.streamable_http import streamable_http_client
from ucp_schemas import BASE, ERROR, schemas
from ucp_shop import ANNA, NEW_YORK, UcpShop, checkout, codes, paid_with, platform_profile, to

from tradewind.ucp import OPERATIONS, Operation

ENDPOINT = "/ucp/mcp"
SCHEMA_OF = {"checkout": "shopping/checkout.json", "cart": "shopping/cart.json", "order": "shopping/order.json"}


def rpc(shop: UcpShop, content: object, **headers: str) -> Any:
    """One request as it is; the JSON of its answer."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    sent = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"} | headers
    response = shop.run(shop.client.post(ENDPOINT, content=body, headers=sent))
    assert response.status_code == 200
    return response.json()


def tool(shop: UcpShop, name: str, *, key: str | None = None, **arguments: Any) -> Any:
    """The answer to a call of a tool, in the envelope of JSON-RPC."""
    meta = {"ucp-agent": {"profile": shop.platform}, "idempotency-key": key if key is not None else shop.key()}
    params = {"name": name, "arguments": {"meta": meta} | arguments}
    return rpc(shop, {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params})


def told(shop: UcpShop, name: str, **arguments: Any) -> dict[str, Any]:
    """What the business answers, validated; the text says the same as the structure."""
    answer = tool(shop, name, **arguments)
    assert set(answer) == {"jsonrpc", "id", "result"}, answer
    found: dict[str, Any] = answer["result"]["structuredContent"]
    assert json.loads(answer["result"]["content"][0]["text"]) == found
    if "messages" in found and found["ucp"].get("status") == "error":
        schema = ERROR
    else:
        kinds = {"search_catalog": "search", "lookup_catalog": "lookup", "get_product": "get_product"}
        place = "catalog_search" if name == "search_catalog" else "catalog_lookup"
        kind = name.partition("_")[2]
        schema = f"{BASE}/shopping/{place}.json#/$defs/{kinds[name]}_response" if name in kinds else f"{BASE}/{SCHEMA_OF[kind]}"
    assert schemas(shop.reference / shop.version).problems(found, schema) == []
    return found


def test_a_purchase_by_tools_from_the_cart_to_the_order(shop: UcpShop) -> None:
    cart = told(shop, "create_cart", cart=checkout(("S1", 2), context={"address_country": "US"}))
    cart = told(shop, "update_cart", id=cart["id"], cart=checkout(("S1", 1), buyer=ANNA))
    assert told(shop, "get_cart", id=cart["id"]) == cart
    session = told(shop, "create_checkout", checkout={"cart_id": cart["id"], "line_items": [], "fulfillment": to(NEW_YORK)})
    session = told(shop, "update_checkout", id=session["id"], checkout=checkout(("S1", 1), buyer=ANNA, fulfillment=to(NEW_YORK)))
    assert told(shop, "get_checkout", id=session["id"])["status"] == "ready_for_complete"
    done = told(shop, "complete_checkout", id=session["id"], checkout=paid_with("tok_visa"))
    assert (done["status"], told(shop, "get_order", id=done["order"]["id"])["checkout_id"]) == ("completed", session["id"])


def test_what_is_canceled_by_tools_is_canceled_over_rest(shop: UcpShop) -> None:
    session, cart = shop.create(), told(shop, "create_cart", cart=checkout())
    assert told(shop, "cancel_checkout", id=session["id"])["status"] == "canceled"
    assert told(shop, "cancel_cart", id=cart["id"])["id"] == cart["id"]
    assert shop.get(session)["status"] == "canceled"
    assert codes(told(shop, "get_cart", id=cart["id"])) == ["not_found"]


def test_the_catalog_by_tools(shop: UcpShop) -> None:
    found = told(shop, "lookup_catalog", catalog={"ids": ["S1", "gone"]})
    assert [one["id"] for one in found["products"]] == ["S1"]
    assert told(shop, "get_product", catalog={"id": "S2"})["product"]["variants"][0]["id"] == "S2"
    assert codes(told(shop, "get_product", catalog={"id": "gone"})) == ["not_found"]
    too_many = tool(shop, "lookup_catalog", catalog={"ids": [f"S{number}" for number in range(101)]})["error"]
    assert (too_many["code"], too_many["data"]["code"]) == (-32602, "request_too_large")


def test_a_repeat_gets_the_same_answer_and_another_request_a_conflict(shop: UcpShop) -> None:
    first = tool(shop, "create_checkout", key="same", checkout=checkout(("S1", 1)))
    assert tool(shop, "create_checkout", key="same", checkout=checkout(("S1", 1))) == first
    conflict = tool(shop, "create_checkout", key="same", checkout=checkout(("S1", 2)))["error"]
    assert (conflict["code"], conflict["data"]["code"]) == (-32000, "idempotency_conflict")
    assert tool(shop, "cancel_checkout", key="", id=first["result"]["structuredContent"]["id"])["error"]["code"] == -32600


def test_the_official_client_lists_and_calls_the_tools(shop: UcpShop) -> None:
    async def played() -> tuple[list[str], dict[str, Any]]:
        transport = httpx2.ASGITransport(shop.client._transport.app)
        async with httpx2.AsyncClient(transport=transport) as http:
            address = f"{shop.ucp.counter.public_url}{ENDPOINT}"
            async with mcp.Client(streamable_http_client(address, http_client=http)) as client:
                tools = (await client.list_tools()).tools
                meta = {"ucp-agent": {"profile": shop.platform}}
                answer = await client.call_tool("create_checkout", {"meta": meta, "checkout": checkout(("S1", 1))})
        return [one.name for one in tools], dict(answer.structured_content or {})

    names, session = shop.run(played())
    assert names == [one.value for one in OPERATIONS] or sorted(names) == sorted(one.value for one in OPERATIONS)
    assert session["line_items"][0]["item"]["id"] == "S1"


def test_every_tool_says_what_it_takes_from_the_types_that_read_it(shop: UcpShop) -> None:
    tools = {one["name"]: one["inputSchema"] for one in rpc(shop, {"jsonrpc": "2.0", "id": 1, "method": "tools/list"})["result"]["tools"]}
    assert set(tools) == {one.value for one in Operation}
    for schema in tools.values():
        schemas(shop.reference / shop.version)  # the same validator reads them
        assert schema["required"][0] == "meta"
    assert tools["complete_checkout"]["required"] == ["meta", "id", "checkout"]
    assert "idempotency-key" in tools["cancel_cart"]["properties"]["meta"]["required"]
    assert "line_items" in tools["create_cart"]["$defs"]["AskedCheckout"]["required"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", -32700), (b"[]", -32600), ({"id": 1, "method": "ping"}, -32600), ({"jsonrpc": "1.0", "id": 1, "method": "ping"}, -32600),
        ({"jsonrpc": "2.0", "id": 1.5, "method": "ping"}, -32600), ({"jsonrpc": "2.0", "id": 1, "method": "resources/list"}, -32601),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": []}, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "drop_tables"}}, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_cart"}}, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_cart", "arguments": {"id": "x"}}}, -32001),
    ],
)  # fmt: skip
def test_what_is_no_call_is_refused_with_its_code(shop: UcpShop, content: object, code: int) -> None:
    assert rpc(shop, content)["error"]["code"] == code


def test_discovery_errors_have_the_codes_of_discovery(shop: UcpShop) -> None:
    shop.platforms.know("https://old.example/ucp", platform_profile("2020-01-01"))
    for platform, code in (
        ("https://nowhere.example/ucp", "profile_unreachable"),
        ("x", "invalid_profile_url"),
        ("https://old.example/ucp", "version_unsupported"),
    ):
        shop.platform = platform
        error = tool(shop, "get_cart", id="x")["error"]
        assert (error["code"], error["data"]["code"]) == (-32001, code)


def test_no_shared_capability_is_a_result_and_not_an_error(shop: UcpShop) -> None:
    shop.platforms.know(shop.platform, platform_profile(capabilities=("checkout",)))
    assert codes(told(shop, "create_cart", cart=checkout())) == ["capabilities_incompatible"]


def test_a_header_that_names_another_platform_or_key_is_refused(shop: UcpShop) -> None:
    call = {"name": "get_cart", "arguments": {"meta": {"ucp-agent": {"profile": shop.platform}, "idempotency-key": "a"}, "id": "x"}}
    content = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    assert rpc(shop, content, **{"UCP-Agent": 'profile="https://other.example/ucp"'})["error"]["code"] == -32001
    assert rpc(shop, content, **{"Idempotency-Key": "b"})["error"]["code"] == -32600


def test_nothing_is_got_and_a_notification_is_heard_without_an_answer(shop: UcpShop) -> None:
    assert shop.run(shop.client.get(ENDPOINT)).status_code == 405
    heard = shop.run(shop.client.post(ENDPOINT, json={"jsonrpc": "2.0", "method": "notifications/initialized"}))
    assert (heard.status_code, heard.content) == (202, b"")


def test_the_profile_names_the_endpoint(shop: UcpShop) -> None:
    services = shop.run(shop.client.get("/.well-known/ucp")).json()["ucp"]["services"]["dev.ucp.shopping"]
    assert {one["transport"]: one["endpoint"] for one in services}["mcp"] == f"{shop.ucp.counter.public_url}{ENDPOINT}"
