"""The result page: what it finds, says and links to; the suggestions; and what the database takes back from it at once."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree, html
from web_builders import NOW, a_window, insert
from web_running import Running, serve

from tradewind.bootstrap.searching import open_search
from tradewind.db import Database
from tradewind.offers.withdrawal import EVERYWHERE, Withdrawal
from tradewind.pipeline import live
from tradewind.settings import Settings


def page(shop: Running, path: str) -> Any:
    answer = shop.get(path)
    assert answer.status_code == 200, answer.text[:500]
    return html.fromstring(answer.text)


def found(document: Any) -> list[str]:
    return [path.rpartition("/")[2] for path in document.xpath("//article//a/@href")]


def links(document: Any, title: str) -> dict[str, str]:
    """The links of a facet, by their words."""
    (facet,) = [
        one for one in document.xpath("//details[@class='facet']") if one.xpath("./summary")[0].text_content().strip().startswith(title)
    ]
    return {link.text_content().strip(): link.get("href") for link in facet.xpath(".//a")}


@pytest.fixture
def own_shop(workspace: Settings, database: Database) -> Iterator[Running]:
    """A window of this test alone, with its index."""
    search = open_search(workspace)
    with database.transaction() as tx:
        insert(tx, a_window(workspace.public_url, ("us",)))
    search.build(database, "us")
    yield from serve(workspace.model_copy(update={"port": 0}), search=search)


def test_every_page_of_the_shop_has_the_search_box(shop: Running) -> None:
    for path in ("/us/", "/us/c/headphones", "/us/p/HX-4411-BLK", "/us/about/returns", "/us/search?q=train"):
        (form,) = page(shop, path).xpath("//form[@role='search']")
        assert form.get("action") == "/us/search"


def test_a_product_is_found_once_with_the_variant_that_was_asked_for(shop: Running) -> None:
    assert found(page(shop, "/us/search?q=sand+headphones")) == ["HX-4411-SND"]
    assert found(page(shop, "/us/search?q=black+headphones")) == ["HX-4411-BLK"]


def test_a_chosen_color_shows_the_variant_in_it(shop: Running) -> None:
    document = page(shop, "/us/search?q=headphones")
    assert found(page(shop, links(document, "Color")["sand (1)"])) == ["HX-4411-SND"]


def test_a_slip_is_put_right_and_can_be_insisted_on(shop: Running) -> None:
    document = page(shop, "/us/search?q=wodden+train")
    assert found(document)[0] == "P-5"
    assert "We searched for: wooden train" in " ".join(document.text_content().split())
    (insist,) = document.xpath("//a[contains(@href, 'exact=1')]/@href")
    assert "We searched for" not in page(shop, insist).text_content()


def test_a_german_question_is_answered_in_german(shop: Running) -> None:
    document = page(shop, "/de/search?q=funkkopfhoerer")
    assert found(document) == ["HX-4411-BLK"]
    assert "Ergebnisse für „funkkopfhoerer“" in document.text_content()


def test_what_nothing_has_shows_what_comes_nearest_or_the_departments(shop: Running) -> None:
    near = page(shop, "/us/search?q=purple+unicorn+kettle")
    assert found(near) == ["P-3"]
    assert "These come nearest" in near.text_content()
    assert page(shop, "/us/search?q=xyzzy").xpath("//main//a[starts-with(@href, '/us/c/')]")


def test_a_choice_that_leaves_nothing_offers_everything_again(shop: Running) -> None:
    document = page(shop, "/us/search?q=headphones&brand=Nobody")
    assert document.xpath("//p[@class='empty']/a/@href") == ["/us/search?q=headphones"]


def test_prices_narrow_by_links(shop: Running) -> None:
    document = page(shop, "/us/search")
    spans = {text: href for text, href in links(document, "Price").items() if "$" in text}
    counts = [len(found(page(shop, href))) for href in spans.values()]
    assert sum(counts) == len(found(document)) == 8


def test_results_are_not_for_crawlers(shop: Running) -> None:
    assert page(shop, "/us/search?q=train").xpath("//meta[@name='robots']/@content") == ["noindex, follow"]


@pytest.mark.parametrize(
    "query", ["q=%3Cscript%3E", "q=" + "x" * 4000, "page=99999999999999999999", "with=%00&from=-1", "order=best&with=a", "q=*:*+AND+(("]
)
def test_no_address_breaks_the_page(shop: Running, query: str) -> None:
    answer = shop.get(f"/us/search?{query}")
    assert answer.status_code in {200, 404}
    assert "<script>" not in answer.text


def test_a_recalled_offer_is_gone_at_once_whatever_the_index_holds(own_shop: Running, database: Database) -> None:
    assert "P-5" in found(page(own_shop, "/us/search?q=train"))
    with database.transaction() as tx:
        live.withdraw(tx, Withdrawal("P-5", EVERYWHERE, "recall 7", "Ann", NOW))
    assert "P-5" not in own_shop.get("/us/search?q=train").text


def test_suggestions_are_what_browsers_ask_for(shop: Running) -> None:
    answer = shop.get("/us/search/suggest?q=head")
    assert answer.headers["content-type"].startswith("application/x-suggestions+json")
    text, words, _, addresses = json.loads(answer.text)
    assert text == "head"
    assert "headphone" in words
    assert addresses[0] == f"{shop.url}/us/search?q={words[0]}"


def test_a_browser_learns_where_to_search(shop: Running) -> None:
    (where,) = page(shop, "/us/").xpath("//link[@rel='search']/@href")
    answer = shop.get(where)
    templates = etree.fromstring(answer.content).xpath("//*[local-name()='Url']/@template")
    assert templates == [f"{shop.url}/us/search?q={{searchTerms}}", f"{shop.url}/us/search/suggest?q={{searchTerms}}"]


def test_a_market_that_is_not_published_has_no_search(shop: Running) -> None:
    assert shop.get("/xx/search?q=train").status_code == 404


def test_before_the_first_build_the_page_says_so(workspace: Settings, database: Database) -> None:
    with database.transaction() as tx:
        insert(tx, a_window(workspace.public_url, ("us",)))
    for running in serve(workspace.model_copy(update={"port": 0}), search=open_search(workspace)):
        assert running.get("/us/search?q=train").status_code == 503
