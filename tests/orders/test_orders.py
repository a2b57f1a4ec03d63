"""What happens to an order after it was placed: shipping in parts, money that follows the goods, and the way back."""

import pytest
from counter import Counter

from tradewind.orders import (
    Handover,
    Order,
    OrderCannotBeCanceled,
    OrderIsFinished,
    OrderIsOnHold,
    OrderLineUnknown,
    Orders,
    OrderUnknown,
    PaymentDidNotFollow,
    QuantityIsNotOpen,
    fulfillment_status,
)
from tradewind.payments import AmountCannotBeRefunded, Payment, Verdict


class Desk:
    """The order desk of a counter."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.orders = Orders(counter.database, counter.payments, counter.clock)

    def bought(self, *lines: tuple[str, int], token: str = "tok_visa") -> Order:
        done = self.counter.buy(*lines or (("S1", 1), ("S2", 2)), token=token)
        assert done.order_id is not None
        return self.now(done.order_id)

    def now(self, name: str) -> Order:
        return self.counter.run(self.orders.find(name)).order

    def payment(self, order: Order) -> Payment:
        return self.counter.run(self.counter.payments.payment(order.payment_id))

    def ship(self, order: Order, **units: int) -> None:
        self.counter.run(self.orders.ship(order.order_id, Handover("DHL", "JD01", units=units), "anna"))

    def state(self, order: Order) -> str:
        view = self.counter.run(self.orders.find(order.order_id))
        return fulfillment_status(view.order, view.shipments)

    def events(self, order: Order) -> list[str]:
        return [entry.name for entry in self.now(order.order_id).timeline]


@pytest.fixture
def desk(counter: Counter) -> Desk:
    """An order desk."""
    return Desk(counter)


def test_an_order_holds_the_facts_of_its_day(desk: Desk) -> None:
    order = desk.bought()
    assert (order.number, order.status, order.email) == (100001, "open", "anna@example.com")
    assert desk.now("100001") == order
    assert sum(line.paid + line.tax for line in order.lines) == order.total_amount == order.facts["totals"][-1][1]
    assert order.facts["destination"]["postcode"] == "10001"
    assert order.facts["policies"] == {"return_days": 30}
    paid = sum(one["amount"] for one in order.facts["price_lines"] if one["in_price"])
    assert paid == sum(line.paid for line in order.lines)


def test_numbers_grow_and_lists_are_read_backwards(desk: Desk) -> None:
    for _ in range(3):
        desk.bought(("S1", 1))
    found = desk.counter.run(desk.orders.newest(limit=2))
    assert [one.number for one in found] == [100003, 100002]
    assert [one.number for one in desk.counter.run(desk.orders.newest(before=100002))] == [100001]


def test_shipping_takes_the_money_and_the_units_leave(desk: Desk) -> None:
    order = desk.bought()
    desk.ship(order)
    assert (desk.state(order), desk.payment(order).captured) == ("shipped", order.total_amount)
    assert desk.counter.rows("SELECT on_hand, allocated FROM stock_level WHERE sku = 'S2'") == [{"on_hand": 98, "allocated": 0}]
    assert desk.events(order) == ["created", "shipped"]
    assert desk.counter.proven()


def test_shipping_in_parts_takes_the_money_in_parts(desk: Desk) -> None:
    order = desk.bought(("S1", 1), ("S2", 2))
    desk.ship(order, line_1=1)
    first = desk.payment(order).captured
    assert (desk.state(order), 0 < first < order.total_amount) == ("partial", True)
    desk.ship(order, line_2=1)
    desk.ship(order, line_2=1)
    assert (desk.state(order), desk.payment(order).captured) == ("shipped", order.total_amount)
    with pytest.raises(QuantityIsNotOpen):
        desk.ship(order)


def test_an_order_that_arrived_is_closed(desk: Desk) -> None:
    order = desk.bought()
    desk.ship(order)
    closed = desk.counter.run(desk.orders.deliver(order.order_id, None, "anna"))
    assert (closed.status, desk.state(order)) == ("closed", "delivered")
    assert desk.events(order)[-1] == "delivered"


def test_what_is_not_open_cannot_be_shipped(desk: Desk) -> None:
    order = desk.bought(("S1", 1))
    for units, error in (({"line_1": 2}, QuantityIsNotOpen), ({"line_9": 1}, OrderLineUnknown)):
        with pytest.raises(error):
            desk.ship(order, **units)
    assert desk.payment(order).captured == 0


def test_nothing_leaves_when_the_money_does_not_come(desk: Desk) -> None:
    order = desk.bought(("S1", 1), token="tok_capture_fails")
    with pytest.raises(PaymentDidNotFollow):
        desk.ship(order)
    assert (desk.state(order), desk.counter.available("S1")) == ("processing", 99)


def test_a_canceled_order_gives_units_and_money_back(desk: Desk) -> None:
    order = desk.bought(("S1", 3))
    canceled = desk.counter.run(desk.orders.cancel(order.order_id, "ordered twice", "anna"))
    assert (canceled.status, [line.status for line in canceled.lines]) == ("canceled", ["removed"])
    assert (desk.counter.available("S1"), desk.payment(order).status) == (100, "voided")
    assert [(one.type, one.status, one.amount) for one in canceled.adjustments] == [("cancellation", "completed", -order.total_amount)]
    with pytest.raises(OrderIsFinished):
        desk.counter.run(desk.orders.cancel(order.order_id, "again", "anna"))
    assert desk.counter.proven()


def test_what_has_left_cannot_be_canceled(desk: Desk) -> None:
    order = desk.bought(("S1", 2))
    desk.ship(order, line_1=1)
    with pytest.raises(OrderCannotBeCanceled):
        desk.counter.run(desk.orders.cancel(order.order_id, "too late", "anna"))


def test_a_refund_is_an_adjustment_and_never_more_than_was_taken(desk: Desk) -> None:
    order = desk.bought(("S1", 1))
    desk.ship(order)
    made = desk.counter.run(desk.orders.refund(order.order_id, 500, "a scratch", "anna"))
    assert (made.type, made.status, made.amount) == ("refund", "completed", -500)
    assert (desk.payment(order).refunded, desk.events(order)[-1]) == (500, "refunded")
    with pytest.raises(AmountCannotBeRefunded):
        desk.counter.run(desk.orders.refund(order.order_id, order.total_amount, "all", "anna"))
    assert sorted(one.status for one in desk.now(order.order_id).adjustments) == ["completed", "failed"]


def test_a_return_names_its_units_and_they_come_back_once(desk: Desk) -> None:
    order = desk.bought(("S1", 2))
    desk.ship(order)
    made = desk.counter.run(desk.orders.refund(order.order_id, 500, "too small", "anna", quantities={"line_1": 2}))
    assert (made.type, made.quantities, desk.events(order)[-1]) == ("return", {"line_1": -2}, "returned")
    with pytest.raises(QuantityIsNotOpen):
        desk.counter.run(desk.orders.refund(order.order_id, 500, "again", "anna", quantities={"line_1": 1}))


def test_an_order_on_hold_ships_only_after_a_person_released_it(desk: Desk) -> None:
    desk.counter.risk.verdict = Verdict.REVIEW
    order = desk.bought(("S1", 1))
    assert desk.state(order) == "on_hold"
    with pytest.raises(OrderIsOnHold):
        desk.ship(order)
    desk.counter.run(desk.orders.release(order.order_id, "anna"))
    desk.ship(order)
    assert (desk.state(order), desk.counter.proven()) == ("shipped", True)


def test_a_canceled_hold_frees_the_reserved_units(desk: Desk) -> None:
    desk.counter.risk.verdict = Verdict.REVIEW
    order = desk.bought(("S1", 1))
    desk.counter.run(desk.orders.cancel(order.order_id, "fraud", "anna"))
    assert (desk.counter.available("S1"), desk.payment(order).status) == (100, "voided")


def test_a_cancellation_whose_money_waits_is_followed_up(desk: Desk) -> None:
    order = desk.bought(("S1", 1))
    with desk.counter.sync.transaction() as tx:
        tx.execute("UPDATE orders_order SET status = 'canceled'")
        tx.execute(
            "INSERT INTO orders_adjustment VALUES ('adj_1', %s, 'cancellation', 'pending', %s, '{}', 'died', 'anna', now(), now())",
            (order.order_id, -order.total_amount),
        )
    assert desk.counter.run(desk.orders.follow_up()) == 1
    assert desk.payment(order).status == "voided"


def test_an_unknown_order_is_told(desk: Desk) -> None:
    for name in ("1", "ord_0"):
        with pytest.raises(OrderUnknown):
            desk.now(name)


def test_every_event_is_told_through_the_outbox_one_after_the_other(desk: Desk) -> None:
    order = desk.bought()
    desk.ship(order)
    told = desk.counter.rows("SELECT args, lock FROM db_outbox WHERE task = 'orders:event' ORDER BY id")
    assert [row["args"]["event"] for row in told] == ["created", "shipped"]
    assert {row["lock"] for row in told} == {f"order {order.order_id}"}
    moved = desk.counter.rows("SELECT args FROM db_outbox WHERE task = 'stock:moved'")
    assert moved == [{"args": {"skus": ["S1", "S2"]}}]
