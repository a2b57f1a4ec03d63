"""Invoice and credit note on the order's page in a real Chromium: offered once a parcel left, downloaded as PDF, and nobody else's."""

import re
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from shop_orders import refunded, shipped
from test_shopping import WORDS, chromium, fill, page, pay, to_checkout
from web_running import Running

sys.path.insert(0, str(Path(__file__).parent.parent / "books"))
from pdf_text import lines_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
__all__ = ["chromium", "page"]


@pytest.fixture
def bought(store: Running, page: Any) -> Any:
    """The page of an order that a guest has just placed."""
    to_checkout(store, page, "de", "S19")
    fill(page, "de")
    pay(page, "de")
    assert page.locator("h1").inner_text() == WORDS["de"][3]
    return page


def order_of(page: Any) -> str:
    return str(page.url.rpartition("/")[2].partition("?")[0])


def papers(page: Any) -> list[str]:
    page.reload()
    return [str(one) for one in page.locator("ul.papers a").all_inner_texts()]


def downloaded(page: Any, name: str) -> tuple[str, list[str]]:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=name).click()
    return waiting.value.suggested_filename, lines_of(Path(waiting.value.path()).read_bytes())


def test_an_invoice_is_offered_once_the_parcel_left_and_says_what_was_paid(store: Running, bought: Any) -> None:
    assert papers(bought) == []
    shipped(store, order_of(bought))
    assert papers(bought) == ["Rechnung (PDF)"]
    paid = bought.locator(".whole dd").inner_text()
    name, lines = downloaded(bought, "Rechnung (PDF)")
    assert re.fullmatch(r"DE-2026-\d{6}\.pdf", name)
    assert f"Nummer: {name.removesuffix('.pdf')}" in lines
    assert any(line.startswith("Summe | ") and line.endswith(paid.replace("\xa0", " ")) for line in _spaced(lines)), lines


def test_a_refund_brings_a_credit_note_for_its_sum(store: Running, bought: Any) -> None:
    shipped(store, order_of(bought))
    refunded(store, order_of(bought), 500)
    assert sorted(papers(bought)) == ["Gutschrift (PDF)", "Rechnung (PDF)"]
    invoice, _ = downloaded(bought, "Rechnung (PDF)")
    name, lines = downloaded(bought, "Gutschrift (PDF)")
    assert re.fullmatch(r"DE-C-2026-\d{6}\.pdf", name)
    assert f"Berichtigt die Rechnung: {invoice.removesuffix('.pdf')}" in lines
    assert any(line.startswith("Summe | ") and "5,00" in line for line in lines), lines


def test_a_stranger_gets_the_same_answer_as_for_an_order_that_does_not_exist(store: Running, bought: Any) -> None:
    shipped(store, order_of(bought))
    papers(bought)
    link = store.url + str(bought.locator("ul.papers a").first.get_attribute("href"))
    assert httpx.get(link, timeout=20).headers["content-type"] == "application/pdf"
    forged = [link.partition("?")[0], re.sub(r"t=...", "t=AAA", link), re.sub(r"ord_\w+", "ord_none", link)]
    answers = [httpx.get(one, timeout=20) for one in forged]
    assert {one.status_code for one in answers} == {404}
    assert len({re.sub(r"req_\w+", "", one.text) for one in answers}) == 1
    assert httpx.get(re.sub(r"/de/", "/us/", link), timeout=20).status_code == 404


def _spaced(lines: list[str]) -> list[str]:
    return [line.replace("\xa0", " ") for line in lines]
