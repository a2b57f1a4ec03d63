"""Checkout and UCP as surfaces of the mismatch prover: what they would say of an offer, with nothing kept of the question."""

from counter import Counter

from tradewind.checks.parity import Told
from tradewind.checks.selling import selling_surfaces
from tradewind.kit import Currency, Money
from tradewind.settings import Settings


def test_a_quote_says_what_a_session_says_and_leaves_nothing(counter: Counter, workspace: Settings) -> None:
    counter.rows("UPDATE offers_offer SET text_from = 'supplier' RETURNING sku")
    line = counter.create(("S1", 1)).lines[0]
    sessions = len(counter.rows("SELECT session_id FROM checkout_session"))
    with selling_surfaces(workspace, counter.clock) as surfaces:
        assert surfaces["order line"]("us", "S1") == Told("S1", Money(line.unit_price, Currency("USD")).plain(), "USD", "in_stock")
        assert surfaces["ucp item"]("us", "S1") == surfaces["order line"]("us", "S1")
        assert [surface("us", "nobody-sells-this") for surface in surfaces.values()] == [None, None]
    assert len(counter.rows("SELECT session_id FROM checkout_session")) == sessions


def test_what_has_sold_out_cannot_be_ordered(counter: Counter, workspace: Settings) -> None:
    counter.rows("UPDATE offers_offer SET text_from = 'supplier' RETURNING sku")
    counter.rows("UPDATE stock_level SET on_hand = 0 WHERE sku = 'S2' RETURNING sku")
    counter.rows("UPDATE offers_offer SET quantity = 0, availability = 'out_of_stock' WHERE sku = 'S2' RETURNING sku")
    with selling_surfaces(workspace, counter.clock) as surfaces:
        found = [surface("us", "S2") for surface in surfaces.values()]
    assert [one.availability for one in found if one] == ["out_of_stock", "out_of_stock"]
