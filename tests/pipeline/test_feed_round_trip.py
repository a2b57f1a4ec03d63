"""A feed of ours, imported as a catalog by the retailer's own commands, makes the same feed again."""

import csv
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shard_builders import a_plan, a_spec, a_variant, compute

from tradewind.adapters.feeds import assemble_market
from tradewind.adapters.sources import stage
from tradewind.catalog import ImportRequest, import_catalog

# What a feed says of the product itself; price and shipping are the market's own and are made anew from the cost.
CARRIED = (
    "id", "title", "description", "image_link", "additional_image_link", "availability", "brand", "gtin", "mpn", "identifier_exists",
    "condition", "google_product_category", "product_type", "item_group_id", "color", "size", "material", "pattern", "gender", "age_group",
    "shipping_weight", "unit_pricing_measure", "unit_pricing_base_measure", "certification",
)  # fmt: skip
MAPPING = """
name = "own feed"
language = "en"
currency = "EUR"
country = "CN"
defaults = "defaults.toml"
[attributes]
sku = "id"
product_id = ["item_group_id", "id"]
title = "title"
description = "description"
brand = "brand"
gtin = "gtin"
mpn = "mpn"
google_category = "google_product_category"
color = "color"
size = "size"
material = "material"
pattern = "pattern"
gender = "gender"
age_group = "age_group"
images = ["image_link", { column = "additional_image_link", split = "," }]
condition = "condition"
weight = { column = "shipping_weight", unit = "g" }
home_price = "price"
cost = { from = "home_price", times = "0.5" }
specs = [
  { column = "unit_pricing_measure", names = "=net content" },
  { column = "certification", names = "=google:certification" },
]
[[stock]]
value = "7"
location = "SZX-1"
"""
DEFAULTS = 'signed_by = "Anna"\ndate = 2026-09-01\n["*"]\norigin = "CN"\nhs_code = "851830"\nbattery = "none"\n'

letters = st.text(st.sampled_from("abcdefghij &,.'()/é漢-"), min_size=3, max_size=20).map(lambda text: " ".join(f"Ab {text} z".split()))
sentences = st.lists(letters, min_size=3, max_size=8).map(". ".join)
products = st.fixed_dictionaries(
    {
        "titles": letters.map(lambda text: {"en": f"Headphones {text}"}),
        "descriptions": sentences.map(lambda text: {"en": f"Good headphones. {text}."}),
        "brand": st.one_of(st.none(), letters),
        "gtin": st.sampled_from([None, "4006381333931", "0036000291452"]),
        "mpn": st.one_of(st.none(), st.from_regex(r"\A[A-Z]{2}-[0-9]{2,6}\Z")),
        "color": st.sampled_from([None, "black", "red", "blue"]),
        "size": st.sampled_from([None, "M", "42", "XL"]),
        "material": st.sampled_from([None, "cotton", "steel"]),
        "gender": st.sampled_from([None, "male", "unisex"]),
        "age_group": st.sampled_from([None, "adult", "kids"]),
        "weight_g": st.integers(50, 2000),
        "specs": st.sampled_from([{}, {"Net content": "3 x 330 ml"}, {"EPREL": "1234567"}]),
        "images": st.lists(st.sampled_from(["https://a.example/1.jpg", "https://a.example/b, c.jpg"]), min_size=1, max_size=2, unique=True),
    }
)


def feed_of(folder: Path, spec: Any) -> list[dict[str, str]]:
    compute(spec)
    assemble_market([spec.target / "de"], folder, "Shop", "http://shop.example")
    with (folder / "products.tsv").open(encoding="utf-8", newline="") as file:
        return [{name: row[name] for name in CARRIED} for row in csv.DictReader(file, delimiter="\t")]


def imported(folder: Path, feed: Path) -> Path:
    """The catalog that the feed makes."""
    (folder / "own.mapping.toml").write_text(MAPPING, encoding="utf-8")
    (folder / "defaults.toml").write_text(DEFAULTS, encoding="utf-8")
    request = ImportRequest(path=feed, home=folder / "home", mapping=folder / "own.mapping.toml", threads=1, memory_limit_mb=512)
    return import_catalog(request, stage).snapshot.folder


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(st.lists(products, min_size=1, max_size=6))
def test_feed_import_feed(facts: list[dict[str, Any]]) -> None:
    gtins = [one.pop("gtin") for one in facts]  # one GTIN is one product
    variants = [
        a_variant(f"HX-{number}", **one, gtin=gtin if gtins.index(gtin) == number else None, options={})
        for number, (one, gtin) in enumerate(zip(facts, gtins, strict=True))
    ]
    with TemporaryDirectory() as name:
        folder = Path(name)
        first = feed_of(folder / "first", a_spec(folder, variants, plans=(a_plan("de"),)))
        snapshot = imported(folder, folder / "first" / "products.tsv")
        spec = a_spec(
            folder,
            [],
            run="run_2",
            plans=(a_plan("de"),),
            products=snapshot / "products-00000.parquet",
            stock=snapshot / "stock-00000.parquet",
        )
        assert feed_of(folder / "second", spec) == first
        assert len(first) == len(variants)
