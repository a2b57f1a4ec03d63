"""Carts over REST: gathered, changed, canceled, and turned into one checkout; every answer is what the schemas say."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from ucp_schemas import BASE, ERROR, schemas
from ucp_shop import ANNA, NEW_YORK, Json, UcpShop, amounts, checkout, codes, paid_with, platform_profile, to

CARTS = "/carts"
OTHER = "https://other.example/.well-known/ucp"


def ask(shop: UcpShop, method: str, path: str, content: object = None, **more: Any) -> dict[str, Any]:
    """The answer about a cart, validated with the discounts that extend it."""
    response = shop.send(method, f"/ucp/{shop.version}{path}", content, **more)
    assert response.status_code in {200, 201}, response.text
    found: dict[str, Any] = response.json()
    names = (f"{BASE}/shopping/cart.json", f"{BASE}/shopping/discount.json#/$defs/dev.ucp.shopping.cart") if "id" in found else (ERROR,)
    assert schemas(shop.reference / shop.version).problems(found, *names) == []
    return found


def a_cart(shop: UcpShop, *lines: tuple[str, int], **more: Any) -> dict[str, Any]:
    return ask(shop, "POST", CARTS, checkout(*lines, **more))


def test_a_cart_says_what_its_articles_cost_and_where_the_buyer_goes_on(shop: UcpShop) -> None:
    cart = a_cart(shop, context={"address_country": "US"}, buyer=ANNA)
    assert [(one["item"]["id"], one["quantity"]) for one in cart["line_items"]] == [("S1", 1), ("S2", 2)]
    assert amounts(cart)["total"] == sum(one["amount"] for one in cart["totals"]) - amounts(cart)["total"]
    assert (cart["currency"], cart["buyer"]["last_name"], codes(cart)) == ("USD", "van Beethoven", ["tax_pending"])
    assert cart["continue_url"].startswith(f"{shop.ucp.counter.public_url}/us/cart/{cart['id']}?t=")
    assert ask(shop, "GET", f"{CARTS}/{cart['id']}") == cart


@pytest.mark.parametrize(("context", "currency"), [({"address_country": "DE"}, "EUR"), ({"currency": "EUR"}, "EUR"), ({}, "USD")])
def test_the_context_chooses_the_market(shop: UcpShop, context: dict[str, str], currency: str) -> None:
    assert a_cart(shop, context=context)["currency"] == currency


def test_a_change_replaces_all_that_was_there(shop: UcpShop) -> None:
    cart = a_cart(shop, buyer=ANNA)
    changed = ask(shop, "PUT", f"{CARTS}/{cart['id']}", checkout(("S3", 1), discounts={"codes": ["NOPE"]}))
    assert ([one["item"]["id"] for one in changed["line_items"]], changed["id"]) == (["S3"], cart["id"])
    assert ("buyer" in changed, changed["discounts"]["codes"]) == (False, ["NOPE"])
    assert "discount_code_invalid" in codes(changed)


def test_a_canceled_cart_is_told_once_more_and_then_unknown(shop: UcpShop) -> None:
    cart = a_cart(shop)
    canceled = ask(shop, "POST", f"{CARTS}/{cart['id']}/cancel", key="the-key")
    assert canceled == cart
    assert ask(shop, "POST", f"{CARTS}/{cart['id']}/cancel", key="the-key") == cart
    for method, path, content in (("GET", "", None), ("PUT", "", checkout()), ("POST", "/cancel", None)):
        gone = ask(shop, method, f"{CARTS}/{cart['id']}{path}", content)
        assert (gone["ucp"]["status"], codes(gone)) == ("error", ["not_found"])


def test_a_repeated_key_gets_the_same_bytes_and_another_request_a_conflict(shop: UcpShop) -> None:
    first = shop.send("POST", f"/ucp/{shop.version}{CARTS}", checkout(), key="same")
    cart = first.json()
    ask(shop, "PUT", f"{CARTS}/{cart['id']}", checkout(("S3", 1)), key="change")
    assert shop.send("POST", f"/ucp/{shop.version}{CARTS}", checkout(), key="same").content == first.content
    changed = shop.send("PUT", f"/ucp/{shop.version}{CARTS}/{cart['id']}", checkout(("S3", 1)), key="change")
    assert [one["item"]["id"] for one in changed.json()["line_items"]] == ["S3"]
    assert shop.send("POST", f"/ucp/{shop.version}{CARTS}", checkout(("S1", 5)), key="same").status_code == 409


def test_a_cart_belongs_to_the_platform_that_made_it(shop: UcpShop) -> None:
    cart = a_cart(shop)
    shop.platforms.know(OTHER, platform_profile())
    shop.platform = OTHER
    for method, path, content in (("GET", "", None), ("PUT", "", checkout()), ("POST", "/cancel", None)):
        assert codes(ask(shop, method, f"{CARTS}/{cart['id']}{path}", content)) == ["not_found"]
    assert codes(shop.create(cart_id=cart["id"])) == ["not_found"]


def test_an_old_cart_is_unknown(shop: UcpShop) -> None:
    cart = a_cart(shop)
    shop.clock.now += timedelta(days=31)
    assert codes(ask(shop, "GET", f"{CARTS}/{cart['id']}")) == ["not_found"]


def test_nothing_to_be_had_makes_no_cart(shop: UcpShop) -> None:
    told = a_cart(shop, ("gone", 1), context={"address_country": "US"})
    assert ("id" in told, codes(told)) == (False, ["item_unavailable"])


def test_a_cart_becomes_a_checkout_with_its_own_lines_codes_and_buyer(shop: UcpShop) -> None:
    cart = a_cart(shop, ("S1", 2), buyer=ANNA, discounts={"codes": ["NOPE"]}, context={"address_country": "DE"})
    asked = {"cart_id": cart["id"], "line_items": [{"item": {"id": "S3"}, "quantity": 9}], "buyer": {"email": "other@example.com"}}
    session = shop.ask("POST", "/checkout-sessions", asked)
    assert [(one["item"]["id"], one["quantity"]) for one in session["line_items"]] == [("S1", 2)]
    assert (session["currency"], session["buyer"]["email"], session["discounts"]["codes"]) == ("EUR", ANNA["email"], ["NOPE"])


def test_a_cart_has_one_open_checkout_and_a_new_one_after_it_was_bought(shop: UcpShop) -> None:
    cart = a_cart(shop, ("S1", 1), buyer=ANNA, context={"address_country": "US"})
    asked = {"cart_id": cart["id"], "line_items": [], "fulfillment": to(NEW_YORK)}
    first = shop.ask("POST", "/checkout-sessions", asked, key="first")
    assert shop.ask("POST", "/checkout-sessions", asked)["id"] == first["id"]
    assert shop.complete(first)["status"] == "completed"
    assert shop.ask("POST", "/checkout-sessions", asked, key="first") == first
    assert shop.ask("POST", "/checkout-sessions", asked)["id"] != first["id"]


def lines_of(found: Json) -> list[tuple[str, int]]:
    return [(one["item"]["id"], one["quantity"]) for one in found["line_items"]]


def checked_out(shop: UcpShop, *lines: tuple[str, int]) -> tuple[Json, Json]:
    cart = a_cart(shop, *lines, context={"address_country": "US"})
    return cart, shop.ask("POST", "/checkout-sessions", {"cart_id": cart["id"], "line_items": []})


def test_what_the_checkout_changes_stands_in_its_cart(shop: UcpShop) -> None:
    cart, session = checked_out(shop, ("S1", 1), ("S2", 2))
    changed = shop.update(session, ("S2", 5), ("S3", 1), discounts={"codes": ["NOPE"]}, buyer=ANNA, fulfillment=to(NEW_YORK))
    now = ask(shop, "GET", f"{CARTS}/{cart['id']}")
    assert lines_of(now) == lines_of(changed) == [("S2", 5), ("S3", 1)]
    assert (now["discounts"]["codes"], amounts(now)["subtotal"]) == (["NOPE"], amounts(changed)["subtotal"])
    assert lines_of(ask(shop, "POST", f"{CARTS}/{cart['id']}/cancel")) == [("S2", 5), ("S3", 1)]


def test_a_cart_that_is_gone_stands_in_the_way_of_no_checkout(shop: UcpShop) -> None:
    cart, session = checked_out(shop, ("S1", 1))
    ask(shop, "POST", f"{CARTS}/{cart['id']}/cancel")
    assert lines_of(shop.update(session, ("S3", 2), buyer=ANNA, fulfillment=to(NEW_YORK))) == [("S3", 2)]
    assert codes(ask(shop, "GET", f"{CARTS}/{cart['id']}")) == ["not_found"]
    assert shop.complete(session)["status"] == "completed"


def test_two_conversions_at_once_make_one_checkout(shop: UcpShop) -> None:
    cart = a_cart(shop, ("S1", 1), context={"address_country": "US"})
    headers = {"UCP-Agent": f'profile="{shop.platform}"', "Content-Type": "application/json"}

    async def both() -> set[str]:
        body = {"cart_id": cart["id"], "line_items": []}
        path = f"/ucp/{shop.version}/checkout-sessions"
        made = [shop.client.post(path, json=body, headers=headers | {"Idempotency-Key": f"k{number}"}) for number in range(6)]
        return {one.json()["id"] for one in await asyncio.gather(*made)}

    assert len(shop.run(both())) == 1


def test_a_checkout_that_expired_does_not_hold_its_cart(shop: UcpShop) -> None:
    cart = a_cart(shop, ("S1", 1), context={"address_country": "US"})
    first = shop.ask("POST", "/checkout-sessions", {"cart_id": cart["id"], "line_items": []})
    shop.clock.now += timedelta(hours=7)
    assert shop.ask("POST", "/checkout-sessions", {"cart_id": cart["id"], "line_items": []})["id"] != first["id"]
    assert shop.get(first)["status"] == "canceled"


def test_a_cart_that_was_not_negotiated_is_ignored(shop: UcpShop) -> None:
    cart = a_cart(shop, ("S1", 1))
    shop.platforms.know(shop.platform, platform_profile(capabilities=("checkout", "fulfillment", "discount")))
    session = shop.ask("POST", "/checkout-sessions", checkout(("S2", 1), cart_id=cart["id"]))
    assert [one["item"]["id"] for one in session["line_items"]] == ["S2"]


def test_a_cart_is_bought_by_way_of_its_checkout(shop: UcpShop) -> None:
    cart = a_cart(shop, ("S1", 1), buyer=ANNA, attribution={"utm_source": "agent"}, context={"address_country": "US"})
    session = shop.ask("POST", "/checkout-sessions", {"cart_id": cart["id"], "line_items": [], "fulfillment": to(NEW_YORK)})
    done = shop.ask("POST", f"/checkout-sessions/{session['id']}/complete", paid_with("tok_visa"))
    order = shop.send("GET", f"/ucp/{shop.version}/orders/{done['order']['id']}").json()
    assert (order["checkout_id"], order["attribution"]) == (session["id"], {"utm_source": "agent"})
