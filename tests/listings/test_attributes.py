"""Attributes beyond price, stock and texts: from the catalog's specifications, and from the retailer's rules."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_google_listings import broken, listed

from tradewind.listings import AttributeBook, RuleIsInvalid, attribute_book
from tradewind.listings.measures import unit_measure
from tradewind.listings.own_attributes import SETTABLE, own_attributes
from tradewind.listings.shipping import lane_labels
from tradewind.markets import load_market
from tradewind.network import load_network

TODAY = date(2026, 11, 23)
REVIEWED = '[checkout]\nnotices_reviewed_by = "Ann Lee"\nnotices_reviewed_on = 2026-11-01\n'


def a_book(market: str = "de", folder: Path | None = None, day: date = TODAY) -> AttributeBook:
    return attribute_book(load_market(market), day, folder)


def a_folder(tmp_path: Path, text: str) -> Path:
    (tmp_path / "listing-attributes.toml").write_text(text, encoding="utf-8")
    return tmp_path


def shown(specs: dict[str, str], market: str = "de", **changes: Any) -> dict[str, Any]:
    country, currency = {"de": ("DE", "EUR"), "us": ("US", "USD"), "gb": ("GB", "GBP")}[market]
    book = changes.pop("book", None) or a_book(market)
    return listed(country, currency, spec_map=specs, book=book, **changes)


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("500 ml", ("500 ml", "1 l")), ("0,75L", ("0.75 l", "1 l")), ("3 x 330 ml", ("990 ml", "1 l")), ("250克", ("250 g", "1 kg")),
        ("1.50 kg", ("1.5 kg", "1 kg")), ("100g ℮", ("100 g", "1 kg")), ("2 m²", ("2 sqm", "1 sqm")), ("M", None), ("16 oz", None),
        ("0 ml", None), ("500", None), ("ml", None), ("", None),
    ],
)  # fmt: skip
def test_a_net_content_becomes_a_measure_and_its_base(text: str, measure: tuple[str, str] | None) -> None:
    assert unit_measure(text) == measure


@given(st.integers(1, 99_999), st.integers(1, 99), st.sampled_from(["g", "ml", "kg", "l", "cm"]))
def test_packs_hold_as_much_as_their_pieces_together(number: int, times: int, unit: str) -> None:
    one, pack = unit_measure(f"{number} {unit}"), unit_measure(f"{times} x {number}{unit}")
    assert one is not None
    assert pack == (f"{number * times} {unit}", one[1])


def test_the_unit_price_is_said_where_the_law_wants_it() -> None:
    specs = {"净含量": "500毫升"}
    assert (shown(specs)["unit_pricing_measure"], shown(specs)["unit_pricing_base_measure"]) == ("500 ml", "1 l")
    assert shown(specs, "us")["unit_pricing_measure"] is None
    assert shown({}, category="skin-care", size="50 ml")["unit_pricing_measure"] == "50 ml"
    assert shown({}, category="tops", size="50 ml")["unit_pricing_measure"] is None


@pytest.mark.parametrize("specs", [{"容量": "500ml"}, {"Net weight": "420 g"}])
def test_the_volume_of_a_flask_is_no_net_content(specs: dict[str, str]) -> None:
    assert shown(specs, category="kitchen")["unit_pricing_measure"] is None
    assert shown(specs, category="skin-care")["unit_pricing_measure"] is not None


def test_an_energy_label_is_a_certification_in_the_union_and_a_class_in_great_britain() -> None:
    specs = {"EPREL": "https://eprel.ec.europa.eu/screen/product/lightsources/1234567", "Energy Class": "a"}
    here, there = shown(specs), shown(specs, "gb")
    assert (here["certification"], here["energy_efficiency_class"]) == ("EC:EPREL:1234567", None)
    assert (there["certification"], there["energy_efficiency_class"]) == ("EC:EPREL:1234567", "A")
    assert shown(specs, "us")["certification"] is None
    assert shown({"EPREL": "pending"})["certification"] is None


def test_highlights_are_those_of_the_language_and_at_least_two() -> None:
    assert shown({"Highlights_de": "Leise | Leicht | Faltbar"})["product_highlight"] == "Leise\x1fLeicht\x1fFaltbar"
    assert shown({"卖点": "静音|轻"})["product_highlight"] is None
    assert shown({"Highlights_de": "Nur eins"})["product_highlight"] is None
    assert shown({"Highlights": "Leise | Leicht"}, home_language="de")["product_highlight"] == "Leise\x1fLeicht"


def test_specifications_become_details_in_their_own_language_only() -> None:
    specs = {"Akku": "40 h", "EPREL": "1234567", "google:adult": "no"}
    assert shown(specs, home_language="de")["product_detail"] == "Technische Daten\x1eAkku\x1e40 h"
    assert shown(specs, home_language="zh")["product_detail"] is None


def test_a_text_that_a_model_wrote_is_sent_as_such() -> None:
    by_model = shown({"google:texts_by_model": "de, th"}, title="Gute: Kopfhörer")
    assert (by_model["title"], by_model["structured_title"]) == (None, "trained_algorithmic_media:Gute: Kopfhörer")
    assert by_model["structured_description"] == "trained_algorithmic_media:Gute Kopfhörer"
    assert by_model["verdict"] == "ok"
    own = shown({"google:texts_by_model": "th"})
    assert (own["title"], own["structured_title"]) == ("Acme Kopfhörer", None)


def test_a_rule_still_judges_the_title_that_a_model_wrote() -> None:
    book = replace(a_book(), checkout=False)
    assert "title_is_shouting" in broken(spec_map={"google:texts_by_model": "de"}, title="ALL THESE ARE SHOUTING", book=book)


def test_what_is_said_changes_the_hash_and_what_is_not_said_does_not() -> None:
    plain = shown({})["content_hash"]
    assert shown({"Farbe": "rot"})["content_hash"] == plain
    assert len({plain, shown({"EPREL": "1234567"})["content_hash"], shown({"EPREL": "1234568"})["content_hash"]}) == 3


def test_rules_set_labels_by_category_price_and_margin_and_the_first_one_wins(tmp_path: Path) -> None:
    folder = a_folder(
        tmp_path,
        """
        [[set]]
        attribute = "custom_label_2"
        value = "premium"
        markets = ["de"]
        price_at_least = "50.00 EUR"
        margin_percent_at_least = 30
        [[set]]
        attribute = "custom_label_2"
        value = "audio"
        categories = ["electronics"]
        """,
    )
    book = a_book(folder=folder)
    assert shown({}, book=book)["custom_label_2"] == "premium"
    assert shown({}, book=book, price_minor=4999)["custom_label_2"] == "audio"
    assert shown({}, book=book, margin_ppm=299_999)["custom_label_2"] == "audio"
    assert shown({}, book=book, price_minor=4999, category="tops")["custom_label_2"] is None
    assert shown({}, "us", book=a_book("us", folder))["custom_label_2"] == "audio"


def test_excluded_places_of_several_rules_add_up(tmp_path: Path) -> None:
    rule = '[[set]]\nattribute = "{}"\nvalue = "{}"\n'
    text = "".join(
        rule.format(*one)
        for one in (
            ("excluded_destination", "Display_ads"), ("excluded_destination", "Free_listings,Display_ads"),
            ("shopping_ads_excluded_country", "CH"), ("return_policy_label", "bulky"), ("shipping_label", "heavy"),
        )
    )  # fmt: skip
    listing = shown({}, book=a_book(folder=a_folder(tmp_path, text)))
    assert listing["excluded_destination"] == "Display_ads,Free_listings"
    assert (listing["shopping_ads_excluded_country"], listing["return_policy_label"]) == ("CH", "bulky")
    assert listing["shipping_label"] == "heavy"
    assert listing["content_hash"] != shown({})["content_hash"]


def test_a_lane_labels_its_listings_unless_a_rule_does(tmp_path: Path) -> None:
    lanes = (("SZX-1.de", "slow"), ("DUI-1.de", "fast"))
    book = replace(a_book(folder=a_folder(tmp_path, '[shipping]\nde = "account"\n')), lane_labels=lanes)
    assert shown({}, lane_id="SZX-1.de", book=book)["shipping_label"] == "slow"
    assert shown({}, lane_id="elsewhere", book=book)["shipping_label"] is None
    assert shown({}, lane_id="SZX-1.de", book=book)["content_hash"] != shown({}, lane_id="DUI-1.de", book=book)["content_hash"]


def test_a_network_labels_only_where_the_account_says_the_shipping(tmp_path: Path) -> None:
    folder, network = a_folder(tmp_path, '[shipping]\nde = "account"\n'), load_network()
    assert dict(attribute_book(load_market("de"), TODAY, folder, network=network).lane_labels) == lane_labels(
        load_market("de"), network, TODAY
    )
    assert attribute_book(load_market("us"), TODAY, folder, network=network).lane_labels == ()


def test_shipping_of_the_account_leaves_the_items_free_of_it(tmp_path: Path) -> None:
    assert shown({})["shipping"] == "DE:::0.00 EUR"
    assert shown({}, book=a_book(folder=a_folder(tmp_path, '[shipping]\nde = "account"\n')))["shipping"] is None


def test_the_checkout_is_closed_until_a_person_has_looked_at_warnings(tmp_path: Path) -> None:
    assert shown({}, "us")["native_commerce"] is None
    assert "warning" in a_book("us").checkout_closed_because
    opened = a_book("us", a_folder(tmp_path, REVIEWED))
    assert shown({}, "us", book=opened)["native_commerce"] == "true"
    assert a_book("de", tmp_path).checkout is False
    assert a_book("us", tmp_path, date(2026, 10, 31)).checkout is False


@pytest.mark.parametrize("changes", [{"condition": "used"}, {"category": "phones"}, {"images": []}, {"brand": "Lead Works"}])
def test_what_is_not_eligible_stays_out_of_the_checkout(tmp_path: Path, changes: dict[str, Any]) -> None:
    kept_out = '[[set]]\nattribute = "native_commerce"\nvalue = "no"\nbrands = ["lead works"]\n'
    assert shown({}, "us", book=a_book("us", a_folder(tmp_path, REVIEWED + kept_out)), **changes)["native_commerce"] is None


def test_a_notice_comes_from_the_catalog_or_by_rule(tmp_path: Path) -> None:
    rule = '[[set]]\nattribute = "consumer_notice"\nvalue = "safety_warning:Small parts."\ncategories = ["electronics"]\n'
    book = a_book("us", a_folder(tmp_path, REVIEWED + rule))
    english = {"language": "en", "home_language": "en", "book": book}
    assert shown({"Prop 65": "This can expose you to lead."}, "us", **english)["consumer_notice"] == "prop_65:This can expose you to lead."
    assert (
        shown({"google:consumer_notice": "legal_disclaimer:Adults only."}, "us", **english)["consumer_notice"]
        == "legal_disclaimer:Adults only."
    )
    assert shown({}, "us", **english)["consumer_notice"] == "safety_warning:Small parts."
    assert shown({}, "us", **english)["merchant_item_id"] is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[set]]\nattribute = "title"\nvalue = "x"', "no rule can set"),
        ('[[set]]\nattribute = "custom_label_2"\nvalue = "' + "x" * 101 + '"', "101 characters"),
        ('[[set]]\nattribute = "shopping_ads_excluded_country"\nvalue = "Germany"', "'Germany'"),
        ('[[set]]\nattribute = "native_commerce"\nvalue = "yes"', "'yes'"),
        ('[[set]]\nattribute = "custom_label_2"\nvalue = "x"\nprice_below = 5', "price_below is 5"),
        ('[[set]]\nattribute = "custom_label_2"\nvalue = "x"\ncategories = ["gadgets"]', "gadgets"),
        ('[[set]]\nattribute = "custom_label_2"\nvalue = "x"\nvalid_to = "2027"', "valid_to"),
        ('[[set]]\nattribute = "custom_label_2"\nvalue = "x"\nprices = 5', "prices"),
        ("[names]\ntitle = ['x']", "title"),
        ('[shipping]\nde = "both"', "account"),
        ('[checkout]\nnotices_reviewed_by = "Ann"', "notices_reviewed_on"),
        ("[loyalty]\nx = 1", "loyalty"),
    ],
)
def test_a_mistake_in_the_rules_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(RuleIsInvalid, match=r"listing-attributes\.toml") as refused:
        own_attributes(a_folder(tmp_path, text))
    assert said in refused.value.message
    assert refused.value.hint


def test_a_rule_that_has_ended_leaves_the_book_and_its_digest(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, '[[set]]\nattribute = "custom_label_2"\nvalue = "sale"\nvalid_from = 2026-11-20\nvalid_to = 2026-11-30\n')
    assert a_book(folder=folder).rules
    assert a_book(folder=folder, day=date(2026, 12, 1)).rules == ()
    assert a_book(folder=folder).digest == a_book(folder=folder, day=date(2026, 11, 30)).digest != a_book().digest


def test_every_settable_attribute_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs/how-to/set-listing-attributes.md").read_text("utf-8")
    assert [name for name in SETTABLE if f"`{name}`" not in page] == []
