"""A checkout that became an order: its buyer is forgotten with the order's, and it goes when its time is over; nothing that an order needs goes with it."""

from datetime import timedelta

import pytest
from counter import ANNA, Counter

from tradewind.bootstrap.retaining import prune
from tradewind.checkout import Buyer, CheckoutSession, SessionUnknown, forget_buyers, payment_changed
from tradewind.orders import Handover, Orders
from tradewind.settings import Settings


@pytest.fixture
def room(counter: Counter) -> Orders:
    """The orders as the till opens them."""
    return Orders(counter.database, counter.payments, counter.clock, forget_sessions=forget_buyers)


def ended(counter: Counter, room: Orders) -> CheckoutSession:
    done = counter.buy(("S1", 2))
    counter.run(room.cancel(str(done.order_id), "x", "ben"))
    return counter.get(done)


def test_the_checkouts_of_forgotten_orders_know_their_buyer_no_more(counter: Counter, room: Orders) -> None:
    before = ended(counter, room)
    assert (before.buyer.email, before.destination is not None) == (ANNA.email, True)
    assert counter.run(room.forget_person(ANNA.email, "ben")) == (1, 0)
    after = counter.get(before)
    assert (after.buyer, after.destination) == (Buyer(), None)
    assert (after.lines, after.totals, after.order_id, after.status) == (before.lines, before.totals, before.order_id, before.status)


def test_a_checkout_of_an_open_order_is_left_as_it_is(counter: Counter, room: Orders) -> None:
    done = counter.buy(("S1", 1))
    assert counter.run(room.forget_person(ANNA.email, "ben")) == (0, 1)
    assert counter.get(done).buyer.email == ANNA.email


def test_the_account_stands_no_more_in_a_forgotten_checkout(counter: Counter, room: Orders) -> None:
    done = ended(counter, room)
    counter.rows('UPDATE checkout_session SET body = jsonb_set(body, \'{source}\', \'{"shopper_id": "s", "surface": "web"}\') RETURNING 1')
    counter.run(room.forget_person(ANNA.email, "ben"))
    assert dict(counter.get(done).source) == {"surface": "web"}


def test_the_audit_trail_says_how_much_was_forgotten_and_not_of_whom(counter: Counter, room: Orders) -> None:
    ended(counter, room)
    counter.run(room.forget_person(ANNA.email, "ben"))
    (told,) = counter.rows("SELECT * FROM db_audit_entry WHERE action = 'orders.forget'")
    assert {"orders": 1, "checkouts": 1, "open": 0} in told.values()
    assert ANNA.email not in str(told)


def test_a_completed_checkout_goes_after_its_own_time_and_its_order_goes_on(counter: Counter, room: Orders, workspace: Settings) -> None:
    done = counter.buy(("S1", 2))
    counter.run(room.ship(str(done.order_id), Handover("UPS", "1Z"), "ben"))
    counter.clock.now += timedelta(days=119)
    assert prune(workspace, counter.sync, counter.clock, dry_run=True)["completed checkout sessions"] == 0
    counter.clock.now += timedelta(days=2)
    assert prune(workspace, counter.sync, counter.clock, dry_run=True)["completed checkout sessions"] == 1
    assert prune(workspace, counter.sync, counter.clock)["completed checkout sessions"] == 1
    with pytest.raises(SessionUnknown):
        counter.get(done)
    view = counter.run(room.find(str(done.order_id)))
    assert (view.order.email, view.order.facts["destination"]["city"], len(view.order.lines)) == (ANNA.email, "New York", 1)
    counter.run(room.refund(str(done.order_id), 500, "late", "ben"))


def test_news_of_a_payment_whose_checkout_is_gone_changes_nothing(counter: Counter, room: Orders, workspace: Settings) -> None:
    done = counter.buy(("S1", 1))
    order = counter.run(room.find(str(done.order_id))).order
    counter.clock.now += timedelta(days=200)
    prune(workspace, counter.sync, counter.clock)
    assert counter.run(payment_changed(counter.completing, order.payment_id)) is None
    assert [charge.state for charge in counter.fake.bank.charges()] == ["authorized"]
