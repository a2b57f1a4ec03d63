"""Programs work on orders through the API: each change has its effect once, and none is lost."""

from typing import Any

import pytest
from api_desk import ApiDesk

HANDOVER = {"carrier": "DHL", "tracking": "JD01"}


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_an_order_is_read_with_everything_a_warehouse_needs(desk: ApiDesk) -> None:
    order = desk.get(f"/orders/{desk.bought()}")
    assert (order["number"], order["status"], order["fulfillment_status"]) == (100001, "open", "processing")
    assert (order["destination"]["postcode"], order["email"]) == ("10001", "anna@example.com")
    assert sum(one["amount"] for one in order["totals"] if one["type"] != "total") == order["total"]
    assert [(one["sku"], one["ordered"], one["shipped"]) for one in order["lines"]] == [("S1", 1, 0), ("S2", 2, 0)]
    assert desk.get("/orders/100001") == order


def test_shipping_books_once_however_often_it_is_repeated(desk: ApiDesk) -> None:
    order = desk.bought()
    first = desk.post(f"/orders/{order}/shipments", HANDOVER, once="parcel-1")
    again = desk.post(f"/orders/{order}/shipments", HANDOVER, once="parcel-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    payment = desk.get(f"/orders/{order}/payment")
    assert (payment["captured"], [one["kind"] for one in payment["operations"]]) == (payment["amount"], ["authorize", "capture"])
    assert [one["name"] for one in desk.get(f"/orders/{order}")["timeline"]] == ["created", "shipped"]


def test_a_key_that_was_used_for_another_call_is_refused(desk: ApiDesk) -> None:
    order = desk.bought()
    assert desk.post(f"/orders/{order}/shipments", HANDOVER, once="one").status_code == 201
    assert code(desk.post(f"/orders/{order}/shipments", HANDOVER | {"tracking": "JD02"}, once="one")) == (409, "idempotency_key_reused")


def test_a_refund_is_known_to_its_end_and_given_once(desk: ApiDesk) -> None:
    order = desk.bought()
    desk.post(f"/orders/{order}/shipments", HANDOVER)
    body = {"amount": 500, "reason": "one broke", "units": {"line_2": 1}}
    first, again = (desk.post(f"/orders/{order}/refunds", body, once="back") for _ in range(2))
    assert (first.status_code, first.json()["type"], first.json()["status"]) == (201, "return", "completed")
    assert first.json() == again.json()
    assert desk.get(f"/orders/{order}/payment")["refunded"] == 500


def test_money_that_cannot_go_back_is_a_problem_and_changes_nothing(desk: ApiDesk) -> None:
    order = desk.bought()
    answer = desk.post(f"/orders/{order}/refunds", {"amount": 500, "reason": "too early"})
    assert answer.status_code in {400, 409}
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert desk.get(f"/orders/{order}/payment")["refunded"] == 0


def test_an_update_that_would_be_lost_is_refused(desk: ApiDesk) -> None:
    order = desk.bought()
    seen = desk.ask("GET", f"/orders/{order}").headers["ETag"]
    assert desk.post(f"/orders/{order}/shipments", HANDOVER | {"units": {"line_1": 1}}, match=seen).status_code == 201
    assert code(desk.post(f"/orders/{order}/shipments", HANDOVER, match=seen)) == (412, "order_changed")
    now = desk.ask("GET", f"/orders/{order}").headers["ETag"]
    assert desk.post(f"/orders/{order}/shipments", HANDOVER, match=now).status_code == 201


def test_cancel_and_deliver_answer_with_the_order_as_it_is_then(desk: ApiDesk) -> None:
    canceled = desk.post(f"/orders/{desk.bought()}/cancel", {"reason": "ordered twice"})
    assert (canceled.json()["status"], canceled.json()["adjustments"][0]["status"]) == ("canceled", "completed")
    other = desk.bought()
    desk.post(f"/orders/{other}/shipments", HANDOVER)
    delivered = desk.post(f"/orders/{other}/deliver", {})
    assert (delivered.json()["status"], delivered.json()["fulfillment_status"]) == ("closed", "delivered")
    assert delivered.headers["ETag"] == f'"{delivered.json()["version"]}"'


def test_a_list_stays_in_step_while_orders_come_in(desk: ApiDesk) -> None:
    for _ in range(3):
        desk.bought(("S1", 1))
    first = desk.get("/orders", limit=2)
    desk.bought(("S1", 1))
    second = desk.get("/orders", limit=2, cursor=first["next"])
    assert [one["number"] for one in first["items"] + second["items"]] == [100003, 100002, 100001]
    assert second["next"] is None
    assert code(desk.ask("GET", "/orders", params={"cursor": first["next"], "status": "open"})) == (400, "cursor_invalid")


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/orders/ord_unknown/cancel", {"reason": "x"}, (404, "order_unknown")),
        ("/orders/100001/cancel", {"reason": "a\x00b"}, (400, "body_not_json")),
        ("/orders/100001/cancel", {"reason": "x", "\ud800": 1}, (400, "body_not_json")),
        ("/orders/100001/shipments", HANDOVER | {"units": {"line_9": 1}}, (400, "order_line_unknown")),
        ("/nothing", {}, (404, "not_found")),
    ],
)
def test_what_is_wrong_is_told_in_one_form(desk: ApiDesk, path: str, body: Any, expected: tuple[int, str]) -> None:
    desk.bought()
    import json

    answer = desk.ask("POST", path, content=json.dumps(body), headers={"Idempotency-Key": "k", "Content-Type": "application/json"})
    assert code(answer) == expected
    assert set(answer.json()) == {"type", "title", "status", "code", "detail", "hint", "request_id", "errors"}


