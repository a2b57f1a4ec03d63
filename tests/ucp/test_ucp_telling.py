"""How a session is told: codes of each dialect, totals that always add up, what the buyer owes later, the buyer's language."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from ucp_shop import ANNA, GOOGLE, NEW_YORK, PLATFORM, UcpShop, amounts, codes, to

from tradewind.checkout import CheckoutSession, PriceLine, Total
from tradewind.pricing import Collector
from tradewind.ucp.policy import policy_of
from tradewind.ucp.v2026_04_08.checkout import Telling, checkout_entity, path_of


def told(shop: UcpShop, session: CheckoutSession) -> dict[str, Any]:
    platform = shop.run(shop.platforms.profile(PLATFORM))
    found = checkout_entity(session, Telling(shop.ucp.counter, shop.ucp.negotiated(platform), policy_of(shop.version, "")))
    assert shop.problems(found) == []
    return found


def session_of(shop: UcpShop) -> CheckoutSession:
    return shop.run(shop.till.sessions.get(shop.ready()["id"]))


def test_google_hears_the_codes_of_its_list(shop: UcpShop) -> None:
    shop.platform = GOOGLE
    session = shop.create(("S1", 1), context={"address_country": "US"}, fulfillment=to(NEW_YORK))
    assert codes(session) == ["missing_buyer_info", "missing"]
    assert session["messages"][0]["path"] == "$.buyer.email"


def test_totals_add_up_and_lines_tell_their_share(shop: UcpShop) -> None:
    found = shop.ready(("S1", 1), ("S2", 2), ("S3", 1))
    by_type = amounts(found)
    assert sum(amount for kind, amount in by_type.items() if kind != "total") == by_type["total"]
    lines = [amounts(line) for line in found["line_items"]]
    assert sum(line.get("items_discount", 0) for line in lines) == by_type["items_discount"] < 0
    assert sum(line["total"] for line in lines) == by_type["total"]
    discounts = found["discounts"]["applied"]
    assert sum(one["amount"] for one in discounts) == -by_type["items_discount"]


def test_a_fee_has_its_text_and_keeps_the_sum(shop: UcpShop) -> None:
    session = session_of(shop)
    parts = [one for one in session.totals if one.type != "total"]
    with_fee = structs.replace(session, totals=(*parts, Total("fee", 250), Total("total", session.total + 250)))
    fees = [one for one in told(shop, with_fee)["totals"] if one["type"] == "fee"]
    assert [(one["amount"], bool(one["display_text"])) for one in fees] == [(250, True)]


def test_what_the_buyer_owes_at_the_border_stands_beside_the_total(shop: UcpShop) -> None:
    session = session_of(shop)
    owed = PriceLine("SZX-1.us", "customs duty", 1_234, False, Collector.BUYER, "certain", ("us.duty",))
    message = told(shop, structs.replace(session, price_lines=(owed,)))["messages"][0]
    assert (message["code"], message["path"], message["presentation"], "$12.34" in message["content"]) == (
        "duties_due_on_delivery", "$.totals", "disclosure", True,
    )  # fmt: skip
    assert told(shop, session)["messages"] == []


def test_the_language_is_the_contexts_then_the_headers_then_the_markets(shop: UcpShop) -> None:
    def title(found: dict[str, Any]) -> str:
        return str(found["fulfillment"]["methods"][0]["groups"][0]["options"][0]["title"])

    german = {"address_country": "DE"}
    assert title(shop.create(context={**german, "language": "en-GB"})) == "Standard delivery"
    assert title(shop.create(context={**german, "language": "xx"})) == "Standardlieferung"
    session = shop.create(context=german)
    assert title(shop.update(session, context={"language": "xx"})) == "Standardlieferung"
    assert title(shop.update(session, context={"language": "EN-us"})) == "Standard delivery"
    path, body = f"/ucp/{shop.version}/checkout-sessions", {"line_items": [{"item": {"id": "S1"}, "quantity": 1}], "context": german}
    assert title(shop.send("POST", path, body, Accept_Language="fr-FR, en;q=0.8").json()) == "Standard delivery"


def test_an_option_that_is_gone_is_told_and_the_included_one_taken(shop: UcpShop) -> None:
    session = shop.ready(fulfillment=to(NEW_YORK, "teleport"))
    assert (codes(session), session["messages"][0]["path"]) == (
        ["fulfillment_changed"], "$.fulfillment.methods[0].groups[0].selected_option_id",
    )  # fmt: skip
    assert session["fulfillment"]["methods"][0]["groups"][0]["selected_option_id"] == "standard"


def test_a_line_that_is_short_is_named_by_its_place_and_count(shop: UcpShop) -> None:
    session = shop.ready(("S1", 1), ("S2", 101))
    assert (codes(session), session["messages"][0]["path"]) == (["out_of_stock"], "$.line_items[1]")
    assert shop.update(session, ("S1", 1), ("S2", 100), buyer=ANNA, fulfillment=to(NEW_YORK))["status"] == "ready_for_complete"


@pytest.mark.parametrize(
    ("ours", "wire"),
    [
        ("$.lines[3]", "$.line_items[3]"),
        ("$.codes[0]", "$.discounts.codes[0]"),
        ("$.destination", "$.fulfillment.methods[0].destinations[0]"),
        ("$.destination.lines", "$.fulfillment.methods[0].destinations[0].street_address"),
        ("$.buyer.email", "$.buyer.email"),
        ("$", "$"),
    ],
)
def test_paths_of_the_core_are_told_as_paths_of_the_wire(ours: str, wire: str) -> None:
    assert path_of(ours) == wire


@given(st.sampled_from(["2026-04-08", "2026-01-23"]), st.sampled_from(["", "google"]), st.text(max_size=30))
def test_every_code_has_a_word_in_every_dialect(version: str, platform: str, code: str) -> None:
    assert policy_of(version, platform).code(code) or not code
