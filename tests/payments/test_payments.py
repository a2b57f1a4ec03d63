"""Payments from begin to refund, on a real database with the fake bank: every call ends once, and sums agree with the bank's."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from payment_shop import ANNA, Calm, Shop, a_payment, open_shop

from tradewind.kit import Money, TransitionNotAllowed
from tradewind.payments import (
    AmountCannotBeCaptured,
    AmountCannotBeRefunded,
    AnotherPaymentIsOpen,
    CardNumberGiven,
    CashAboveItsCap,
    PaymentMethodNotOffered,
    PaymentStatus,
    PaymentUnknown,
    Result,
    Verdict,
    reconcile,
)
from tradewind.settings import Settings


@pytest.fixture
def shop(workspace: Settings) -> Iterator[Shop]:
    with open_shop(workspace) as opened:
        yield opened


@pytest.fixture
def single(workspace: Settings) -> Iterator[Shop]:
    """A shop whose provider captures an authorization once."""
    with open_shop(workspace, multiple_captures=False) as opened:
        yield opened


def test_a_good_token_ends_authorized_and_belongs_to_its_order(shop: Shop) -> None:
    payment = shop.pay()
    assert (payment.status, payment.authorized, payment.captured, payment.order_id) == (PaymentStatus.AUTHORIZED, 10_000, 0, "ord_1")
    assert shop.steps(payment) == [("authorize", "succeeded", 10_000)]


def test_the_token_and_the_person_are_stored_nowhere(shop: Shop) -> None:
    shop.pay("tok_visa:secret")
    (row,) = shop.rows("SELECT * FROM payments_payment")
    stored = str(row)
    assert not [word for word in ("tok_visa", "anna", "Main St", "203.0.113.7") if word in stored]


def test_a_declined_payment_fails_and_another_one_may_begin(shop: Shop) -> None:
    assert shop.pay("tok_decline", order_id=None).code == "card_declined"
    assert shop.pay("tok_visa", payment_id="pay_2").status is PaymentStatus.AUTHORIZED


@pytest.mark.parametrize("token", ["tok_visa", "tok_challenge", "tok_unknown"])
def test_a_session_whose_payment_may_succeed_cannot_begin_another(shop: Shop, token: str) -> None:
    shop.pay(token)
    with pytest.raises(AnotherPaymentIsOpen):
        shop.pay("tok_visa", payment_id="pay_2")


def test_a_card_number_is_refused_and_not_repeated(shop: Shop) -> None:
    with pytest.raises(CardNumberGiven) as error:
        shop.pay("4242 4242 4242 4242")
    assert "4242" not in error.value.message + error.value.hint
    assert shop.rows("SELECT 1 FROM payments_payment") == []


def test_a_method_that_the_market_lacks_and_cash_above_its_cap_are_refused(shop: Shop) -> None:
    with pytest.raises(PaymentMethodNotOffered, match="promptpay"):
        shop.pay(method="promptpay")
    with pytest.raises(PaymentMethodNotOffered, match="cash"):
        shop.pay(method="cash_on_delivery", market="th")
    assert CashAboveItsCap.code == "cash_above_cap"


def test_a_challenge_is_pending_and_authorized_after_the_shopper_approved(shop: Shop) -> None:
    payment = shop.pay("tok_challenge")
    assert payment.status is PaymentStatus.PENDING
    assert payment.challenge_url == f"http://127.0.0.1/fake-bank/{payment.reference}"
    assert shop.run(shop.payments.refresh(payment)).status is PaymentStatus.PENDING
    shop.bank.answer_challenge(payment.reference, approved=True, at=shop.clock())
    assert shop.run(shop.payments.refresh(payment)).status is PaymentStatus.AUTHORIZED


def test_an_answer_that_comes_twice_changes_nothing_and_one_that_contradicts_is_refused(shop: Shop) -> None:
    begun = shop.run(shop.begun("tok_visa"))
    answer = shop.run(shop.payments.authorize(begun))
    first = shop.run(shop.settled(begun, answer))
    assert shop.run(shop.settled(begun, answer)) == first
    failed = replace(answer, outcome=replace(answer.outcome, status=Result.FAILED))
    with pytest.raises(TransitionNotAllowed):
        shop.run(shop.settled(begun, failed))


def test_a_silent_provider_gives_unknown_within_the_time_it_has(workspace: Settings) -> None:
    with open_shop(workspace, seconds=0.05) as shop:
        payment = shop.pay("tok_slow")
        assert (payment.status, payment.code) == (PaymentStatus.UNKNOWN, "no_answer")
        shop.run(reconcile(shop.payments))
        assert shop.now(payment).status is PaymentStatus.AUTHORIZED


def test_a_lost_answer_is_found_and_its_listener_woken(shop: Shop) -> None:
    payment = shop.pay("tok_unknown", order_id=None)
    assert payment.status is PaymentStatus.UNKNOWN
    assert shop.run(reconcile(shop.payments)).settled == 1
    assert shop.now(payment).status is PaymentStatus.AUTHORIZED
    assert shop.told() == ["authorized"]


def test_a_lost_call_stays_unknown_until_it_surely_never_arrived(shop: Shop) -> None:
    payment = shop.pay("tok_lost", order_id=None)
    shop.run(reconcile(shop.payments))
    assert shop.now(payment).status is PaymentStatus.UNKNOWN
    shop.clock.pass_by(seconds=30)
    shop.run(reconcile(shop.payments))
    assert (shop.now(payment).status, shop.now(payment).code) == (PaymentStatus.FAILED, "never_arrived")
    assert shop.told() == ["failed"]


@pytest.mark.parametrize(("asked", "ends"), [(True, PaymentStatus.AUTHORIZED), (False, PaymentStatus.FAILED)])
def test_a_process_that_dies_around_the_call_leaves_a_payment_that_is_decided(shop: Shop, asked: bool, ends: PaymentStatus) -> None:
    begun = shop.run(shop.begun("tok_visa"))
    if asked:
        shop.run(shop.payments.authorize(begun))
    shop.run(reconcile(shop.payments))
    assert shop.now(begun.payment).status is PaymentStatus.BEGUN  # its process may still be at work
    shop.clock.pass_by(seconds=31)
    shop.run(reconcile(shop.payments))
    assert shop.now(begun.payment).status is ends


def test_money_without_an_order_is_announced_until_somebody_decides(shop: Shop) -> None:
    payment = shop.pay(order_id=None)
    shop.clock.pass_by(minutes=3)
    assert shop.run(reconcile(shop.payments)).announced == 1
    assert shop.run(reconcile(shop.payments)).announced == 0
    done = shop.run(shop.payments.void_for("no order", payment_id=payment.payment_id))
    assert done.payment.status is PaymentStatus.VOIDED
    assert shop.bank.charges()[0].state == "voided"


def test_each_shipment_captures_its_part_once(shop: Shop) -> None:
    payment = shop.pay()
    for _ in range(2):
        shop.run(shop.payments.capture_for("ord_1", 4_000, "shipment 1"))
    done = shop.run(shop.payments.capture_for("ord_1", None, "shipment 2"))
    assert (done.payment.captured, done.payment.status) == (10_000, PaymentStatus.CAPTURED)
    assert shop.steps(payment)[1:] == [("capture", "succeeded", 4_000), ("capture", "succeeded", 6_000)]
    assert shop.bank.charges()[0].captured == 10_000


def test_a_provider_that_captures_once_takes_all_at_the_first_shipment(single: Shop) -> None:
    single.pay()
    first = single.run(single.payments.capture_for("ord_1", 4_000, "shipment 1"))
    second = single.run(single.payments.capture_for("ord_1", 6_000, "shipment 2"))
    assert (first.payment.captured, second.outcome) == (10_000, None)
    back = single.run(single.payments.refund_for("ord_1", 6_000, "line 2 cannot follow"))
    assert (back.payment.refunded, single.bank.charges()[0].refunded) == (6_000, 6_000)


def test_more_than_is_left_can_be_neither_captured_nor_refunded(shop: Shop) -> None:
    shop.pay()
    with pytest.raises(AmountCannotBeCaptured, match=r"USD 100\.01"):
        shop.run(shop.payments.capture_for("ord_1", 10_001, "shipment 1"))
    with pytest.raises(AmountCannotBeRefunded, match=r"USD 0\.00 is left"):
        shop.run(shop.payments.refund_for("ord_1", 1, "return 1"))
    with pytest.raises(PaymentUnknown):
        shop.run(shop.payments.refund_for("ord_2", 1, "return 1"))


def test_a_payment_of_which_all_went_back_is_refunded_and_nothing_more_can_be(shop: Shop) -> None:
    shop.pay()
    shop.run(shop.payments.capture_for("ord_1", None, "shipment 1"))
    shop.run(shop.payments.refund_for("ord_1", 3_000, "return 1"))
    assert shop.run(shop.payments.refund_for("ord_1", 7_000, "return 2")).payment.status is PaymentStatus.REFUNDED
    with pytest.raises(AmountCannotBeRefunded):
        shop.run(shop.payments.refund_for("ord_1", 1, "return 3"))


@pytest.mark.parametrize("token", ["tok_capture_fails", "tok_refund_fails"])
def test_a_step_that_the_bank_refuses_changes_no_sum(shop: Shop, token: str) -> None:
    shop.pay(token)
    done = shop.run(shop.payments.capture_for("ord_1", None, "shipment 1"))
    if token == "tok_refund_fails":
        done = shop.run(shop.payments.refund_for("ord_1", 500, "return 1"))
    assert done.outcome is not None
    assert done.outcome.status is Result.FAILED
    assert done.payment.captured in {0, 10_000}
    assert done.payment.refunded == 0


def test_a_capture_whose_process_died_is_ended_by_the_job(shop: Shop) -> None:
    payment = shop.pay()
    shop.run(shop.payments.capture_for("ord_1", 4_000, "shipment 1"))
    # As if the process had died between the bank's answer and its booking.
    undo = "UPDATE payments_operation SET status = NULL WHERE kind = 'capture' RETURNING 1"
    shop.rows(undo)
    shop.rows("UPDATE payments_payment SET captured = 0, status = 'authorized' RETURNING 1")
    shop.clock.pass_by(minutes=1)
    assert shop.run(reconcile(shop.payments)).finished == 1
    assert (shop.now(payment).captured, shop.bank.charges()[0].captured) == (4_000, 4_000)
    assert shop.told() == ["capture_succeeded"]


def test_an_authorization_is_renewed_once_before_it_runs_out(shop: Shop) -> None:
    payment = shop.pay()
    shop.clock.pass_by(days=6, hours=1)
    assert shop.run(reconcile(shop.payments)).renewed == 1
    assert shop.run(reconcile(shop.payments)).renewed == 0
    renewed = shop.now(payment)
    assert renewed.reference != payment.reference
    assert [charge.state for charge in shop.bank.charges()] == ["voided", "authorized"]
    assert shop.run(shop.payments.capture_for("ord_1", None, "shipment 1")).payment.captured == 10_000


def test_an_authorization_that_ran_out_is_expired_and_its_listener_woken(shop: Shop) -> None:
    payment = shop.pay("tok_expires", order_id=None)
    shop.clock.pass_by(hours=3)
    assert shop.run(reconcile(shop.payments)).expired == 1
    assert shop.now(payment).status is PaymentStatus.EXPIRED
    assert "expired" in shop.told()


def test_what_the_rules_refuse_never_reaches_the_provider_and_the_shopper_is_told_no_reason(workspace: Settings) -> None:
    with open_shop(workspace, risk=Calm(Verdict.REFUSE)) as shop:
        payment = shop.pay(order_id=None)
        assert (payment.status, payment.verdict, payment.code) == (PaymentStatus.FAILED, Verdict.REFUSE, "refused_by_risk")
        assert payment.message == "the payment was declined"
        assert payment.reasons == ("a rule says refuse",)
        assert shop.bank.charges() == []


def test_what_the_card_reveals_can_give_a_fresh_authorization_back(workspace: Settings) -> None:
    with open_shop(workspace, risk=Calm(with_card=Verdict.REFUSE)) as shop:
        payment = shop.pay(order_id=None)
        assert (payment.status, payment.verdict) == (PaymentStatus.FAILED, Verdict.REFUSE)
        assert [charge.state for charge in shop.bank.charges()] == ["voided"]


def test_a_review_keeps_the_money_and_a_person_decides(workspace: Settings) -> None:
    with open_shop(workspace, risk=Calm(Verdict.REVIEW)) as shop:
        payment = shop.pay()
        assert (payment.status, payment.verdict) == (PaymentStatus.AUTHORIZED, Verdict.REVIEW)
        assert payment.authorized_until is not None
        decided = shop.run(shop.payments.decide(payment.payment_id, accept=True, by="anna", reason="called the shopper"))
        assert (decided.verdict, decided.reasons[-1]) == (Verdict.ACCEPT, "anna: called the shopper")
        assert shop.told() == ["reviewed"]


def test_attempts_are_counted_by_mail_address_network_and_card(workspace: Settings) -> None:
    calm = Calm()
    with open_shop(workspace, risk=calm) as shop:
        for number in range(3):
            shop.pay("tok_visa:anna", payment_id=f"pay_{number}", session_id=f"chk_{number}", order_id=f"ord_{number}")
        shop.pay("tok_decline", payment_id="pay_3", session_id="chk_3", order_id=None)
        shop.pay("tok_visa", payment_id="pay_4", session_id="chk_4", order_id=None, buyer=replace(ANNA, email="ben@example.com"))
    last = calm.asked[-1].velocity
    assert (last.by_email, last.by_address, last.by_network, last.failed) == (0, 4, 4, 1)
    assert max(one.velocity.by_card for one in calm.asked) == 2


def test_a_market_offers_what_its_file_and_its_providers_allow(shop: Shop) -> None:
    offered = {market: [one.method.method_id for one in shop.payments.offered(market)] for market in ("us", "th", "vn")}
    cards = ["card", "apple_pay", "google_pay"]
    assert offered == {"us": cards, "th": [*cards, "promptpay"], "vn": [*cards, "bank_qr"]}


def test_money_that_was_taken_at_once_goes_back_as_a_refund(shop: Shop) -> None:
    waiting = shop.pay("tok_visa", method="promptpay", market="th", amount=Money(50_000, a_payment(1, "THB").amount.currency))
    shop.bank.answer_challenge(waiting.reference, approved=True, at=shop.clock())
    paid = shop.run(shop.payments.refresh(waiting))
    assert (paid.status, paid.captured) == (PaymentStatus.CAPTURED, 50_000)
    assert shop.run(shop.payments.void_for("canceled", order_id="ord_1")).payment.status is PaymentStatus.REFUNDED
