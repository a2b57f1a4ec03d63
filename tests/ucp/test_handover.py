"""Links from agents into the shop's own pages: the state comes along, strangers' links do not work, and nothing is bought by opening one."""

from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ucp_shop import ANNA, NEW_YORK, UcpShop, checkout, to

from tradewind.checkout import CheckoutStatus, WantedLine
from tradewind.web.shopping.permalink import checked_path, read_permalink


def opened(shop: UcpShop, address: str, **cookies: str) -> httpx.Response:
    """A link opened in a browser that follows nothing."""
    parts = urlsplit(address)
    shop.client.cookies.update(cookies)
    return shop.run(shop.client.get(f"{parts.path}?{parts.query}"))


def is_led(answer: httpx.Response) -> bool:
    held = answer.headers
    return (answer.status_code, held["cache-control"], held["referrer-policy"]) == (303, "no-store", "no-referrer")


def test_a_checkout_goes_on_in_the_browser_with_everything_that_was_chosen(shop: UcpShop) -> None:
    session = shop.ready(("S1", 2))
    answer = opened(shop, session["continue_url"])
    assert is_led(answer)
    page = opened(shop, answer.headers["location"])
    assert page.status_code == 200
    assert all(text in page.text for text in (NEW_YORK["street_address"], ANNA["email"], "Article S1"))
    assert shop.get(session)["status"] == "ready_for_complete"


@pytest.mark.parametrize("kind", ["checkout", "cart"])
def test_a_link_with_another_signature_opens_nothing(shop: UcpShop, kind: str) -> None:
    made = shop.ready(("S1", 1)) if kind == "checkout" else shop.send("POST", f"/ucp/{shop.version}/carts", checkout()).json()
    address, _, signature = made["continue_url"].partition("?t=")
    for wrong in (signature[:-1] + ("A" if signature[-1] != "A" else "B"), "", "é"):
        assert opened(shop, f"{address}?t={wrong}").status_code == 404


def test_a_cart_comes_into_the_browsers_own_with_its_codes(shop: UcpShop) -> None:
    body = checkout(("S1", 2), ("S2", 1), discounts={"codes": ["SAVE.10"]}, context={"address_country": "US"})
    cart = shop.send("POST", f"/ucp/{shop.version}/carts", body).json()
    answer = opened(shop, cart["continue_url"])
    assert is_led(answer)
    page = opened(shop, answer.headers["location"])
    assert all(text in page.text for text in ("Article S1", "Article S2"))
    begun = shop.run(shop.client.post("/us/checkout", data={"key": "k"}, headers={"Origin": shop.ucp.counter.public_url}))
    session = shop.run(shop.till.sessions.get(begun.headers["location"].rpartition("/")[2]))
    assert (session.codes, [(one.offer_id, one.quantity) for one in session.lines]) == (("SAVE.10",), [("S1", 2), ("S2", 1)])


def test_a_canceled_cart_leads_to_an_empty_one(shop: UcpShop) -> None:
    cart = shop.send("POST", f"/ucp/{shop.version}/carts", checkout(context={"address_country": "US"})).json()
    shop.send("POST", f"/ucp/{shop.version}/carts/{cart['id']}/cancel")
    assert opened(shop, cart["continue_url"]).headers["location"] == "/us/cart"


def test_a_permalink_becomes_a_checkout_that_nobody_has_paid(shop: UcpShop) -> None:
    query = (
        "buyer/email=mei%40example.com&discounts/codes/0=SAVE&context/postal_code=10001&context/address_region=NY&attribution/ref=x&utm=y"
    )
    answer = opened(shop, f"/us/buy/S1:2,~UzI:1,gone:1?{query}")
    assert is_led(answer)
    session = shop.run(shop.till.sessions.get(answer.headers["location"].rpartition("/")[2]))
    assert [(one.offer_id, one.quantity) for one in session.lines] == [("S1", 2), ("S2", 1)]
    assert (session.buyer.email, session.codes, session.source["attribution"]) == ("mei@example.com", ("SAVE",), '{"ref": "x"}')
    assert (session.status, session.order_id) == (CheckoutStatus.INCOMPLETE, None)


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        ("/us/buy/gone:1", "/us/"), ("/us/buy", "/us/"), ("/us/buy/S1:0", "/us/"), ("/us/buy/S1:1?continue_to=/us/cart", "/us/cart"),
        ("/us/buy/gone:1?continue_to=//evil.example", "/us/"), ("/us/buy/S1:1?buyer/email=a&/buyer/email=b", "/us/"),
        ("/buy/S1:1?context/address_country=DE&continue_to=/de/cart", "/de/cart"), ("/buy/gone:1", "/"),
    ],
)  # fmt: skip
def test_a_permalink_leads_where_it_may(shop: UcpShop, link: str, leads_to: str) -> None:
    answer = opened(shop, link)
    assert is_led(answer)
    assert answer.headers["location"] == leads_to


@given(st.text(max_size=80))
def test_no_path_leads_out_of_the_shop(text: str) -> None:
    path = checked_path(text)
    assert path == "" or (path.startswith("/") and not path.startswith("//") and path.isascii() and path.isprintable())
    assert "\\" not in path


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/%2F/evil.example", "/a\r\nSet-Cookie: x", "javascript:x", "x", ""],
)
def test_what_is_no_path_of_ours_is_not_followed(path: str) -> None:
    assert checked_path(path) == ""


@given(st.lists(st.tuples(st.from_regex(r"\A[A-Za-z0-9._-]{1,20}\Z"), st.integers(1, 20)), max_size=6, unique_by=lambda pair: pair[0]))
def test_items_are_read_as_they_are_written(items: list[tuple[str, int]]) -> None:
    link = read_permalink(",".join(f"{name}:{units}" for name, units in items), [])
    assert link.lines == tuple(WantedLine(name, units) for name, units in items)


@pytest.mark.parametrize("items", ["~a:1", "~UzE=:1", "S1:01", "S1:-1", "S1:1.5", "a b:1", "~AAA:1", ":1", "S1"])
def test_items_that_are_not_written_by_the_rules_are_left_out(items: str) -> None:
    assert read_permalink(items, []).lines == ()


def test_a_destination_that_an_agent_chose_is_kept(shop: UcpShop) -> None:
    session = shop.create(("S1", 1), fulfillment=to(NEW_YORK))
    page = opened(shop, opened(shop, session["continue_url"]).headers["location"])
    assert NEW_YORK["postal_code"] in page.text
