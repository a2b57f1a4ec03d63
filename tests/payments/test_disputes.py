"""A dispute is a case with a deadline; its money and its fee are booked once, whatever comes twice or late."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from payment_shop import Shop, open_shop

from tradewind.bootstrap import reseal
from tradewind.db import load_sealer, open_database, rotate_keys
from tradewind.kit import InputIsInvalid, TransitionNotAllowed
from tradewind.payments import Case, Dispute, DisputeStatus, DisputeUnknown, ProviderEvent, case, list_cases, pack, receive, submit
from tradewind.payments.disputes import take_news
from tradewind.settings import Settings

FACTS = {"order": "two lamps", "delivery": "signed by A. Schmidt", "tracking": "TW1"}


@pytest.fixture
def shop(workspace: Settings) -> Iterator[Shop]:
    with open_shop(workspace) as opened:
        yield opened


def delivered(shop: Shop) -> list[ProviderEvent]:
    events = []

    async def post(headers: Mapping[str, str], body: bytes) -> int:
        events.append(shop.fake.verify_webhook(headers, body))
        await receive(shop.payments, "fake", headers, body)
        return 200

    shop.run(shop.fake.deliver(post))
    return events


def open_cases(shop: Shop) -> list[Dispute]:
    async def read() -> list[Dispute]:
        async with shop.database.transaction() as tx:
            return await list_cases(tx, open_only=True)

    return shop.run(read())


def a_case(shop: Shop) -> Case:
    shop.pay("tok_dispute")
    shop.run(shop.payments.capture_for("ord_1", None, "shipment 1"))
    delivered(shop)
    (one,) = open_cases(shop)
    return shop.run(case(shop.payments, one.dispute_id))


def test_a_dispute_opens_a_case_with_its_deadline_and_books_money_and_fee(shop: Shop) -> None:
    found = a_case(shop)
    assert (found.dispute.status, found.dispute.amount, found.dispute.fee) == (DisputeStatus.NEEDS_RESPONSE, 10_000, 1_500)
    assert found.dispute.evidence_due_at == shop.clock() + timedelta(days=10)
    assert list(found.bookings) == [("dispute_withdrawn", -10_000), ("dispute_fee", -1_500)]
    assert "dispute_needs_response" in shop.told()


@pytest.mark.parametrize(
    ("words", "status", "moved"),
    [
        ("winning_evidence", DisputeStatus.WON, ("dispute_reinstated", 10_000)),
        ("losing_evidence", DisputeStatus.LOST, ("dispute_fee", -1_500)),
        ("signed for", DisputeStatus.UNDER_REVIEW, ("dispute_fee", -1_500)),
    ],
)
def test_evidence_is_handed_in_and_judged(shop: Shop, words: str, status: DisputeStatus, moved: tuple[str, int]) -> None:
    found = a_case(shop)
    evidence = pack(found, {**FACTS, "delivery": words})
    handed = shop.run(submit(shop.payments, found.dispute.dispute_id, evidence, "ben"))
    assert (handed.status, handed.evidence["tracking"]) == (DisputeStatus.UNDER_REVIEW, "TW1")
    delivered(shop)
    judged = shop.run(case(shop.payments, found.dispute.dispute_id))
    assert (judged.dispute.status, judged.bookings[-1]) == (status, moved)


def test_the_pack_proves_the_payment_by_itself(shop: Shop) -> None:
    found = a_case(shop)
    evidence = pack(found, {})
    assert "authorize USD 100.00 succeeded" in evidence["payment"]
    assert "capture USD 100.00 succeeded" in evidence["payment"]


def test_evidence_that_lacks_something_is_not_handed_in(shop: Shop) -> None:
    found = a_case(shop)
    with pytest.raises(InputIsInvalid, match="delivery: proof of shipment"):
        shop.run(submit(shop.payments, found.dispute.dispute_id, pack(found, {"order": "two lamps"}), "ben"))
    with pytest.raises(DisputeUnknown):
        shop.run(submit(shop.payments, "dsp_none", {}, "ben"))


def test_news_that_is_old_or_comes_after_the_end_changes_nothing(shop: Shop) -> None:
    found = a_case(shop)
    shop.run(submit(shop.payments, found.dispute.dispute_id, pack(found, {**FACTS, "delivery": "winning_evidence"}), "ben"))
    shop.clock.pass_by(minutes=1)
    (won,) = delivered(shop)

    async def told(event: ProviderEvent) -> Dispute | None:
        async with shop.database.transaction() as tx:
            return await take_news(tx, shop.payments, found.payment, event)

    assert won.dispute is not None
    again = replace(won, dispute=replace(won.dispute, status=DisputeStatus.NEEDS_RESPONSE))
    assert shop.run(told(replace(again, occurred_at=won.occurred_at - timedelta(hours=1)))) is None
    late = shop.run(told(replace(again, occurred_at=won.occurred_at + timedelta(hours=1))))
    assert late is not None
    assert late.status is DisputeStatus.WON
    with pytest.raises(TransitionNotAllowed):
        shop.run(submit(shop.payments, found.dispute.dispute_id, pack(found, FACTS), "ben"))


def test_an_inquiry_takes_no_money_until_it_becomes_a_dispute(shop: Shop) -> None:
    payment = shop.pay("tok_dispute")
    shop.run(shop.payments.capture_for("ord_1", None, "shipment 1"))
    news = shop.fake._dispute(f"dp_{payment.reference}")
    assert news is not None
    event = ProviderEvent("evt_1", "dispute", "", payment.reference, "", shop.clock(), replace(news, fee=0, is_inquiry=True))  # type: ignore[arg-type]

    async def told(one: ProviderEvent) -> None:
        async with shop.database.transaction() as tx:
            await take_news(tx, shop.payments, payment, one)

    shop.run(told(event))
    assert shop.rows("SELECT 1 FROM payments_booking") == []
    shop.run(told(replace(event, occurred_at=shop.clock() + timedelta(days=1), dispute=news)))
    assert len(shop.rows("SELECT 1 FROM payments_booking")) == 2


def test_evidence_is_sealed_and_sealed_again_under_a_new_key(shop: Shop, workspace: Settings) -> None:
    found = a_case(shop)
    shop.run(submit(shop.payments, found.dispute.dispute_id, pack(found, FACTS), "ben"))
    assert "Schmidt" not in str(shop.rows("SELECT evidence FROM payments_dispute"))
    rotate_keys(workspace, shop.clock.now)
    assert reseal(workspace, shop.clock) >= 1
    with open_database(workspace) as database, database.transaction() as tx:
        row = tx.execute("SELECT evidence ->> 'sealed' AS sealed FROM payments_dispute").fetchone()
    keys = load_sealer(workspace, shop.clock.now)
    assert row is not None
    assert keys.is_current_json(row["sealed"])
    assert keys.open_json(row["sealed"], f"payments_dispute.evidence/{found.dispute.dispute_id}")["delivery"] == FACTS["delivery"]
