"""A payment service on a real database with the fake bank, and builders, for the tests of this folder."""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from tradewind.adapters.payments import FakeBank, FakePayments
from tradewind.db import AsyncDatabase, open_async_database
from tradewind.kit import Currency, Money
from tradewind.payments import (
    Answer,
    NewPayment,
    Payment,
    PaymentProvider,
    Payments,
    Person,
    RiskPort,
    RiskRequest,
    RiskVerdict,
    Verdict,
    load_methods,
    operations,
)
from tradewind.settings import Settings

Found = TypeVar("Found")
ANNA = Person("Anna Schmidt", "anna@example.com", "", "US", "NY", "10001", "New York", ("1 Main St",))


@dataclass
class Hands:
    """A clock whose hands a test moves."""

    now: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: int) -> None:
        self.now += timedelta(**time)


@dataclass
class Calm:
    """Risk rules that say what a test wants, and remember what they were asked."""

    verdict: Verdict = Verdict.ACCEPT
    with_card: Verdict | None = None
    asked: list[RiskRequest] = field(default_factory=list)

    def assess(self, request: RiskRequest) -> RiskVerdict:
        self.asked.append(request)
        verdict = self.with_card if request.card is not None and self.with_card is not None else self.verdict
        return RiskVerdict(verdict, () if verdict is Verdict.ACCEPT else (f"a rule says {verdict}",))


@dataclass
class Shop:
    """What a test works with; `run` ends a coroutine on the shop's own loop."""

    runner: asyncio.Runner
    database: AsyncDatabase
    payments: Payments
    fake: FakePayments
    clock: Hands

    @property
    def bank(self) -> FakeBank:
        return self.fake.bank

    def run(self, work: Coroutine[Any, Any, Found]) -> Found:
        return self.runner.run(work)

    def pay(self, token: str = "tok_visa", *, order_id: str | None = "ord_1", **more: Any) -> Payment:
        """What complete does: begin, authorize outside, settle."""
        return self.run(self.paid(token, order_id=order_id, **more))

    async def paid(self, token: str, *, order_id: str | None = None, **more: Any) -> Payment:
        begun = await self.begun(token, **more)
        answer = await self.payments.authorize(begun)
        return await self.settled(begun, answer, order_id)

    async def begun(self, token: str, **more: Any) -> Any:
        async with self.database.transaction() as tx:
            return await self.payments.begin(tx, a_payment(instrument=token, **more))

    async def settled(self, begun: Any, answer: Answer, order_id: str | None = None) -> Payment:
        async with self.database.transaction() as tx:
            return await self.payments.settle(tx, begun, answer, order_id=order_id)

    def now(self, payment: Payment) -> Payment:
        return self.run(self.payments.payment(payment.payment_id))

    def steps(self, payment: Payment) -> list[tuple[str, str | None, int]]:
        async def read() -> list[tuple[str, str | None, int]]:
            async with self.database.transaction() as tx:
                return [(one.kind, one.status, one.amount) for one in await operations(tx, payment.payment_id)]

        return self.run(read())

    def rows(self, statement: str) -> list[dict[str, Any]]:
        async def read() -> list[dict[str, Any]]:
            async with self.database.transaction() as tx:
                return [dict(row) for row in await (await tx.execute(statement)).fetchall()]

        return self.run(read())

    def told(self) -> list[str]:
        """The events that wake who listens to payments."""
        return [row["args"]["event"] for row in self.rows("SELECT args FROM db_outbox WHERE task = 'payments:changed' ORDER BY id")]


def a_payment(minor: int = 10_000, currency: str = "USD", **more: Any) -> NewPayment:
    plain = NewPayment(
        "pay_1", "chk_1", "card", "us", Money(minor, Currency(currency)), "tok_visa", "http://127.0.0.1/back", ANNA, ANNA, "203.0.113.7"
    )
    return replace(plain, **more)


@contextmanager
def open_shop(
    settings: Settings,
    *,
    risk: RiskPort | None = None,
    multiple_captures: bool = True,
    providers: Mapping[str, PaymentProvider] | None = None,
    bank: Path | None = None,
    seconds: float = 5,
) -> Iterator[Shop]:
    """A shop on the workspace's database, with its bank's file beside it."""
    clock, opened = Hands(), FakeBank(bank or settings.home / "fake-bank.sqlite3")
    page = "http://127.0.0.1/fake-bank"
    fake = FakePayments(opened, clock, page=page, multiple_captures=multiple_captures, slow_seconds=seconds * 2)
    with asyncio.Runner() as runner:
        connected = open_async_database(settings)
        database = runner.run(connected.__aenter__())
        try:
            chosen = providers if providers is not None else {"fake": fake}
            payments = Payments(database, chosen, risk or Calm(), load_methods(), clock, pepper=b"pepper", provider_seconds=seconds)
            yield Shop(runner, database, payments, fake, clock)
        finally:
            runner.run(connected.__aexit__(None, None, None))
            opened.close()
