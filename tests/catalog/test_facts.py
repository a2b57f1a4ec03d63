"""From a row to a fact: what is read, where it comes from, and what cleaning did."""

from pathlib import Path

import pytest
from tests.catalog.building import imported, only, quarantine, variants

HEAD = 'language = "en"\ncurrency = "USD"\n'
BASIC = HEAD + '[attributes]\nsku = "id"\ntitle = "name"\n'


def test_a_text_loses_tags_entities_and_shouting(tmp_path: Path) -> None:
    csv = 'id,name,text\n1,WIRELESS HEADPHONES BLACK,"<p>Good&nbsp;&amp; light</p><br>ＡＢ１２ FREE SHIPPING!"\n'
    variant = only(imported(tmp_path, csv, BASIC + 'description = "text"\n'))
    assert variant["titles"] == {"en": "Wireless Headphones Black"}
    assert variant["descriptions"] == {"en": "Good & light AB12"}
    assert {"html_removed", "entities_decoded", "fullwidth", "promotion_removed", "shouting"} == set(variant["flags"])


def test_a_description_of_pictures_only_is_no_description(tmp_path: Path) -> None:
    variant = only(imported(tmp_path, 'id,name,text\n1,Cup,"<p><img src=""a.jpg""/></p>"\n', BASIC + 'description = "text"\n'))
    assert variant["descriptions"] == {}
    assert "description_without_text" in variant["flags"]


def test_words_for_nothing_are_nothing(tmp_path: Path) -> None:
    variant = only(imported(tmp_path, "id,name,brand,color\n1,Cup,NULL,无\n", BASIC + 'brand = "brand"\ncolor = "color"\n'))
    assert (variant["brand"], variant["brand_from"], variant["color"]) == (None, "missing", None)


def test_a_weight_in_the_wrong_form_is_an_issue_and_the_row_stays(tmp_path: Path) -> None:
    outcome = imported(tmp_path, 'id,name,w\n1,Cup,"1,2 kg"\n2,Mug,0.3 kg\n', BASIC + 'weight = { column = "w", unit = "kg" }\n')
    first, second = variants(outcome.snapshot)
    assert (first["weight_g"], first["weight_from"], second["weight_g"], second["weight_from"]) == (None, "missing", 300, "supplier")
    (issue,) = quarantine(outcome.snapshot, "issues")
    assert (issue["row"], issue["field"], issue["value"]) == (1, "weight", "1,2 kg")


def test_the_mapping_says_that_a_comma_is_the_decimal_mark(tmp_path: Path) -> None:
    mapping = BASIC + 'weight = { column = "w", unit = "kg", decimal = "," }\nhome_price = { column = "p", decimal = "," }\n'
    variant = only(imported(tmp_path, 'id,name,w,p\n1,Cup,"1,2","1.299,50"\n', mapping))
    assert (variant["weight_g"], variant["home_price_minor"]) == (1200, 129950)


def test_a_cost_derived_from_the_home_price_says_so(tmp_path: Path) -> None:
    variant = only(
        imported(tmp_path, "id,name,p\n1,Cup,9.99\n", BASIC + 'home_price = "p"\ncost = { from = "home_price", times = "0.7" }\n')
    )
    assert (variant["cost_minor"], variant["cost_currency"], variant["cost_from"]) == (699, "USD", "derived")
    assert "0.7" in variant["cost_note"]


def test_a_home_price_alone_is_never_a_cost(tmp_path: Path) -> None:
    variant = only(imported(tmp_path, "id,name,p\n1,Cup,9.99\n", BASIC + 'home_price = "p"\n'))
    assert (variant["cost_minor"], variant["cost_from"]) == (None, "missing")


def test_signed_defaults_fill_what_is_missing_and_are_marked(tmp_path: Path) -> None:
    (tmp_path / "d.toml").write_text(
        'signed_by = "test"\ndate = 2026-11-01\n["*"]\norigin = "CN"\n[phones]\nweight_g = 450\ncost_factor = "0.6"\n', encoding="utf-8"
    )
    csv = "id,name,p,kind\n1,A phone,100.00,x\n2,Cup,5.00,y\n"
    mapping = (
        HEAD
        + 'defaults = "d.toml"\n[attributes]\nsku = "id"\ntitle = "name"\nhome_price = "p"\nhome_category = "kind"\n[categories]\nx = "phones"\ny = "kitchen"\n'
    )
    phone, cup = variants(imported(tmp_path, csv, mapping).snapshot)
    assert (phone["weight_g"], phone["weight_from"], phone["cost_minor"], phone["cost_from"]) == (
        450,
        "category_default",
        6000,
        "category_default",
    )
    assert (cup["weight_g"], cup["origin"], cup["origin_from"]) == (None, "CN", "category_default")


def test_a_fact_given_by_a_person_wins_over_the_supplier(tmp_path: Path) -> None:
    facts = tmp_path / "facts.csv"
    facts.write_text("sku,fact,value,signed_by\n1,weight_g,420,Ada\n1,cost,CNY 12.50,Ada\n", encoding="utf-8")
    variant = only(imported(tmp_path, "id,name,w\n1,Cup,300\n", BASIC + 'weight = { column = "w", unit = "g" }\n', facts=facts))
    assert (variant["weight_g"], variant["weight_from"]) == (420, "person")
    assert (variant["cost_minor"], variant["cost_currency"], variant["cost_from"], variant["cost_note"]) == (
        1250,
        "CNY",
        "person",
        "signed Ada",
    )