def test_a_change_without_an_idempotency_key_is_refused(desk: ApiDesk) -> None:
    assert code(desk.ask("POST", "/orders/100001/release")) == (400, "idempotency_key_missing")


def test_each_scope_opens_its_own_doors(desk: ApiDesk) -> None:
    key, order = desk.key_for("reader", "orders:read"), desk.bought()
    assert desk.ask("GET", f"/orders/{order}", key=key).status_code == 200
    for path in (f"/orders/{order}/payment", "/stock/levels", "/catalog/markets", "/payments"):
        assert code(desk.ask("GET", path, key=key)) == (403, "api_scope_missing")
    assert desk.ask("GET", "/orders", key="twk_wrong").headers["WWW-Authenticate"] == "Bearer"


def test_answers_tell_the_pace_and_are_kept_by_nobody(desk: ApiDesk) -> None:
    answer = desk.ask("GET", "/orders")
    assert (answer.headers["RateLimit-Policy"], answer.headers["Cache-Control"]) == ('"key";q=75;w=1', "no-store")
    assert answer.headers["RateLimit"].startswith('"key";r=74')


def test_a_kept_answer_does_not_name_the_buyer_in_the_clear(desk: ApiDesk) -> None:
    desk.post(f"/orders/{desk.bought()}/cancel", {"reason": "ordered twice"}, once="cancel-1")
    found = desk.counter.rows(
        "SELECT position('anna@'::bytea IN answer) AS place, response FROM db_idempotency_key WHERE key = %s", "cancel-1"
    )
    assert found == [{"place": 0, "response": None}]


def test_an_invoice_is_fetched_once_a_parcel_has_left(desk: ApiDesk) -> None:
    order = desk.bought()
    assert code(desk.ask("GET", f"/orders/{order}/invoice.pdf")) == (404, "invoice_not_due")
    desk.post(f"/orders/{order}/shipments", HANDOVER)
    made = desk.post(f"/orders/{order}/refunds", {"amount": 500, "reason": "one broke"}).json()["adjustment_id"]
    first, again = (desk.ask("GET", f"/orders/{order}/invoice.pdf") for _ in range(2))
    assert first.content == again.content
    assert first.headers["Content-Disposition"] == 'attachment; filename="US-2026-000001.pdf"'
    assert desk.ask("GET", f"/orders/{order}/credit-notes/{made}.pdf").content.startswith(b"%PDF-")
