"""Search, lookup and one product: what a platform asks for, and what the shop answers from what is sold at this moment."""

from typing import Any

import pytest
from platform_desk import NOON, PlatformDesk
from wire_schemas import Wire

from tradewind.kit import TradewindError
from tradewind.ucp import Operation

SEARCH, LOOKUP, PRODUCT = Operation.SEARCH_CATALOG, Operation.LOOKUP_CATALOG, Operation.GET_PRODUCT
BLACK, SAND = "HX-4411-BLK", "HX-4411-SND"


def ids(answer: dict[str, Any]) -> list[str]:
    return [one["id"] for one in answer["products"]]


@pytest.mark.parametrize("country", ["US", "DEU", "Thailand"])
def test_a_search_finds_products_of_the_buyers_country(shelves: PlatformDesk, schemas: Wire, country: str) -> None:
    found = shelves.ask(SEARCH, {"query": BLACK, "context": {"address_country": country}})
    schemas.check("shopping/catalog_search.json#/$defs/search_response", found)
    assert ids(found) == ["HX-4411"]
    assert {one["id"] for one in found["products"][0]["variants"]} == {BLACK, SAND}
    currency = {"US": "USD", "DEU": "EUR", "Thailand": "THB"}[country]
    assert found["products"][0]["price_range"]["min"]["currency"] == currency


def test_the_variant_that_the_words_name_stands_first(shelves: PlatformDesk) -> None:
    for word, variant in (("sand", SAND), ("black", BLACK)):
        found = shelves.ask(SEARCH, {"query": f"{word} headphones"})
        assert found["products"][0]["variants"][0]["id"] == variant


def test_pages_follow_each_other_until_all_is_shown(shelves: PlatformDesk, schemas: Wire) -> None:
    everything = {"filters": {"price": {"min": 0}}}
    seen, cursor = list[str](), ""
    for _ in range(3):
        page = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        found = shelves.ask(SEARCH, everything | {"pagination": page})
        schemas.check("shopping/catalog_search.json#/$defs/search_response", found)
        seen += ids(found)
        cursor = found["pagination"].get("cursor", "")
    assert (len(seen), len(set(seen)), found["pagination"]) == (8, 8, {"has_next_page": False, "total_count": 8})


def test_filters_narrow_by_category_and_by_price(shelves: PlatformDesk) -> None:
    entry = shelves.ask(SEARCH, {"query": "backpack"})["products"][0]
    for category in entry["categories"]:
        assert ids(shelves.ask(SEARCH, {"filters": {"categories": [category["value"], "no such thing"]}})) == [entry["id"]]
    assert ids(shelves.ask(SEARCH, {"filters": {"categories": ["no such thing"]}})) == []
    price = entry["price_range"]["min"]["amount"]
    span = {"price": {"min": price, "max": price}}
    assert ids(shelves.ask(SEARCH, {"filters": span})) == [entry["id"]]


def test_a_price_in_another_currency_is_converted_or_said_to_be_ignored(shelves: PlatformDesk) -> None:
    entry = shelves.ask(SEARCH, {"query": "backpack"})["products"][0]
    rate = next(one for one in shelves.counter.sessions.shop.desks("us", NOON.date()).book.fx if one.currency == "CNY")
    yuan = entry["price_range"]["min"]["amount"] * rate.denominator // rate.numerator
    near = {"filters": {"price": {"min": yuan - 20, "max": yuan + 20}}, "context": {"address_country": "US", "currency": "CNY"}}
    assert ids(shelves.ask(SEARCH, near)) == [entry["id"]]
    unknown = near | {"context": {"address_country": "US", "currency": "XAU"}}
    ignored = shelves.ask(SEARCH, unknown)
    assert (ignored["messages"][0]["code"], ignored["pagination"]["total_count"]) == ("price_filter_ignored", 8)


def test_nothing_found_is_an_empty_list_without_words(shelves: PlatformDesk) -> None:
    found = shelves.ask(SEARCH, {"query": "zzzzzz"})
    assert (found["products"], found["pagination"]["has_next_page"]) == ([], False)
    assert "messages" not in found


@pytest.mark.parametrize(
    "body",
    [
        {}, {"query": " "}, {"query": None}, {"query": "x", "pagination": {"limit": 0}}, {"query": "x", "pagination": {"cursor": "bm9wZQ"}},
        {"query": 5}, {"filters": {"price": {"min": -1}}}, {"filters": {"price": {"min": 1.5}}}, {"filters": {"categories": "shoes"}}, b"[", b"[]",
    ],
)  # fmt: skip
def test_a_search_that_is_none_is_refused(shelves: PlatformDesk, body: Any) -> None:
    with pytest.raises(TradewindError) as refused:
        shelves.call(SEARCH, body)
    assert (refused.value.code, refused.value.http_status) == ("invalid_request", 400)


def test_a_cursor_serves_its_own_search_alone(shelves: PlatformDesk) -> None:
    cursor = shelves.ask(SEARCH, {"filters": {"price": {"min": 0}}, "pagination": {"limit": 2}})["pagination"]["cursor"]
    with pytest.raises(TradewindError):
        shelves.call(SEARCH, {"filters": {"price": {"min": 1}}, "pagination": {"limit": 2, "cursor": cursor}})


