"""An announced reduction stands on the page in the market's words, in its structured data, and only while it lasts."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from lxml import html
from web_builders import a_window
from web_running import Running

from tradewind.kit import Currency, Money
from tradewind.offers import Offer
from tradewind.offers.store import offer_from
from tradewind.web.speech import speech

LANGUAGES = {"us": ("en", "US"), "de": ("de", "DE"), "th": ("th", "TH")}


def the_row(market: str) -> dict[str, Any]:
    return next(row for row in a_window("http://shop.example") if row["market"] == market and row["offer_id"] == "P-1")


def the_offer() -> Offer:
    more = {"band": None, "duty_low_amount": None, "hs_code": None, "battery": None}
    return offer_from(more | the_row("de"))


@pytest.mark.parametrize(("market", "words"), [("de", "niedrigster Preis der letzten 30 Tage"), ("us", "before: $"), ("th", "ราคาก่อนหน้า")])
def test_the_page_strikes_the_price_through_in_the_words_of_its_market(shop: Running, market: str, words: str) -> None:
    page: Any = html.fromstring(shop.get(f"/{market}/p/P-1").text)
    row = the_row(market)
    before = speech(*LANGUAGES[market]).money(Money(row["list_price_minor"], Currency(row["currency"])))
    assert [one.text_content() for one in page.xpath("//p[@class='price-line']/s")] == [before]
    assert words in page.xpath("//p[contains(@class, 'sale-words')]")[0].text_content()
    percent = 2000 * 100 // row["list_price_minor"]
    assert str(percent) in page.xpath("//strong[@class='off-by']")[0].text_content()


def test_the_structured_data_has_the_form_that_google_documents(shop: Running) -> None:
    page: Any = html.fromstring(shop.get("/de/p/P-1").text)
    found = next(json.loads(one.text_content()) for one in page.xpath("//script[@type='application/ld+json']"))["offers"]
    before = found["priceSpecification"]
    assert (before["@type"], before["priceType"]) == ("UnitPriceSpecification", "https://schema.org/StrikethroughPrice")
    assert float(before["price"]) == pytest.approx(float(found["price"]) + 20)
    assert (before["priceCurrency"], found["priceValidUntil"]) == ("EUR", "2099-12-31")


def test_an_offer_without_a_reduction_strikes_nothing(shop: Running) -> None:
    text = shop.get("/de/p/P-2").text
    assert "<s " not in text
    assert "StrikethroughPrice" not in text


def test_a_reduction_ends_on_its_last_day_also_before_the_next_run() -> None:
    offer = replace(the_offer(), sale_ends=date(2026, 11, 30))
    assert offer.sale_on(date(2026, 11, 30)) is not None
    assert offer.sale_on(date(2026, 12, 1)) is None
    assert replace(offer, list_price_minor=None).sale_on(date(2026, 11, 30)) is None
