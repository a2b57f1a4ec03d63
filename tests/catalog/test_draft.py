"""A draft made of an ugly spreadsheet is a mapping that imports it; every guess in it says what it stands on."""

import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import ugly
from tradewind.bootstrap import draft_mapping
from tradewind.catalog.errors import HeaderIsNoHeader
from tradewind.catalog.mapping import parse_mapping
from tradewind.settings import Settings


def drafted(path: Path, **given: Any) -> dict[str, Any]:
    text = draft_mapping(Settings(home=path.parent), path, **given)
    parse_mapping(text, "draft", None)
    return tomllib.loads(text)


def of_lines(folder: Path, *lines: str, **given: Any) -> dict[str, Any]:
    path = folder / "goods.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return drafted(path, **given)


def test_a_german_price_list_is_understood(tmp_path: Path) -> None:
    draft = drafted(ugly.german_csv(tmp_path))
    attributes = draft["attributes"]
    assert (draft["language"], draft["currency"], draft["tables"]["products"]["encoding"]) == ("de", "EUR", "windows-1252")
    assert attributes["cost"] == {"column": "EK-Preis (netto)", "decimal": ","}
    assert attributes["weight"] == {"column": "Gewicht (kg)", "unit": "kg", "decimal": ","}
    assert attributes["home_category"] == {"column": "Warengruppe", "split": "/"}
    assert draft["categories"] == {"Tassen": "kitchen?", "Leuchten": "lighting?", "Geschirr": "kitchen?"}
    assert draft["stock"][0]["column"] == "Lagerbestand"


@pytest.mark.parametrize("made", [ugly.chinese_csv, ugly.chinese_workbook])
def test_a_chinese_price_list_is_understood(tmp_path: Path, made: Any) -> None:
    draft = drafted(made(tmp_path))
    assert (draft["language"], draft["currency"], draft["country"]) == ("zh", "CNY", "CN")
    assert draft["attributes"]["cost"] == "进价(元)"
    assert draft["attributes"]["weight"]["unit"] in {"jin", "kg", "g"}
    assert draft.get("tables", {}).get("products", {}).get("encoding") == ("gb18030" if made is ugly.chinese_csv else None)


def test_an_encoding_is_proposed_with_what_shows_it(tmp_path: Path) -> None:
    text = draft_mapping(Settings(home=tmp_path), ugly.chinese_csv(tmp_path))
    assert '"货号"' in next(line for line in text.splitlines() if line.startswith("encoding"))


