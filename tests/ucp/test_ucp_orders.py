"""An order as the platform that placed it reads it, and as nobody else does."""

from typing import Any

from ucp_schemas import BASE, ERROR, schemas
from ucp_shop import UcpShop, amounts, codes, platform_profile

from tradewind.orders import Handover

OTHER = "https://other.example/.well-known/ucp"


def read(shop: UcpShop, order_id: str) -> dict[str, Any]:
    response = shop.send("GET", f"/ucp/{shop.version}/orders/{order_id}")
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    assert schemas(shop.reference / shop.version).problems(found, f"{BASE}/shopping/order.json" if "id" in found else ERROR) == []
    return found


def test_an_order_says_what_was_agreed_and_what_became_of_it(shop: UcpShop) -> None:
    done = shop.complete(shop.ready(("S1", 2), ("S2", 1)))
    order_id = done["order"]["id"]
    placed = read(shop, order_id)
    assert amounts(placed) == amounts(done)
    assert placed["permalink_url"] == done["order"]["permalink_url"]
    assert {one["status"] for one in placed["line_items"]} == {"processing"}
    shop.run(shop.till.orders.ship(order_id, Handover("UPS", "1Z999", "https://ups.example/1Z999", {"line_1": 1}), "staff"))
    shipped = read(shop, order_id)
    assert [one["status"] for one in shipped["line_items"]] == ["partial", "processing"]
    assert [(one["type"], one["tracking_number"]) for one in shipped["fulfillment"]["events"]] == [("shipped", "1Z999")]
    shop.run(shop.till.orders.refund(order_id, 100, "scratched", "staff"))
    assert [(one["type"], one["totals"][0]["amount"], one["status"]) for one in read(shop, order_id)["adjustments"]] == [
        ("refund", -100, "completed")
    ]


def test_the_lines_of_an_order_cost_what_they_cost_at_the_checkout(shop: UcpShop) -> None:
    done = shop.complete(shop.ready(("S1", 2), ("S2", 3)))
    order = read(shop, done["order"]["id"])
    for agreed, bought in zip(done["line_items"], order["line_items"], strict=True):
        assert (agreed["id"], agreed["item"], agreed["totals"]) == (bought["id"], bought["item"], bought["totals"])


def test_a_canceled_order_gives_everything_back(shop: UcpShop) -> None:
    done = shop.complete(shop.ready(("S1", 1)))
    shop.run(shop.till.orders.cancel(done["order"]["id"], "changed my mind", "buyer"))
    order = read(shop, done["order"]["id"])
    assert [one["status"] for one in order["line_items"]] == ["removed"]
    assert order["adjustments"][0]["totals"] == [{"type": "total", "amount": -amounts(done)["total"]}]
    assert order["adjustments"][0]["line_items"] == [{"id": "line_1", "quantity": -1}]


def test_an_order_is_known_to_the_platform_that_placed_it_alone(shop: UcpShop) -> None:
    done = shop.complete(shop.ready(("S1", 1)))
    number = read(shop, done["order"]["id"])["label"]
    shop.platforms.know(OTHER, platform_profile())
    for unknown in ("ord_1", number, "x"):
        assert codes(read(shop, unknown)) == ["not_found"]
    shop.platform = OTHER
    assert codes(read(shop, done["order"]["id"])) == ["not_found"]


def test_an_order_is_told_to_nobody_who_does_not_sign(shop: UcpShop) -> None:
    done = shop.complete(shop.ready(("S1", 1)))
    shop.ucp.orders_need_proof = True
    refused = shop.send("GET", f"/ucp/{shop.version}/orders/{done['order']['id']}")
    assert (refused.status_code, refused.json()["code"]) == (401, "signature_missing")
