"""A purchase from the first line to the order, and everything that can stand in its way."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from counter import ANNA, BERLIN, NEW_YORK, Counter
from msgspec import structs

from tradewind.checkout import (
    Buyer,
    CheckoutInputIsInvalid,
    CheckoutSession,
    CheckoutStatus,
    Destination,
    MarketIsNotOpen,
    PaymentInstrument,
    SessionIsFinished,
    SessionIsNotReady,
    SessionUnknown,
    SessionWasChanged,
    UpdateSession,
    WantedLine,
    settle,
    settle_waiting,
)
from tradewind.db import IdempotencyKeyWasReused
from tradewind.payments import Verdict

READY, INCOMPLETE, COMPLETED = CheckoutStatus.READY_FOR_COMPLETE, CheckoutStatus.INCOMPLETE, CheckoutStatus.COMPLETED


def codes(session: CheckoutSession) -> list[str]:
    return [one.code for one in session.messages]


def test_create_address_and_complete_make_one_order(counter: Counter) -> None:
    session = counter.create()
    assert (session.status, session.version, codes(session)) == (
        INCOMPLETE,
        1,
        ["email_missing", "address_missing", "tax_added_later"],
    )
    session = counter.update(session, if_match=1)
    assert (session.status, session.version, session.messages) == (READY, 2, ())
    done = counter.complete(session, if_match=2)
    assert (done.status, counter.get(done)) == (COMPLETED, done)
    assert [row["order_id"] for row in counter.rows("SELECT order_id FROM orders_order")] == [done.order_id]
    assert counter.proven()


def test_the_totals_of_a_session_add_up_and_say_what_they_are(counter: Counter) -> None:
    session = counter.ready(("S1", 1), ("S2", 2))
    assert [one.type for one in session.totals] == ["subtotal", "items_discount", "fulfillment", "tax", "total"]
    assert sum(one.amount for one in session.totals if one.type != "total") == session.total
    assert sum(line.paid + line.tax for line in session.lines) == session.total


def test_where_prices_hold_the_tax_none_is_added(counter: Counter) -> None:
    session = counter.ready(("S1", 1), market="de", to=BERLIN)
    assert (session.status, session.currency, session.tax_included) == (READY, "EUR", True)
    assert [one.type for one in session.totals] == ["subtotal", "fulfillment", "total"]


def test_the_delivery_is_promised_with_its_days(counter: Counter) -> None:
    session = counter.ready(("S1", 1))
    assert [(one.option_id, one.price, one.earliest < one.latest) for one in session.options] == [("standard", 0, True)]
    assert session.selected_option == "standard"


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (replace(NEW_YORK, country="DE"), "address_outside_market"),
        (replace(NEW_YORK, region="PR", postcode="00901"), "address_undeliverable"),
        (replace(NEW_YORK, lines=()), "address_incomplete"),
        (replace(NEW_YORK, postcode="90210"), "postcode_invalid"),
        (Destination("US", "NY", "10001", "New York"), "address_incomplete"),
    ],
)
def test_an_address_says_what_is_wrong_with_it(counter: Counter, place: Destination, code: str) -> None:
    session = counter.update(counter.create(), destination=place)
    assert (session.status, code in codes(session)) == (INCOMPLETE, True)


def test_a_session_without_an_email_is_not_ready(counter: Counter) -> None:
    session = counter.create(destination=NEW_YORK, buyer=Buyer("anna"))
    assert codes(session) == ["email_missing"]
    with pytest.raises(SessionIsNotReady, match="email_missing"):
        counter.complete(session)


def test_unknown_and_missing_goods_are_told_and_the_rest_is_priced(counter: Counter) -> None:
    session = counter.create(("S1", 1), ("nothing", 1), ("S2", 1000 - 1))
    assert [one.params["offer_id"] for one in session.messages if one.code == "item_unavailable"] == ["nothing"]
    assert [one.params["available"] for one in session.messages if one.code == "out_of_stock"] == [100]


def test_equal_lines_are_joined_and_keep_their_id(counter: Counter) -> None:
    session = counter.create(("S1", 1), ("S2", 1), ("S1", 2))
    assert [(one.line_id, one.offer_id, one.quantity) for one in session.lines] == [("line_1", "S1", 3), ("line_2", "S2", 1)]
    session = counter.update(session, ("S3", 1), ("S2", 2))
    assert [(one.line_id, one.offer_id) for one in session.lines] == [("line_3", "S3"), ("line_2", "S2")]


@pytest.mark.parametrize("lines", [[("S1", 0)], [("S1", 1000)], [("", 1)], [(f"S{n}", 1) for n in range(101)]])
def test_what_no_shop_can_do_is_refused(counter: Counter, lines: list[tuple[str, int]]) -> None:
    with pytest.raises(CheckoutInputIsInvalid):
        counter.create(*lines)


def test_a_market_that_does_not_exist_is_not_open(counter: Counter) -> None:
    with pytest.raises(MarketIsNotOpen):
        counter.create(market="xx")


def test_a_session_that_does_not_exist_is_unknown(counter: Counter) -> None:
    with pytest.raises(SessionUnknown):
        counter.get(structs.replace(counter.create(), session_id="chk_0"))


def test_a_lower_price_counts_at_once_and_a_higher_one_never(counter: Counter) -> None:
    session = counter.ready(("S1", 1))
    quoted = session.lines[0].unit_price
    counter.reprice("S1", quoted + 500)
    assert counter.update(session).lines[0].unit_price == quoted
    counter.reprice("S1", quoted - 500)
    assert counter.update(counter.get(session)).lines[0].unit_price == quoted - 500
    counter.reprice("S1", quoted)
    done = counter.complete(counter.get(session))
    assert (done.status, done.lines[0].unit_price) == (COMPLETED, quoted - 500)


def test_a_price_that_fell_since_is_what_the_order_costs(counter: Counter) -> None:
    session = counter.ready(("S1", 1))
    counter.reprice("S1", session.lines[0].unit_price - 700)
    done = counter.complete(session, if_match=session.version)
    assert done.status is COMPLETED
    assert done.total < session.total
    assert [charge.amount for charge in counter.fake.bank.charges()] == [done.total]


def test_what_an_address_makes_dearer_is_told_and_must_be_accepted(counter: Counter) -> None:
    oregon = replace(NEW_YORK, region="OR", postcode="97201", city="Portland")
    session = counter.ready(("S1", 1), to=oregon)
    dearer = counter.update(session)
    assert (dearer.status, dearer.raised, codes(dearer)) == (READY, True, ["totals_changed"])
    asked = counter.complete(dearer)
    assert (asked.status, codes(asked)) == (READY, ["totals_changed"])
    assert counter.complete(asked, accepted_total=asked.total).status is COMPLETED


def test_whoever_completes_the_version_that_he_saw_has_accepted_it(counter: Counter) -> None:
    session = counter.ready(("S1", 1), to=replace(NEW_YORK, region="OR", postcode="97201", city="Portland"))
    dearer = counter.update(session)
    assert counter.complete(dearer, if_match=dearer.version).status is COMPLETED


def test_a_withdrawn_offer_is_not_sold_any_more(counter: Counter) -> None:
    session = counter.ready(("S1", 1))
    with counter.sync.transaction() as tx:
        tx.execute("UPDATE offers_offer SET withdrawn_at = now() WHERE offer_id = 'S1'")
    done = counter.complete(session)
    assert (done.status, "item_unavailable" in codes(done)) == (INCOMPLETE, True)
    assert counter.fake.bank.charges() == []


def test_a_change_of_an_old_version_is_refused(counter: Counter) -> None:
    session = counter.create()
    counter.update(session, if_match=1)
    with pytest.raises(SessionWasChanged, match="version 2, not 1"):
        counter.update(session, if_match=1)
    with pytest.raises(SessionWasChanged):
        counter.complete(session, if_match=1)


def test_of_two_changes_at_once_one_is_told_to_look_again(counter: Counter) -> None:
    session = counter.create()
    wanted = [counter.sessions.update(session.session_id, _address(session, city), if_match=1) for city in ("New York", "Albany")]

    async def both() -> list[object]:
        return list(await asyncio.gather(*wanted, return_exceptions=True))

    assert sorted(type(one).__name__ for one in counter.run(both())) == ["CheckoutSession", "SessionWasChanged"]


def _address(session: CheckoutSession, city: str) -> UpdateSession:
    return UpdateSession((WantedLine("S1", 1),), ANNA, replace(NEW_YORK, city=city))


def test_the_same_key_makes_one_session_and_is_answered_alike(counter: Counter) -> None:
    first = counter.create(key="k")
    changed = counter.update(first, key="u")
    assert counter.create(key="k") == first
    assert counter.update(first, key="u", if_match=1) == changed
    with pytest.raises(IdempotencyKeyWasReused):
        counter.create(("S3", 1), key="k")
    assert len(counter.rows("SELECT 1 FROM checkout_session")) == 1


def test_the_same_key_completes_once_and_is_answered_alike(counter: Counter) -> None:
    session = counter.ready(("S1", 1))
    done = counter.complete(session, key="k")
    assert counter.complete(session, key="k") == done
    with pytest.raises(IdempotencyKeyWasReused):
        counter.complete(session, "tok_decline", key="k")
    with pytest.raises(SessionIsFinished):
        counter.complete(session)
    assert (len(counter.fake.bank.charges()), counter.available("S1")) == (1, 99)


def test_a_double_click_makes_one_order(counter: Counter) -> None:
    session = counter.ready(("S1", 1))
    paying = PaymentInstrument("card", "tok_visa")

    async def clicks() -> list[object]:
        each = [counter.completing.complete(session.session_id, paying, idempotency_key=key) for key in ("a", "a", "b", "b")]
        return list(await asyncio.gather(*each, return_exceptions=True))

    found = counter.run(clicks())
    assert all(isinstance(one, SessionIsFinished) or one.status for one in found)  # type: ignore[attr-defined]
    assert len(counter.rows("SELECT 1 FROM orders_order")) == len(counter.fake.bank.charges()) == 1
    assert counter.proven()


def test_a_declined_payment_frees_the_units_and_another_one_may_follow(counter: Counter) -> None:
    session = counter.ready(("S1", 1))
    declined = counter.complete(session, "tok_decline", key="k")
    assert (declined.status, codes(declined), counter.available("S1")) == (READY, ["payment_declined"], 100)
    assert counter.complete(session, "tok_decline", key="k") == declined
    assert counter.complete(declined).status is COMPLETED
    assert counter.proven()


def test_a_challenge_escalates_and_the_shopper_who_comes_back_gets_the_order(counter: Counter) -> None:
    session = counter.ready(("S1", 1))
    waits = counter.complete(session, "tok_challenge", key="k")
    assert (waits.status, codes(waits), counter.available("S1")) == (CheckoutStatus.REQUIRES_ESCALATION, ["payment_challenge"], 99)
    assert waits.payment is not None
    assert waits.payment.challenge_url is not None
    assert counter.run(settle(counter.completing, session.session_id)).status is CheckoutStatus.REQUIRES_ESCALATION
    counter.fake.bank.answer_challenge(counter.fake.bank.charges()[0].reference, approved=True, at=counter.clock.now)
    done = counter.run(settle(counter.completing, session.session_id))
    assert (done.status, counter.complete(session, "tok_challenge", key="k")) == (COMPLETED, done)
    assert counter.proven()


def test_a_challenge_that_fails_gives_the_session_back(counter: Counter) -> None:
    session = counter.ready(("S1", 1))
    counter.complete(session, "tok_challenge")
    counter.fake.bank.answer_challenge(counter.fake.bank.charges()[0].reference, approved=False, at=counter.clock.now)
    back = counter.run(settle(counter.completing, session.session_id))
    assert (back.status, codes(back), counter.available("S1")) == (READY, ["payment_declined"], 100)
    assert counter.complete(back).status is COMPLETED


def test_a_challenge_that_nobody_answers_is_given_up(counter: Counter) -> None:
    session = counter.ready(("S1", 1))
    counter.complete(session, "tok_challenge")
    counter.clock.now += timedelta(minutes=31)
    assert counter.run(settle_waiting(counter.completing)).given_up == 1
    assert (codes(counter.get(session)), counter.available("S1")) == (["payment_not_finished"], 100)
    assert [charge.state for charge in counter.fake.bank.charges()] == ["voided"]


def test_a_lost_answer_is_found_out_and_becomes_an_order(counter: Counter) -> None:
    session = counter.ready(("S1", 1))
    waits = counter.complete(session, "tok_unknown", key="k")
    assert (waits.status, waits.order_id) == (CheckoutStatus.COMPLETE_IN_PROGRESS, None)
    assert counter.complete(session, "tok_unknown", key="k") == counter.get(session)
    counter.clock.now += timedelta(seconds=60)
    counter.reconcile()
    assert counter.complete(session, "tok_unknown", key="k").status is COMPLETED
    assert counter.proven()


def test_a_call_that_never_arrived_gives_the_session_back(counter: Counter) -> None:
    session = counter.ready(("S1", 1))
    counter.complete(session, "tok_lost")
    counter.clock.now += timedelta(seconds=60)
    counter.reconcile()
    assert (counter.get(session).status, codes(counter.get(session))) == (READY, ["payment_declined"])
    assert (counter.available("S1"), counter.proven()) == (100, True)


def test_a_purchase_under_review_is_an_order_on_hold_with_nothing_allocated(counter: Counter) -> None:
    counter.risk.verdict = Verdict.REVIEW
    done = counter.buy(("S1", 2))
    assert done.status is COMPLETED
    assert counter.rows("SELECT hold FROM orders_order") == [{"hold": "risk"}]
    assert counter.rows("SELECT reserved, allocated FROM stock_level WHERE sku = 'S1'") == [{"reserved": 2, "allocated": 0}]


def test_a_purchase_that_is_refused_looks_like_a_declined_card(counter: Counter) -> None:
    counter.risk.verdict = Verdict.REFUSE
    refused = counter.buy(("S1", 1))
    assert (refused.status, codes(refused), counter.fake.bank.charges()) == (READY, ["payment_declined"], [])


def test_an_expired_session_reads_as_canceled_and_cannot_be_changed(counter: Counter) -> None:
    session = counter.ready(("S1", 1))
    counter.clock.now += timedelta(hours=7)
    assert counter.get(session).status is CheckoutStatus.CANCELED
    for change in (counter.update, counter.complete):
        with pytest.raises(SessionIsFinished, match="expired"):
            change(session)
