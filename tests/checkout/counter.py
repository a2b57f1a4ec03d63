"""A shop at which a test buys: real PostgreSQL, the fake bank, real prices, and a clock whose hands the test moves."""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from bench.checkout_stage import Article, desks, stage

from tradewind import stock
from tradewind.adapters.payments import FakeBank, FakePayments
from tradewind.adapters.tax import RateFileTax
from tradewind.checkout import (
    Buyer,
    CheckoutSession,
    Completing,
    CreateSession,
    Destination,
    Discounts,
    NoDiscounts,
    PaymentInstrument,
    Sessions,
    Shop,
    UpdateSession,
    WantedLine,
    payment_changed,
)
from tradewind.checkout.completing import Checkpoint, passing
from tradewind.db import AsyncDatabase, Database, open_async_database, open_database
from tradewind.kit import new_id
from tradewind.markets import load_sales_tax, load_seller
from tradewind.payments import Payments, RiskRequest, RiskVerdict, Verdict, load_methods, reconcile
from tradewind.settings import Settings

Found = TypeVar("Found")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANNA = Buyer("anna@example.com", "Anna Schmidt", "+1 212 555 0100")
NEW_YORK = Destination("US", "NY", "10001", "New York", ("350 5th Ave",), "Anna Schmidt")
BERLIN = Destination("DE", "", "10115", "Berlin", ("Invalidenstr. 1",), "Anna Schmidt")


@dataclass
class Hands:
    """A clock whose hands a test moves."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Rules:
    """Risk rules that say what a test wants."""

    verdict: Verdict = Verdict.ACCEPT

    def assess(self, request: RiskRequest) -> RiskVerdict:
        del request
        return RiskVerdict(self.verdict, () if self.verdict is Verdict.ACCEPT else ("a rule says so",))


@dataclass
class Counter:
    """Where a test buys; `run` ends a coroutine on the counter's own loop."""

    runner: asyncio.Runner
    sync: Database
    database: AsyncDatabase
    sessions: Sessions
    completing: Completing
    fake: FakePayments
    clock: Hands
    risk: Rules
    keys: int = field(default=0)

    def run(self, work: Coroutine[Any, Any, Found]) -> Found:
        return self.runner.run(work)

    @property
    def payments(self) -> Payments:
        return self.completing.payments

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    def create(self, *lines: tuple[str, int], key: str | None = None, **more: Any) -> CheckoutSession:
        wanted = CreateSession("us", tuple(WantedLine(*line) for line in lines or (("S1", 1), ("S2", 2))))
        return self.run(self.sessions.create(replace(wanted, **more), key or self.key()))

    def update(
        self, session: CheckoutSession, *lines: tuple[str, int], key: str | None = None, if_match: int | None = None, **more: Any
    ) -> CheckoutSession:
        chosen = tuple(WantedLine(*line) for line in lines) or tuple(WantedLine(one.offer_id, one.quantity) for one in session.lines)
        wanted = replace(UpdateSession(chosen, ANNA, NEW_YORK, session.selected_option, session.codes), **more)
        return self.run(self.sessions.update(session.session_id, wanted, if_match=if_match, idempotency_key=key))

    def ready(self, *lines: tuple[str, int], market: str = "us", to: Destination = NEW_YORK) -> CheckoutSession:
        """A session with an address and an option, ready to be completed."""
        return self.create(*lines, market=market, buyer=ANNA, destination=to)

    def complete(
        self,
        session: CheckoutSession,
        token: str = "tok_visa",
        *,
        key: str | None = None,
        completing: Completing | None = None,
        **more: Any,
    ) -> CheckoutSession:
        instrument = PaymentInstrument("card", token, "http://127.0.0.1/back", accepted_total=more.pop("accepted_total", None))
        done = (completing or self.completing).complete(session.session_id, instrument, idempotency_key=key or self.key(), **more)
        return self.run(done)

    def buy(self, *lines: tuple[str, int], token: str = "tok_visa") -> CheckoutSession:
        return self.complete(self.ready(*lines), token)

    def get(self, session: CheckoutSession) -> CheckoutSession:
        return self.run(self.sessions.get(session.session_id))

    def rows(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        with self.sync.transaction() as tx:
            return [dict(row) for row in tx.execute(statement, values)]

    def reprice(self, offer_id: str, price: int) -> None:
        with self.sync.transaction() as tx:
            tx.execute("UPDATE offers_offer SET price_minor = %s, cost_amount = %s WHERE offer_id = %s", (price, price, offer_id))

    def available(self, sku: str) -> int:
        return stock.show(self.sync, sku)[0][0].available

    def proven(self) -> bool:
        """Ledger = counters, what orders owe is allocated, no money without an order, no order without money, no key without an answer."""
        with self.sync.transaction() as tx:
            holds = stock.prove(tx).holds
        owed = self.rows(
            "SELECT sku, location_id, sum(total - fulfilled) AS units FROM orders_line JOIN orders_order USING (order_id)"
            " WHERE status = 'open' AND hold IS NULL GROUP BY 1, 2 HAVING sum(total - fulfilled) > 0 ORDER BY 1, 2"
        )
        allocated = self.rows("SELECT sku, location_id, allocated AS units FROM stock_level WHERE allocated > 0 ORDER BY 1, 2")
        paid = {charge.payment_id for charge in self.fake.bank.charges() if charge.state in {"authorized", "captured"}}
        ordered = {row["payment_id"] for row in self.rows("SELECT payment_id FROM orders_order WHERE status = 'open'")}
        return holds and owed == allocated and paid == ordered

    def reconcile(self) -> None:
        """What the worker does: payments find out their ends, and whoever waits for one goes on."""

        async def all_of_it() -> None:
            await reconcile(self.payments)
            for row in self.rows("SELECT args FROM db_outbox WHERE task = 'payments:changed' AND relayed_at IS NULL ORDER BY id"):
                await payment_changed(self.completing, row["args"]["payment_id"])
            with self.sync.transaction() as tx:
                tx.execute("UPDATE db_outbox SET relayed_at = now()")

        self.run(all_of_it())


@contextmanager
def open_counter(
    settings: Settings,
    goods: Sequence[Article] = (Article("S1"), Article("S2", kind=1), Article("S3", kind=2)),
    *,
    markets: Sequence[str] = ("us", "de"),
    discounts: Discounts | None = None,
    checkpoint: Checkpoint = passing,
    seconds: float = 5,
) -> Iterator[Counter]:
    """A counter with these articles, fresh unless they are there already."""
    clock, bank, risk = Hands(), FakeBank(settings.home / "fake-bank.sqlite3"), Rules()
    fake = FakePayments(bank, clock, page="http://127.0.0.1/fake-bank", slow_seconds=seconds * 2)
    with open_database(settings) as sync, asyncio.Runner() as runner:
        if goods:
            stage(sync, markets, goods, NOON)
        connected = open_async_database(settings)
        database = runner.run(connected.__aenter__())
        try:
            tax = RateFileTax(load_sales_tax(settings.home), load_seller(settings.home), clock)
            sessions = Sessions(Shop(database, desks(), clock, tax, discounts=discounts or NoDiscounts()))
            payments = Payments(database, {"fake": fake}, risk, load_methods(), clock, pepper=b"pepper", provider_seconds=seconds)
            completing = Completing(sessions, payments, checkpoint=checkpoint)
            yield Counter(runner, sync, database, sessions, completing, fake, clock, risk)
        finally:
            runner.run(connected.__aexit__(None, None, None))
            bank.close()


def a_key() -> str:
    return new_id("key")