def test_a_lookup_knows_products_and_variants_and_says_which_id_meant_what(shelves: PlatformDesk, schemas: Wire) -> None:
    found = shelves.ask(LOOKUP, {"ids": ["HX-4411", SAND, "P-1", "gone", SAND]})
    schemas.check("shopping/catalog_lookup.json#/$defs/lookup_response", found)
    assert ids(found) == ["HX-4411", "P-1"]
    inputs = {one["id"]: one["inputs"] for one in found["products"][0]["variants"]}
    assert inputs == {BLACK: [{"id": "HX-4411", "match": "featured"}], SAND: [{"id": SAND, "match": "exact"}]}
    assert [one for one in found["messages"] if one["code"] == "not_found"] == [{"type": "info", "code": "not_found", "content": "gone"}]


def test_a_lookup_of_nothing_known_is_an_empty_answer(shelves: PlatformDesk) -> None:
    assert shelves.ask(LOOKUP, {"ids": ["gone"]})["products"] == []


def test_a_lookup_of_too_many_ids_is_refused_by_its_own_code(shelves: PlatformDesk) -> None:
    with pytest.raises(TradewindError) as refused:
        shelves.call(LOOKUP, {"ids": [f"P-{number}" for number in range(101)]})
    assert (refused.value.code, refused.value.http_status, vars(type(refused.value))["rpc_code"]) == ("request_too_large", 400, -32602)
    assert len(shelves.ask(LOOKUP, {"ids": ["P-1"] * 300})["products"]) == 1


def test_a_lookup_can_be_narrowed(shelves: PlatformDesk) -> None:
    assert shelves.ask(LOOKUP, {"ids": ["HX-4411", "P-2"], "filters": {"categories": ["headphones"]}})["products"][0]["id"] == "HX-4411"
    assert shelves.ask(LOOKUP, {"ids": [SAND], "filters": {"price": {"max": 1}}})["products"] == []


def test_a_product_shows_its_options_and_the_variant_that_was_meant(shelves: PlatformDesk, schemas: Wire) -> None:
    by_product, by_variant = (shelves.ask(PRODUCT, {"id": one})["product"] for one in ("HX-4411", SAND))
    assert by_product["selected"] == [{"name": "Color", "id": "color=black", "label": "black"}]
    assert (by_variant["variants"][0]["id"], by_variant["selected"][0]["label"]) == (SAND, "sand")
    values = by_product["options"][0]["values"]
    assert values == [{"id": f"color={color}", "label": color, "available": True, "exists": True} for color in ("black", "sand")]
    for answer in (shelves.ask(PRODUCT, {"id": SAND}), shelves.ask(PRODUCT, {"id": "P-1", "context": {"address_country": "DE"}})):
        schemas.check("shopping/catalog_lookup.json#/$defs/get_product_response", answer)


def test_a_choice_leaves_its_variants_and_what_cannot_be_is_dropped(shelves: PlatformDesk) -> None:
    def chosen(label: str, product: str = "HX-4411", **more: str) -> tuple[list[str], list[str]]:
        found = shelves.ask(PRODUCT, {"id": product, "selected": [{"name": "color", "label": label, **more}]})["product"]
        return [one["id"] for one in found["variants"]], [one["label"] for one in found["selected"]]

    assert chosen("SAND") == ([SAND], ["sand"])
    assert chosen("whatever", id="color=sand") == ([SAND], ["sand"])
    assert chosen("green") == ([BLACK, SAND], [])
    assert chosen("black", product=SAND) == ([SAND], ["sand"])  # a variant's own id decides alone


def test_an_unknown_product_is_the_business_saying_no(shelves: PlatformDesk, schemas: Wire) -> None:
    answer = shelves.call(PRODUCT, {"id": "gone"})
    told = shelves.ask(PRODUCT, {"id": "gone"})
    schemas.check("shopping/types/error_response.json", told)
    assert (answer.status, told["ucp"]["status"], told["messages"][0]["code"]) == (200, "error", "not_found")


def test_an_option_may_be_chosen_once(shelves: PlatformDesk) -> None:
    with pytest.raises(TradewindError):
        shelves.call(PRODUCT, {"id": SAND, "selected": [{"name": "Color", "label": "sand"}, {"name": "color", "label": "black"}]})


def test_what_must_be_disclosed_stands_beside_its_product(shelves: PlatformDesk, schemas: Wire) -> None:
    found = shelves.ask(LOOKUP, {"ids": ["HX-4411", "P-1"], "context": {"address_country": "DE"}})
    schemas.check("shopping/catalog_lookup.json#/$defs/lookup_response", found)
    told = [(one["path"], one["code"], one["presentation"]) for one in found["messages"]]
    assert told == [("$.products[1]", "energy_label", "disclosure")]
    assert [one["code"] for one in shelves.ask(PRODUCT, {"id": "P-1", "context": {"address_country": "DE"}})["messages"]] == [
        "energy_label"
    ]
