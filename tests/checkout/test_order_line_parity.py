"""The checkout as a surface of the mismatch prover: what an order line would say, with nothing kept of the question."""

from counter import Counter

from tradewind.checks.parity import Told
from tradewind.checks.selling import checkout_quote
from tradewind.kit import Currency, Money
from tradewind.settings import Settings


def test_a_quote_says_what_a_session_says_and_leaves_nothing(counter: Counter, workspace: Settings) -> None:
    line = counter.create(("S1", 1)).lines[0]
    sessions = len(counter.rows("SELECT session_id FROM checkout_session"))
    with checkout_quote(workspace, counter.clock) as quote:
        assert quote("us", "S1") == Told("S1", Money(line.unit_price, Currency("USD")).plain(), "USD", "in_stock")
        assert quote("us", "nobody-sells-this") is None
    assert len(counter.rows("SELECT session_id FROM checkout_session")) == sessions


def test_what_has_sold_out_cannot_be_ordered(counter: Counter, workspace: Settings) -> None:
    counter.rows("UPDATE stock_level SET on_hand = 0 WHERE sku = 'S2' RETURNING sku")
    counter.rows("UPDATE offers_offer SET quantity = 0, availability = 'out_of_stock' WHERE sku = 'S2' RETURNING sku")
    with checkout_quote(workspace, counter.clock) as quote:
        found = quote("us", "S2")
    assert found is not None
    assert found.availability == "out_of_stock"
