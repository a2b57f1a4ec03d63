"""Whatever is asked in whatever order, and whatever is lost on the way: the shop's sums are the bank's, and nothing moves twice."""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from payment_shop import Shop, open_shop

from tradewind.kit import TradewindError
from tradewind.payments import AmountCannotBeCaptured, AmountCannotBeRefunded, Payment, PaymentStatus, reconcile
from tradewind.settings import Settings

STEPS = st.lists(
    st.tuples(st.sampled_from(["capture", "refund", "void", "forget", "reconcile"]), st.integers(1, 6_000), st.integers(0, 2)), max_size=8
)
_numbers = itertools.count()


@pytest.fixture
def shop(workspace: Settings) -> Iterator[Shop]:
    with open_shop(workspace) as opened:
        yield opened


def step(shop: Shop, payment: Payment, name: str, amount: int, cause: int) -> None:
    order = payment.order_id or ""
    if name == "capture":
        shop.run(shop.payments.capture_for(order, amount, f"shipment {cause}"))
    elif name == "refund":
        shop.run(shop.payments.refund_for(order, amount, f"return {cause}"))
    elif name == "void":
        shop.run(shop.payments.void_for(f"cancel {cause}", payment_id=payment.payment_id))
    elif name == "forget":  # the process died between the bank's answer and its booking
        shop.run(forget_newest(shop, payment))
    else:
        shop.clock.pass_by(minutes=1)
        shop.run(reconcile(shop.payments))


async def forget_newest(shop: Shop, payment: Payment) -> None:
    """Takes the booking of the newest capture or refund back, and leaves its call to the bank."""
    async with shop.database.transaction() as tx:
        found = await tx.execute(
            "SELECT key, kind, amount FROM payments_operation WHERE payment_id = %s AND kind IN ('capture', 'refund') AND status = 'succeeded'"
            " ORDER BY created_at DESC, key DESC LIMIT 1",
            (payment.payment_id,),
        )
        row = await found.fetchone()
        refunds = "SELECT 1 FROM payments_operation WHERE payment_id = %s AND kind = 'refund'"
        if row is None or (row["kind"] == "capture" and await (await tx.execute(refunds, (payment.payment_id,))).fetchone()):
            return  # a capture that was refunded since had been booked
        column = {"capture": "captured", "refund": "refunded"}[row["kind"]]
        await tx.execute(
            f"UPDATE payments_payment SET {column} = {column} - %s, status = CASE WHEN %s AND captured = %s THEN 'authorized' ELSE 'captured' END"
            " WHERE payment_id = %s",
            (row["amount"], row["kind"] == "capture", row["amount"], payment.payment_id),
        )
        await tx.execute("UPDATE payments_operation SET status = NULL WHERE key = %s", (row["key"],))


def test_after_any_steps_and_a_round_of_the_job_the_sums_are_those_of_the_bank(shop: Shop) -> None:
    @settings(max_examples=25, deadline=None)
    @example([("capture", 2_000, 0), ("capture", 1_000, 1), ("forget", 1, 0), ("refund", 2_000, 0)])
    @given(STEPS)
    def story(steps: list[tuple[str, int, int]]) -> None:
        number = next(_numbers)
        payment = shop.pay(payment_id=f"pay_{number}", session_id=f"chk_{number}", order_id=f"ord_{number}")
        for one in steps:
            with suppress(AmountCannotBeCaptured, AmountCannotBeRefunded):
                step(shop, payment, *one)
        shop.clock.pass_by(minutes=1)
        shop.run(reconcile(shop.payments))
        ended, charge = shop.now(payment), shop.bank.charge_of(payment.key)
        assert charge is not None
        assert (ended.captured, ended.refunded) == (charge.captured, charge.refunded)
        assert (ended.status is PaymentStatus.VOIDED) == (charge.state == "voided")

    story()


def test_many_processes_that_ship_the_same_parcel_capture_it_once(shop: Shop) -> None:
    shop.pay()

    async def race() -> None:
        await asyncio.gather(*(shop.payments.capture_for("ord_1", 4_000, "shipment 1") for _ in range(8)))

    shop.run(race())
    assert shop.bank.charges()[0].captured == 4_000
    assert shop.run(shop.payments.payment("pay_1")).captured == 4_000


def test_refunds_that_race_never_give_back_more_than_was_taken(shop: Shop) -> None:
    shop.pay()
    shop.run(shop.payments.capture_for("ord_1", None, "shipment 1"))

    async def race() -> list[object]:
        calls = (shop.payments.refund_for("ord_1", 3_000, f"return {number}") for number in range(8))
        return list(await asyncio.gather(*calls, return_exceptions=True))

    refused = [one for one in shop.run(race()) if isinstance(one, TradewindError)]
    assert len(refused) == 5
    assert shop.bank.charges()[0].refunded == shop.run(shop.payments.payment("pay_1")).refunded == 9_000


def test_the_job_and_the_answer_that_race_end_in_one_authorization(shop: Shop) -> None:
    begun = shop.run(shop.begun("tok_visa"))
    answer = shop.run(shop.payments.authorize(begun))
    shop.clock.pass_by(minutes=1)

    async def race() -> Payment:
        _, settled = await asyncio.gather(reconcile(shop.payments), shop.settled(begun, answer, "ord_1"))
        return settled

    assert shop.run(race()).status is PaymentStatus.AUTHORIZED
    assert shop.now(begun.payment).order_id == "ord_1"
    assert len(shop.bank.charges()) == 1


def test_two_windows_that_begin_for_one_session_at_once_charge_once(shop: Shop) -> None:
    async def race() -> list[object]:
        calls = (shop.paid("tok_visa", order_id="ord_1", payment_id=f"pay_{number}") for number in range(6))
        return list(await asyncio.gather(*calls, return_exceptions=True))

    ended = shop.run(race())
    assert sum(isinstance(one, Payment) for one in ended) == 1
    assert len(shop.bank.charges()) == 1
