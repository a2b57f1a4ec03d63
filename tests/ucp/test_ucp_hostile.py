"""What no honest platform sends. The answer is a refusal with a place, or a checkout that stays what it was; never a failure."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ucp_shop import ANNA, NEW_YORK, UcpShop, checkout, codes, to

PATH = "/ucp/2026-04-08/checkout-sessions"
LINE = {"item": {"id": "S1"}, "quantity": 1}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"line_items": [{**LINE, "quantity": -1}]}, "$.line_items[0].quantity"),
        ({"line_items": [LINE, {**LINE, "quantity": 0}]}, "$.line_items[1].quantity"),
        ({"line_items": [{**LINE, "quantity": 1.5}]}, "$.line_items[0].quantity"),
        ({"line_items": [{**LINE, "quantity": 1.0}]}, "$.line_items[0].quantity"),
        ({"line_items": [{**LINE, "quantity": True}]}, "$.line_items[0].quantity"),
        ({"line_items": [{**LINE, "quantity": "1"}]}, "$.line_items[0].quantity"),
        ({"line_items": [{**LINE, "quantity": None}]}, "$.line_items[0].quantity"),
        ({"line_items": [{"item": {"id": ""}, "quantity": 1}]}, "$.line_items[0].item.id"),
        ({"line_items": [{"item": {"id": "x" * 201}, "quantity": 1}]}, "$.line_items[0].item.id"),
        ({"line_items": [{"item": {}, "quantity": 1}]}, "$.line_items[0].item"),
        ({"line_items": [LINE] * 101}, "$.line_items"),
        ({"line_items": {}}, "$.line_items"),
        ({"line_items": None}, "$.line_items"),
        ({"line_items": [LINE], "buyer": None}, "$.buyer"),
        ({"line_items": [LINE], "buyer": {"email": 7}}, "$.buyer.email"),
        ({"line_items": [LINE], "fulfillment": {"methods": [{"type": "drone"}]}}, "$.fulfillment.methods[0].type"),
        ({"line_items": [LINE], "discounts": {"codes": "SAVE"}}, "$.discounts.codes"),
        ({}, "$"),
        ([], "$"),
    ],
)
def test_what_the_schema_forbids_is_refused_with_its_place(shop: UcpShop, body: object, path: str) -> None:
    refused = shop.send("POST", PATH, body)
    assert (refused.status_code, refused.json()["code"], refused.json()["path"]) == (400, "invalid_request", path)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\x00", b"[" * 30_000, b'{"line_items": [NaN]}', b'"text"', b"null"])
def test_what_is_not_json_is_refused(shop: UcpShop, body: bytes) -> None:
    refused = shop.send("POST", PATH, body)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")


def test_a_million_line_items_are_refused_before_they_are_read(shop: UcpShop) -> None:
    body = b'{"line_items": [' + b",".join([json.dumps(LINE).encode()] * 1_000_000) + b"]}"
    assert shop.send("POST", PATH, body).status_code == 413


def test_more_units_than_anybody_may_buy_are_a_no_of_the_business(shop: UcpShop) -> None:
    found = shop.create(("S1", 1_000))
    assert (codes(found), found["messages"][0]["path"]) == (["quantity_invalid_limit_exceeded"], "$.line_items[0].quantity")
    session = shop.ready()
    unchanged = shop.update(session, ("S1", 10**30))
    assert (codes(unchanged), unchanged["line_items"]) == (["quantity_invalid_limit_exceeded"], session["line_items"])


def test_unknown_fields_and_fields_that_requests_must_not_hold_change_nothing(shop: UcpShop) -> None:
    plain = shop.create(("S1", 1))
    odd = shop.create(
        ("S1", 1), status="completed", totals=[{"type": "total", "amount": 1}], currency="JPY", x={"y": [1.5, None]}, id="chk_1"
    )
    assert (odd["totals"], odd["currency"], odd["status"]) == (plain["totals"], "USD", "incomplete")
    assert odd["id"] != "chk_1"


def test_absent_parts_of_an_update_are_taken_away_and_a_null_choice_is_none(shop: UcpShop) -> None:
    session = shop.ready(discounts={"codes": ["NO"]})
    chosen = to(NEW_YORK, None, selected_destination_id=None, groups=[{"id": "group_1", "selected_option_id": None}])
    assert (
        shop.update(session, buyer=ANNA, fulfillment=chosen)["fulfillment"]["methods"][0]["groups"][0]["selected_option_id"] == "standard"
    )
    emptied = shop.update(session)
    assert (emptied["status"], "buyer" in emptied, emptied["discounts"]["codes"]) == ("incomplete", False, [])
    assert emptied["fulfillment"]["methods"][0]["destinations"] == []


def test_addresses_that_are_not_there_and_versions_that_are_not_served_are_refused(shop: UcpShop) -> None:
    for method, path in (
        ("GET", "/ucp/2026-04-08/"),
        ("DELETE", f"{PATH}/chk_1"),
        ("POST", f"{PATH}/chk_1/complete/more"),
        ("POST", f"{PATH}/chk_1/explode"),
        ("POST", "/ucp/2025-01-01/checkout-sessions"),
    ):
        refused = shop.send(method, path, checkout())
        assert (refused.status_code, refused.json()["code"]) == (404, "operation_unknown"), path
    assert shop.send("GET", "/.well-known/ucp/2025-01-01").status_code == 404


@pytest.mark.parametrize("name", ["x", "chk_", "chk_%27", "é", "x" * 5_000])
def test_an_id_that_nobody_gave_is_not_found(shop: UcpShop, name: str) -> None:
    found = shop.send("GET", f"{PATH}/{name}")
    assert (found.status_code, codes(found.json())) == (200, ["not_found"]), name


@pytest.mark.parametrize("key", ["x" * 256, "with\ttab"])
def test_a_key_that_is_no_key_is_refused(shop: UcpShop, key: str) -> None:
    assert shop.send("POST", PATH, checkout(), key=key).status_code == 400


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = ("line_items", "buyer", "context", "fulfillment", "discounts", "signals", "attribution", "payment")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(_FIELDS), _values, max_size=4), st.booleans())
def test_no_body_makes_the_server_fail(shop: UcpShop, body: dict[str, Any], has_line: bool) -> None:
    response = shop.send("POST", PATH, body | ({"line_items": [LINE]} if has_line else {}))
    assert response.status_code in {200, 201, 400}, response.text
    if response.status_code < 300:
        assert shop.problems(response.json()) == []
