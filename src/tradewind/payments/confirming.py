"""What a person confirms: a cash order by its code or by somebody who called, and money that was paid back by hand."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import timedelta

from tradewind.db import AsyncTransaction, audit
from tradewind.kit import InputIsInvalid
from tradewind.payments import store
from tradewind.payments.errors import ConfirmationCodeIsWrong
from tradewind.payments.model import Operation, OperationKind, Payment, PaymentStatus, Result
from tradewind.payments.ports import PaymentOutcome
from tradewind.payments.service import Payments, tell

CODE_DIGITS = 6
CODE_TRIES = 5
# How long a confirmed cash order may wait for its delivery.
VALID = timedelta(days=90)
_AGAIN = "ask for a new code, or call the shop"


async def issue_code(tx: AsyncTransaction, payment_id: str, number: Callable[[int], int] = secrets.randbelow) -> str:
    """A new code of six digits for a cash order, to be sent to the shopper; an older one ends. ConfirmationCodeIsWrong when too many."""
    code = f"{number(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    if not await store.set_code(tx, payment_id, _hash(payment_id, code), CODE_TRIES):
        raise ConfirmationCodeIsWrong(f"{payment_id} waits for no code, or it was tried too often", hint=_AGAIN)
    return code


async def confirm_by_code(payments: Payments, payment_id: str, code: str) -> Payment:
    """The shopper typed the code: the order counts. ConfirmationCodeIsWrong, also after five tries."""
    async with payments.database.transaction() as tx:
        expected = await store.try_code(tx, payment_id, CODE_TRIES)
    # The try is counted before the comparison and stays counted: guessing costs tries whatever happens afterwards.
    if not expected or not hmac.compare_digest(expected, _hash(payment_id, code.strip())):
        raise ConfirmationCodeIsWrong("the code does not match, or was tried too often", hint=_AGAIN)
    async with payments.database.transaction() as tx:
        return await _confirm(tx, payments, await store.payment(tx, payment_id, lock=True))


async def confirm_by_hand(payments: Payments, name: str, by: str) -> Payment:
    """Somebody of the shop vouches: for a cash order by its payment id, for money paid back by the refund's key.

    InputIsInvalid when nothing of this name waits for a person.
    """
    async with payments.database.transaction() as tx:
        payment_id, _, rest = name.partition(".")
        payment = await store.payment(tx, payment_id, lock=True)
        await audit.record_async(tx, by, "payment.confirm", name)
        if not rest:
            return await _confirm(tx, payments, payment)
        waiting = next((one for one in await store.operations(tx, payment_id) if _is_by_hand(one, name)), None)
    if waiting is None:
        raise InputIsInvalid(f'"{name}" waits for nobody', hint=f"tradewind payment show {payment_id}")
    return await payments.finish(waiting, PaymentOutcome(Result.SUCCEEDED, message=f"paid back by {by}"), telling=True)


async def _confirm(tx: AsyncTransaction, payments: Payments, payment: Payment) -> Payment:
    if payment.status is not PaymentStatus.PENDING or payment.code != "confirmation":
        raise InputIsInvalid(
            f"{payment.payment_id} is {payment.status} and waits for no confirmation", hint=f"tradewind payment show {payment.payment_id}"
        )
    now = payments.clock()
    outcome = PaymentOutcome(Result.SUCCEEDED, payment.reference, authorized_until=now + VALID)
    settled, _ = await store.settle(tx, payment.payment_id, outcome, now)
    await tell(tx, settled, settled.status)
    return settled


def _is_by_hand(operation: Operation, name: str) -> bool:
    return operation.key == name and operation.kind is OperationKind.REFUND and operation.status is Result.PENDING


def _hash(payment_id: str, code: str) -> str:
    return hashlib.sha256(f"{payment_id} {code}".encode()).hexdigest()