def test_a_word_of_two_umlauts_does_not_make_a_file_chinese(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("Nr;Bezeichnung;Größe\nA-1;Hose;XL\n".encode("windows-1252"))
    assert drafted(tmp_path / "a.csv")["attributes"]["size"] == "Größe"


def test_an_encoding_may_be_given(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("品番,商品名称\nA-1,青い皿\n".encode("shift_jis"))
    assert drafted(tmp_path / "a.csv", encoding="shift_jis")["tables"]["products"]["encoding"] == "shift_jis"


def test_an_id_that_repeats_becomes_a_product_with_variants(tmp_path: Path) -> None:
    attributes = of_lines(tmp_path, "Artikelnummer;Bezeichnung;Größe", "A-1;Hemd;M", "A-1;Hemd;L", "A-2;Hose;M")["attributes"]
    assert attributes["sku"] == {"template": "{Artikelnummer}-{Größe}"}
    assert attributes["product_id"] == "Artikelnummer"


def test_without_ids_one_is_made_of_the_fewest_fields_that_differ(tmp_path: Path) -> None:
    attributes = of_lines(tmp_path, "Name,Brand,Color", "Mug,Oak,red", "Mug,Oak,blue")["attributes"]
    assert attributes["sku"]["fields"] == ["Name", "Brand", "Color"]


def test_a_filled_ean_is_an_id_where_rows_are_only_counted(tmp_path: Path) -> None:
    attributes = of_lines(tmp_path, "Nr;Bezeichnung;EAN", "1;Hemd;4006381333931", "2;Hose;4006381333948")["attributes"]
    assert attributes["sku"] == attributes["gtin"] == "EAN"


def test_currency_and_weight_unit_may_have_columns_of_their_own(tmp_path: Path) -> None:
    lines = ("sku,name,cost,currency,weight,weight unit", "A,Mug,4.20,USD,6.5,oz", "B,Cup,3.10,EUR,180,g")
    attributes = of_lines(tmp_path, *lines)["attributes"]
    assert attributes["cost"] == {"template": "{currency} {cost}"}
    assert attributes["weight"] == {"template": "{weight} {weight unit}"}


def test_mixed_decimal_marks_become_two_sources(tmp_path: Path) -> None:
    cost = of_lines(tmp_path, "Nr;Name;EK", "A;Hemd;4,20", "B;Hose;1.250,00", "C;Hut;9.95")["attributes"]["cost"]
    assert cost == [{"column": "EK", "decimal": ","}, "EK"]


def test_texts_in_two_languages_are_kept_apart(tmp_path: Path) -> None:
    title = of_lines(tmp_path, "货号,名称,名称(英文)", "A-1,马克杯,Mug")["attributes"]["title"]
    assert title == ["名称", {"column": "名称(英文)", "language": "en"}]


def test_pictures_in_several_columns_are_all_taken(tmp_path: Path) -> None:
    images = of_lines(tmp_path, "sku,name,Bild 1,Bild 2", "A,Mug,a.jpg,b.jpg")["attributes"]["images"]
    assert images == ["Bild 1", "Bild 2"]


def test_what_is_missing_is_said_and_nothing_is_made_up(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sku,name,price,note\nA,Mug,9.90,\n", encoding="utf-8")
    text = draft_mapping(Settings(home=tmp_path), tmp_path / "a.csv")
    assert '# currency = "EUR"' in text
    assert '# cost = { from = "home_price"' in text
    assert "# no column of stock was found" in text


def a_price_list(path: Path, *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    book.close()
    return path


def test_pictures_are_known_by_their_addresses(tmp_path: Path) -> None:
    lines = "sku;name;large;small;home\nA;Mug;https://x.example/a.jpg;https://x.example/s/a.jpg;Kitchen"
    assert of_lines(tmp_path, lines)["attributes"]["images"] == "large"


def test_titles_above_the_names_are_passed_over(tmp_path: Path) -> None:
    titles: list[list[object]] = [["Preisliste Herbst 2026"], ["Stand", "1.9."], []]
    path = a_price_list(
        tmp_path / "a.xlsx", *titles, ["Nr", "Name", "Farbe", "EK"], ["A-1", "Tasse", "rot", 4.2], ["A-2", "Teller", "", 3.1]
    )
    assert drafted(path)["attributes"] == {"sku": "Nr", "title": "Name", "color": "Farbe", "cost": "EK"}
    lines = "Preisliste Herbst 2026\nStand;1.9.;;\nNr;Name;Farbe;EK\nA-1;Tasse;rot;4,2\nA-2;Teller;;3,1"
    assert of_lines(tmp_path, lines)["attributes"]["sku"] == "Nr"


def test_a_title_above_rows_without_names_is_told(tmp_path: Path) -> None:
    path = a_price_list(tmp_path / "a.xlsx", ["Preisliste Herbst 2026"], ["A-1", "Tasse", 4.2], ["A-2", "Teller", 3.1])
    with pytest.raises(HeaderIsNoHeader, match="Preisliste Herbst 2026"):
        drafted(path)


def test_names_without_rows_make_a_draft_too(tmp_path: Path) -> None:
    assert of_lines(tmp_path, "sku;name;EK")["attributes"] == {"sku": "sku", "title": "name", "cost": "EK"}


def test_an_export_of_free_attributes_in_cents_and_millimeters_is_guessed_and_said(tmp_path: Path) -> None:
    header = "id,title,price,attr_t_product_colour,attr_b_colour,attr_n_height,attr_t_country_of_origin,attr_t_type"
    rows = [f"{n},The lamp for the desk number {n},{n}95,Silver,true,{n * 10},China,Original" for n in range(10, 40)]
    (tmp_path / "a.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    text = draft_mapping(Settings(home=tmp_path), tmp_path / "a.csv")
    assert 'home_price = { column = "price", minor = true }' in text
    assert 'currency = "USD"  # nothing shows it: a guess from English texts alone' in text
    assert 'color = "attr_t_product_colour"' in text
    assert 'height = { column = "attr_n_height", unit = "mm" }' in text
    assert 'origin = "attr_t_country_of_origin"' in text
