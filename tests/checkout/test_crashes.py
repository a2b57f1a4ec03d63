"""A process dies at any point of completing: in the end there is exactly one order or none, and the money ties."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from counter import Counter, open_counter

from tradewind.checkout import CheckoutSession, CheckoutStatus, settle_waiting
from tradewind.settings import Settings

POINTS = ("held", "authorized", "written", "committed")


class Died(BaseException):
    """The process is gone: nothing in the program may catch this."""


@pytest.fixture
def counter(workspace: Settings) -> Iterator[Counter]:
    """A shop with a hundred units of each article."""
    with open_counter(workspace) as opened:
        yield opened


def dies_at(counter: Counter, point: str, token: str = "tok_visa") -> CheckoutSession:
    """A session whose process died at the point while it was completed."""

    def checkpoint(name: str) -> None:
        if name == point:
            raise Died

    session = counter.ready(("S1", 2))
    with pytest.raises(Died):
        counter.complete(session, token, key="k", completing=replace(counter.completing, checkpoint=checkpoint))
    return counter.get(session)


def wait_and_reconcile(counter: Counter, minutes: int = 3) -> None:
    counter.clock.now += timedelta(minutes=minutes)
    counter.reconcile()
    counter.run(settle_waiting(counter.completing))


@pytest.mark.parametrize("point", POINTS)
def test_wherever_it_dies_there_is_one_order_or_none_and_the_money_ties(counter: Counter, point: str) -> None:
    session = dies_at(counter, point)
    wait_and_reconcile(counter)
    orders = counter.rows("SELECT order_id FROM orders_order")
    assert len(orders) == (0 if point == "held" else 1)
    assert counter.proven()
    again = counter.complete(session, key="k")
    assert (again.status is CheckoutStatus.COMPLETED) == (point != "held")
    assert counter.rows("SELECT order_id FROM orders_order") == orders


@pytest.mark.parametrize("point", ["authorized", "written"])
def test_when_the_units_were_sold_meanwhile_the_money_goes_back(counter: Counter, point: str) -> None:
    session = dies_at(counter, point)
    counter.clock.now += timedelta(minutes=3)
    assert counter.buy(("S1", 99)).status is CheckoutStatus.COMPLETED  # takes the expired units, too
    counter.reconcile()
    counter.run(settle_waiting(counter.completing))
    ended = counter.get(session)
    assert (ended.status, [one.code for one in ended.messages]) == (CheckoutStatus.INCOMPLETE, ["out_of_stock"])
    assert sorted(charge.state for charge in counter.fake.bank.charges()) == ["authorized", "voided"]
    assert counter.proven()


def test_a_buyer_is_not_refused_because_of_a_session_that_is_dead(counter: Counter) -> None:
    dies_at(counter, "held")
    refused = counter.buy(("S1", 100))
    assert [one.code for one in refused.messages if one.type == "error"] == ["out_of_stock"]
    counter.clock.now += timedelta(minutes=3)
    assert counter.buy(("S1", 100)).status is CheckoutStatus.COMPLETED


@pytest.mark.parametrize("point", ["held", "authorized", "written", "committed"])
@pytest.mark.parametrize("token", ["tok_decline", "tok_unknown", "tok_lost", "tok_challenge"])
def test_with_any_answer_of_the_provider_nothing_is_left_over(counter: Counter, point: str, token: str) -> None:
    dies_at(counter, point, token)
    for _ in range(2):
        wait_and_reconcile(counter, minutes=40)
    assert counter.proven()
    assert counter.rows("SELECT 1 FROM checkout_session WHERE status IN ('complete_in_progress', 'requires_escalation')") == []


def test_the_worker_may_run_while_the_buyer_still_waits(counter: Counter) -> None:
    session = counter.ready(("S1", 1))

    def meanwhile(name: str) -> None:
        if name == "authorized":
            counter.clock.now += timedelta(minutes=3)

    done = counter.complete(session, completing=replace(counter.completing, checkpoint=meanwhile))
    assert (done.status, counter.proven()) == (CheckoutStatus.COMPLETED, True)
