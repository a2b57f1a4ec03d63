"""Programs manage webhooks through the API: secrets are shown once, each change has its effect once, and what is dead is sent again."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from api_desk import ApiDesk
from webhook_post import Post, open_post

from tradewind.settings import Settings

HOOK = {"url": "https://erp.example/orders", "events": ["shipped", "created"], "description": "ERP"}
ENDPOINTS = "/webhooks/endpoints"


@pytest.fixture
def post(desk: ApiDesk, workspace: Settings) -> Iterator[Post]:
    """What sends the webhooks of the desk's shop, and a receiver on loopback."""
    with open_post(workspace, desk.counter) as opened:
        opened.targets = []
        yield opened


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def registered(desk: ApiDesk, **given: Any) -> dict[str, Any]:
    answer = desk.post(ENDPOINTS, HOOK | given)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def delete(desk: ApiDesk, endpoint_id: str, once: str) -> Any:
    return desk.ask("DELETE", f"{ENDPOINTS}/{endpoint_id}", headers={"Idempotency-Key": once})


def dead(post: Post, count: int) -> None:
    """So many orders that nobody wanted to hear of."""
    post.tell(*(post.bought() for _ in range(count)))
    post.platform.faults = [410] * count
    assert post.deliver().dead == count


def test_an_endpoint_is_registered_listed_and_its_secret_not_shown_again(desk: ApiDesk) -> None:
    made = registered(desk)
    assert made.pop("secret").startswith("whsec_")
    assert (made["url"], made["events"], made["is_paused"], made["failures"]) == (HOOK["url"], ["created", "shipped"], False, 0)
    assert desk.get(ENDPOINTS) == {"items": [made]}


def test_a_repeat_registers_nothing_and_gets_the_secret_of_the_first_answer(desk: ApiDesk) -> None:
    first, again = (desk.post(ENDPOINTS, HOOK, once="erp") for _ in range(2))
    assert (first.status_code, first.json()) == (201, again.json())
    assert len(desk.get(ENDPOINTS)["items"]) == 1
    assert code(desk.post(ENDPOINTS, HOOK | {"description": "other"}, once="erp")) == (409, "idempotency_key_reused")


@pytest.mark.parametrize("what", ["register", "secret"])
def test_no_secret_is_kept_in_the_clear(desk: ApiDesk, what: str) -> None:
    made = desk.post(ENDPOINTS, HOOK, once="register").json()
    if what == "secret":
        made = desk.post(f"{ENDPOINTS}/{made['endpoint_id']}/secret", once="secret").json()
    found = desk.counter.rows("SELECT answer, response FROM db_idempotency_key WHERE key = %s", what)
    assert [one["response"] for one in found] == [None]
    for held in (b"whsec_", made["secret"].encode()):
        assert held not in bytes(found[0]["answer"])


def test_a_new_secret_takes_the_old_one_s_place_and_a_repeat_makes_no_third(desk: ApiDesk, post: Post) -> None:
    made = registered(desk)
    path = f"{ENDPOINTS}/{made['endpoint_id']}/secret"
    first, again = (desk.post(path, once="renew").json() for _ in range(2))
    assert made["secret"] != first["secret"] == again["secret"]
    assert desk.counter.run(post.endpoints.secret(made["endpoint_id"])) == first["secret"]


def test_a_paused_endpoint_waits_until_it_is_resumed(desk: ApiDesk, post: Post) -> None:
    made = desk.counter.run(post.endpoints.register(f"{post.platform.address}/own", "anna"))
    post.platform.own_secret, path = made.secret, f"{ENDPOINTS}/{made.endpoint.endpoint_id}"
    assert desk.post(f"{path}/pause").json()["is_paused"] is True
    post.tell(post.bought())
    assert post.deliver().heard == 0
    (waiting,) = desk.get("/webhooks/deliveries", status="waiting")["items"]
    assert (waiting["event"], waiting["target_kind"], waiting["attempts"]) == ("created", "own", 0)
    assert desk.post(f"{path}/resume").json()["is_paused"] is False
    assert post.deliver().heard == 1


def test_a_removed_endpoint_is_gone_and_a_repeat_says_so_again(desk: ApiDesk) -> None:
    endpoint_id = registered(desk)["endpoint_id"]
    first, again = (delete(desk, endpoint_id, "end") for _ in range(2))
    assert [(one.status_code, one.content) for one in (first, again)] == [(204, b"")] * 2
    assert desk.get(ENDPOINTS) == {"items": []}
    assert code(delete(desk, endpoint_id, "end-2")) == (404, "webhook_endpoint_unknown")


