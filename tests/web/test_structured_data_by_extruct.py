"""The structured data of pages, read by an independent library, says what our own reader and the database say."""

from decimal import Decimal
from typing import Any

import extruct
import pytest
from lxml import html
from web_builders import a_window
from web_running import Running

from tradewind.checks.parity import json_ld
from tradewind.kit import Currency, Money

MARKETS = ("us", "de", "th")
SCHEMA = {"in_stock": "https://schema.org/InStock", "out_of_stock": "https://schema.org/OutOfStock"}


def objects(page: str, url: str) -> list[dict[str, Any]]:
    return list(extruct.extract(page, base_url=url, syntaxes=["json-ld"], errors="strict")["json-ld"])


def products(shop: Running, path: str) -> tuple[str, list[dict[str, Any]]]:
    page = shop.get(path).text
    return page, [one for one in objects(page, shop.url + path) if one["@type"] == "Product"]


@pytest.mark.parametrize("market", MARKETS)
def test_every_page_has_one_product_that_says_what_the_database_says(shop: Running, market: str) -> None:
    for row in (row for row in a_window(shop.settings.public_url) if row["market"] == market):
        _, (product,) = products(shop, f"/{market}/p/{row['offer_id']}")
        told, price = product["offers"], Money(row["price_minor"], Currency(row["currency"]))
        assert product["productID"] == row["offer_id"]
        assert (Decimal(str(told["price"])), told["priceCurrency"]) == (Decimal(price.plain()), row["currency"])
        assert told["availability"] == SCHEMA[row["availability"]]


@pytest.mark.parametrize("market", MARKETS)
def test_the_provers_own_reader_reads_alike(shop: Running, market: str) -> None:
    ids = [row["offer_id"] for row in a_window(shop.settings.public_url) if row["market"] == market]
    for offer_id in ids:
        page, (product,) = products(shop, f"/{market}/p/{offer_id}")
        read = json_ld(html.document_fromstring(page))
        assert read is not None
        told = product["offers"]
        assert (read.offer_id, read.currency, SCHEMA[read.availability]) == (
            product["productID"],
            told["priceCurrency"],
            told["availability"],
        )
        assert Decimal(read.price) == Decimal(str(told["price"]))


def test_a_script_that_an_independent_parser_refuses_is_found(shop: Running) -> None:
    page = shop.get("/us/p/P-1").text.replace('"@type"', '"@type', 1)
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|Invalid"):
        objects(page, shop.url)
