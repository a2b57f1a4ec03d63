"""The same shop in the words of 2026-01-23: amounts without a sign, codes and statuses of that version, a leaf profile."""

import pytest
from ucp_schemas import PROFILE, schemas
from ucp_shop import ANNA, NEW_YORK, OLD, PLATFORM, UcpShop, amounts, codes, platform_profile, to


@pytest.fixture
def january(shop: UcpShop) -> UcpShop:
    shop.platforms.know(PLATFORM, platform_profile(OLD))
    shop.version = OLD
    return shop


def test_a_purchase_of_the_older_version_makes_one_order(january: UcpShop) -> None:
    session = january.create(context={"address_country": "US"})
    session = january.update(session, currency="USD", id=session["id"], buyer=ANNA, fulfillment=to(NEW_YORK, "standard"))
    assert (session["status"], session["ucp"]["version"], min(amounts(session).values()) >= 0) == ("ready_for_complete", OLD, True)
    assert amounts(session)["items_discount"] > 0
    done = january.complete(session)
    assert (done["status"], len(january.rows("SELECT order_id FROM orders_order"))) == ("completed", 1)
    assert january.get(done) == done


def test_errors_have_the_codes_and_statuses_of_the_older_version(january: UcpShop) -> None:
    declined = january.complete(january.ready(), "tok_decline")
    assert codes(declined) == ["payment_declined"]
    unknown = january.send("GET", f"/ucp/{OLD}/checkout-sessions/chk_1")
    assert (unknown.status_code, unknown.json()["messages"][0]["severity"]) == (404, "requires_buyer_input")
    assert "status" not in unknown.json()["ucp"]


def test_the_leaf_profile_is_whole_and_names_no_other_versions(january: UcpShop) -> None:
    root, leaf = (january.send("GET", path).json() for path in ("/.well-known/ucp", f"/.well-known/ucp/{OLD}"))
    assert root["ucp"]["supported_versions"] == {OLD: f"http://127.0.0.1:8000/.well-known/ucp/{OLD}"}
    assert (leaf["ucp"]["version"], "supported_versions" in leaf["ucp"]) == (OLD, False)
    assert set(leaf["ucp"]["capabilities"]) == {
        f"dev.ucp.shopping.{name}" for name in ("checkout", "fulfillment", "discount", "buyer_consent", "order")
    }
    assert january.reference is not None
    assert schemas(january.reference / OLD).problems(leaf, PROFILE) == []


def test_the_platforms_version_decides_and_not_the_address(january: UcpShop) -> None:
    found = january.send("POST", "/ucp/2026-04-08/checkout-sessions", b'{"line_items": [{"item": {"id": "S1"}, "quantity": 1}]}')
    assert found.json()["ucp"]["version"] == OLD
