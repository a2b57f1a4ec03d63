"""What a shopper, a crawler and a screen reader find on a page."""

import json
import re
from typing import Any

import httpx
import pytest
from lxml import html
from web_builders import an_offer
from web_running import Running

from tradewind.web.render import json_for_html


def page(shop: Running, path: str) -> Any:
    answer = shop.get(path)
    assert answer.status_code == 200, answer.text[:500]
    return html.fromstring(answer.text)


def data(document: Any, kind: str) -> Any:
    found = [json.loads(text) for text in document.xpath("//script[@type='application/ld+json']/text()")]
    return next(one for one in found if one["@type"] == kind)


@pytest.mark.parametrize(
    ("market", "price", "statement", "availability"),
    [
        ("us", "$56.44", "duties included, plus sales tax", "In stock"),
        ("de", "67,14 €", "inklusive Zoll und Steuern", "Auf Lager"),
        ("th", "฿63.44", "รวมอากรขาเข้าและภาษีแล้ว", "มีสินค้า"),
    ],
)
def test_a_product_says_its_price_and_terms_in_the_way_of_its_market(
    shop: Running, market: str, price: str, statement: str, availability: str
) -> None:
    text = " ".join(page(shop, f"/{market}/p/HX-4411-BLK").xpath("//main")[0].text_content().split()).replace("\xa0", " ")
    assert price in text
    assert statement in text
    assert availability in text


@pytest.mark.parametrize("market", ["us", "de", "th"])
def test_the_page_and_its_data_carry_the_offer_that_the_feed_carries(shop: Running, market: str) -> None:
    offer = an_offer(market)
    document = page(shop, f"/{market}/p/HX-4411-BLK")
    terms = data(document, "Product")["offers"]
    assert terms["price"] == f"{offer['price_minor'] // 100}.{offer['price_minor'] % 100:02d}"
    assert terms["priceCurrency"] == offer["currency"]
    assert terms["availability"] == "https://schema.org/InStock"
    assert data(document, "Product")["productID"] == offer["offer_id"]
    assert terms["url"] == f"{shop.url}/{market}/p/HX-4411-BLK"
    assert terms["shippingDetails"]["shippingRate"]["value"] == "0.00"


def test_the_parts_of_a_price_add_up_on_the_page(shop: Running) -> None:
    document = page(shop, "/us/p/HX-4411-BLK")
    parts = [round(float(text.strip("$")) * 100) for text in document.xpath("//table[@class='lines']/tbody//td/text()")]
    assert sum(parts) == an_offer("us")["price_minor"]


def test_a_variant_has_its_own_address_and_names_its_group(shop: Running) -> None:
    document = page(shop, "/us/p/HX-4411-BLK")
    assert document.xpath("//nav[@class='variants']//a[not(@aria-current)]/@href") == ["/us/p/HX-4411-SND"]
    group = data(document, "Product")["isVariantOf"]
    assert group["productGroupID"] == "HX-4411"
    assert group["variesBy"] == ["https://schema.org/color"]


def test_a_category_shows_a_product_once_with_its_number_of_variants(shop: Running) -> None:
    titles = [text.strip() for text in page(shop, "/us/c/headphones").xpath("//article//h2/a/text()")]
    assert titles == ["Nanyang wireless headphones with active noise canceling, black"]
    assert "2 variants" in page(shop, "/us/c/headphones").text_content()


def test_a_color_narrows_a_category_to_the_matching_variant(shop: Running) -> None:
    assert page(shop, "/us/c/headphones?color=sand").xpath("//article//h2/a/@href") == ["/us/p/HX-4411-SND"]


def test_delivery_days_skip_weekends_and_holidays(shop: Running) -> None:
    # Monday 23 November 2026; the 26th is Thanksgiving in the US and a plain Thursday in Germany.
    assert "Nov 30" in page(shop, "/us/p/HX-4411-BLK").text_content()
    assert "27. Nov." in page(shop, "/de/p/HX-4411-BLK").text_content()


def test_every_page_names_itself_and_its_siblings_in_other_markets(shop: Running) -> None:
    document = page(shop, "/de/p/HX-4411-BLK")
    assert document.xpath("//link[@rel='canonical']/@href") == [f"{shop.url}/de/p/HX-4411-BLK"]
    assert set(document.xpath("//link[@rel='alternate']/@hreflang")) == {"en-US", "de-DE", "th-TH", "x-default"}


def test_nobody_is_sent_to_a_market_by_a_guess(shop: Running) -> None:
    document = page(shop, "/")
    assert document.xpath("//ul[@class='countries']//a/@href") == ["/de/", "/th/", "/us/"]


def test_the_host_header_never_gets_into_a_link(shop: Running) -> None:
    answer = shop.get("/us", headers={"Host": "evil.example"})
    assert answer.headers["location"] == "/us/"
    assert "evil.example" not in shop.get("/us/", headers={"Host": "evil.example"}).text


def test_a_title_cannot_leave_the_data_block() -> None:
    text = str(json_for_html({"name": "</script><script>alert(1)</script>&\u2028"}))
    assert "<" not in text
    assert json.loads(text)["name"].startswith("</script>")


@pytest.mark.parametrize("path", ["/xx/", "/us/p/none", "/us/c/none", "/us/about/none", "/feeds/us/secret", "/media/none.jpg", "/us/p/%00"])
def test_what_is_not_there_is_a_helpful_404(shop: Running, path: str) -> None:
    answer = shop.get(path)
    assert answer.status_code == 404
    assert "<h1>" in answer.text
    assert answer.headers["x-request-id"] in answer.text


@pytest.mark.parametrize(
    "path", ["/media/../desk.json", "/media/%2e%2e/desk.json", "/media/..%2f..%2fetc/passwd", "/feeds/../products.tsv"]
)
def test_no_path_leaves_its_folder(shop: Running, path: str) -> None:
    host, port = shop.url.removeprefix("http://").split(":")
    import http.client

    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    connection.request("GET", path)
    assert connection.getresponse().status == 404
    connection.close()


def test_every_answer_forbids_scripts_frames_and_sniffing(shop: Running) -> None:
    for path in ("/", "/us/", "/us/p/HX-4411-BLK", "/xx/", "/media/toys.jpg", "/healthz"):
        headers = shop.get(path).headers
        assert "script-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_pages_need_no_script_and_no_inline_style(shop: Running) -> None:
    for path in ("/us/", "/us/c/electronics", "/us/p/HX-4411-BLK"):
        text = shop.get(path).text
        assert set(re.findall(r"<script([^>]*)>", text)) == {' type="application/ld+json"'}
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style", text)


def test_a_feed_is_sent_once_and_then_only_confirmed(shop: Running) -> None:
    first = shop.get("/feeds/us/products.tsv")
    assert first.headers["content-type"] == "text/tab-separated-values; charset=utf-8"
    again = shop.get("/feeds/us/products.tsv", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert shop.get("/feeds/us/products.tsv", headers={"If-Modified-Since": first.headers["last-modified"]}).status_code == 304


def test_crawlers_find_every_product(shop: Running) -> None:
    index = httpx.get(f"{shop.url}/sitemap.xml").text
    maps = [shop.get(found.removeprefix(shop.url)).text for found in re.findall("<loc>(.*?)</loc>", index)]
    assert len(re.findall("<loc>", "".join(maps))) == 27
    assert f"Sitemap: {shop.url}/sitemap.xml" in shop.get("/robots.txt").text


def test_before_the_first_run_the_page_says_what_to_do(empty_shop: Running) -> None:
    answer = empty_shop.get("/")
    assert answer.status_code == 200
    assert "tradewind run --markets" in answer.text
