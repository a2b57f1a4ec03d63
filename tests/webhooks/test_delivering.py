"""Every event of an order is heard by every target, in order, at least once, whatever fails on the way."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from webhook_post import NOWHERE, Post, google_target, ucp_target

from tradewind.kit import Outgoing, OutgoingAnswer, OutgoingCall
from tradewind.notifications.webhooks import Delivery, DeliveryUnknown, Dispatch, OrderHappening, TargetKind
from tradewind.notifications.webhooks.delivering import LEASE
from tradewind.notifications.webhooks.rules import MAX_REFUSALS, gives_up, pause, wait
from tradewind.notifications.webhooks.store import prune
from tradewind.orders import OrderView

RETRIES = 40


class Died(BaseException):
    """The process is gone."""


class DiesAfterSending:
    """Sends, and never comes back to say so."""

    def __init__(self, inner: Outgoing) -> None:
        self.inner = inner

    def check(self, url: str) -> None:
        self.inner.check(url)

    async def send(self, call: OutgoingCall) -> OutgoingAnswer:
        await self.inner.send(call)
        raise Died


class Speechless:
    """Cannot tell one of the orders."""

    def __init__(self, inner: object, order_id: str) -> None:
        self.inner, self.order_id = inner, order_id

    async def dispatch(self, delivery: Delivery, timestamp: int, view: OrderView, happening: OrderHappening) -> Dispatch:
        if view.order.order_id == self.order_id:
            raise KeyError("totals")
        found: Dispatch = await self.inner.dispatch(delivery, timestamp, view, happening)  # type: ignore[attr-defined]
        return found


def test_a_platform_hears_every_event_signed_in_order_with_times_that_grow(post: Post) -> None:
    order = post.bought()
    post.ship(order, **{order.lines[0].line_id: 1})
    post.ship(order)
    post.refund(order)
    assert (post.tell(order), post.tell(order)) == (4, 0)
    assert post.deliver().heard == 4
    times = [time for _, time in post.heard()]
    assert times == sorted(set(times))
    assert (len(times), post.platform.refused) == (4, [])
    assert times[0] == int(order.placed_at.timestamp())


def test_each_webhook_carries_the_whole_order_as_it_stands_when_it_is_sent(post: Post) -> None:
    order = post.bought()
    post.tell(order)
    post.ship(order)
    post.deliver()
    (created,) = post.platform.received
    assert [one["status"] for one in created.body["line_items"]] == ["fulfilled", "fulfilled"]
    assert created.body["permalink_url"].endswith(f"/orders/{order.order_id}")
    assert created.headers["ucp-agent"] == 'profile="https://shop.example/.well-known/ucp"'


def test_a_process_that_dies_between_sending_and_booking_sends_again_with_the_same_id(post: Post) -> None:
    post.tell(post.bought())
    with pytest.raises(Died):
        post.deliver(DiesAfterSending(post.client))
    assert (len(post.platform.received), post.deliver().heard) == (1, 0)
    post.waits(seconds=LEASE.total_seconds() + 1)
    assert post.deliver().heard == 1
    assert (len(post.platform.received), post.platform.duplicates, post.platform.refused) == (1, 1, [])
    assert [(one.status, one.attempts) for one in post.deliveries()] == [("delivered", 2)]


def test_two_workers_send_nothing_twice_and_keep_the_order(post: Post) -> None:
    orders = [post.bought() for _ in range(4)]
    for order in orders:
        post.ship(order, **{order.lines[0].line_id: 1})
        post.ship(order)
    post.tell(*orders)

    async def both() -> None:
        await asyncio.gather(post.delivering().run(), post.delivering().run())

    post.counter.run(both())
    assert (len(post.platform.received), post.platform.duplicates, post.platform.refused) == (12, 0, [])


def test_an_event_that_waits_holds_back_the_later_ones_of_its_order_and_no_other_order(post: Post) -> None:
    first, second = post.bought(), post.bought()
    post.ship(first)
    post.tell(first, second)
    post.platform.faults = [503]
    assert post.deliver().postponed == 1
    assert {order_id for order_id, _ in post.heard()} == {second.order_id}
    post.waits(minutes=1)
    assert post.deliver().heard == 2
    assert [order_id for order_id, _ in post.heard()] == [second.order_id, first.order_id, first.order_id]


def test_a_target_that_is_dead_stops_no_other(post: Post) -> None:
    post.targets = [ucp_target(post.platform, "ucp_dead", NOWHERE), ucp_target(post.platform)]
    orders = [post.bought() for _ in range(8)]
    post.tell(*orders)
    assert post.deliver().heard == 8
    waiting = post.deliveries(status="waiting")
    assert {one.target.target_id for one in waiting} == {"ucp_dead"}
    tried = sum(one.attempts for one in waiting)
    post.waits(seconds=20)
    post.deliver()
    # It is left alone as a whole, not asked once for every order.
    assert sum(one.attempts for one in post.deliveries(status="waiting")) - tried <= 4


def test_a_server_that_fails_is_waited_for_and_in_the_end_a_person_must_look(post: Post) -> None:
    order = post.bought()
    post.tell(order)
    post.platform.faults = [500, 0, 429, 503] * RETRIES
    waited = timedelta(0)
    while post.deliveries(status="waiting"):
        post.deliver()
        post.waits(hours=7)
        waited += timedelta(hours=7)
    (dead,) = post.deliveries(status="dead")
    assert (dead.attempts, post.platform.received) == (14, [])
    assert dead.last_error
    assert post.deliver().next_at is None


@pytest.mark.parametrize(
    ("kind", "status", "attempts"), [("google", 400, 1), ("google", 403, 1), ("ucp", 400, MAX_REFUSALS), ("ucp", 410, 1)]
)
def test_a_no_is_not_repeated_for_ever_and_to_google_never(post: Post, kind: str, status: int, attempts: int) -> None:
    post.targets = [google_target(post.platform) if kind == "google" else ucp_target(post.platform)]
    post.tell(post.bought())
    post.platform.faults = [status] * RETRIES
    while post.deliveries(status="waiting"):
        post.deliver()
        post.waits(hours=7)
    (dead,) = post.deliveries(status="dead")
    assert (dead.attempts, dead.last_status) == (attempts, status)


@pytest.mark.parametrize("status", [429, 500, 502, 503, None])
def test_google_is_waited_for_when_it_fails_or_is_busy(status: int | None) -> None:
    assert not gives_up(TargetKind.GOOGLE, status, 1)


def test_google_gets_its_key_and_the_id_of_the_order_s_own_entry(post: Post) -> None:
    post.targets = [google_target(post.platform)]
    order = post.bought()
    post.ship(order)
    post.refund(order)
    post.tell(order)
    assert post.deliver().heard == 3
    created, shipped, refunded = post.platform.received
    assert created.webhook_id == f"{order.order_id}.created"
    assert shipped.webhook_id in {one["id"] for one in shipped.body["fulfillment"]["events"]}
    assert refunded.webhook_id in {one["id"] for one in refunded.body["adjustments"]}


def test_a_platform_of_january_hears_its_orders_in_its_own_version(post: Post) -> None:
    post.platform.version, post.targets = "2026-01-23", [replace(ucp_target(post.platform), version="2026-01-23")]
    order = post.bought()
    post.ship(order)
    post.tell(order)
    assert post.deliver().heard == 2
    first, second = (one.body for one in post.platform.received)
    assert (post.platform.refused, first["ucp"]["version"], first["id"]) == ([], "2026-01-23", order.order_id)
    assert first["event_id"] != second["event_id"]
    assert first["created_time"] < second["created_time"]


def test_what_is_sent_again_is_later_than_everything_heard_before_and_keeps_its_id(post: Post) -> None:
    order = post.bought()
    post.tell(order)
    post.platform.faults = [410]
    post.deliver()
    post.ship(order)
    post.tell(order)
    post.deliver()
    (dead,) = post.deliveries(status="dead")
    assert post.counter.run(post.webhooks.replay(order_id=order.order_id)) == 1
    assert post.deliver().heard == 1
    (_, shipped), (_, replayed) = post.heard()
    assert replayed > shipped
    assert post.platform.received[-1].webhook_id == dead.webhook_id


def test_one_that_was_heard_can_be_sent_again_and_one_that_waits_cannot(post: Post) -> None:
    post.tell(post.bought())
    (waiting,) = post.deliveries()
    with pytest.raises(DeliveryUnknown):
        post.counter.run(post.webhooks.replay(delivery_id=waiting.delivery_id))
    post.deliver()
    post.counter.run(post.webhooks.replay(delivery_id=waiting.delivery_id))
    assert post.deliver().heard == 1
    assert post.platform.duplicates == 1


def test_an_order_that_cannot_be_told_stops_no_other(post: Post) -> None:
    broken, whole = post.bought(), post.bought()
    post.dialects[TargetKind.UCP] = Speechless(post.dialects[TargetKind.UCP], broken.order_id)
    post.tell(broken, whole)
    done = post.deliver()
    assert (done.heard, done.postponed) == (1, 1)
    assert "KeyError" in post.deliveries(status="waiting")[0].last_error


def test_a_kind_of_target_that_is_not_spoken_to_any_more_is_given_up(post: Post) -> None:
    post.targets = [google_target(post.platform)]
    post.tell(post.bought())
    del post.dialects[TargetKind.GOOGLE]
    assert post.deliver().dead == 1


def test_old_news_is_not_told_and_what_ended_is_forgotten_in_time(post: Post) -> None:
    order = post.bought()
    post.ship(order)
    post.tell(order)
    post.deliver()
    post.waits(days=9)
    with post.counter.sync.transaction() as tx:
        assert (prune(tx, post.counter.clock(), timedelta(days=8)), prune(tx, post.counter.clock(), timedelta(days=8))) == (2, 0)
    post.refund(order)
    assert post.tell(order) == 1
    post.deliver()
    assert [one.event for one in post.deliveries()] == ["refunded"]


def test_the_lag_tells_what_was_heard_how_late_and_what_waits_or_is_dead(post: Post) -> None:
    post.tell(post.bought())
    post.waits(seconds=3)
    post.deliver()
    post.targets = [ucp_target(post.platform, "ucp_dead", NOWHERE)]
    post.tell(post.bought())
    post.deliver()
    lag = post.counter.run(post.webhooks.lag(post.counter.clock() - timedelta(hours=1)))
    assert (lag.delivered, lag.waiting, lag.dead) == (1, 1, 0)
    assert lag.p99_ms is not None
    assert 3000 <= lag.p99_ms < 4000


def test_waits_grow_are_spread_and_are_never_shorter_than_asked() -> None:
    assert [wait(number, "", 50).total_seconds() for number in (1, 2, 3, 4)] == [5, 20, 80, 320]
    assert wait(2, "", 0) < wait(2, "", 50) < wait(2, "", 100)
    assert wait(1, "120", 50) == timedelta(minutes=2)
    assert wait(1, "999999", 50) == timedelta(hours=1)
    assert wait(1, "Wed, 21 Oct 2026 07:28:00 GMT", 50) == timedelta(seconds=5)
    assert wait(30, "", 50) == timedelta(hours=6)


def test_a_target_is_left_alone_after_some_failures_for_longer_each_time() -> None:
    assert pause(4) is None
    spans = [pause(number) for number in range(5, 40)]
    assert spans == sorted(spans, key=lambda one: one or timedelta(0))
    assert (spans[0], spans[-1]) == (timedelta(seconds=30), timedelta(minutes=30))


def test_an_order_that_is_gone_is_given_up(post: Post) -> None:
    order = post.bought()
    post.tell(order)
    with post.counter.sync.transaction() as tx:
        tx.execute("UPDATE notifications_webhook_delivery SET order_id = 'ord_gone'")
    assert post.deliver().dead == 1
    assert post.deliveries()[0].last_error == "the order is gone"
