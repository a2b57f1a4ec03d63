"""The outbox, idempotency keys, the audit trail and locks by name."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import errors as postgres_errors

from tradewind.db import AnotherOneIsRunning, Database, IdempotencyKeyWasReused, audit, idempotency, locks, outbox
from tradewind.db.idempotency import StoredResponse, request_hash

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


def jobs(database: Database) -> list[tuple[str, str, dict[str, object]]]:
    with database.transaction() as tx:
        rows = tx.execute("SELECT queue_name, task_name, args FROM procrastinate_jobs ORDER BY id").fetchall()
    return [(row["queue_name"], row["task_name"], row["args"]) for row in rows]


def relay(database: Database, **limits: int) -> int:
    with database.transaction() as tx:
        return outbox.relay(tx, **limits)


def test_rows_become_jobs_once_in_the_order_they_were_written(database: Database) -> None:
    with database.transaction() as tx:
        for number in range(3):
            outbox.put(tx, "mail.send", {"number": number, "text": "Grüße 'quoted' 100 %"}, queue="mail")
    assert (relay(database, limit=2), relay(database), relay(database)) == (2, 1, 0)
    assert [args["number"] for _, _, args in jobs(database)] == [0, 1, 2]
    assert jobs(database)[0] == ("mail", "mail.send", {"number": 0, "text": "Grüße 'quoted' 100 %"})


def put_and_fail(database: Database) -> None:
    with database.transaction() as tx:
        outbox.put(tx, "mail.send", {})
        raise RuntimeError


def test_a_transaction_that_rolls_back_asks_for_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError):
        put_and_fail(database)
    assert relay(database) == 0


def test_two_relays_never_take_the_same_row(database: Database) -> None:
    with database.transaction() as tx:
        for number in range(4):
            outbox.put(tx, "t", {"number": number})
    with database.transaction() as one, database.transaction() as other:
        assert (outbox.relay(one, limit=3), outbox.relay(other, limit=3)) == (3, 1)
    assert len(jobs(database)) == 4


def test_the_number_that_waits_is_seen_and_old_rows_are_pruned(database: Database) -> None:
    with database.transaction() as tx:
        outbox.put(tx, "t", {})
        assert outbox.waiting(tx)[0] == 1
        outbox.relay(tx)
        tx.execute("UPDATE db_outbox SET relayed_at = now() - interval '3 days'")
        assert (outbox.waiting(tx)[0], outbox.prune(tx)) == (0, 1)


def test_a_repeated_key_gets_the_stored_answer(database: Database) -> None:
    with database.transaction() as tx:
        assert idempotency.find(tx, "cart", "k1", {"a": 1, "b": 2}) is None
        idempotency.store(tx, "cart", "k1", {"a": 1, "b": 2}, StoredResponse(201, {"id": "crt_1"}))
    with database.transaction() as tx:
        assert idempotency.find(tx, "cart", "k1", {"b": 2, "a": 1}) == StoredResponse(201, {"id": "crt_1"})
        assert idempotency.find(tx, "orders", "k1", {}) is None


def test_a_key_with_another_body_is_refused(database: Database) -> None:
    with database.transaction() as tx:
        idempotency.store(tx, "cart", "k1", {"a": 1}, StoredResponse(200, None))
        with pytest.raises(IdempotencyKeyWasReused) as caught:
            idempotency.find(tx, "cart", "k1", {"a": 2})
    assert caught.value.http_status == 409


def test_a_second_request_with_the_key_waits_for_the_first(database: Database) -> None:
    with database.transaction() as first:
        idempotency.find(first, "cart", "k1", {})
        with database.transaction() as second:
            second.execute("SET LOCAL lock_timeout = '20ms'")
            with pytest.raises(postgres_errors.LockNotAvailable):
                idempotency.find(second, "cart", "k1", {})
            second.execute("ROLLBACK")


def test_keys_are_forgotten_after_two_days(database: Database) -> None:
    with database.transaction() as tx:
        for key, age in (("old", "49 hours"), ("young", "47 hours")):
            idempotency.store(tx, "cart", key, {}, StoredResponse(200, None))
            tx.execute("UPDATE db_idempotency_key SET created_at = now() - %s::interval WHERE key = %s", (age, key))
        assert idempotency.prune(tx) == 1
        assert idempotency.find(tx, "cart", "young", {}) is not None


@given(st.dictionaries(st.text(), JSON))
def test_the_order_of_keys_does_not_change_a_request(request: dict[str, object]) -> None:
    assert request_hash(dict(reversed(request.items()))) == request_hash(request)


def test_the_audit_trail_gives_the_newest_acts_first(database: Database) -> None:
    with database.transaction() as tx:
        audit.record(tx, "anna", "run.approve", "run_1", {"market": "us"})
        audit.record(tx, "ben", "run.rollback", "run_1")
        audit.record(tx, "ben", "run.approve", "run_2")
        assert [(entry.actor, entry.action) for entry in audit.entries(tx, subject="run_1")] == [
            ("ben", "run.rollback"),
            ("anna", "run.approve"),
        ]
        assert len(audit.entries(tx, limit=2)) == 2


@pytest.mark.parametrize("act", ["UPDATE db_audit_entry SET actor = 'x'", "DELETE FROM db_audit_entry", "TRUNCATE db_audit_entry"])
def test_the_audit_trail_cannot_be_changed(database: Database, act: str) -> None:
    with database.connection() as connection, pytest.raises(postgres_errors.RestrictViolation):
        connection.execute(act)


def test_only_one_process_does_what_only_one_may(database: Database) -> None:
    with locks.only_one(database, "run"):
        with pytest.raises(AnotherOneIsRunning), locks.only_one(database, "run"):
            pass
        with locks.only_one(database, "import"):
            pass
    with locks.only_one(database, "run"):
        pass


@given(JSON)
def test_the_hash_of_a_request_is_that_of_its_sorted_json(request_body: object) -> None:
    text = json.dumps(request_body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert request_hash(request_body) == hashlib.sha256(text.encode()).hexdigest()
