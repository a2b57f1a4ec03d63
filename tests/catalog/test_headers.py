"""What the name of a column says: the attribute, and the unit, the currency and the language in it."""

import pytest

from tradewind.catalog.evidence import decimal_mark, likely_weight_unit, numbers, text_language
from tradewind.catalog.headers import known_names, read_header
from tradewind.catalog.mapping import ATTRIBUTES


@pytest.mark.parametrize(
    ("column", "attribute"),
    [
        *(("Artikelnummer", "sku"), ("Art.-Nr.", "sku"), ("货号", "sku"), ("Référence", "sku"), ("รหัสสินค้า", "sku"), ("Item No.", "sku")),
        *(("Bezeichnung", "title"), ("商品名称", "title"), ("Désignation", "title"), ("ชื่อสินค้า", "title"), ("Tên sản phẩm", "title")),
        *(("EK-Preis", "cost"), ("EK netto", "cost"), ("进价(元)", "cost"), ("Prix d'achat HT (€)", "cost"), ("Precio de compra", "cost")),
        *(("UVP", "home_price"), ("Preis in €", "home_price"), ("单价/元", "home_price"), ("Prezzo di vendita", "home_price")),
        *(("Gewicht (kg)", "weight"), ("毛重KG", "weight"), ("weightKg", "weight"), ("Poids", "weight"), ("น้ำหนัก", "weight")),
        *(("Größe", "size"), ("GROESSE", None), ("Farbe", "color"), ("Marke", "brand"), ("Bild 2", "images"), ("Bild-URL", "images")),
        *(
            ("Warengruppe", "home_category"),
            ("EAN-Code", "gtin"),
            ("69码", "gtin"),
            ("Zolltarifnummer", "hs_code"),
            ("海关编码", "hs_code"),
        ),
        *(("Ursprungsland", "origin"), ("产地", "origin"), ("Lagerbestand", "stock"), ("库存", "stock"), ("Währung", "currency")),
        *(("L x B x H", "dimensions"), ("g:price", "home_price"), ("Bemerkung", None), ("", None), ("%%%", None)),
    ],
)
def test_a_column_is_known_by_its_name(column: str, attribute: str | None) -> None:
    assert attribute in ([header.attribute for header in read_header(column)] or [None])


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("Gewicht (kg)", ("kg", None, None)),
        ("重量（公斤）", ("kg", None, None)),
        ("重量(斤)", ("jin", None, None)),
        ("EK-Preis € netto", (None, "EUR", None)),
        ("Einkaufspreis (netto, CHF)", (None, "CHF", None)),
        ("成本(CNY)", (None, "CNY", None)),
        ("Name (EN)", (None, None, "en")),
        ("英文名称", (None, None, "en")),
    ],
)
def test_a_name_says_its_unit_currency_and_language(column: str, said: tuple[str | None, ...]) -> None:
    header = read_header(column)[0]
    assert (header.weight_unit, header.currency, header.text_language) == said


def test_every_name_leads_to_an_attribute_of_a_mapping() -> None:
    beside = {"stock", "currency", "weight_unit"}
    assert {attribute for places in known_names().values() for attribute, _, _ in places} <= {*ATTRIBUTES, *beside}


@pytest.mark.parametrize(
    ("number", "mark"),
    [("4,20", ","), ("4.20", "."), ("1.234,50", ","), ("1,234.50", "."), ("1.234.567", ","), ("1.234", None), ("0,250", ","), ("12", None)],
)
def test_a_number_shows_its_decimal_mark_or_leaves_it_open(number: str, mark: str | None) -> None:
    assert decimal_mark(number) == mark


def test_the_cells_show_currency_unit_and_what_is_no_number() -> None:
    assert numbers(["4,20 €", "12,90 €", "auf Anfrage"]).currency == "EUR"
    assert numbers(["0,5 kg", "450 g", "1 kg"]).unit == "kg"
    odd = numbers(["4,20 €", "auf Anfrage", "n. v."])
    assert (odd.decimal, odd.odd, odd.odd_count) == (",", "auf Anfrage", 2)


def test_bare_weights_are_guessed_from_their_size() -> None:
    assert likely_weight_unit(numbers(["0.18", "1.1", "0.9"])) == "kg"
    assert likely_weight_unit(numbers(["180", "1100", "900"])) == "g"
    assert likely_weight_unit(numbers(["2", "3", "1"])) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Becher aus Stahl, für die Küche und das Feuer", "de"),
        ("A mug of steel for the kitchen and the fire", "en"),
        ("Tasse en acier pour la cuisine et le feu", "fr"),
        ("陶瓷马克杯", "zh"),
        ("แก้วเซรามิก", "th"),
        ("Cốc sứ được làm thủ công", "vi"),
        ("XK-200", None),
    ],
)
def test_a_text_shows_its_language(text: str, language: str | None) -> None:
    assert text_language([text])[0] == language
