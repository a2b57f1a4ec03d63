"""How completing ends: paid, declined, with a question of the bank, unknown; and which handlers a platform may pay with."""

import asyncio
import json

import pytest
from ucp_shop import ANNA, GOOGLE, NEW_YORK, UcpShop, checkout, codes, paid_with, platform_profile, to

from tradewind.checkout import settle_waiting
from tradewind.payments import load_methods
from tradewind.ucp import PaymentHandlers
from tradewind.ucp.errors import UcpDataIsInvalid
from tradewind.ucp.handlers import parse_data

GOOGLE_PAY = """
[google_pay]
merchant_name = "Tradewind"
[google_pay.parameters]
gateway = "stripe"
"stripe:version" = "2026-09-30"
"stripe:publishableKey" = "pk_test_1"
"""


def with_google_pay(shop: UcpShop) -> None:
    made = PaymentHandlers(parse_data(GOOGLE_PAY).handlers, shop.till.payments)
    object.__setattr__(shop.ucp.counter, "handlers", made)


def test_a_declined_payment_leaves_the_checkout_open_for_another_one(shop: UcpShop) -> None:
    session = shop.ready()
    declined = shop.complete(session, "tok_decline")
    assert (declined["status"], codes(declined)) == ("ready_for_complete", ["payment_failed"])
    assert declined["messages"][0] | {"content": ""} == {
        "type": "error", "code": "payment_failed", "severity": "recoverable", "path": "$.payment", "content": "",
    }  # fmt: skip
    assert shop.complete(session)["status"] == "completed"


def test_a_question_of_the_bank_sends_the_buyer_to_the_shop(shop: UcpShop) -> None:
    session = shop.ready()
    asked = shop.complete(session, "tok_challenge")
    assert (asked["status"], asked["messages"][0]["severity"]) == ("requires_escalation", "requires_buyer_review")
    assert asked["continue_url"].startswith(f"http://127.0.0.1:8000/us/checkout/{session['id']}?t=")
    assert shop.rows("SELECT order_id FROM orders_order") == []


def test_a_lost_answer_is_in_progress_until_its_end_is_known_and_one_order_comes_of_it(shop: UcpShop) -> None:
    session = shop.ready()
    waiting = shop.complete(session, "tok_unknown")
    assert (waiting["status"], "order" in waiting) == ("complete_in_progress", False)
    unchanged = shop.update(session, ("S3", 9))
    assert (unchanged["status"], unchanged["line_items"]) == ("complete_in_progress", waiting["line_items"])
    shop.clock.now = shop.clock.now.replace(hour=13)
    shop.run(settle_waiting(shop.till.completing))
    done = shop.get(session)
    assert (done["status"], len(shop.rows("SELECT order_id FROM orders_order"))) == ("completed", 1)


def test_a_credential_is_neither_stored_nor_told(shop: UcpShop) -> None:
    secret = "tok_visa:a-very-secret-credential"
    response = shop.send("POST", f"/ucp/{shop.version}/checkout-sessions/{shop.ready()['id']}/complete", paid_with(secret))
    tables = shop.rows("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'")
    assert response.json()["status"] == "completed"
    assert "very-secret" not in response.text
    for one in tables:
        assert shop.rows(f"SELECT 1 FROM {one['name']} AS t WHERE t::text LIKE '%%very-secret%%'") == []


def test_a_handler_that_is_not_offered_and_a_raw_card_are_refused_and_the_checkout_stays(shop: UcpShop) -> None:
    session, path = shop.ready(), "/checkout-sessions/{}/complete"
    for body, code in (
        (paid_with("tok_visa", "klarna"), "invalid_handler_id"),
        (paid_with("4242424242424242", kind="card"), "invalid_credential"),
        (paid_with(""), "invalid_credential"),
        (paid_with("4242424242424242"), "payment_failed"),
    ):
        found = shop.ask("POST", path.format(session["id"]), body)
        assert (codes(found), found["status"]) == ([code], "ready_for_complete")
    assert shop.complete(session)["status"] == "completed"


