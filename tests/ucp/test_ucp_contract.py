"""What every checkout must carry, whatever its state: its time, its links, its way on, and only figures that its currency has."""

import re
from datetime import datetime, timedelta

from ucp_shop import UcpShop, codes

from tradewind.ucp import UcpData

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def test_a_checkout_says_until_when_it_lives_and_is_over_after_it(shop: UcpShop) -> None:
    session = shop.ready()
    assert RFC_3339.fullmatch(session["expires_at"])
    ends = datetime.fromisoformat(session["expires_at"])
    shop.clock.now = ends - timedelta(seconds=1)
    assert shop.get(session)["status"] == "ready_for_complete"
    shop.clock.now = ends
    over = shop.get(session)
    assert (over["status"], codes(over)) == ("canceled", ["session_expired"])
    assert (shop.complete(session)["status"], shop.rows("SELECT 1 FROM orders_order")) == ("canceled", [])


def test_every_checkout_links_the_texts_that_a_buyer_agrees_to(shop: UcpShop) -> None:
    own = {"terms_of_service": "https://shop.example/{market}/terms", "privacy_policy": "https://shop.example/privacy"}
    object.__setattr__(shop.ucp.counter.links, "own", UcpData(links=own))
    session = shop.ready()
    for found in (session, shop.complete(session)):
        links = {one["type"]: one["url"] for one in found["links"]}
        assert links.keys() == {"terms_of_service", "privacy_policy", "refund_policy", "shipping_policy"}
        assert links["terms_of_service"] == "https://shop.example/us/terms"
        assert links["refund_policy"].startswith(f"{shop.ucp.counter.public_url}/us/")


def test_the_way_on_stands_in_every_checkout_that_is_not_over_and_in_no_other(shop: UcpShop) -> None:
    session = shop.create()
    assert session["continue_url"].startswith(f"{shop.ucp.counter.public_url}/us/checkout/{session['id']}?t=")
    assert "continue_url" not in shop.complete(shop.ready())
    assert "continue_url" not in shop.ask("POST", f"/checkout-sessions/{session['id']}/cancel")


def test_what_a_platform_says_of_its_buyer_s_device_stays_out_of_the_checkout(shop: UcpShop) -> None:
    session = shop.create(signals={"dev.ucp.buyer_ip": "203.0.113.7", "com.example.score": 0.93})
    assert "203.0.113.7" not in str(shop.get(session))
    assert shop.rows("SELECT 1 FROM checkout_session WHERE body::text LIKE '%%203.0.113.7%%'") == []
