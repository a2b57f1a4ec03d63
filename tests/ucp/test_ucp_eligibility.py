"""Benefits that a buyer claims over the protocol: provisional discounts, messages, and what must be proved before anything is paid."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ucp_shop import ANNA, NEW_YORK, OLD, Json, UcpShop, amounts, codes, open_shop, platform_profile, to

from tradewind.checkout import PaymentInstrument
from tradewind.settings import Settings

STUDENT, CARD, GONE = "com.example.student", "com.example.store_card", "com.example.gold_member"
PROMOTIONS = f"""
[[promotion]]
id = "student"
title = "Students: 10 % off"
kind = "percent"
percent = 10
eligibility = "{STUDENT}"
proof = {{ emails = ["@*.school.example", "@college.example", "dean@example.org"] }}

[[promotion]]
id = "card"
title = "Store card: 1 dollar off"
kind = "fixed"
amount = {{ USD = 100, EUR = 100 }}
eligibility = "{CARD}"
proof = {{ methods = ["card"] }}
"""
PUPIL = {**ANNA, "email": "anna@north.school.example"}


@pytest.fixture
def granting(workspace: Settings, shared_data: Path, tmp_path: Path) -> Iterator[UcpShop]:
    """A shop that grants students and holders of its card something."""
    (tmp_path / "promotions.toml").write_text(PROMOTIONS, "utf-8")
    with open_shop(workspace.model_copy(update={"market_folder": tmp_path}), shared_data / "reference" / "ucp") as opened:
        yield opened


def claiming(shop: UcpShop, *claims: str, **more: object) -> Json:
    return shop.ready(context={"eligibility": list(claims)}, **more)


def provisional(found: Json) -> dict[str, bool]:
    return {one["eligibility"]: one["provisional"] for one in found["discounts"]["applied"] if "eligibility" in one}


def about_claims(found: Json) -> list[tuple[str, str, str]]:
    return [(one["type"], one["code"], one["path"]) for one in found["messages"] if one["code"].startswith("eligibility")]


def test_an_accepted_claim_is_a_provisional_discount_that_names_it_and_has_no_code(granting: UcpShop) -> None:
    plain, session = granting.ready(), claiming(granting, CARD)
    (applied,) = [one for one in session["discounts"]["applied"] if "eligibility" in one]
    assert (applied["eligibility"], applied["provisional"], applied["automatic"], "code" in applied) == (CARD, True, True, False)
    assert sum(part["amount"] for part in applied["allocations"]) == applied["amount"] == 100
    assert amounts(plain)["items_discount"] - amounts(session)["items_discount"] == 100
    assert about_claims(session) == [("info", "eligibility_accepted", "$.context.eligibility[0]")]


def test_a_claim_that_is_not_known_is_told_and_blocks_nothing(granting: UcpShop) -> None:
    session = claiming(granting, GONE, CARD, "not a name at all")
    assert about_claims(session) == [
        ("warning", "eligibility_not_accepted", "$.context.eligibility[0]"),
        ("info", "eligibility_accepted", "$.context.eligibility[1]"),
        ("warning", "eligibility_not_accepted", "$.context.eligibility[2]"),
    ]
    assert session["status"] == "ready_for_complete"
    assert granting.complete(session)["status"] == "completed"


def test_a_claim_that_the_payment_proves_ends_with_the_purchase(granting: UcpShop) -> None:
    done = granting.complete(claiming(granting, CARD))
    assert (done["status"], provisional(done)) == ("completed", {CARD: False})


def test_an_unproved_claim_stops_the_purchase_by_a_message_alone(granting: UcpShop) -> None:
    session = claiming(granting, CARD, STUDENT)
    refused = granting.complete(session)
    told = next(one for one in refused["messages"] if one["code"] == "eligibility_invalid")
    assert (told["type"], told["severity"], told["path"]) == ("error", "recoverable", "$.context.eligibility[1]")
    assert about_claims(refused)[:2] == about_claims(session)
    for found in (session, refused):
        found.pop("messages")
    assert refused == session
    assert granting.rows("SELECT 1 FROM payments_payment") == []


def test_who_takes_the_claim_back_or_proves_it_can_complete(granting: UcpShop) -> None:
    session = claiming(granting, STUDENT)
    assert "eligibility_invalid" in codes(granting.complete(session))
    plain = granting.update(session, buyer=ANNA, fulfillment=to(NEW_YORK))
    assert (about_claims(plain), provisional(plain)) == ([], {})
    again = granting.update(session, buyer=PUPIL, fulfillment=to(NEW_YORK), context={"eligibility": [STUDENT]})
    assert amounts(again)["total"] < amounts(plain)["total"]
    assert granting.complete(again)["status"] == "completed"


def test_a_claim_goes_from_the_cart_into_its_checkout(granting: UcpShop) -> None:
    lines = [{"item": {"id": "S1"}, "quantity": 1}]
    cart = granting.send("POST", f"/ucp/{granting.version}/carts", {"line_items": lines, "context": {"eligibility": [CARD]}}).json()
    assert provisional(cart) == {CARD: True}
    session = granting.create(cart_id=cart["id"], context={"eligibility": [STUDENT]})
    assert provisional(session) == {CARD: True}


def test_claims_are_ignored_where_their_effect_could_not_be_told(granting: UcpShop) -> None:
    granting.platforms.know("https://plain.example/p", platform_profile(capabilities=("checkout", "fulfillment")))
    granting.platforms.know("https://old.example/p", platform_profile(OLD))
    plain = amounts(granting.ready())
    granting.platform = "https://plain.example/p"
    assert (amounts(claiming(granting, CARD)), about_claims(claiming(granting, CARD))) == (plain, [])
    granting.platform, granting.version = "https://old.example/p", OLD
    assert about_claims(claiming(granting, CARD)) == []


def test_in_the_shop_s_own_pages_an_unproved_claim_is_dropped_and_the_new_sum_is_shown(granting: UcpShop) -> None:
    session = claiming(granting, STUDENT)
    completing = granting.till.completing
    total = amounts(session)["total"]
    paying = PaymentInstrument("card", "tok_visa", accepted_total=total)
    shown = granting.run(completing.complete(session["id"], paying, idempotency_key="a", if_match=None))
    assert (shown.claims, shown.order_id, [one.code for one in shown.messages]) == ((), None, ["totals_changed"])
    assert shown.total > total
    paying = PaymentInstrument("card", "tok_visa", accepted_total=shown.total)
    assert granting.run(completing.complete(session["id"], paying, idempotency_key="b")).order_id is not None