def test_dimensions_in_one_text_are_split(tmp_path: Path) -> None:
    variant = only(imported(tmp_path, "id,name,d\n1,Cup,30 x 20 x 5.5 cm\n", BASIC + 'dimensions = { column = "d", unit = "cm" }\n'))
    assert (variant["length_mm"], variant["width_mm"], variant["height_mm"], variant["dimensions_from"]) == (300, 200, 55, "supplier")


def test_origins_are_read_in_chinese_and_english(tmp_path: Path) -> None:
    found = variants(
        imported(tmp_path, "id,name,o\n1,a,中国江苏\n2,b,China\n3,c,浙江杭州\n4,d,Atlantis\n", BASIC + 'origin = "o"\n').snapshot
    )
    assert [variant["origin"] for variant in found] == ["CN", "CN", "CN", None]


def test_titles_reveal_a_category_when_nothing_else_does(tmp_path: Path) -> None:
    found = variants(imported(tmp_path, "id,name\n1,Black toner cartridge\n2,小米手机\n3,Qwerty\n", BASIC).snapshot)
    assert [(variant["category"], variant["category_from"]) for variant in found] == [
        ("printer-supplies", "derived"),
        ("phones", "derived"),
        (None, "missing"),
    ]


def test_a_picture_address_that_is_none_is_left_out_and_reported(tmp_path: Path) -> None:
    outcome = imported(
        tmp_path, 'id,name,i\n1,Cup,"https://x.test/a.jpg,../b.jpg,cups/c.png"\n', BASIC + 'images = { column = "i", split = "," }\n'
    )
    assert only(outcome)["images"] == ["https://x.test/a.jpg", "cups/c.png"]
    assert quarantine(outcome.snapshot, "issues")[0]["value"] == "../b.jpg"


def test_options_of_a_json_list_make_color_and_size(tmp_path: Path) -> None:
    csv = 'id,name,sp\n1,Tee,"[{""key"":""颜色"",""value"":""黑色""},{""key"":""尺码"",""value"":""M""}]"\n'
    variant = only(imported(tmp_path, csv, BASIC + 'options = { column = "sp", shape = "pairs" }\n'))
    assert (variant["options"], variant["color"], variant["size"]) == ({"颜色": "黑色", "尺码": "M"}, "黑色", "M")


@pytest.mark.parametrize(
    ("title", "path"),
    [
        ("Toy Box Plans PDF | Stacking Wood Bins (Digital Download)", "Furniture > Shelving"),
        ("Apron PDF Sewing Pattern", "Clothing"),
        ("Arbor Swing", "Furniture > PDF Download"),
    ],
)
def test_a_download_is_one_whatever_shelf_it_stands_on(tmp_path: Path, title: str, path: str) -> None:
    mapping = BASIC + 'home_category = { column = "shelf", split = ">" }\n[categories]\n"Furniture" = "furniture"\n'
    variant = only(imported(tmp_path, f'id,name,shelf\n1,"{title}",{path}\n', mapping))
    assert (variant["category"], variant["category_from"]) == ("digital", "derived")


def test_a_person_may_still_say_otherwise_for_one_product(tmp_path: Path) -> None:
    facts = tmp_path / "facts.csv"
    facts.write_text("sku,fact,value,signed_by\n1,category,books,Ada\n", encoding="utf-8")
    assert only(imported(tmp_path, "id,name\n1,Plans PDF Download\n", BASIC, facts=facts))["category"] == "books"


@pytest.mark.parametrize(
    ("title", "category"), [("Two steel watches", "smart-watches"), ("Linen dresses", "dresses"), ("Oak shelves", "furniture")]
)
def test_a_plural_reveals_a_category_too(tmp_path: Path, title: str, category: str) -> None:
    assert only(imported(tmp_path, f"id,name\n1,{title}\n", BASIC))["category"] == category


def test_a_guessed_category_counts_as_derived(tmp_path: Path) -> None:
    mapping = BASIC + 'home_category = "shelf"\n[categories]\n"Becher" = "kitchen?"\n'
    variant = only(imported(tmp_path, "id,name,shelf\n1,Becher,Becher\n", mapping))
    assert (variant["category"], variant["category_from"]) == ("kitchen", "derived")


def test_a_brands_own_shop_is_the_brand_and_its_maker_is_not_unless_the_mapping_says_so(tmp_path: Path) -> None:
    csv = "id,name,brand\n1,Cup,华为官方旗舰店\n2,Cup,MUJI制造商\n3,Cup,小米 旗舰店\n4,Cup,书店\n"
    plain = variants(imported(tmp_path, csv, BASIC + 'brand = "brand"\n').snapshot)
    assert [row["brand"] for row in plain] == ["华为", "MUJI制造商", "小米", "书店"]
    told = variants(imported(tmp_path, csv, BASIC + 'brand = { column = "brand", without = ["制造商"] }\n').snapshot)
    assert told[1]["brand"] == "MUJI"
