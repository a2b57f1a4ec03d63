"""A purchase over the protocol, from the first line to the order; the schemas are asked about every answer."""

from ucp_schemas import PROFILE, schemas
from ucp_shop import ANNA, NEW_YORK, UcpShop, amounts, checkout, codes, to


def test_create_tells_the_prices_at_which_the_feed_sells(shop: UcpShop) -> None:
    found = shop.create(("S1", 1), ("S2", 2), context={"address_country": "US"})
    sold = {row["offer_id"]: row["price_minor"] for row in shop.rows("SELECT offer_id, price_minor FROM offers_offer WHERE market = 'us'")}
    assert {one["item"]["id"]: one["item"]["price"] for one in found["line_items"]} == {"S1": sold["S1"], "S2": sold["S2"]}
    assert (found["status"], found["currency"], amounts(found)["subtotal"]) == ("incomplete", "USD", sold["S1"] + 2 * sold["S2"])
    assert codes(found) == ["missing", "missing", "tax_pending"]
    assert shop.get(found) == found


def test_the_profile_is_what_the_schema_says_and_advertises_nothing_else(shop: UcpShop) -> None:
    response = shop.send("GET", "/.well-known/ucp")
    found = response.json()
    assert schemas(shop.reference / shop.version).problems(found, PROFILE) == []  # type: ignore[operator]
    assert response.headers["cache-control"].startswith("public, max-age=")
    assert found["ucp"]["services"]["dev.ucp.shopping"][0]["endpoint"] == "http://127.0.0.1:8000/ucp/2026-04-08"
    assert set(found["ucp"]["payment_handlers"]) == {"dev.tradewind.fake_pay"}


def test_create_update_update_complete_makes_one_order(shop: UcpShop) -> None:
    session = shop.create(context={"address_country": "US"})
    place = {name: NEW_YORK[name] for name in ("address_locality", "address_region", "postal_code", "address_country")}
    session = shop.update(session, fulfillment=to(place))
    assert codes(session) == ["missing", "missing", "missing"]
    assert amounts(session)["tax"] > 0
    session = shop.update(session, buyer=ANNA, fulfillment=to(NEW_YORK, "standard"))
    assert (session["status"], session["messages"], session["buyer"]) == ("ready_for_complete", [], ANNA)
    done = shop.complete(session)
    order = shop.rows("SELECT order_id, total_amount FROM orders_order")[0]
    assert (done["status"], done["order"]["id"], amounts(done)["total"]) == ("completed", order["order_id"], order["total_amount"])
    assert shop.get(done) == done


def test_a_canceled_checkout_stays_so(shop: UcpShop) -> None:
    session = shop.ready()
    canceled = shop.ask("POST", f"/checkout-sessions/{session['id']}/cancel")
    assert (canceled["status"], "continue_url" in canceled) == ("canceled", False)
    again = shop.ask("POST", f"/checkout-sessions/{session['id']}/cancel")
    assert codes(again) == ["not_cancelable"]
    assert codes(shop.complete(session)) == ["not_completable"]
    assert codes(shop.update(session)) == ["not_modifiable"]


def test_another_platform_does_not_see_the_checkout(shop: UcpShop) -> None:
    session = shop.ready()
    shop.platform = "https://shopping.google.com/.well-known/ucp"
    path = f"/checkout-sessions/{session['id']}"
    for answer in (shop.get(session), shop.ask("PUT", path, checkout()), shop.complete(session), shop.ask("POST", f"{path}/cancel")):
        assert (codes(answer), answer["ucp"]["status"], "id" in answer) == (["not_found"], "error", False)
