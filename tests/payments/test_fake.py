"""The fake provider keeps every provider's promises, and its magic tokens do what they say."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conformance import PaymentProviderPromises, Tokens, a_request, run, usd

from tradewind.adapters.payments import FakeBank, FakePayments
from tradewind.adapters.payments.fake_bank import TOKENS
from tradewind.kit import fixed_clock
from tradewind.payments import DisputeStatus, EventKind, Lookup, ProviderEvent, Result, WebhookIsNotAuthentic

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLOCK = fixed_clock(NOW)


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[FakeBank]:
    opened = FakeBank(tmp_path / "bank.sqlite3")
    yield opened
    opened.close()


def a_fake(bank: FakeBank, *, multiple_captures: bool = True) -> FakePayments:
    return FakePayments(bank, CLOCK, page="http://127.0.0.1/fake-bank", multiple_captures=multiple_captures, slow_seconds=0.01)


class TestFake(PaymentProviderPromises):
    @pytest.fixture(params=[True, False])
    def provider(self, bank: FakeBank, request: pytest.FixtureRequest) -> FakePayments:
        return a_fake(bank, multiple_captures=request.param)

    @pytest.fixture
    def tokens(self) -> Tokens:
        return Tokens("tok_visa", "tok_decline", "tok_challenge", "tok_unknown", "tok_refund_fails")

    @pytest.fixture
    def shopper(self, bank: FakeBank) -> Callable[[str, bool], None]:
        return lambda reference, approved: bool(bank.answer_challenge(reference, approved=approved, at=NOW)) and None


def events(fake: FakePayments) -> list[ProviderEvent]:
    """What the shop receives when every waiting webhook is delivered."""
    received = []

    async def post(headers: Mapping[str, str], body: bytes) -> int:
        received.append(fake.verify_webhook(headers, body))
        return 200

    run(fake.deliver(post))
    return received


def test_every_token_has_an_end_that_its_words_name(bank: FakeBank) -> None:
    fake = a_fake(bank)
    ended = {token: run(fake.authorize(a_request(token, f"pay_{token}"))).status for token in TOKENS}
    assert {token for token, status in ended.items() if status is Result.FAILED} == {"tok_decline", "tok_decline_funds"}
    assert {token for token, status in ended.items() if status is Result.UNKNOWN} == {"tok_unknown", "tok_lost"}
    assert {token for token, status in ended.items() if status is Result.PENDING} == {"tok_challenge"}


def test_a_lost_call_never_reached_the_bank(bank: FakeBank) -> None:
    fake = a_fake(bank)
    run(fake.authorize(a_request("tok_lost")))
    assert run(fake.find(Lookup("pay_1.authorize.1"))) is None
    assert bank.charges() == []


def test_the_bank_remembers_when_the_shop_is_restarted(tmp_path: Path) -> None:
    for _ in range(2):
        bank = FakeBank(tmp_path / "bank.sqlite3")
        outcome = run(a_fake(bank).authorize(a_request("tok_visa")))
        bank.close()
    assert outcome.status is Result.SUCCEEDED
    bank = FakeBank(tmp_path / "bank.sqlite3")
    assert len(bank.charges()) == 1
    bank.close()


def test_a_double_webhook_is_one_event_that_comes_twice(bank: FakeBank) -> None:
    fake = a_fake(bank)
    run(fake.authorize(a_request("tok_double_webhook")))
    first, second = events(fake)
    assert first.event_id == second.event_id
    assert events(fake) == []


def test_unordered_webhooks_come_newest_first(bank: FakeBank) -> None:
    fake = a_fake(bank)
    reference = run(fake.authorize(a_request("tok_unordered_webhook"))).reference
    run(fake.capture(reference, usd(100), "pay_1.capture.1"))
    run(fake.refund(reference, usd(100), "pay_1.refund.1"))
    numbers = [int(event.event_id.split("_")[2]) for event in events(fake)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 3


def test_a_webhook_that_was_changed_or_is_old_is_refused(bank: FakeBank) -> None:
    fake = a_fake(bank)
    body = b'{"id": "evt_1", "charge": "", "payment_id": "", "dispute": "", "happened_at": "2026-11-23T12:00:00+00:00"}'
    headers = fake.signed(body)
    later = FakePayments(bank, fixed_clock(datetime(2026, 11, 23, 13, tzinfo=UTC)), page="")
    assert fake.verify_webhook(headers, body).event_id == "evt_1"
    for verifier, content in ((fake, body + b" "), (later, body)):
        with pytest.raises(WebhookIsNotAuthentic):
            verifier.verify_webhook(headers, content)


def test_a_code_to_pay_is_pending_and_then_the_money_is_there_at_once(bank: FakeBank) -> None:
    fake = a_fake(bank)
    waiting = run(fake.authorize(a_request("tok_visa", method="promptpay", market="th")))
    assert (waiting.status, waiting.challenge_url) == (Result.PENDING, f"http://127.0.0.1/fake-bank/{waiting.reference}")
    bank.answer_challenge(waiting.reference, approved=True, at=NOW)
    held = run(fake.held(waiting.reference))
    assert (held.outcome.paid, held.captured) == (True, 10_000)
    assert [event.kind for event in events(fake)] == [EventKind.PAYMENT]


@pytest.mark.parametrize(
    ("words", "status"),
    [("winning_evidence", DisputeStatus.WON), ("losing_evidence", DisputeStatus.LOST), ("a receipt", DisputeStatus.UNDER_REVIEW)],
)
def test_a_dispute_opens_at_the_capture_and_is_judged_by_its_evidence(bank: FakeBank, words: str, status: DisputeStatus) -> None:
    fake = a_fake(bank)
    reference = run(fake.authorize(a_request("tok_dispute"))).reference
    run(fake.capture(reference, usd(10_000), "pay_1.capture.1"))
    opened = next(event.dispute for event in events(fake) if event.dispute)
    assert (opened.status, opened.amount, opened.fee) == (DisputeStatus.NEEDS_RESPONSE, usd(10_000), 1500)
    run(fake.submit_evidence(opened.reference, {"text": words}, "key"))
    judged = next(event.dispute for event in events(fake) if event.dispute)
    assert judged.status is status


def test_an_authorization_that_ran_out_cannot_be_captured(bank: FakeBank) -> None:
    reference = run(a_fake(bank).authorize(a_request("tok_expires"))).reference
    later = FakePayments(bank, fixed_clock(datetime(2026, 11, 23, 15, tzinfo=UTC)), page="")
    assert run(later.capture(reference, usd(100), "pay_1.capture.1")).code == "charge_not_capturable"


def test_the_reference_lists_every_token_with_its_words() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/reference/payment-tokens.md").read_text("utf-8")
    assert [f"| `{token}` | {words} |" for token, words in TOKENS.items()] == [line for line in page.splitlines() if "| `tok" in line]