def test_google_pay_forwards_its_token_unopened(shop: UcpShop) -> None:
    with_google_pay(shop)
    session = shop.ready()
    entry = session["ucp"]["payment_handlers"]["com.google.pay"][0]
    card = entry["config"]["allowed_payment_methods"][0]
    assert (entry["version"], card["tokenization_specification"]["parameters"]["gateway"]) == ("2026-01-23", "stripe")
    token = "tok_visa:" + json.dumps({"signature": "MEUC", "signedMessage": "{}"})
    done = shop.ask("POST", f"/checkout-sessions/{session['id']}/complete", paid_with(token, "gpay", "PAYMENT_GATEWAY"))
    charge = shop.till.payments.providers["fake"].bank.charges()[0]  # type: ignore[attr-defined]
    assert (done["status"], charge.token, charge.method) == ("completed", token, "google_pay")


def test_only_handlers_that_the_platform_knows_are_told_and_without_one_the_buyer_goes_to_the_shop(shop: UcpShop) -> None:
    with_google_pay(shop)
    shop.platforms.know(GOOGLE, platform_profile(payment_handlers={"com.google.pay": [{"version": "2026-01-23", "id": "x"}]}))
    shop.platform = GOOGLE
    assert set(shop.ready()["ucp"]["payment_handlers"]) == {"com.google.pay"}
    shop.platforms.know(GOOGLE, platform_profile(payment_handlers={"com.other.pay": [{"version": "2026-01-23", "id": "x"}]}))
    session = shop.ready()
    assert (session["ucp"]["payment_handlers"], session["status"], codes(session)) == (
        {},
        "requires_escalation",
        ["payment_handler_missing"],
    )


def test_without_the_fulfillment_extension_only_the_shop_can_ask_for_the_address(shop: UcpShop) -> None:
    shop.platforms.know(GOOGLE, platform_profile(capabilities=("checkout",)))
    shop.platform = GOOGLE
    session = shop.create(buyer=ANNA, fulfillment=to(NEW_YORK))
    assert (session["status"], "fulfillment" in session, "discounts" in session) == ("requires_escalation", False, False)
    assert {one["severity"] for one in session["messages"] if one["type"] == "error"} == {"requires_buyer_input"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[google_pay]\nmerchant_name = 'x'", "parameters"),
        ("[google_pay]\nenvironment = 'LIVE'\nparameters = {gateway = 'x'}", "TEST or PRODUCTION"),
        ("[google_pay]\nenvironment = 'PRODUCTION'\nparameters = {gateway = 'x'}", "merchant_id"),
        ("[stripe]\npublishable_key = 'sk_live_1'", "pk_"),
        ("[links]\nprivacy_policy = 'javascript:alert(1)'", "absolute"),
        ("[klarna]\nid = 'x'", "klarna"),
        ("[", "ucp.toml"),
    ],
)
def test_a_wrong_ucp_toml_is_refused_with_its_reason(text: str, said: str) -> None:
    with pytest.raises(UcpDataIsInvalid, match=said):
        parse_data(text)


def test_the_package_offers_google_pay_as_a_method_everywhere() -> None:
    assert "google_pay" in {one.method_id for one in load_methods().methods}


@pytest.mark.slow
def test_a_slow_provider_holds_nobody_else_up(shop: UcpShop) -> None:
    session, ended = shop.ready(), []
    headers = {"UCP-Agent": f'profile="{shop.platform}"', "Content-Type": "application/json"}
    path = f"/ucp/{shop.version}/checkout-sessions"

    async def pay() -> None:
        await shop.client.post(
            f"{path}/{session['id']}/complete", json=paid_with("tok_slow"), headers={**headers, "Idempotency-Key": "slow"}
        )
        ended.append("paid")

    async def look() -> None:
        for number in range(5):
            await shop.client.post(path, json=checkout(), headers={**headers, "Idempotency-Key": f"create-{number}"})
        ended.append("created")

    async def both() -> None:
        await asyncio.gather(pay(), look())

    shop.run(both())
    assert ended == ["created", "paid"]
    assert shop.get(session)["status"] == "completed"
