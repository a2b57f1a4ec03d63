"""Discounts, delivery and consent over the protocol: what the extensions promise beside the schemas."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ucp_shop import ANNA, NEW_YORK, Json, UcpShop, amounts, checkout, codes, open_shop, platform_profile, to

from tradewind.settings import Settings

PROMOTIONS = """
[[promotion]]
id = "ten"
title = "10 % off"
kind = "percent"
percent = 10
code = "TEN"

[[promotion]]
id = "two"
title = "2 dollars off"
kind = "fixed"
amount = { USD = 200, EUR = 200 }
code = "TWO"

[[promotion]]
id = "welcome"
title = "1 dollar off"
kind = "fixed"
amount = { USD = 100, EUR = 100 }
"""


@pytest.fixture
def selling(workspace: Settings, shared_data: Path, tmp_path: Path) -> Iterator[UcpShop]:
    """A shop with two codes and an automatic discount."""
    (tmp_path / "promotions.toml").write_text(PROMOTIONS, "utf-8")
    with open_shop(workspace.model_copy(update={"market_folder": tmp_path}), shared_data / "reference" / "ucp") as opened:
        yield opened


def titles(found: Json) -> list[str]:
    return [one["title"] for one in found["discounts"]["applied"] if one.get("code") or one["title"] == "1 dollar off"]


def test_codes_replace_each_other_whatever_their_case_and_an_empty_list_clears_them(selling: UcpShop) -> None:
    session = selling.create(discounts={"codes": ["ten"]})
    assert titles(session) == ["1 dollar off", "10 % off"]
    assert titles(selling.update(session, discounts={"codes": ["TWO"]})) == ["1 dollar off", "2 dollars off"]
    assert titles(selling.update(session, discounts={"codes": []})) == ["1 dollar off"]


def test_two_codes_count_beside_an_automatic_discount_that_has_no_code(selling: UcpShop) -> None:
    applied = selling.create(discounts={"codes": ["TEN", "TWO"]})["discounts"]["applied"]
    automatic = next(one for one in applied if one["title"] == "1 dollar off")
    assert (automatic["automatic"], "code" in automatic) == (True, False)
    assert [one.get("code") for one in applied if one["title"] != "Saved by travelling together"] == [None, "TEN", "TWO"]


def test_a_refused_code_is_told_and_echoed_but_does_not_count(selling: UcpShop) -> None:
    session = selling.create(discounts={"codes": ["NOPE", "TEN"]})
    assert session["discounts"]["codes"] == ["NOPE", "TEN"]
    assert titles(session) == ["1 dollar off", "10 % off"]
    told = next(one for one in session["messages"] if one["code"] == "discount_code_invalid")
    assert (told["type"], told["path"]) == ("warning", "$.discounts.codes[0]")


def test_discounts_add_up_in_allocations_in_lines_and_in_totals(selling: UcpShop) -> None:
    session = selling.create(("S1", 1), ("S2", 3), ("S3", 2), discounts={"codes": ["TEN", "TWO"]})
    for one in session["discounts"]["applied"]:
        assert one["amount"] > 0
        assert sum(part["amount"] for part in one["allocations"]) == one["amount"]
    saved = [row["amount"] for line in session["line_items"] for row in line["totals"] if row["type"] == "items_discount"]
    assert all(amount < 0 for amount in saved)
    assert sum(saved) == amounts(session)["items_discount"] == -sum(one["amount"] for one in session["discounts"]["applied"])
    assert sum(amount for kind, amount in amounts(session).items() if kind != "total") == amounts(session)["total"]


def test_everything_lies_in_one_group_whose_options_tell_themselves_apart(shop: UcpShop) -> None:
    session = shop.update(shop.create(("S1", 1), ("S2", 1), ("S3", 2)), buyer=ANNA, fulfillment=to(NEW_YORK))
    method = session["fulfillment"]["methods"][0]
    assert [group["line_item_ids"] for group in method["groups"]] == [[line["id"] for line in session["line_items"]]]
    options = method["groups"][0]["options"]
    assert len({one["title"] for one in options}) == len(options) > 0
    for one in options:
        assert one["title"] not in one["description"]
        assert str(one["totals"][0]["amount"]) not in one["description"].split()


def test_attribution_and_unknown_claims_change_nothing_in_the_answer(shop: UcpShop) -> None:
    plain = shop.create(context={"address_country": "US"})
    more = {"address_country": "US", "eligibility": ["com.example.gold_member"]}
    told = shop.create(context=more, attribution={"com.example.campaign": "42"}, signals={"dev.ucp.buyer_ip": "203.0.113.7"})
    for name in ("id", "continue_url", "expires_at"):
        plain.pop(name), told.pop(name)
    assert [one["totals"] for one in told["line_items"]] == [one["totals"] for one in plain["line_items"]]
    assert (told["totals"], told["status"], set(codes(told)) - {"eligibility_not_accepted"}) == (
        plain["totals"],
        plain["status"],
        set(codes(plain)),
    )


def test_consent_is_told_as_it_was_given_and_only_where_it_was_negotiated(shop: UcpShop) -> None:
    given = {"marketing": True, "sale_of_data": False}
    session = shop.create(buyer={**ANNA, "consent": given})
    assert session["buyer"]["consent"] == given
    assert shop.send("POST", f"/ucp/{shop.version}/checkout-sessions", checkout(buyer={"consent": {"marketing": "yes"}})).status_code == 400
    shop.platforms.know("https://silent.example/p", platform_profile(capabilities=("checkout", "fulfillment")))
    shop.platform = "https://silent.example/p"
    assert "consent" not in shop.create(buyer={**ANNA, "consent": given})["buyer"]
