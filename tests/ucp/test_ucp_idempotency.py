"""A repeated request gets the bytes of the first answer; the same key with anything else is refused; nothing is done blindly."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest
from ucp_shop import ANNA, NEW_YORK, UcpShop, checkout, codes, paid_with, to

from tradewind.checkout import settle_waiting
from tradewind.db import idempotency

BODY = checkout(buyer=ANNA, fulfillment=to(NEW_YORK))
CHANGED = checkout(("S3", 1), buyer=ANNA, fulfillment=to(NEW_YORK))


def steps(shop: UcpShop) -> list[tuple[str, str, Any]]:
    session, other = shop.ready(), shop.ready()
    path = f"/ucp/{shop.version}/checkout-sessions"
    return [
        ("POST", path, BODY),
        ("PUT", f"{path}/{session['id']}", CHANGED),
        ("POST", f"{path}/{session['id']}/complete", paid_with("tok_visa")),
        ("POST", f"{path}/{other['id']}/cancel", None),
    ]


def test_every_change_repeated_gets_the_same_status_and_bytes(shop: UcpShop) -> None:
    for method, path, body in steps(shop):
        first, second = (shop.send(method, path, body, key="same-key-" + path[-8:] + method) for _ in range(2))
        assert (first.status_code, first.content) == (second.status_code, second.content)
    assert len(shop.rows("SELECT order_id FROM orders_order")) == 1


def test_the_first_answer_is_repeated_also_when_the_checkout_has_gone_on(shop: UcpShop) -> None:
    path = f"/ucp/{shop.version}/checkout-sessions"
    first = shop.send("POST", path, BODY, key="create")
    shop.complete(first.json())
    again = shop.send("POST", path, BODY, key="create")
    assert (again.status_code, again.content) == (201, first.content)


def test_a_key_with_another_request_conflicts_whatever_the_operation(shop: UcpShop) -> None:
    for method, path, body in steps(shop):
        shop.send(method, path, body, key="one")
        other = {"line_items": []} if body in (BODY, CHANGED) else paid_with("tok_other")
        refused = shop.send(method, path, other, key="one")
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_conflict")


def test_a_key_counts_for_one_kind_of_operation(shop: UcpShop) -> None:
    assert [shop.send(method, path, body, key="one").status_code for method, path, body in steps(shop)] == [201, 200, 200, 200]


def test_the_same_json_in_other_bytes_is_another_request(shop: UcpShop) -> None:
    path = f"/ucp/{shop.version}/checkout-sessions"
    assert shop.send("POST", path, b'{"line_items":[]}', key="one").status_code == 201
    assert shop.send("POST", path, b'{"line_items": []}', key="one").status_code == 409


def test_equal_keys_of_two_platforms_do_not_meet(shop: UcpShop) -> None:
    path = f"/ucp/{shop.version}/checkout-sessions"
    first = shop.send("POST", path, BODY, key="one").json()
    shop.platform = "https://shopping.google.com/.well-known/ucp"
    second = shop.send("POST", path, CHANGED, key="one").json()
    assert first["id"] != second["id"]


def test_complete_and_cancel_need_a_key_and_create_does_not(shop: UcpShop) -> None:
    session, path = shop.ready(), f"/ucp/{shop.version}/checkout-sessions"
    for step in ("complete", "cancel"):
        refused = shop.send("POST", f"{path}/{session['id']}/{step}", paid_with("tok_visa"), key="")
        assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_missing")
    assert shop.send("POST", path, BODY, key="").status_code == 201


def test_completes_at_the_same_moment_make_one_order(shop: UcpShop) -> None:
    session = shop.ready()
    path = f"/ucp/{shop.version}/checkout-sessions/{session['id']}/complete"
    headers = {"UCP-Agent": f'profile="{shop.platform}"', "Content-Type": "application/json"}

    async def many() -> list[int]:
        sent = [shop.client.post(path, json=paid_with("tok_visa"), headers={**headers, "Idempotency-Key": key}) for key in "aabbcc"]
        return [response.status_code for response in await asyncio.gather(*sent)]

    assert set(shop.run(many())) == {200}
    assert len(shop.rows("SELECT order_id FROM orders_order")) == 1
    assert shop.get(session)["status"] == "completed"


def test_when_nothing_can_be_remembered_nothing_is_done(shop: UcpShop) -> None:
    session = shop.ready()
    with shop.sync.transaction() as tx:
        tx.execute("ALTER TABLE db_idempotency_key RENAME TO db_away")
    refused = shop.send("POST", f"/ucp/{shop.version}/checkout-sessions/{session['id']}/complete", paid_with("tok_visa"))
    with shop.sync.transaction() as tx:
        tx.execute("ALTER TABLE db_away RENAME TO db_idempotency_key")
    assert (refused.status_code, refused.headers.get("retry-after")) == (503, "1")
    assert shop.rows("SELECT order_id FROM orders_order") == []
    assert codes(shop.get(session)) == []


def test_answers_are_kept_for_two_days_and_then_forgotten(shop: UcpShop) -> None:
    shop.ready()
    assert idempotency.KEEP_HOURS == 48
    with shop.sync.transaction() as tx:
        assert idempotency.prune(tx) == 0
        tx.execute("UPDATE db_idempotency_key SET created_at = now() - interval '49 hours'")
        assert idempotency.prune(tx) == 1


def test_a_version_in_if_match_that_has_passed_is_refused(shop: UcpShop) -> None:
    session = shop.ready()
    path = f"/ucp/{shop.version}/checkout-sessions/{session['id']}"
    tag = shop.send("GET", path).headers["etag"]
    assert shop.send("PUT", path, CHANGED, If_Match=tag).status_code == 200
    refused = shop.send("PUT", path, CHANGED, If_Match=tag)
    assert (refused.status_code, refused.json()["code"]) == (412, "session_was_changed")


def refusals(shop: UcpShop) -> list[tuple[str, str, Any]]:
    """Requests that the business answers with no, each for a reason of its own."""
    path = f"/ucp/{shop.version}/checkout-sessions"
    ready, done = shop.ready(), shop.complete(shop.ready())
    return [
        ("POST", path, checkout(("S1", 1_000))),
        ("POST", path, checkout(cart_id="crt_nobody")),
        ("PUT", f"{path}/chk_nobody", BODY),
        ("PUT", f"{path}/{ready['id']}", checkout(("S1", 1_000))),
        ("PUT", f"{path}/{done['id']}", CHANGED),
        ("POST", f"{path}/{ready['id']}/complete", paid_with("tok_visa", "klarna")),
        ("POST", f"{path}/{ready['id']}/complete", paid_with("4242424242424242")),
        ("POST", f"{path}/{done['id']}/cancel", None),
        ("PUT", f"/ucp/{shop.version}/carts/crt_nobody", BODY),
        ("POST", f"/ucp/{shop.version}/carts/crt_nobody/cancel", None),
    ]


def test_a_refusal_is_the_answer_to_its_key_whatever_has_changed_since(shop: UcpShop) -> None:
    asked = [(method, path, body, f"refused-{place}") for place, (method, path, body) in enumerate(refusals(shop))]
    first = [shop.send(method, path, body, key=key) for method, path, body, key in asked]
    session = next(one.json() for one in first if one.json().get("status") == "ready_for_complete")
    shop.update(session, ("S3", 4), buyer=ANNA, fulfillment=to(NEW_YORK))
    again = [shop.send(method, path, body, key=key) for method, path, body, key in asked]
    assert [(one.status_code, one.content) for one in again] == [(one.status_code, one.content) for one in first]
    assert all(codes(one.json()) for one in first)


def test_the_key_of_a_refusal_with_another_body_conflicts(shop: UcpShop) -> None:
    for method, path, body in refusals(shop):
        shop.send(method, path, body, key="one")
        other = paid_with("tok_visa") if path.endswith("/complete") else checkout(("S2", 1))
        refused = shop.send(method, path, other, key="one")
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_conflict")


def test_a_refusal_that_cannot_be_kept_is_not_given_and_its_503_is_not_kept(shop: UcpShop) -> None:
    path = f"/ucp/{shop.version}/checkout-sessions"
    with shop.sync.transaction() as tx:
        tx.execute("ALTER TABLE db_idempotency_key RENAME TO db_away")
    away = [shop.send("POST", path, body, key=key) for key, body in (("no", checkout(("S1", 1_000))), ("yes", BODY))]
    with shop.sync.transaction() as tx:
        tx.execute("ALTER TABLE db_away RENAME TO db_idempotency_key")
    assert [one.status_code for one in away] == [503, 503]
    assert [shop.send("POST", path, body, key=key).status_code for key, body in (("no", checkout(("S1", 1_000))), ("yes", BODY))] == [
        200,
        201,
    ]


def completing(shop: UcpShop, session: Any, token: str) -> httpx.Response:
    return shop.send("POST", f"/ucp/{shop.version}/checkout-sessions/{session['id']}/complete", paid_with(token), key="pay")


def test_a_payment_whose_end_is_unknown_stays_the_answer_and_a_read_tells_the_end(shop: UcpShop) -> None:
    session = shop.ready()
    first = completing(shop, session, "tok_unknown")
    assert completing(shop, session, "tok_unknown").content == first.content
    shop.clock.now = shop.clock.now.replace(hour=13)
    shop.run(settle_waiting(shop.till.completing))
    assert (shop.get(session)["status"], first.json()["status"]) == ("completed", "complete_in_progress")
    again = completing(shop, session, "tok_unknown")
    assert (again.status_code, again.content) == (200, first.content)


class Killed(BaseException):
    """The process ends here."""


def test_after_a_kill_the_first_end_that_is_told_is_the_answer_from_then_on(shop: UcpShop) -> None:
    session, whole = shop.ready(), shop.ucp.counter.completing

    def checkpoint(name: str) -> None:
        if name == "authorized":
            raise Killed

    object.__setattr__(shop.ucp.counter, "completing", replace(whole, checkpoint=checkpoint))
    with pytest.raises(Killed):
        completing(shop, session, "tok_visa")
    object.__setattr__(shop.ucp.counter, "completing", whole)
    assert completing(shop, session, "tok_visa").json()["status"] == "complete_in_progress"
    shop.clock.now = shop.clock.now.replace(hour=13)
    shop.run(settle_waiting(whole))
    first = completing(shop, session, "tok_visa")
    shop.clock.now = shop.clock.now.replace(hour=14)
    assert (first.json()["status"], completing(shop, session, "tok_visa").content) == ("completed", first.content)
    assert completing(shop, session, "tok_mastercard").status_code == 409
    assert len(shop.rows("SELECT order_id FROM orders_order")) == 1
