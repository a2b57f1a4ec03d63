"""The table of what can go wrong before there is any business, each with its code; and what both sides share."""

import json
from pathlib import Path
from typing import Any

import pytest
from ucp_shop import CAPABILITIES, PLATFORM, SHOPPING, UcpShop, checkout, codes, platform_profile

from tradewind.ucp import check_operation, negotiate, read_profile
from tradewind.ucp.errors import CapabilitiesAreIncompatible, ProfileIsMalformed, ProfileUrlIsInvalid, UcpRefused
from tradewind.ucp.model import Operation
from tradewind.ucp.negotiation import profile_url_of


@pytest.mark.parametrize(
    ("agent", "status", "code"),
    [
        ("", 400, "invalid_profile_url"),
        ("Mozilla/5.0", 400, "invalid_profile_url"),
        ('profile="not a url"', 400, "invalid_profile_url"),
        ('profile="ftp://platform.example/p"', 400, "invalid_profile_url"),
        ('profile="https://user:pw@platform.example/p"', 400, "invalid_profile_url"),
        ('profile="https://unknown.example/p"', 424, "profile_unreachable"),
        ('profile="https://old.example/p"', 422, "version_unsupported"),
        ('profile="https://broken.example/p"', 422, "profile_malformed"),
    ],
)
def test_a_platform_that_cannot_be_understood_is_refused_with_its_code(shop: UcpShop, agent: str, status: int, code: str) -> None:
    shop.platforms.know("https://old.example/p", platform_profile("2025-01-01"))
    shop.platforms.know("https://broken.example/p", b"<html>")
    refused = shop.send("POST", f"/ucp/{shop.version}/checkout-sessions", checkout(), UCP_Agent=agent)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.json()["continue_url"] == "http://127.0.0.1:8000/us/"


def test_a_platform_without_the_capability_gets_a_no_of_the_business(shop: UcpShop) -> None:
    shop.platforms.know(PLATFORM, platform_profile(capabilities=("fulfillment", "order")))
    found = shop.ask("POST", "/checkout-sessions", checkout())
    assert (found["ucp"]["status"], codes(found), found["ucp"]["capabilities"]) == ("error", ["capabilities_incompatible"], {})


def test_an_answer_names_the_capabilities_that_are_shared_and_matter_to_it(shop: UcpShop) -> None:
    told = shop.create()["ucp"]
    assert told["version"] == "2026-04-08"
    assert set(told["capabilities"]) == {f"{SHOPPING}.{name}" for name in ("checkout", "fulfillment", "discount", "buyer_consent")}


def test_an_extension_without_its_parent_is_dropped() -> None:
    orphan = read_profile(PLATFORM, _json(platform_profile(capabilities=("fulfillment", "discount"))))
    assert negotiate(orphan).capabilities == {}
    whole = negotiate(read_profile(PLATFORM, _json(platform_profile(capabilities=CAPABILITIES))))
    check_operation(whole, Operation.CREATE_CHECKOUT)
    assert not whole.supports_multi_group


def test_a_capability_in_another_version_is_not_shared() -> None:
    content = platform_profile()
    content["ucp"]["capabilities"][f"{SHOPPING}.discount"][0]["version"] = "2026-01-23"
    assert not negotiate(read_profile(PLATFORM, _json(content))).has(f"{SHOPPING}.discount")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b'{"ucp": []}',
        b'{"ucp": {"version": 20260408}}',
        b'{"ucp": {"version": "April"}}',
        b'{"ucp": {"version": "2026-04-08", "capabilities": []}}',
        b'{"ucp": {"version": "2026-04-08", "capabilities": {"a.b": [{"version": 1}]}}}',
        b'{"ucp": {"version": "2026-04-08", "payment_handlers": {"a.b": {}}}}',
        b'{"ucp": {"version": "2026-04-08"}, "signing_keys": {}}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_a_malformed_profile_is_refused(content: bytes) -> None:
    with pytest.raises(ProfileIsMalformed):
        read_profile(PLATFORM, content)


def test_unknown_members_of_a_profile_pass() -> None:
    found = read_profile(PLATFORM, _json(platform_profile(extra={"x": 1}) | {"name": "A platform", "keys": []}))
    assert found.version == "2026-04-08"


@pytest.mark.parametrize("header", ['profile="https://a.example/p", other=1', 'x=1, profile="https://a.example/p"'])
def test_the_profile_is_read_from_a_dictionary_of_structured_fields(header: str) -> None:
    assert profile_url_of(header) == "https://a.example/p"


@pytest.mark.parametrize("url", ["https://", "https://a.example/" + "x" * 3_000, "https://a.example/\u00e9", "https://[::1"])
def test_an_address_at_which_no_profile_can_lie_is_refused(url: str) -> None:
    with pytest.raises(ProfileUrlIsInvalid):
        profile_url_of(f'profile="{url}"')


def test_the_reference_names_every_refusal_with_its_status_and_code() -> None:
    told = (Path(__file__).parents[2] / "docs" / "reference" / "ucp-checkout.md").read_text("utf-8")
    rows = [line for line in told.splitlines() if line.startswith("| `")]
    for kind in UcpRefused.__subclasses__():
        row = next((line for line in rows if f"`{kind.code}`" in line), "")
        wanted = "result" if kind is CapabilitiesAreIncompatible else str(kind.rpc_code)
        assert (f"| {kind.http_status}" in row, wanted in row) == (True, True), (kind.code, row)


def _json(content: Any) -> bytes:

    return json.dumps(content).encode()
