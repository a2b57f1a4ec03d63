"""Webhooks are carried out once, in whatever order they come, and what is booked is what the provider holds."""

from collections.abc import Iterator, Mapping

import pytest
from payment_shop import Hands, Shop, open_shop
from pydantic import SecretStr

from tradewind.adapters.payments import StripePayments
from tradewind.emulators.stripe_stand_in import StripeStandIn, serve_stripe
from tradewind.payments import (
    Payment,
    PaymentProviderFailed,
    PaymentProviderUnknown,
    PaymentStatus,
    WebhookIsNotAuthentic,
    receive,
    reconcile,
)
from tradewind.settings import Settings

KEY = "sk_test_stand_in_0123456789"


@pytest.fixture
def shop(workspace: Settings) -> Iterator[Shop]:
    with open_shop(workspace) as opened:
        yield opened


@pytest.fixture
def stand_in() -> StripeStandIn:
    return StripeStandIn(KEY, seconds=Hands().now.timestamp)


@pytest.fixture
def stripe_shop(workspace: Settings, stand_in: StripeStandIn) -> Iterator[Shop]:
    with serve_stripe(stand_in) as url:
        stripe = StripePayments(SecretStr(KEY), [SecretStr(stand_in.webhook_secret)], url=url, retries=0)
        with open_shop(workspace, providers={"stripe": stripe}) as opened:
            yield opened
        stripe.close()


def delivered(shop: Shop) -> list[str]:
    """What becomes of every webhook that waits at the fake bank."""
    results = []

    async def post(headers: Mapping[str, str], body: bytes) -> int:
        results.append((await receive(shop.payments, "fake", headers, body)).result)
        return 200

    shop.run(shop.fake.deliver(post))
    return results


def sent(shop: Shop, stand_in: StripeStandIn, *events: int) -> list[str]:
    """What becomes of these webhooks of Stripe, by their place, in this order."""
    import time

    signed = [stand_in.signed(stand_in.events[number], at=time.time()) for number in events]
    return [shop.run(receive(shop.payments, "stripe", headers, body)).result for headers, body in signed]


def test_a_double_webhook_is_taken_once(shop: Shop) -> None:
    shop.pay("tok_double_webhook")
    assert delivered(shop) == ["taken", "repeated"]
    assert len(shop.rows("SELECT 1 FROM payments_event")) == 1


def test_webhooks_are_forgotten_after_some_months(shop: Shop) -> None:
    shop.pay("tok_double_webhook")
    delivered(shop)
    shop.clock.pass_by(days=91)
    shop.run(reconcile(shop.payments))
    assert shop.rows("SELECT 1 FROM payments_event") == []


def test_webhooks_that_come_newest_first_end_in_the_same_sums(shop: Shop) -> None:
    payment = shop.pay("tok_unordered_webhook")
    shop.run(shop.payments.capture_for("ord_1", 6_000, "shipment 1"))
    shop.run(shop.payments.refund_for("ord_1", 1_000, "return 1"))
    before = shop.now(payment)
    assert delivered(shop) == ["taken"] * 3
    assert shop.now(payment) == before


def test_the_shopper_approves_at_the_bank_and_the_webhook_wakes_the_checkout(shop: Shop) -> None:
    payment = shop.pay("tok_challenge", order_id=None)
    shop.bank.answer_challenge(payment.reference, approved=True, at=shop.clock())
    assert delivered(shop) == ["taken"]
    assert shop.now(payment).status is PaymentStatus.AUTHORIZED
    assert shop.told() == ["authorized"]


def test_a_webhook_that_overtakes_the_answer_leaves_the_booking_to_who_asked(shop: Shop) -> None:
    begun = shop.run(shop.begun("tok_double_webhook"))
    answer = shop.run(shop.payments.authorize(begun))
    delivered(shop)
    assert shop.now(begun.payment).status is PaymentStatus.BEGUN
    assert shop.run(shop.settled(begun, answer)).status is PaymentStatus.AUTHORIZED


