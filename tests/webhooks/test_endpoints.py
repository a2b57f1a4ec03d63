"""The retailer's own endpoints: registered with care, told with a shared secret, and whole systems that tell them by the worker."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner
from webhook_post import Post

from tradewind.bootstrap.selling import shop_work
from tradewind.bootstrap.webhooks import target_finder, webhook_work
from tradewind.cli.webhook import app
from tradewind.kit import system_clock
from tradewind.notifications.webhooks import EndpointIsRefused, EndpointUnknown, NewEndpoint, TooManyEndpoints
from tradewind.notifications.webhooks.endpoints import ENDPOINTS_LIMIT
from tradewind.orders import OrderView
from tradewind.settings import Settings
from tradewind.worker import run_worker, shop_jobs, webhook_jobs


def registered(post: Post, *events: str) -> NewEndpoint:
    made = post.counter.run(post.endpoints.register(f"{post.platform.address}/own", "anna", events=events))
    post.platform.own_secret, post.targets = made.secret, []
    return made


def test_an_endpoint_hears_with_its_secret_what_happened_since_it_was_registered(post: Post) -> None:
    before = post.bought()
    post.waits(minutes=1)
    registered(post)
    order = post.bought()
    post.ship(order)
    post.tell(before, order)
    assert (post.deliver().heard, post.platform.refused) == (2, [])
    created, shipped = [one.body for one in post.platform.received]
    assert (created["type"], shipped["type"]) == ("order.created", "order.shipped")
    assert (shipped["data"]["order_id"], shipped["data"]["fulfillment_status"]) == (order.order_id, "shipped")
    assert shipped["data"]["shipments"][0]["tracking"] == "JD01"


def test_a_retry_carries_the_time_of_the_attempt_because_receivers_refuse_old_ones(post: Post) -> None:
    registered(post)
    post.platform.faults = [500]
    post.tell(post.bought())
    post.deliver()
    post.waits(hours=1)
    assert (post.deliver().heard, post.platform.refused) == (1, [])


def test_an_endpoint_hears_only_what_it_asked_for(post: Post) -> None:
    registered(post, "refunded", "shipped")
    order = post.bought()
    post.ship(order)
    post.refund(order)
    post.tell(order)
    post.deliver()
    assert [one.body["type"] for one in post.platform.received] == ["order.shipped", "order.refunded"]


def test_a_wrong_secret_is_refused_by_the_receiver_and_a_new_one_holds_at_once(post: Post) -> None:
    made = registered(post)
    post.platform.own_secret = "whsec_" + base64.b64encode(b"another").decode()
    post.tell(post.bought())
    assert post.deliver().postponed == 1
    post.platform.own_secret = post.counter.run(post.endpoints.renew_secret(made.endpoint.endpoint_id, "anna")).secret
    post.waits(minutes=1)
    assert post.deliver().heard == 1


def test_a_paused_endpoint_is_told_later_and_a_removed_one_never(post: Post) -> None:
    made = registered(post)
    endpoint_id = made.endpoint.endpoint_id
    post.counter.run(post.endpoints.pause(endpoint_id, "anna", is_paused=True))
    post.tell(post.bought())
    assert post.deliver().heard == 0
    post.counter.run(post.endpoints.pause(endpoint_id, "anna", is_paused=False))
    assert post.deliver().heard == 1
    post.tell(post.bought())
    post.counter.run(post.endpoints.remove(endpoint_id, "anna"))
    assert post.deliver().heard == 0
    assert [one.last_error for one in post.deliveries(status="dead")] == ["the endpoint was removed"]
    for change in (post.endpoints.pause(endpoint_id, "anna", is_paused=False), post.endpoints.renew_secret(endpoint_id, "anna")):
        with pytest.raises(EndpointUnknown):
            post.counter.run(change)


@pytest.mark.parametrize(
    "url", ["https://169.254.169.254/latest", "https://user:pw@erp.example/", "ftp://erp.example/", "https://erp.internal:5432/"]
)
def test_an_address_inside_is_refused_when_it_is_registered(post: Post, url: str) -> None:
    with pytest.raises(EndpointIsRefused):
        post.counter.run(post.endpoints.register(url, "anna"))


def test_unknown_events_and_too_many_endpoints_are_refused(post: Post) -> None:
    with pytest.raises(EndpointIsRefused, match="eaten"):
        post.counter.run(post.endpoints.register("https://erp.example/", "anna", events=["eaten"]))
    for _ in range(ENDPOINTS_LIMIT):
        post.counter.run(post.endpoints.register("https://erp.example/", "anna"))
    with pytest.raises(TooManyEndpoints):
        post.counter.run(post.endpoints.register("https://erp.example/", "anna"))


def test_secrets_are_sealed_and_every_act_is_in_the_audit_trail(post: Post) -> None:
    made = registered(post)
    rows = post.counter.rows("SELECT secret_sealed FROM notifications_webhook_target WHERE kind = 'own'")
    assert made.secret.encode() not in bytes(rows[0]["secret_sealed"])
    acts = post.counter.rows("SELECT action, actor, detail FROM db_audit_entry WHERE subject = %s", made.endpoint.endpoint_id)
    assert [(one["action"], one["actor"]) for one in acts] == [("webhook.register", "anna")]
    assert "whsec_" not in str(acts)


def test_the_worker_tells_what_the_shop_sold(post: Post, workspace: Settings) -> None:
    registered(post)
    order, post.platform.clock = post.bought(), system_clock
    with post.counter.sync.transaction() as tx:
        tx.execute("UPDATE orders_event SET at = now()")  # the worker lives in our own time
    shop = shop_jobs(replace(shop_work(), payment_changed=lambda *_: None))
    for _ in range(2):  # the second finds what the first put into the outbox
        run_worker(workspace, blueprints={"webhooks": webhook_jobs(webhook_work()), **shop}, once=True)
    assert [one.body["data"]["order_id"] for one in post.platform.received] == [order.order_id]
    assert [(one.event, one.status) for one in post.deliveries()] == [("created", "delivered")]


def a_view(post: Post, source: Mapping[str, Any]) -> OrderView:
    order = post.bought()
    return OrderView(replace(order, facts={**order.facts, "source": source}), ())


def test_who_hears_of_an_order_follows_from_where_it_was_bought(post: Post) -> None:
    bought = {
        "surface": "ucp",
        "platform": "https://agent.example/p",
        "ucp_version": "2026-04-08",
        "webhook_url": "https://agent.example/w",
    }
    find = target_finder(None)
    (target,) = find(a_view(post, bought))
    assert (target.kind, target.url) == ("ucp", "https://agent.example/w")
    assert not find(a_view(post, {}))
    assert not find(a_view(post, {**bought, "ucp_version": "2025-01-01"}))
    assert find(a_view(post, {**bought, "ucp_version": "2026-01-23"}))[0].version == "2026-01-23"
    assert not find(a_view(post, {**bought, "webhook_url": ""}))
    assert not find(a_view(post, {**bought, "platform": "https://www.google.com/p"}))


def test_google_hears_at_its_own_door(post: Post) -> None:
    from webhook_post import access

    bought = {
        "surface": "ucp",
        "platform": "https://shopping.google.com/p",
        "ucp_version": "2026-04-08",
        "webhook_url": "https://google.com/w",
    }
    (target,) = target_finder(access(post.platform))(a_view(post, bought))
    assert (target.kind, target.url) == ("google", f"{post.platform.address}/v1/webhooks/partners/partner/events/order")


def test_the_commands_register_list_replay_and_tell_the_lag(post: Post, workspace: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEWIND_HOME", str(workspace.home))
    assert workspace.database_url is not None
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", workspace.database_url.get_secret_value())
    run = CliRunner().invoke
    made = json.loads(run(app, ["register", "https://erp.example/hook", "--event", "shipped", "--json"]).output)
    assert made["secret"].startswith("whsec_")
    (listed,) = json.loads(run(app, ["endpoints", "--json"]).output)
    assert (listed["endpoint_id"], listed["events"]) == (made["endpoint_id"], ["shipped"])
    assert "secret" not in listed
    post.tell(post.bought())
    post.platform.faults = [410]
    post.deliver()
    listing = run(app, ["list", "--status", "dead", "--json"])
    (dead,) = json.loads(listing.output)
    assert listing.exit_code == 3
    assert run(app, ["replay", str(dead["delivery_id"])]).exit_code == 0
    assert json.loads(run(app, ["lag", "--json"]).output)["waiting"] == 1
    assert run(app, ["remove", made["endpoint_id"]]).exit_code == 0
