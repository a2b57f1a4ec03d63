"""Invoices: every sum right to the cent, numbers without gaps, papers that never change, and PDFs that can be read back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pytest
from counter import BERLIN, NEW_YORK, NOON, Counter
from hypothesis import given
from hypothesis import strategies as st
from pdf_text import fonts_inside, lines_of

from tradewind.adapters.papers import find_fonts, invoice_press
from tradewind.books import Books, CharacterHasNoFont, InvoiceIsNotDue, Paper, Part, Party, TaxLine, Terms, invoice_of
from tradewind.books.rules import taxes_of
from tradewind.bootstrap.invoicing import make_books
from tradewind.kit import PPM
from tradewind.markets import load_seller
from tradewind.orders import Handover, Order, Orders, OrderStatus, OrderView
from tradewind.settings import Settings

RATES = {"full": 190_000, "less": 70_000}
DAY = date(2026, 11, 23)


class Office:
    """The books of a counter."""

    def __init__(self, counter: Counter, settings: Settings) -> None:
        self.counter = counter
        self.books: Books = make_books(settings, counter.database, counter.clock)
        self.orders = Orders(counter.database, counter.payments, counter.clock)

    def shipped(self, market: str = "de") -> Order:
        to = BERLIN if market == "de" else NEW_YORK
        done = self.counter.complete(self.counter.ready(market=market, to=to))
        assert done.order_id is not None
        self.counter.run(self.orders.ship(done.order_id, Handover("DHL", "JD01"), "anna"))
        return self.counter.run(self.orders.find(done.order_id)).order


@pytest.fixture
def office(counter: Counter, workspace: Settings) -> Office:
    """An office with fonts."""
    return Office(counter, workspace)


def test_an_invoice_reads_back_with_its_sums_and_its_vat(office: Office) -> None:
    order = office.shipped()
    made = office.counter.run(office.books.invoice(str(order.number)))
    told = lines_of(made.content)
    assert f"Nummer: {made.number}" in told
    assert "Lieferdatum: 23.11.2026" in told
    assert any(line.startswith("Summe | ") and "93.14" in line.replace(",", ".") for line in told)
    (vat,) = (line for line in told if line.startswith("MwSt. 19"))
    assert [one.strip(" €").replace(",", ".").strip() for one in vat.split("|")[1:]] == ["78.27", "14.87", "93.14"]
    assert any("IOSS" in line for line in told)
    assert fonts_inside(made.content) >= 1


def test_the_united_states_see_their_sales_tax(office: Office) -> None:
    order = office.shipped("us")
    told = lines_of(office.counter.run(office.books.invoice(order.order_id)).content)
    assert any(line.startswith("Sales tax | ") and "$11.35" in line and "$144.40" in line for line in told)
    assert any("Import duty" in line for line in told)


def test_a_paper_is_written_once_and_never_changes(office: Office) -> None:
    order = office.shipped()
    first = office.counter.run(office.books.invoice(order.order_id))
    office.counter.clock.now = office.counter.clock.now.replace(year=2027)
    assert office.counter.run(office.books.invoice(order.order_id)) == first
    with pytest.raises(psycopg.errors.RestrictViolation):
        office.counter.rows("UPDATE books_invoice SET total = 1 RETURNING 1")
    with pytest.raises(psycopg.errors.RestrictViolation):
        office.counter.rows("DELETE FROM books_invoice RETURNING 1")


def test_numbers_have_no_gaps_also_when_writing_fails(office: Office) -> None:
    numbers = []
    for fails in (False, True, False):
        order = office.shipped()
        if fails:
            broken = Books(office.books.database, office.books.terms, _broken, office.counter.clock)
            with pytest.raises(CharacterHasNoFont):
                office.counter.run(broken.invoice(order.order_id))
        numbers.append(office.counter.run(office.books.invoice(order.order_id)).number)
    assert numbers == ["DE-2026-000001", "DE-2026-000002", "DE-2026-000003"]


def test_credit_notes_that_give_everything_back_cancel_the_invoice(office: Office) -> None:
    order = office.shipped()
    for amount in (1_001, 3_333, order.total_amount - 4_334):
        office.counter.run(office.orders.refund(order.order_id, amount, "it broke", "anna"))
    papers = office.counter.run(office.books.papers(order.order_id))
    assert [one.number for one in papers] == ["DE-2026-000001", "DE-C-2026-000001", "DE-C-2026-000002", "DE-C-2026-000003"]
    assert sum(one.total for one in papers) == 0
    told = [line for one in papers[1:] for line in lines_of(one.content)]
    assert told.count("Berichtigt die Rechnung: DE-2026-000001") == 3
    assert any("-10.01" in line.replace(",", ".") for line in told)


def test_nothing_is_invoiced_before_it_left(office: Office) -> None:
    done = office.counter.buy()
    with pytest.raises(InvoiceIsNotDue):
        office.counter.run(office.books.invoice(str(done.order_id)))


@given(
    paid=st.integers(1, 10**9),
    parts=st.lists(st.tuples(st.sampled_from(["full", "less", "none"]), st.integers(1, 10**6), st.booleans()), min_size=1, max_size=5),
)
def test_tax_lines_always_add_up_to_what_was_paid(paid: int, parts: list[tuple[str, int, bool]]) -> None:
    found = taxes_of(an_order(paid, parts), paid, RATES)
    assert sum(one.net + one.tax for one in found) == paid
    for one in found:
        if one.rate_ppm:
            assert abs(2 * (one.tax * (PPM + one.rate_ppm) - one.gross * one.rate_ppm)) <= PPM + one.rate_ppm


@given(paid=st.integers(2, 10**6), cut=st.integers(1, 10**6), tax=st.integers(0, 10**5))
def test_parts_of_a_sum_carry_its_whole_tax(paid: int, cut: int, tax: int) -> None:
    order = an_order(paid, [("full", 100, True)], sales_tax=min(tax, paid))
    part = min(cut, paid - 1)
    (whole,), (early,) = taxes_of(order, paid, RATES), taxes_of(order, part, RATES)
    assert (whole.tax, whole.gross) == (min(tax, paid), paid)
    assert 0 <= early.tax <= whole.tax
    assert early.gross == part


@pytest.mark.parametrize(
    ("language", "market", "title"), [("en", "us", "Invoice"), ("de", "de", "Rechnung"), ("th", "th", "ใบกำกับภาษี"), ("zh", "sg", "发票")]
)
def test_a_paper_speaks_the_buyers_language(language: str, market: str, title: str) -> None:
    fonts = find_fonts()
    if not all(fonts.writes(character) for character in title):
        pytest.skip("no TrueType font of this script is installed")
    told = lines_of(invoice_press(fonts)(a_paper(language, market)))
    assert told[0] == title
    assert any("12,345" in line or "12.345" in line for line in told)


def test_a_character_without_a_font_is_told_with_what_to_install() -> None:
    with pytest.raises(CharacterHasNoFont, match=r"U\+F8FF") as caught:
        invoice_press(find_fonts())(replace(a_paper("en", "us"), reason="\uf8ff"))
    assert "TRADEWIND_FONT_FOLDER" in caught.value.hint


def test_a_long_paper_takes_more_pages_and_loses_nothing() -> None:
    articles = tuple(Part(f"Article number {n}", 100, 1, 100) for n in range(120))
    told = lines_of(invoice_press(find_fonts())(replace(a_paper("en", "us"), articles=articles)))
    assert sum(line.startswith("Article number") for line in told) == 120


def _broken(paper: Paper) -> bytes:
    raise CharacterHasNoFont(paper.number)


def an_order(total: int, parts: list[tuple[str, int, bool]], *, sales_tax: int | None = None) -> Order:
    lines: list[Mapping[str, Any]] = []
    for number, (rule, amount, is_border) in enumerate(parts):
        lane = f"lane{number // 2}"
        lines.append({"lane_id": lane, "label": "goods", "amount": amount, "in_price": True, "collector": "business", "rule_ids": []})
        tax = amount * RATES.get(rule, 0) // PPM
        who = "business_at_border" if is_border else "business_at_sale"
        lines.append({"lane_id": lane, "label": "tax", "amount": tax, "in_price": True, "collector": who, "rule_ids": [rule]})
    facts = {"tax_included": sales_tax is None, "price_lines": lines, "totals": [["tax", sales_tax or 0], ["total", total]]}
    return Order(
        "ord_1", 1, "chk_1", "pay_1", "default", "de", OrderStatus.OPEN, None, "EUR", total, "a@example.com", (), facts, NOON, NOON
    )  # fmt: skip


def a_paper(language: str, market: str) -> Paper:
    view = OrderView(replace(an_order(1_234_500, []), market=market), ())
    made = invoice_of(view, Terms(load_seller(), DAY, RATES))
    return replace(made, number="X-1", language=language, taxes=(TaxLine("vat", 190_000, 1, 1),), buyer=Party("Mei", ("1 Road",)))
