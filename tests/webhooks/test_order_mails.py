"""Mails about orders: one for each thing that happened, also when the worker comes late."""

import email
import email.policy
from datetime import timedelta

from webhook_post import Post

from tradewind.bootstrap.notifying import mail_about_order
from tradewind.settings import Settings


def mails(settings: Settings) -> list[str]:
    """The texts of the mails in the workspace."""
    found = []
    for path in sorted((settings.home / "mails").glob("*.eml")):
        body = email.message_from_bytes(path.read_bytes(), policy=email.policy.default).get_body(("plain",))  # type: ignore[union-attr]
        found.append(body.get_content())
    return found


def in_our_time(post: Post, days: int = 0) -> None:
    """The jobs live in our own time, the counter in that of its test."""
    with post.counter.sync.transaction() as tx:
        tx.execute("UPDATE orders_event SET at = now() - %s", (timedelta(days=days),))


def test_two_shipments_before_the_worker_runs_are_two_mails(post: Post, workspace: Settings) -> None:
    order = post.bought()
    post.ship(order, **{order.lines[0].line_id: 1})
    post.ship(order)
    in_our_time(post)
    for _ in range(2):  # two jobs, one for each event
        mail_about_order(workspace, post.counter.sync, order.order_id, "shipped")
    assert [one.count("DHL JD01") for one in mails(workspace)] == [1, 1]


def test_a_return_and_a_refund_are_told_with_their_own_amounts(post: Post, workspace: Settings) -> None:
    order = post.bought()
    post.ship(order)
    post.refund(order, 300, **{order.lines[0].line_id: 1})
    post.refund(order, 125)
    in_our_time(post)
    for event in ("returned", "refunded"):
        mail_about_order(workspace, post.counter.sync, order.order_id, event)
    told = sorted(mails(workspace))
    assert len(told) == 2
    assert sum("3.00" in one for one in told) == sum("1.25" in one for one in told) == 1


def test_what_happened_over_a_week_ago_is_not_written_about(post: Post, workspace: Settings) -> None:
    order = post.bought()
    in_our_time(post, days=8)
    mail_about_order(workspace, post.counter.sync, order.order_id, "created")
    assert mails(workspace) == []
