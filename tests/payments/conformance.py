"""What every payment provider promises. A new provider adds a subclass with its own `provider`, `tokens` and `shopper`."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tradewind.kit import Currency, Money
from tradewind.payments import (
    AuthorizationRequest,
    Lookup,
    OperationKind,
    PaymentOutcome,
    PaymentProvider,
    Result,
    WebhookIsNotAuthentic,
)

USD = Currency("USD")


@dataclass(frozen=True)
class Tokens:
    """The provider's magic tokens for each behavior."""

    good: str
    declined: str
    challenged: str
    lost_answer: str
    refund_fails: str


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def usd(minor: int) -> Money:
    return Money(minor, USD)


def a_request(token: str, payment_id: str = "pay_1", amount: int = 10_000, **more: Any) -> AuthorizationRequest:
    asked = AuthorizationRequest(
        payment_id, f"{payment_id}.authorize.1", usd(amount), "us", "card", token, "http://127.0.0.1/return", order_reference="chk_1"
    )
    return replace(asked, **more)


class PaymentProviderPromises:
    """Run against the fake and against each adapter over its real wire."""

    @pytest.fixture
    def provider(self) -> PaymentProvider:
        raise AssertionError("a subclass gives its provider")

    @pytest.fixture
    def tokens(self) -> Tokens:
        raise AssertionError("a subclass gives its tokens")

    @pytest.fixture
    def shopper(self) -> Callable[[str, bool], None]:
        """What the shopper does at the challenge of a reference: approve or not."""
        raise AssertionError("a subclass gives its shopper")

    def authorized(self, provider: PaymentProvider, tokens: Tokens, payment_id: str = "pay_1") -> PaymentOutcome:
        return run(provider.authorize(a_request(tokens.good, payment_id)))  # type: ignore[no-any-return]

    def test_a_good_card_is_authorized_until_a_day_and_nothing_is_taken(self, provider: PaymentProvider, tokens: Tokens) -> None:
        outcome = self.authorized(provider, tokens)
        held = run(provider.held(outcome.reference))
        assert (outcome.status, outcome.paid, outcome.challenge_url) == (Result.SUCCEEDED, False, None)
        assert outcome.authorized_until is not None
        assert (held.authorized, held.captured, held.refunded) == (10_000, 0, 0)

    def test_what_is_told_of_a_card_never_holds_its_number(self, provider: PaymentProvider, tokens: Tokens) -> None:
        card = self.authorized(provider, tokens).card
        assert card is not None
        assert card.fingerprint
        assert len(card.last4) == 4

    def test_a_declined_card_fails_with_a_code_and_words(self, provider: PaymentProvider, tokens: Tokens) -> None:
        outcome = run(provider.authorize(a_request(tokens.declined)))
        assert outcome.status is Result.FAILED
        assert outcome.code
        assert outcome.message

    def test_a_token_that_nobody_issued_fails(self, provider: PaymentProvider) -> None:
        assert run(provider.authorize(a_request("tok_nobody_issued_this"))).status is Result.FAILED

    def test_the_same_key_authorizes_once(self, provider: PaymentProvider, tokens: Tokens) -> None:
        first, second = self.authorized(provider, tokens), self.authorized(provider, tokens)
        assert first.reference == second.reference

    def test_the_same_key_with_another_amount_is_refused(self, provider: PaymentProvider, tokens: Tokens) -> None:
        self.authorized(provider, tokens)
        assert run(provider.authorize(a_request(tokens.good, amount=99))).status is Result.FAILED

    def test_a_challenge_is_pending_with_an_address_until_the_shopper_approves(
        self, provider: PaymentProvider, tokens: Tokens, shopper: Callable[[str, bool], None]
    ) -> None:
        outcome = run(provider.authorize(a_request(tokens.challenged)))
        assert outcome.status is Result.PENDING
        assert outcome.challenge_url
        shopper(outcome.reference, True)
        assert run(provider.held(outcome.reference)).outcome.status is Result.SUCCEEDED

    def test_a_challenge_that_the_shopper_fails_ends_in_failure(
        self, provider: PaymentProvider, tokens: Tokens, shopper: Callable[[str, bool], None]
    ) -> None:
        outcome = run(provider.authorize(a_request(tokens.challenged)))
        shopper(outcome.reference, False)
        assert run(provider.held(outcome.reference)).outcome.status is Result.FAILED

    def test_a_lost_answer_is_unknown_and_is_found_by_its_key(self, provider: PaymentProvider, tokens: Tokens) -> None:
        asked = a_request(tokens.lost_answer)
        assert run(provider.authorize(asked)).status is Result.UNKNOWN
        found = run(provider.find(Lookup(asked.key)))
        assert found is not None
        assert found.status is Result.SUCCEEDED

    def test_a_call_that_never_arrived_is_not_found(self, provider: PaymentProvider) -> None:
        assert run(provider.find(Lookup("pay_never.authorize.1"))) is None
        assert run(provider.held("fake_never")) is None

    def test_a_capture_takes_the_money_once_for_its_key(self, provider: PaymentProvider, tokens: Tokens) -> None:
        reference = self.authorized(provider, tokens).reference
        for _ in range(2):
            assert run(provider.capture(reference, usd(4_000), "pay_1.capture.1")).status is Result.SUCCEEDED
        assert run(provider.held(reference)).captured == 4_000

    def test_more_than_was_authorized_cannot_be_captured(self, provider: PaymentProvider, tokens: Tokens) -> None:
        reference = self.authorized(provider, tokens).reference
        assert run(provider.capture(reference, usd(10_001), "pay_1.capture.1")).status is Result.FAILED

    def test_a_second_capture_is_taken_where_the_capability_says_so(self, provider: PaymentProvider, tokens: Tokens) -> None:
        reference = self.authorized(provider, tokens).reference
        run(provider.capture(reference, usd(4_000), "pay_1.capture.1"))
        second = run(provider.capture(reference, usd(6_000), "pay_1.capture.2"))
        assert (second.status is Result.SUCCEEDED) == provider.capabilities.multiple_captures

    def test_a_voided_authorization_cannot_be_captured(self, provider: PaymentProvider, tokens: Tokens) -> None:
        reference = self.authorized(provider, tokens).reference
        assert run(provider.void(reference, "pay_1.void.1")).status is Result.SUCCEEDED
        assert run(provider.capture(reference, usd(1), "pay_1.capture.1")).status is Result.FAILED
        assert run(provider.held(reference)).voided

    def test_a_captured_payment_cannot_be_voided(self, provider: PaymentProvider, tokens: Tokens) -> None:
        reference = self.authorized(provider, tokens).reference
        run(provider.capture(reference, usd(10_000), "pay_1.capture.1"))
        assert run(provider.void(reference, "pay_1.void.1")).status is Result.FAILED

    def test_refunds_come_in_parts_each_once_and_never_above_what_was_captured(self, provider: PaymentProvider, tokens: Tokens) -> None:
        reference = self.authorized(provider, tokens).reference
        run(provider.capture(reference, usd(10_000), "pay_1.capture.1"))
        for _ in range(2):
            assert run(provider.refund(reference, usd(3_000), "pay_1.refund.1")).status is Result.SUCCEEDED
        assert run(provider.refund(reference, usd(7_001), "pay_1.refund.2")).status is Result.FAILED
        assert run(provider.held(reference)).refunded == 3_000

    def test_a_refund_that_the_bank_refuses_fails(self, provider: PaymentProvider, tokens: Tokens) -> None:
        reference = run(provider.authorize(a_request(tokens.refund_fails))).reference
        run(provider.capture(reference, usd(10_000), "pay_1.capture.1"))
        assert run(provider.refund(reference, usd(100), "pay_1.refund.1")).status is Result.FAILED

    @pytest.mark.parametrize("kind", [OperationKind.CAPTURE, OperationKind.REFUND, OperationKind.VOID])
    def test_steps_are_found_by_their_keys(self, provider: PaymentProvider, tokens: Tokens, kind: OperationKind) -> None:
        reference = self.authorized(provider, tokens).reference
        if kind is OperationKind.VOID:
            run(provider.void(reference, "pay_1.void.1"))
        else:
            run(provider.capture(reference, usd(500), "pay_1.capture.1"))
            run(provider.refund(reference, usd(100), "pay_1.refund.1"))
        found = run(provider.find(Lookup(f"pay_1.{kind}.1", kind, reference)))
        assert found is not None
        assert found.status is Result.SUCCEEDED
        if kind is not OperationKind.VOID:  # there is only one way to have given it up
            assert run(provider.find(Lookup(f"pay_1.{kind}.2", kind, reference))) is None

    def test_an_authorization_can_be_renewed_where_the_capability_says_so(self, provider: PaymentProvider, tokens: Tokens) -> None:
        if not provider.capabilities.renew:
            pytest.skip("this provider cannot renew an authorization")
        old = self.authorized(provider, tokens).reference
        renewed = run(provider.renew(old, usd(10_000), "pay_1.renew.1"))
        assert renewed.status is Result.SUCCEEDED
        assert renewed.reference != old
        assert run(provider.held(old)).voided
        assert run(provider.find(Lookup("pay_1.renew.1", OperationKind.RENEW, old))).reference == renewed.reference

    @pytest.mark.parametrize("headers", [{}, {"stripe-signature": "t=1,v1=0"}, {"tradewind-fake-signature": "t=1,v1=0"}])
    def test_a_webhook_without_a_valid_signature_is_refused(self, provider: PaymentProvider, headers: dict[str, str]) -> None:
        with pytest.raises(WebhookIsNotAuthentic):
            provider.verify_webhook(headers, b'{"id": "evt_1"}')
