"""Carts, and sessions that end without an order."""

from datetime import timedelta

import pytest
from counter import ANNA, NEW_YORK, Counter

from tradewind.bootstrap.retaining import prune
from tradewind.checkout import (
    Carts,
    CartUnknown,
    CheckoutStatus,
    CreateSession,
    SessionIsFinished,
    SessionWasChanged,
    WantedLine,
)
from tradewind.settings import Settings

TWO = (WantedLine("S1", 1), WantedLine("S2", 2))


@pytest.fixture
def carts(counter: Counter) -> Carts:
    """The counter's carts."""
    return Carts(counter.sessions)


def test_a_cart_costs_what_its_articles_cost_today(counter: Counter, carts: Carts) -> None:
    cart = counter.run(carts.create(CreateSession("us", TWO), "k"))
    assert [one.code for one in cart.messages] == ["tax_added_later"]
    assert sum(one.amount for one in cart.totals if one.type != "total") == cart.totals[-1].amount
    counter.reprice("S1", cart.lines[0].unit_price + 900)
    assert counter.run(carts.get(cart.cart_id)).lines[0].unit_price == cart.lines[0].unit_price + 900
    assert counter.run(carts.create(CreateSession("us", TWO), "k")) == cart


def test_a_cart_is_changed_as_a_whole_and_of_two_changes_one_wins(counter: Counter, carts: Carts) -> None:
    cart = counter.run(carts.create(CreateSession("us", TWO), "k"))
    changed = counter.run(carts.update(cart.cart_id, (WantedLine("S3", 1),), if_match=1))
    assert ([line.offer_id for line in changed.lines], changed.version) == (["S3"], 2)
    with pytest.raises(SessionWasChanged):
        counter.run(carts.update(cart.cart_id, TWO, if_match=1))


def test_a_cart_becomes_one_session(counter: Counter, carts: Carts) -> None:
    cart = counter.run(carts.create(CreateSession("us", TWO), "k"))
    wanted = CreateSession("us", (), buyer=ANNA, destination=NEW_YORK)
    first = counter.run(carts.check_out(cart.cart_id, wanted, "a"))
    assert (first.status, first.cart_id, len(first.lines)) == (CheckoutStatus.READY_FOR_COMPLETE, cart.cart_id, 2)
    assert counter.run(carts.check_out(cart.cart_id, wanted, "b")) == first
    counter.complete(first)
    assert counter.run(carts.check_out(cart.cart_id, wanted, "c")).session_id != first.session_id


def test_an_old_cart_is_unknown(counter: Counter, carts: Carts) -> None:
    cart = counter.run(carts.create(CreateSession("us", TWO), "k"))
    counter.clock.now += timedelta(days=31)
    for asked in (carts.get(cart.cart_id), carts.update(cart.cart_id, TWO), carts.check_out(cart.cart_id, CreateSession("us", ()), "a")):
        with pytest.raises(CartUnknown):
            counter.run(asked)


def test_a_canceled_session_stays_canceled(counter: Counter) -> None:
    session = counter.ready(("S1", 1))
    with pytest.raises(SessionWasChanged):
        counter.run(counter.completing.cancel(session.session_id, if_match=9))
    canceled = counter.run(counter.completing.cancel(session.session_id, if_match=1))
    assert canceled.status is CheckoutStatus.CANCELED
    for change in (counter.update, counter.complete):
        with pytest.raises(SessionIsFinished):
            change(session)
    with pytest.raises(SessionIsFinished):
        counter.run(counter.completing.cancel(session.session_id))


def test_canceling_during_a_challenge_frees_units_and_money(counter: Counter) -> None:
    waits = counter.complete(counter.ready(("S1", 1)), "tok_challenge")
    counter.run(counter.completing.cancel(waits.session_id))
    assert ([charge.state for charge in counter.fake.bank.charges()], counter.available("S1")) == (["voided"], 100)


def test_a_completed_session_cannot_be_canceled(counter: Counter) -> None:
    done = counter.buy(("S1", 1))
    with pytest.raises(SessionIsFinished):
        counter.run(counter.completing.cancel(done.session_id))


def test_what_is_over_is_forgotten_and_orders_stay(counter: Counter, carts: Carts, workspace: Settings) -> None:
    counter.run(carts.create(CreateSession("us", TWO), "k"))
    counter.buy(("S1", 1))
    counter.ready(("S1", 1))
    assert sum(prune(workspace, counter.sync, counter.clock).values()) == 0
    counter.clock.now += timedelta(days=32)
    counted = prune(workspace, counter.sync, counter.clock, dry_run=True)
    assert (counted["carts"], counted["checkout sessions"]) == (1, 1)
    assert prune(workspace, counter.sync, counter.clock) == counted
    assert [row["status"] for row in counter.rows("SELECT status FROM checkout_session")] == ["completed"]