def test_a_call_that_comes_twice_at_once_is_answered_twice_the_same(desk: ApiDesk) -> None:
    endpoint_id = registered(desk)["endpoint_id"]

    async def both() -> list[int]:
        headers = {"Authorization": f"Bearer {desk.key}", "Idempotency-Key": "end"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=desk.app), base_url="http://shop.test", headers=headers) as client:
            answers = await asyncio.gather(*(client.delete(f"{ENDPOINTS}/{endpoint_id}") for _ in range(4)))
            return [one.status_code for one in answers]

    assert desk.counter.run(both()) == [204] * 4
    assert len(desk.counter.rows("SELECT 1 FROM db_audit_entry WHERE action = 'webhook.remove'")) == 1


def test_deliveries_are_paged_newest_first_within_a_filter(desk: ApiDesk, post: Post) -> None:
    made = desk.counter.run(post.endpoints.register(f"{post.platform.address}/own", "anna"))
    dead(post, 3)
    first = desk.get("/webhooks/deliveries", status="dead", limit=2)
    post.tell(post.bought())
    rest = desk.get("/webhooks/deliveries", status="dead", limit=2, cursor=first["next"])
    found = [one["delivery_id"] for one in first["items"] + rest["items"]]
    assert (found, rest["next"]) == (sorted(found, reverse=True), None)
    assert len(found) == 3
    assert (first["items"][0]["last_status"], first["items"][0]["next_at"]) == (410, None)
    assert len(desk.get("/webhooks/deliveries", target_id=made.endpoint.endpoint_id)["items"]) == 4
    assert code(desk.ask("GET", "/webhooks/deliveries", params={"cursor": first["next"]})) == (400, "cursor_invalid")


def test_what_is_dead_is_sent_again_once(desk: ApiDesk, post: Post) -> None:
    made = desk.counter.run(post.endpoints.register(f"{post.platform.address}/own", "anna"))
    post.platform.own_secret = made.secret
    dead(post, 1)
    (one,) = desk.get("/webhooks/deliveries")["items"]
    path = f"/webhooks/deliveries/{one['delivery_id']}/replay"
    assert desk.post(path, once="again").json() == {"delivery_id": one["delivery_id"], "status": "waiting"}
    assert post.deliver().heard == 1
    assert desk.post(path, once="again").status_code == 200
    assert post.deliver().heard == 0
    assert post.platform.received[0].webhook_id == one["webhook_id"]


def test_what_waits_or_belongs_to_a_removed_endpoint_is_not_sent_again(desk: ApiDesk, post: Post) -> None:
    made = desk.counter.run(post.endpoints.register(f"{post.platform.address}/own", "anna"))
    post.tell(post.bought())
    (one,) = desk.get("/webhooks/deliveries")["items"]
    path = f"/webhooks/deliveries/{one['delivery_id']}/replay"
    assert code(desk.post(path)) == (404, "webhook_delivery_unknown")
    assert delete(desk, made.endpoint.endpoint_id, "end").status_code == 204
    assert code(desk.post(path)) == (404, "webhook_delivery_unknown")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"url": "https://169.254.169.254/latest"}, "webhook_endpoint_refused"),
        ({"url": "https://user:pw@erp.example/"}, "webhook_endpoint_refused"),
        ({"url": "ftp://erp.example/"}, "body_not_json"),
        ({"events": ["eaten"]}, "body_not_json"),
        ({"secret": "whsec_mine"}, "body_not_json"),
    ],
)
def test_what_cannot_be_called_or_is_not_known_is_refused(desk: ApiDesk, given: dict[str, Any], expected: str) -> None:
    assert code(desk.post(ENDPOINTS, HOOK | given)) == (400, expected)
    assert desk.get(ENDPOINTS) == {"items": []}


def test_reading_does_not_let_a_program_change_anything(desk: ApiDesk) -> None:
    key, made = desk.key_for("reader", "webhooks:read"), registered(desk)
    assert desk.ask("GET", "/webhooks/deliveries", key=key).status_code == 200
    for method, path in (("POST", ENDPOINTS), ("DELETE", f"{ENDPOINTS}/{made['endpoint_id']}"), ("POST", "/webhooks/deliveries/1/replay")):
        answer = desk.ask(method, path, key=key, headers={"Idempotency-Key": "k"}, **({"json": HOOK} if path == ENDPOINTS else {}))
        assert code(answer) == (403, "api_scope_missing")
    assert code(desk.ask("GET", ENDPOINTS, key=desk.key_for("writer", "webhooks:write"))) == (403, "api_scope_missing")


def test_changes_carry_a_key_and_stand_in_the_audit_trail_with_the_program(desk: ApiDesk) -> None:
    assert code(desk.ask("POST", ENDPOINTS, json=HOOK)) == (400, "idempotency_key_missing")
    made = registered(desk)
    acts = desk.counter.rows("SELECT action, actor FROM db_audit_entry WHERE subject = %s", made["endpoint_id"])
    assert acts == [{"action": "webhook.register", "actor": "api erp"}]
