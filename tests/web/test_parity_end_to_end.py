"""What a shopper sees, what Google reads on the page, what both feeds say and what the database holds is one and the same."""

import csv
import json
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree, html
from web_running import Running

from tradewind.db import open_database
from tradewind.kit import Currency, Money
from tradewind.web.speech import speech

pytestmark = pytest.mark.slow
MARKETS = {"us": "USD", "de": "EUR", "th": "THB"}
LANGUAGES = {"us": ("en", "US"), "de": ("de", "DE"), "th": ("th", "TH")}
SAMPLE = 40
GOOGLE = "{http://base.google.com/ns/1.0}"
SCHEMA = {"https://schema.org/InStock": "in_stock", "https://schema.org/OutOfStock": "out_of_stock"}


@dataclass(frozen=True)
class Told:
    """What one surface tells of an offer."""

    offer_id: str
    price: Money
    availability: str
    link: str


def priced(text: str) -> Money:
    """A feed's price: 19.99 USD."""
    amount, currency = text.split(" ")
    return Money.parse(amount, Currency(currency))


def from_tsv(home: Path, market: str) -> dict[str, Told]:
    with (home / "feeds" / market / "products.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    told = {row["id"]: Told(row["id"], priced(row["price"]), row["availability"], row["link"]) for row in rows}
    assert len(told) == len(rows)
    return told


def from_rss(home: Path, market: str) -> dict[str, Told]:
    items = list(etree.parse(home / "feeds" / market / "products.xml").iterfind("channel/item"))
    found = [[item.findtext(name) or "" for name in (f"{GOOGLE}id", f"{GOOGLE}price", f"{GOOGLE}availability", "link")] for item in items]
    told = {offer_id: Told(offer_id, priced(price), availability, link) for offer_id, price, availability, link in found}
    assert len(told) == len(items)
    return told


def from_database(shop: Running, market: str) -> dict[str, Told]:
    query = "SELECT offer_id, price_minor, currency, availability FROM offers_offer WHERE market = %s"
    with open_database(shop.settings) as database, database.transaction() as tx:
        rows = tx.execute(query, (market,)).fetchall()
    page = f"{shop.settings.public_url}/{market}/p/"
    return {
        row["offer_id"]: Told(
            row["offer_id"], Money(row["price_minor"], Currency(row["currency"])), row["availability"], page + row["offer_id"]
        )
        for row in rows
    }


def sampled(told: dict[str, Told]) -> list[Told]:
    """Offers spread evenly over the feed, and every one that is sold out."""
    offers = list(told.values())
    return list(dict.fromkeys([*offers[:: max(1, len(offers) // SAMPLE)], *[one for one in offers if one.availability != "in_stock"]]))


def the_page(link: str) -> html.HtmlElement:
    answer = httpx.get(link, timeout=20)
    assert answer.status_code == 200, link
    return html.document_fromstring(answer.text)


def json_ld(page: html.HtmlElement) -> dict[str, Any]:
    """The page's one Product."""
    found = [json.loads(script.text_content()) for script in page.iterfind(".//script[@type='application/ld+json']")]
    (product,) = [one for one in found if one["@type"] == "Product"]
    return dict(product)


def from_json_ld(page: html.HtmlElement) -> Told:
    product = json_ld(page)
    offer = product["offers"]
    assert product["url"] == offer["url"]
    price = Money.parse(offer["price"], Currency(offer["priceCurrency"]))
    return Told(product["productID"], price, SCHEMA[offer["availability"]], offer["url"])


def visible(page: html.HtmlElement, path: str) -> str:
    (found,) = page.xpath(path)
    return str(found.text_content()).strip()


@cache
def words_of(market: str) -> tuple[str, str]:
    """In stock and sold out, as this market's pages say it."""
    spoken = speech(*LANGUAGES[market])
    return spoken.text("In stock"), spoken.text("Out of stock")


@pytest.mark.parametrize("market", MARKETS)
def test_feeds_and_database_hold_the_same_offers(demo_shop: Running, market: str) -> None:
    tsv, rss, rows = from_tsv(demo_shop.settings.home, market), from_rss(demo_shop.settings.home, market), from_database(demo_shop, market)
    assert len(tsv) > 400
    assert tsv == rss == rows
    assert {one.price.currency.code for one in tsv.values()} == {MARKETS[market]}


@pytest.mark.parametrize("market", MARKETS)
def test_the_page_behind_a_feeds_link_tells_the_same_to_google(demo_shop: Running, market: str) -> None:
    offers = sampled(from_tsv(demo_shop.settings.home, market))
    assert len(offers) >= SAMPLE
    assert Counter(one.availability for one in offers)["out_of_stock"] > 0
    for offer in offers:
        page = the_page(offer.link)
        assert from_json_ld(page) == offer
        assert page.xpath("string(//link[@rel='canonical']/@href)") == offer.link


@pytest.mark.parametrize("market", MARKETS)
def test_the_page_behind_a_feeds_link_tells_the_same_to_a_shopper(demo_shop: Running, market: str) -> None:
    in_stock, sold_out = words_of(market)
    for offer in sampled(from_tsv(demo_shop.settings.home, market)):
        page = the_page(offer.link)
        shown = speech(*LANGUAGES[market]).money(offer.price)
        assert visible(page, "//p[@class='price-line']/span[@class='price large']") == shown
        assert visible(page, "//table[@class='lines']/tfoot//td") == shown
        badge = visible(page, "//dl[@class='facts']//span[starts-with(@class, 'badge')]")
        assert badge == (in_stock if offer.availability == "in_stock" else sold_out)


@pytest.mark.parametrize("market", MARKETS)
def test_pictures_that_feeds_name_are_served(demo_shop: Running, market: str) -> None:
    with (demo_shop.settings.home / "feeds" / market / "products.tsv").open(encoding="utf-8", newline="") as file:
        named = sorted({row["image_link"] for row in csv.DictReader(file, delimiter="\t")})
    for link in named[:: max(1, len(named) // SAMPLE)]:
        answer = httpx.get(link, timeout=20)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp"), link
