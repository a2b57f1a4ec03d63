"""A shopper with an account: the checkout knows the address, the account lists the orders, and an erased account is forgotten by them."""

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from shop_orders import an_order
from web_running import Running

from tradewind.db import open_database

pytestmark = pytest.mark.slow
PASSWORD = "kettle harbour plum"
_people = itertools.count(1)


@contextmanager
def signed_in(store: Running, email: str) -> Iterator[httpx.Client]:
    """A browser of a shopper who keeps an address in Berlin."""
    with httpx.Client(base_url=store.url, headers={"Origin": store.url}, timeout=20, follow_redirects=True) as browser:
        browser.post("/de/account/sign-up", data={"email": email, "password": PASSWORD, "name": "Mei Lin"})
        browser.post("/de/account/sign-in", data={"email": email, "password": PASSWORD})
        place = {"name": "Mei Lin", "line1": f"Torstr. {next(_people)}", "city": "Berlin", "postcode": "10115"}
        browser.post("/de/account/addresses", data=place | {"token": token(browser)})
        yield browser


def token(browser: httpx.Client) -> str:
    return re.findall(r'name="token" value="([^"]+)"', browser.get("/de/account").text)[0]


def checkout(browser: httpx.Client) -> httpx.Response:
    browser.post("/de/cart", data={"add": "S17"})
    return browser.post("/de/checkout", data={"key": f"k{next(_people)}"})


def field(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page.text)
    assert found is not None, name
    return found[1]


def buy(browser: httpx.Client) -> httpx.Response:
    page = checkout(browser)
    names = ("version", "key", "seen", "email", "phone", "name", "line1", "line2", "postcode", "city", "code")
    form = {name: field(page, name) for name in names} | {"do": "pay", "method": "card", "instrument": "tok_visa", "option": "standard"}
    return browser.post(str(page.url), data=form)


def test_the_checkout_knows_what_the_account_was_told(store: Running) -> None:
    with signed_in(store, "known@example.com") as browser:
        page = checkout(browser)
        assert (field(page, "email"), field(page, "city")) == ("known@example.com", "Berlin")
        assert "Torstr. " in field(page, "line1")


def test_the_account_lists_its_orders_by_signed_links(store: Running) -> None:
    with signed_in(store, "lists@example.com") as browser:
        assert "/orders/ord_" in str(buy(browser).url)
        page = browser.get("/de/account").text
        (link,) = re.findall(r'href="(/de/orders/ord_[^"]+)"', page)
        assert browser.get(link).status_code == 200
        assert [one["market"] for one in browser.get("/de/account/export").json()["orders"]] == ["de"]


def test_orders_of_a_guest_are_shown_only_once_the_address_is_proven(store: Running) -> None:
    an_order(store, email="guest.first@example.com")
    with signed_in(store, "guest.first@example.com") as browser:
        assert "/de/orders/ord_" not in browser.get("/de/account").text
        with open_database(store.settings) as database, database.transaction() as tx:
            tx.execute("UPDATE accounts_shopper SET confirmed_at = now() WHERE confirmed_at IS NULL")
        assert "/de/orders/ord_" in browser.get("/de/account").text


def test_an_erased_account_is_forgotten_by_its_finished_orders(store: Running) -> None:
    with signed_in(store, "erased@example.com") as browser:
        order_id = re.findall(r"ord_\w+", str(buy(browser).url))[0]
        with open_database(store.settings) as database, database.transaction() as tx:
            tx.execute("UPDATE orders_order SET status = 'closed' WHERE order_id = %s", (order_id,))
        browser.post("/de/account/erase", data={"token": token(browser), "password": PASSWORD})
        with open_database(store.settings) as database, database.transaction() as tx:
            row = tx.execute("SELECT email_digest, shopper_id FROM orders_order WHERE order_id = %s", (order_id,)).fetchone()
        assert row == {"email_digest": None, "shopper_id": None}