def test_money_that_comes_after_the_payment_was_given_up_is_announced(shop: Shop) -> None:
    begun = shop.run(shop.begun("tok_double_webhook"))
    shop.clock.pass_by(seconds=31)
    shop.run(reconcile(shop.payments))
    assert shop.now(begun.payment).code == "never_arrived"
    shop.run(shop.payments.authorize(begun))
    delivered(shop)
    assert shop.now(begun.payment).status is PaymentStatus.AUTHORIZED
    assert shop.told() == ["failed", "authorized"]
    assert shop.run(shop.payments.void_for("no order", payment_id="pay_1")).payment.status is PaymentStatus.VOIDED


def test_webhooks_of_nobody_and_forged_ones_are_refused(shop: Shop) -> None:
    with pytest.raises(PaymentProviderUnknown):
        shop.run(receive(shop.payments, "moonpay", {}, b"{}"))
    with pytest.raises(WebhookIsNotAuthentic):
        shop.run(receive(shop.payments, "fake", {}, b"{}"))


def paid(shop: Shop) -> Payment:
    return shop.pay("pm_card_visa")


def test_a_refund_by_hand_at_the_provider_is_taken_over_once(stripe_shop: Shop, stand_in: StripeStandIn) -> None:
    payment = paid(stripe_shop)
    stripe_shop.run(stripe_shop.payments.capture_for("ord_1", None, "shipment 1"))
    stand_in._write("/v1/refunds", {"payment_intent": payment.reference, "amount": "2500"})
    assert sent(stripe_shop, stand_in, -1, -1, 0) == ["taken", "repeated", "taken"]
    assert stripe_shop.now(payment).refunded == 2_500
    assert stripe_shop.steps(payment)[-1] == ("refund", "succeeded", 2_500)


def test_an_authorization_that_was_canceled_at_the_provider_is_voided_here(stripe_shop: Shop, stand_in: StripeStandIn) -> None:
    payment = paid(stripe_shop)
    stand_in._write(f"/v1/payment_intents/{payment.reference}/cancel", {})
    sent(stripe_shop, stand_in, -1)
    assert stripe_shop.now(payment).status is PaymentStatus.VOIDED


def test_a_refund_that_came_back_is_owed_again(stripe_shop: Shop, stand_in: StripeStandIn) -> None:
    payment = stripe_shop.pay("pm_card_refundFail")
    stripe_shop.run(stripe_shop.payments.capture_for("ord_1", None, "shipment 1"))
    stripe_shop.run(stripe_shop.payments.refund_for("ord_1", 10_000, "return 1"))
    stand_in.fail_refund("re_00000001")
    sent(stripe_shop, stand_in, -1)
    assert (stripe_shop.now(payment).refunded, stripe_shop.now(payment).status) == (0, PaymentStatus.CAPTURED)
    assert stripe_shop.steps(payment)[-1] == ("refund", "failed", 10_000)
    assert stripe_shop.run(stripe_shop.payments.refund_for("ord_1", 10_000, "return 1 again")).payment.refunded == 10_000


def test_a_provider_that_does_not_answer_is_asked_to_send_its_webhook_again(stripe_shop: Shop, stand_in: StripeStandIn) -> None:
    payment = paid(stripe_shop)
    stand_in._write(f"/v1/payment_intents/{payment.reference}/cancel", {})
    stand_in.key = "sk_test_another"
    with pytest.raises(PaymentProviderFailed):
        sent(stripe_shop, stand_in, -1)
    stand_in.key = KEY
    assert sent(stripe_shop, stand_in, -1) == ["taken"]


def test_what_is_about_another_shop_is_ignored(stripe_shop: Shop, stand_in: StripeStandIn) -> None:
    stand_in._tell("payment_intent.succeeded", {"id": "pi_of_another", "object": "payment_intent", "metadata": {"payment_id": "pay_9"}})
    stand_in._tell("customer.created", {"id": "cus_1", "object": "customer"})
    assert sent(stripe_shop, stand_in, 0, 1) == ["ignored", "ignored"]
