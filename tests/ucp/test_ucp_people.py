"""Names and addresses: told as they came, kept sealed, understood in all their forms."""

import json

import pytest
from ucp_shop import ANNA, NEW_YORK, UcpShop, codes, to

from tradewind.ucp.addressing import country_of, region_of

TAGGED = {**ANNA, "first_name": "Anneliese", "last_name": "van Beethoven-Quietsch"}


def test_names_and_addresses_are_told_as_they_came(shop: UcpShop) -> None:
    address = {
        **NEW_YORK,
        "id": "home",
        "extended_address": "Floor 3",
        "first_name": "Jo Ann",
        "last_name": "de la Cruz",
        "phone_number": "+12125550111",
    }
    session = shop.create(buyer=TAGGED, fulfillment=to(address, selected_destination_id="home"))
    method = session["fulfillment"]["methods"][0]
    assert (session["buyer"], method["destinations"], method["selected_destination_id"]) == (TAGGED, [address], "home")


def test_the_selected_one_of_several_addresses_counts(shop: UcpShop) -> None:
    other = {**NEW_YORK, "address_region": "CA", "address_locality": "Los Angeles", "postal_code": "90001", "id": "work"}
    method = {"type": "shipping", "destinations": [{**NEW_YORK, "id": "home"}, other], "selected_destination_id": "work"}
    session = shop.create(buyer=ANNA, fulfillment={"methods": [method]})
    assert session["fulfillment"]["methods"][0]["destinations"] == [other]


def test_nothing_that_names_a_person_is_stored_in_clear(shop: UcpShop) -> None:
    done = shop.complete(shop.ready(buyer=TAGGED))
    assert done["status"] == "completed"
    for table in ("checkout_session", "orders_order", "db_idempotency_key", "db_outbox"):
        kept = json.dumps(shop.rows(f"SELECT t::text AS text FROM {table} AS t"))
        for secret in ("Anneliese", "Quietsch", "anna@example.com", "350 5th Ave"):
            assert secret not in kept, (table, secret)


@pytest.mark.parametrize("text", ["US", "us", "USA", "United States", " united  states "])
def test_a_country_is_known_by_letters_and_by_name(text: str) -> None:
    assert country_of(text) == "US"


@pytest.mark.parametrize(
    ("country", "text", "code"),
    [("US", "California", "CA"), ("US", "us-ca", "ca"), ("US", "CA", "CA"), ("CA", "Ontario", "ON"), ("DE", "Bayern", "Bayern")],
)
def test_a_region_is_known_by_code_and_by_name(country: str, text: str, code: str) -> None:
    assert region_of(country, text).casefold() == code.casefold()


def test_the_country_chooses_the_market_its_currency_and_its_language(shop: UcpShop) -> None:
    berlin = {"street_address": "Invalidenstr. 1", "address_locality": "Berlin", "postal_code": "10115", "address_country": "Deutschland"}
    session = shop.create(
        buyer=ANNA, fulfillment=to({**berlin, "address_country": "DEU"}), context={"language": "de-DE", "address_country": "US"}
    )
    assert (session["currency"], session["status"]) == ("EUR", "ready_for_complete")
    assert session["fulfillment"]["methods"][0]["groups"][0]["options"][0]["title"] == "Standardlieferung"
    moved = shop.update(session, buyer=ANNA, fulfillment=to(NEW_YORK))
    assert (moved["currency"], codes(moved)) == ("EUR", ["address_undeliverable"])


def test_without_a_country_the_items_choose_the_market_that_sells_them(shop: UcpShop) -> None:
    with shop.sync.transaction() as tx:
        tx.execute("UPDATE offers_offer SET withdrawn_at = now() WHERE market = 'us' AND offer_id = 'S3'")
    assert shop.create(("S3", 1))["currency"] == "EUR"
    assert shop.create(("S1", 1))["currency"] == "USD"
    assert shop.create(("S1", 1), context={"currency": "eur"})["currency"] == "EUR"
    gone = shop.create(("S3", 1), context={"address_country": "US"})
    assert (codes(gone), gone["ucp"]["status"]) == (["item_unavailable"], "error")


def test_some_that_cannot_be_had_leave_a_checkout_of_the_others(shop: UcpShop) -> None:
    session = shop.create(("S1", 1), ("NONE", 1), context={"address_country": "US"})
    assert ([one["item"]["id"] for one in session["line_items"]], codes(session)[0]) == (["S1"], "item_unavailable")
    with shop.sync.transaction() as tx:
        tx.execute("UPDATE stock_level SET on_hand = 0")
        tx.execute("UPDATE offers_offer SET quantity = 0, availability = 'out_of_stock'")
    sold_out = shop.create(("S1", 1), context={"address_country": "US"})
    assert (codes(sold_out), "id" in sold_out) == (["out_of_stock"], False)
