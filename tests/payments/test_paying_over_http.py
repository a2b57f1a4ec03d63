"""The window takes webhooks over HTTP, and the fake bank's page ends a challenge; the command line sees what is left."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import structlog
import uvicorn
from payment_shop import a_payment
from tests.cli.running import Tradewind

from tradewind.bootstrap.paying import deliver_fake_webhooks, open_payments
from tradewind.bootstrap.window import window_parts
from tradewind.kit import Currency, Money, system_clock
from tradewind.payments import Payment, Payments, PaymentStatus, issue_code
from tradewind.settings import Settings
from tradewind.web import create_app, serving


@dataclass(frozen=True)
class Window:
    url: str
    settings: Settings

    def payments(self, work: Callable[[Payments], object]) -> object:
        """Work with payments beside the window, as jobs do."""

        async def opened() -> object:
            async with open_payments(self.settings, system_clock) as payments:
                return await work(payments)  # type: ignore[misc]

        return asyncio.run(opened())

    def pay(self, token: str, **more: Any) -> Payment:
        async def paid(payments: Payments) -> Payment:
            async with payments.database.transaction() as tx:
                begun = await payments.begin(tx, a_payment(instrument=token, return_url=f"{self.url}/healthz", **more))
            answer = await payments.authorize(begun)
            async with payments.database.transaction() as tx:
                return await payments.settle(tx, begun, answer)

        return self.payments(paid)  # type: ignore[return-value]

    def deliver(self) -> int:
        return self.payments(lambda payments: deliver_fake_webhooks(self.settings, payments))  # type: ignore[return-value]

    def now(self) -> Payment:
        return self.payments(lambda payments: payments.payment("pay_1"))  # type: ignore[return-value]


@pytest.fixture
def window(workspace: Settings) -> Iterator[Window]:
    listener = serving.listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = workspace.model_copy(update={"public_url": url, "payment_providers": "fake,on_delivery"})
    app = create_app(settings, open_till=window_parts(settings)["open_till"])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    before = structlog.get_config()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # its log would stand between what the commands print
    thread.start()
    limit = time.monotonic() + 20
    while not server.started and thread.is_alive() and time.monotonic() < limit:
        time.sleep(0.02)
    yield Window(url, settings)
    server.should_exit = True
    thread.join(10)
    listener.close()
    structlog.configure(**before)


@pytest.mark.parametrize(("answer", "status"), [("approve", PaymentStatus.AUTHORIZED), ("decline", PaymentStatus.FAILED)])
def test_a_challenge_at_the_fake_bank_ends_by_its_webhook(window: Window, answer: str, status: PaymentStatus) -> None:
    payment = window.pay("tok_challenge")
    page = httpx.get(str(payment.challenge_url), timeout=20)
    assert (page.status_code, "USD 100.00" in page.text, "Approve" in page.text) == (200, True, True)
    back = httpx.post(f"{payment.challenge_url}/{answer}", timeout=20)
    assert (back.status_code, back.headers["location"]) == (303, f"{window.url}/healthz")
    assert "Approve" not in httpx.get(str(payment.challenge_url), timeout=20).text
    assert window.deliver() == 1
    assert window.now().status is status


def test_a_cash_order_is_confirmed_on_its_page_in_the_language_of_its_market(window: Window) -> None:
    payment = window.pay("", method="cash_on_delivery", market="th", amount=Money(120_000, Currency("THB")))

    async def issued(payments: Payments) -> str:
        async with payments.database.transaction() as tx:
            return await issue_code(tx, payment.payment_id)

    address, code = str(payment.challenge_url), str(window.payments(issued))
    assert "ยืนยันคำสั่งซื้อ" in httpx.get(address, timeout=20).text
    wrong = httpx.post(address, data={"code": "no"}, timeout=20)
    right = httpx.post(address, data={"code": code}, timeout=20)
    assert ("รหัสไม่ถูกต้อง" in wrong.text, wrong.status_code, "ขอบคุณ" in right.text, right.status_code) == (True, 403, True, 200)
    assert window.now().status is PaymentStatus.AUTHORIZED


def test_only_cash_orders_have_a_page_to_confirm(window: Window) -> None:
    window.pay("tok_challenge")
    assert [httpx.get(f"{window.url}/pay/confirm/{name}", timeout=20).status_code for name in ("pay_1", "pay_none")] == [404, 404]


def test_webhooks_over_http_are_taken_once_and_forged_ones_refused(window: Window) -> None:
    window.pay("tok_double_webhook")
    assert window.deliver() == 2
    forged = httpx.post(f"{window.url}/webhooks/payments/fake", content=b"{}", timeout=20)
    nobody = httpx.post(f"{window.url}/webhooks/payments/moonpay", content=b"{}", timeout=20)
    large = httpx.post(f"{window.url}/webhooks/payments/fake", content=b" " * 70_000, timeout=20)
    assert (forged.status_code, nobody.status_code, large.status_code) == (400, 404, 413)


def test_an_unknown_charge_has_no_page(window: Window) -> None:
    assert httpx.get(f"{window.url}/fake-bank/fake_none", timeout=20).status_code == 404
    assert httpx.post(f"{window.url}/fake-bank/fake_none/approve", timeout=20).status_code == 404


@pytest.fixture
def tradewind(window: Window, database_address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tradewind:
    monkeypatch.setenv("TRADEWIND_HOME", str(window.settings.home))
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", database_address)
    monkeypatch.setenv("TRADEWIND_PUBLIC_URL", window.url)
    return Tradewind(window.settings.home, capsys)


def test_the_commands_show_what_is_open_and_end_it(window: Window, tradewind: Tradewind) -> None:
    window.pay("tok_unknown")
    (listed,) = json.loads(tradewind("payment", "list", "--open", "--json").out)
    assert (listed["payment_id"], listed["status"]) == ("pay_1", "unknown")
    done = tradewind("payment", "reconcile")
    assert (done.code, done.out.startswith("1 payments and 0 operations ended, 0 still open")) == (0, True)
    shown = tradewind("payment", "show", "pay_1").out
    assert "authorized  USD 100.00  (authorized USD 100.00, captured USD 0.00, refunded USD 0.00)" in shown
    assert "pay_1.authorize.1" in shown


def test_the_commands_say_what_cannot_be_found_or_decided(window: Window, tradewind: Tradewind) -> None:
    assert tradewind("payment", "show", "pay_none").is_two_lines
    assert tradewind("payment", "dispute", "show", "dsp_none").is_two_lines
    window.pay("tok_visa")
    assert tradewind("payment", "confirm", "pay_1", "--by", "ben").is_two_lines
    assert tradewind("payment", "decide", "pay_1", "--refuse", "--by", "ben", "--reason", "unsure").out == "pay_1: refuse\n"


def test_a_dispute_is_listed_shown_and_answered(window: Window, tradewind: Tradewind) -> None:
    payment = window.pay("tok_dispute")

    async def capture(payments: Payments) -> object:
        async with payments.database.transaction() as tx:
            await payments.bind(tx, payment.payment_id, "ord_1")
        return await payments.capture_for("ord_1", None, "shipment 1")

    window.payments(capture)
    window.deliver()
    listed = tradewind("payment", "dispute", "list", "--json")
    (one,) = json.loads(listed.out)
    assert (listed.code, one["status"]) == (3, "needs_response")
    assert "dispute_fee" in tradewind("payment", "dispute", "show", one["dispute_id"]).out
    facts = [word for fact in ("order=two lamps", "delivery=winning_evidence") for word in ("--fact", fact)]
    assert tradewind("payment", "dispute", "submit", one["dispute_id"], "--by", "ben", *facts).out.endswith("under_review\n")
    window.deliver()
    assert tradewind("payment", "dispute", "list").code == 0
