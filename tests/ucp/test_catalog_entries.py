"""Products on the wire: what the schema says, with prices, options, categories and what must be disclosed."""

from datetime import date
from pathlib import Path
from typing import Any

from ucp_offers import a_shelf, a_variant, sizes_and_colors
from wire_schemas import Wire

from tradewind.offers import Offer
from tradewind.ucp.choosing import options_of
from tradewind.ucp.v2026_04_08.catalog import categories_named, disclosure_messages, product_entry, signaled_options

IMAGE = "https://shop.example/media/a.jpg"


def entry(variants: list[Offer], market: str = "us") -> dict[str, Any]:
    return product_entry(a_shelf(market), variants, variants, options_of(variants))


def test_a_product_is_what_the_schema_says(schemas: Wire) -> None:
    variants = sizes_and_colors(red_S=True)
    schemas.check("shopping/types/product.json", entry(variants))
    detail = entry(variants) | {"options": signaled_options(a_shelf(), variants, options_of(variants), {"color": "red"}), "selected": []}
    schemas.check("shopping/catalog_lookup.json#/$defs/detail_product", detail)
    plain = a_variant(gtin=None, images=(IMAGE,), rating_milli=None, rating_count=None, description="")
    schemas.check("shopping/types/product.json", entry([plain]))


def test_the_range_spans_every_variant_and_each_price_names_its_currency() -> None:
    told = entry(sizes_and_colors())
    prices = [one["price"]["amount"] for one in told["variants"]]
    assert told["price_range"] == {"min": {"amount": min(prices), "currency": "USD"}, "max": {"amount": max(prices), "currency": "USD"}}
    assert "list_price_range" not in told


def test_an_announced_reduction_is_struck_from_its_list_price() -> None:
    on_sale = a_variant(list_price_minor=9900, sale_starts=date(2026, 11, 1), sale_ends=date(2026, 12, 1))
    told = entry([on_sale, a_variant("HX-2", color="sand")])
    assert told["variants"][0]["list_price"] == {"amount": 9900, "currency": "USD"}
    assert told["list_price_range"]["max"]["amount"] == 9900
    assert "list_price" not in told["variants"][1]


def test_a_variant_is_called_by_its_options_and_known_by_its_id() -> None:
    first = entry(sizes_and_colors())["variants"][0]
    assert (first["id"], first["title"]) == ("HX-red-S", "red / S")
    assert first["options"] == [{"name": "Color", "id": "color=red", "label": "red"}, {"name": "Size", "id": "size=S", "label": "S"}]


def test_options_are_called_as_the_market_calls_them() -> None:
    variants = [a_variant(f"HX-{color}", "de", color=color) for color in ("rot", "blau")]
    assert [one["name"] for one in entry(variants, "de")["options"]] == ["Farbe"]


def test_a_category_is_named_by_google_and_by_the_shop_and_found_by_either() -> None:
    google, own = entry([a_variant(category="headphones")])["categories"]
    assert (google["taxonomy"], own["taxonomy"]) == ("google_product_category", "merchant")
    for value in (google["value"], own["value"], own["value"].upper(), "headphones"):
        assert "headphones" in categories_named([value], "en")
    assert categories_named(["no such thing"], "en") == ()


def test_a_warning_stands_at_the_product_when_every_variant_has_it_else_at_the_variant() -> None:
    lead = {"Prop 65": "This product can expose you to lead."}
    warned, other = a_variant("HX-1", specs=lead, color="red"), a_variant("HX-2", color="blue")
    both = list(disclosure_messages(a_shelf(), "$.products[0]", [warned, a_variant("HX-3", specs=lead)]))
    assert [(one["code"], one["path"], one["presentation"]) for one in both] == [("prop65", "$.products[0]", "disclosure")]
    assert both[0]["content"] == "This product can expose you to lead."
    one = list(disclosure_messages(a_shelf(), "$.products[0]", [other, warned]))
    assert [message["path"] for message in one] == ["$.products[0].variants[1]"]


def test_warnings_are_what_the_schema_says_and_none_is_told_where_no_rule_asks(schemas: Wire, tmp_path: Path) -> None:
    rule = (
        '[[set]]\nattribute = "consumer_notice"\nvalue = "safety_warning:<b>Small</b> parts.<br>Keep away."\ncategories = ["headphones"]\n'
    )
    (tmp_path / "listing-attributes.toml").write_text(rule, encoding="utf-8")
    lamp = a_variant(market="de", category="lighting", hs_code="853952", specs={"Energy class": "b", "EPREL": "1234567"})
    found = [
        *disclosure_messages(a_shelf("us", tmp_path), "$.product", [a_variant()]),
        *disclosure_messages(a_shelf("de"), "$.product", [lamp]),
    ]
    assert [(one["code"], one["content"]) for one in found] == [
        ("safety_warning", "Small parts.\nKeep away."),
        ("energy_label", "Energieklasse B (Skala A–G)"),
    ]
    assert found[1]["url"] == "https://eprel.ec.europa.eu/qr/1234567"
    for message in found:
        schemas.check("shopping/types/message.json", message)
    assert not list(disclosure_messages(a_shelf(), "$.product", [a_variant()]))


def test_goods_sold_by_measure_tell_the_price_of_one_unit_in_the_union(schemas: Wire) -> None:
    cream = a_variant(market="de", category="skin-care", specs={"Net content": "3 x 50 ml"})
    told = entry([cream], "de")
    schemas.check("shopping/types/product.json", told)
    unit = told["variants"][0]["unit_price"]
    assert (unit["measure"], unit["reference"]) == ({"value": 150, "unit": "ml"}, {"value": 1, "unit": "l"})
    assert "unit_price" not in entry([a_variant(category="skin-care", specs={"Net content": "3 x 50 ml"})])["variants"][0]
