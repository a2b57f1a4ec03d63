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


@pytest.mark.parametrize(("category", "code"), [("headphones", "851830"), ("skin-care", "330499"), ("decor", "00"), ("no-such", "00")])
def test_a_category_stands_for_a_tariff_code_or_for_none(category: str, code: str) -> None:
    assert tariff_code(category) == code
