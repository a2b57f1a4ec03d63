"""A surface that keeps its answers byte for byte: a repeat of a key gets what was answered, whatever has become of the session."""

from typing import Any

import pytest
from counter import ANNA, NEW_YORK, Counter

from tradewind.checkout import (
    AlreadyAnswered,
    CheckoutSession,
    CreateSession,
    PaymentInstrument,
    Reply,
    UpdateSession,
    WantedLine,
)
from tradewind.db import IdempotencyKeyWasReused

WANTED = CreateSession("us", (WantedLine("S1", 1),), buyer=ANNA, destination=NEW_YORK)
CHOSEN = UpdateSession((WantedLine("S1", 2),), ANNA, NEW_YORK)


def reply(key: str = "k", asked: str = "h") -> Reply:
    return Reply("ucp/platform", key, asked, lambda session: (200, f"{session.session_id} {session.version} {session.status}".encode()))


def again(counter: Counter, work: Any) -> bytes:
    with pytest.raises(AlreadyAnswered) as known:
        counter.run(work)
    return known.value.body


def paid(counter: Counter, session: CheckoutSession, told: Reply, token: str = "tok_visa") -> Any:
    return counter.completing.complete(session.session_id, PaymentInstrument("card", token, "http://127.0.0.1/back"), reply=told)


def test_a_repeated_create_or_update_gets_the_bytes_of_the_first_answer(counter: Counter) -> None:
    first = reply("one")
    session = counter.run(counter.sessions.create(WANTED, reply=first))
    second = reply("two")
    counter.run(counter.sessions.update(session.session_id, CHOSEN, reply=second))
    assert first.given is not None
    assert second.given is not None
    assert again(counter, counter.sessions.create(WANTED, reply=reply("one"))) == first.given[1]
    assert again(counter, counter.sessions.update(session.session_id, CHOSEN, reply=reply("two"))) == second.given[1]


def test_another_request_with_a_known_key_is_refused_for_every_step(counter: Counter) -> None:
    session = counter.run(counter.sessions.create(WANTED, reply=reply("one")))
    for work in (
        counter.sessions.create(WANTED, reply=reply("one", "other")),
        counter.sessions.update(session.session_id, CHOSEN, reply=reply("one", "other")),
        counter.completing.cancel(session.session_id, reply=reply("one", "other")),
        paid(counter, session, reply("one", "other")),
    ):
        with pytest.raises(IdempotencyKeyWasReused):
            counter.run(work)


def test_a_repeated_complete_or_cancel_gets_the_bytes_of_the_first_answer(counter: Counter) -> None:
    bought = counter.run(counter.sessions.create(WANTED, reply=reply("one")))
    told = reply("pay")
    assert counter.run(paid(counter, bought, told)).order_id
    assert told.given is not None
    assert again(counter, paid(counter, bought, reply("pay"))) == told.given[1]
    left = counter.run(counter.sessions.create(WANTED, reply=reply("left")))
    canceled = reply("cancel")
    counter.run(counter.completing.cancel(left.session_id, reply=canceled))
    assert canceled.given is not None
    assert again(counter, counter.completing.cancel(left.session_id, reply=reply("cancel"))) == canceled.given[1]


def test_a_challenge_that_was_answered_stays_the_answer_to_its_key(counter: Counter) -> None:
    session = counter.run(counter.sessions.create(WANTED, reply=reply("one")))
    told = reply("pay")
    asked = counter.run(paid(counter, session, told, "tok_challenge"))
    assert (asked.status, told.given) == (
        "requires_escalation",
        (200, f"{session.session_id} {asked.version} requires_escalation".encode()),
    )
    charge = counter.fake.bank.charges()[0]
    counter.fake.bank.answer_challenge(charge.reference, approved=True, at=counter.clock())
    counter.reconcile()
    assert told.given is not None
    assert again(counter, paid(counter, session, reply("pay"), "tok_challenge")) == told.given[1]
