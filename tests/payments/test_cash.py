"""Cash on delivery counts once it is confirmed, up to its cap, and is paid back by a person."""

from collections.abc import Iterator

import pytest
from payment_shop import Hands, Shop, open_shop

from tradewind.adapters.payments import CashOnDelivery
from tradewind.bootstrap.paying import open_payments
from tradewind.kit import Currency, InputIsInvalid, Money, fixed_clock
from tradewind.payments import (
    CODE_TRIES,
    CashAboveItsCap,
    ConfirmationCodeIsWrong,
    Payment,
    PaymentStatus,
    Result,
    confirm_by_code,
    confirm_by_hand,
    issue_code,
    reconcile,
)
from tradewind.settings import Settings

BAHT = Currency("THB")


@pytest.fixture
def shop(workspace: Settings) -> Iterator[Shop]:
    cash = CashOnDelivery(Hands(), page="http://127.0.0.1/pay/confirm")
    with open_shop(workspace, providers={"on_delivery": cash}) as opened:
        yield opened


def a_cash_order(shop: Shop, minor: int = 120_000) -> Payment:
    return shop.pay("", method="cash_on_delivery", market="th", amount=Money(minor, BAHT))


def a_code(shop: Shop, payment: Payment) -> str:
    async def issue() -> str:
        async with shop.database.transaction() as tx:
            return await issue_code(tx, payment.payment_id, lambda _limit: 4711)

    return shop.run(issue())


def test_a_cash_order_waits_for_its_code_and_then_counts(shop: Shop) -> None:
    payment = a_cash_order(shop)
    assert (payment.status, payment.challenge_url) == (PaymentStatus.PENDING, "http://127.0.0.1/pay/confirm/pay_1")
    assert a_code(shop, payment) == "004711"
    confirmed = shop.run(confirm_by_code(shop.payments, payment.payment_id, " 004711 "))
    assert (confirmed.status, confirmed.authorized) == (PaymentStatus.AUTHORIZED, 120_000)
    assert shop.told() == ["authorized"]


def test_guessing_ends_after_some_tries_even_with_the_right_code(shop: Shop) -> None:
    payment = a_cash_order(shop)
    a_code(shop, payment)
    for code in ["000000"] * CODE_TRIES + ["004711"]:
        with pytest.raises(ConfirmationCodeIsWrong):
            shop.run(confirm_by_code(shop.payments, payment.payment_id, code))
    with pytest.raises(ConfirmationCodeIsWrong):
        a_code(shop, payment)


def test_without_a_code_nothing_can_be_guessed(shop: Shop) -> None:
    with pytest.raises(ConfirmationCodeIsWrong):
        shop.run(confirm_by_code(shop.payments, a_cash_order(shop).payment_id, ""))


def test_somebody_who_called_confirms_by_hand_once_and_is_remembered(shop: Shop) -> None:
    payment = a_cash_order(shop)
    assert shop.run(confirm_by_hand(shop.payments, payment.payment_id, "ben")).status is PaymentStatus.AUTHORIZED
    with pytest.raises(InputIsInvalid, match="waits for no confirmation"):
        shop.run(confirm_by_hand(shop.payments, payment.payment_id, "ben"))
    assert [row["actor"] for row in shop.rows("SELECT actor FROM db_audit_entry WHERE action = 'payment.confirm'")] == ["ben"]


def test_an_order_above_the_cap_is_refused(shop: Shop) -> None:
    with pytest.raises(CashAboveItsCap, match=r"THB 5000\.00"):
        a_cash_order(shop, 500_001)
    assert [one.method.method_id for one in shop.payments.offered("th", Money(500_001, BAHT))] == []


def test_an_unconfirmed_order_stays_pending_whatever_the_job_does(shop: Shop) -> None:
    payment = a_cash_order(shop)
    shop.clock.pass_by(hours=1)
    shop.run(reconcile(shop.payments))
    assert shop.now(payment).status is PaymentStatus.PENDING


def test_cash_is_captured_at_the_door_and_paid_back_by_a_person(shop: Shop) -> None:
    payment = a_cash_order(shop)
    shop.run(confirm_by_hand(shop.payments, payment.payment_id, "ben"))
    assert shop.run(shop.payments.capture_for("ord_1", None, "delivered")).payment.captured == 120_000
    back = shop.run(shop.payments.refund_for("ord_1", 20_000, "return 1"))
    assert back.outcome is not None
    assert (back.outcome.status, back.payment.refunded) == (Result.PENDING, 0)
    paid = shop.run(confirm_by_hand(shop.payments, "pay_1.refund.1", "ben"))
    assert paid.refunded == 20_000
    assert shop.told()[-1] == "refund_succeeded"


def test_the_settings_choose_the_providers_and_what_they_offer(workspace: Settings, shop: Shop) -> None:
    settings = workspace.model_copy(update={"payment_providers": "fake,on_delivery"})

    async def offered() -> list[str]:
        async with open_payments(settings, fixed_clock(shop.clock())) as payments:
            return [f"{one.method.method_id} by {one.provider}" for one in payments.offered("th")]

    assert shop.run(offered()) == [
        "card by fake",
        "apple_pay by fake",
        "google_pay by fake",
        "promptpay by fake",
        "cash_on_delivery by on_delivery",
    ]
