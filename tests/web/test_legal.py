"""What the law of each market wants on a product page stands there, in the market's language, and only there."""

from typing import Any

import pytest
from lxml import html
from web_running import Running

from tradewind.markets import load_seller
from tradewind.web.storefront.legal import tariff_code


def text_of(shop: Running, path: str) -> str:
    answer = shop.get(path)
    assert answer.status_code == 200, answer.text[:500]
    main: Any = html.fromstring(answer.text).xpath("//main")[0]
    return " ".join(main.text_content().split())


def test_an_offer_in_germany_names_the_maker_the_responsible_person_and_the_seller(shop: Running) -> None:
    text, seller = text_of(shop, "/de/p/HX-4411-BLK"), load_seller()
    maker = seller.maker_of("Nanyang")
    assert maker is not None
    for words in ("Hersteller", maker.name, maker.email, "Verantwortliche Person", "gpsr@example.com", seller.name, "Widerruf"):
        assert words.casefold() in text.casefold(), words


def test_an_offer_in_germany_tells_the_rights_and_the_registers(shop: Running) -> None:
    text = text_of(shop, "/de/p/HX-4411-BLK")
    for words in ("innerhalb von 14 Tagen", "zwei Jahre", "durchgestrichene Mülltonne", "DE1234567890123", "USt-IdNr."):
        assert words in text, words


def test_an_invented_party_is_named_as_invented(shop: Running) -> None:
    assert text_of(shop, "/de/p/HX-4411-BLK").count("(invented") >= 3


def test_the_articles_own_code_and_battery_decide_and_not_its_category(shop: Running) -> None:
    clock, backpack = (text_of(shop, f"/de/p/{offer_id}") for offer_id in ("P-7", "P-2"))
    assert "durchgestrichene Mülltonne" in clock
    assert "Batterien gehören nicht" in clock
    assert "Batterien gehören nicht" not in backpack


def test_a_market_without_such_rules_shows_no_such_block(shop: Running) -> None:
    text = text_of(shop, "/us/p/HX-4411-BLK")
    assert "Responsible person" not in text
    assert "withdraw" not in text


def test_an_energy_label_links_its_entry_and_warnings_stand_beside_the_price(shop: Running) -> None:
    page: Any = html.fromstring(shop.get("/de/p/P-1").text)
    (mark,) = page.xpath("//li[@class='mark energy']/a")
    assert (mark.text_content(), mark.get("href")) == ("Energieklasse B (Skala A–G)", "https://eprel.ec.europa.eu/qr/1234567")
    toy: Any = html.fromstring(shop.get("/de/p/P-5").text)
    assert "Not for children below three" in toy.xpath("//li[@class='mark warning']")[0].text_content()
    assert "mark energy" not in shop.get("/us/p/P-1").text


def test_goods_sold_by_measure_tell_the_price_of_one_unit(shop: Running) -> None:
    answer = shop.get("/de/p/P-6").text
    words = html.fromstring(answer).xpath("//p[contains(@class, 'unit-price')]")[0].text_content()
    assert "pro 1 l (Inhalt 150 ml)" in words
    assert '"unitCode":"MLT"' in answer.replace(" ", "")
    assert "unit-price" not in shop.get("/us/p/P-6").text


def test_the_withdrawal_function_is_reachable_from_every_page_of_the_union(shop: Running) -> None:
    for path in ("/de/", "/de/p/P-1", "/de/about/returns"):
        assert "/de/about/returns#withdraw" in shop.get(path).text
    assert 'id="withdraw"' in shop.get("/de/about/returns").text
    assert "#withdraw" not in shop.get("/us/p/P-1").text


@pytest.mark.parametrize(("market", "words"), [("us", "Only sales tax is added before you pay"), ("de", "Der Preis enthält Versand")])
def test_the_page_says_that_the_price_is_whole(shop: Running, market: str, words: str) -> None:
    assert words in text_of(shop, f"/{market}/p/HX-4411-BLK")


@pytest.mark.parametrize(("category", "code"), [("headphones", "851830"), ("skin-care", "330499"), ("decor", "00"), ("no-such", "00")])
def test_a_category_stands_for_a_tariff_code_or_for_none(category: str, code: str) -> None:
    assert tariff_code(category) == code
