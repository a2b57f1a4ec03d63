"""Stripe keeps every provider's promises: its official client over real HTTP, against a stand-in of its wire format."""

import time
from collections.abc import Callable, Iterator

import pytest
from conformance import PaymentProviderPromises, Tokens, a_request, run, usd
from pydantic import SecretStr

from tradewind.adapters.payments import StripePayments
from tradewind.emulators.stripe_stand_in import LOST, StripeStandIn, serve_stripe
from tradewind.kit import InputIsInvalid
from tradewind.payments import DisputeStatus, EventKind, Lookup, OperationKind, Result, WebhookIsNotAuthentic

KEY = "sk_test_stand_in_0123456789"


def a_client(url: str, stand_in: StripeStandIn, **more: object) -> StripePayments:
    secrets = [SecretStr("whsec_old"), SecretStr(stand_in.webhook_secret)]
    return StripePayments(SecretStr(KEY), secrets, url=url, multiple_captures=stand_in.multicapture, **more)  # type: ignore[arg-type]


@pytest.fixture
def stand_in() -> StripeStandIn:
    return StripeStandIn(KEY)


@pytest.fixture
def url(stand_in: StripeStandIn) -> Iterator[str]:
    with serve_stripe(stand_in) as address:
        yield address


@pytest.fixture
def client(url: str, stand_in: StripeStandIn) -> Iterator[StripePayments]:
    opened = a_client(url, stand_in, retries=0)
    yield opened
    opened.close()


class TestStripe(PaymentProviderPromises):
    @pytest.fixture(params=[True, False])
    def provider(self, url: str, stand_in: StripeStandIn, request: pytest.FixtureRequest) -> Iterator[StripePayments]:
        stand_in.multicapture = request.param
        opened = a_client(url, stand_in, retries=0)
        yield opened
        opened.close()

    @pytest.fixture
    def tokens(self) -> Tokens:
        declined = "pm_card_chargeDeclinedInsufficientFunds"
        return Tokens("pm_card_visa", declined, "pm_card_authenticationRequired", "pm_stand_in_answerLost", "pm_stand_in_refundRefused")

    @pytest.fixture
    def shopper(self, stand_in: StripeStandIn) -> Callable[[str, bool], None]:
        return lambda reference, approved: stand_in.answer_challenge(reference, approved=approved)


def test_the_wire_carries_manual_capture_our_ids_and_no_card(client: StripePayments, stand_in: StripeStandIn) -> None:
    run(client.authorize(a_request("pm_card_visa")))
    (sent,) = stand_in.requests
    fields = sent["fields"]
    assert (fields["capture_method"], fields["confirm"], fields["payment_method"]) == ("manual", "true", "pm_card_visa")
    assert (fields["metadata[payment_id]"], fields["metadata[order_reference]"]) == ("pay_1", "chk_1")
    assert sent["key"] == "pay_1.authorize.1"
    assert not [name for name in fields if "number" in name or "cvc" in name]


@pytest.mark.parametrize("token", ["tok_visa", '{"id": "tok_visa", "object": "token", "card": {"last4": "4242"}}'])
def test_a_token_and_what_google_pay_encloses_become_a_card(client: StripePayments, stand_in: StripeStandIn, token: str) -> None:
    assert run(client.authorize(a_request(token))).status is Result.SUCCEEDED
    fields = stand_in.requests[0]["fields"]
    assert (fields["payment_method_data[card][token]"], "payment_method" in fields) == ("tok_visa", False)


@pytest.mark.parametrize("token", ["{", '{"id": 7}', "[" * 2_000, ""])
def test_a_token_that_cannot_be_read_fails(client: StripePayments, token: str) -> None:
    assert run(client.authorize(a_request(token))).status is Result.FAILED


def test_the_client_repeats_a_lost_call_with_its_key_and_charges_once(url: str, stand_in: StripeStandIn) -> None:
    stand_in.faults = [LOST]
    patient = a_client(url, stand_in, retries=2)
    assert run(patient.authorize(a_request("pm_card_visa"))).status is Result.SUCCEEDED
    patient.close()
    assert len(stand_in.intents) == 1


@pytest.mark.parametrize(("fault", "status"), [(500, Result.UNKNOWN), (429, Result.UNKNOWN), (LOST, Result.UNKNOWN), (400, Result.FAILED)])
def test_faults_are_unknown_unless_they_surely_had_no_effect(
    client: StripePayments, stand_in: StripeStandIn, fault: int, status: Result
) -> None:
    stand_in.faults = [fault]
    assert run(client.authorize(a_request("pm_card_visa"))).status is status


def test_a_wrong_key_fails_and_is_not_repeated(url: str, stand_in: StripeStandIn) -> None:
    wrong = StripePayments(SecretStr("sk_test_wrong"), [], url=url, retries=0)
    outcome = run(wrong.authorize(a_request("pm_card_visa")))
    wrong.close()
    assert outcome.status is Result.FAILED
    assert "sk_test_wrong" not in outcome.message


def test_a_question_that_fails_is_never_taken_for_a_no(url: str, stand_in: StripeStandIn) -> None:
    wrong = StripePayments(SecretStr("sk_test_wrong"), [], url=url, retries=0)
    with pytest.raises(Exception, match="Invalid API Key"):
        run(wrong.find(Lookup("pay_1.authorize.1")))
    assert run(wrong.held("pi_00000001")) is None
    wrong.close()


def test_an_old_payment_is_found_among_many_pages(client: StripePayments, stand_in: StripeStandIn) -> None:
    run(client.authorize(a_request("pm_card_visa", "pay_first")))
    first = next(iter(stand_in.intents.values()))
    for number in range(2, 230):
        stand_in.intents[f"pi_{number:08d}"] = first | {"id": f"pi_{number:08d}", "metadata": {}}
    found = run(client.find(Lookup("pay_first.authorize.1")))
    assert found is not None
    assert found.reference == first["id"]


def test_promptpay_is_pending_with_its_code_and_then_paid_at_once(client: StripePayments, stand_in: StripeStandIn) -> None:
    waiting = run(client.authorize(a_request("", method="promptpay", market="th", email="anna@example.com")))
    assert (waiting.status, waiting.challenge_url) == (Result.PENDING, f"https://payments.example/qr/{waiting.reference}")
    stand_in.answer_challenge(waiting.reference, approved=True)
    held = run(client.held(waiting.reference))
    assert (held.outcome.paid, held.captured) == (True, 10_000)


def test_a_renewal_without_the_shopper_fails_where_the_bank_wants_the_shopper(client: StripePayments, stand_in: StripeStandIn) -> None:
    old = run(client.authorize(a_request("pm_card_authenticationRequired"))).reference
    stand_in.answer_challenge(old, approved=True)
    renewed = run(client.renew(old, usd(10_000), "pay_1.renew.1"))
    assert (renewed.status, renewed.code) == (Result.FAILED, "authentication_required")
    assert run(client.held(old)).outcome.status is Result.SUCCEEDED


def test_webhooks_are_read_as_hints_with_either_secret(client: StripePayments, stand_in: StripeStandIn) -> None:
    reference = run(client.authorize(a_request("pm_card_visa"))).reference
    run(client.capture(reference, usd(10_000), "pay_1.capture.1"))
    run(client.refund(reference, usd(100), "pay_1.refund.1"))
    read = [client.verify_webhook(*stand_in.signed(event)) for event in stand_in.events]
    assert [(event.kind, event.reference) for event in read] == [(EventKind.PAYMENT, reference)] * 2
    assert read[0].payment_id == "pay_1"


def test_a_webhook_that_is_old_or_changed_is_refused(client: StripePayments, stand_in: StripeStandIn) -> None:
    run(client.void(run(client.authorize(a_request("pm_card_visa"))).reference, "pay_1.void.1"))
    headers, body = stand_in.signed(stand_in.events[0])
    old, _ = stand_in.signed(stand_in.events[0], at=time.time() - 400)
    for sent, content in ((headers, body + b" "), (old, body)):
        with pytest.raises(WebhookIsNotAuthentic):
            client.verify_webhook(sent, content)


def test_a_dispute_tells_its_deadline_and_fee_and_takes_evidence(client: StripePayments, stand_in: StripeStandIn) -> None:
    reference = run(client.authorize(a_request("pm_card_createDispute"))).reference
    run(client.capture(reference, usd(10_000), "pay_1.capture.1"))
    news = client.verify_webhook(*stand_in.signed(stand_in.events[0])).dispute
    assert news is not None
    assert (news.status, news.amount, news.fee) == (DisputeStatus.NEEDS_RESPONSE, usd(10_000), 1500)
    assert news.evidence_due_at is not None
    run(client.submit_evidence(news.reference, {"order": "two lamps", "tracking": "TW1", "delivery": "winning_evidence"}, "key"))
    assert stand_in.disputes[news.reference]["evidence"]["shipping_tracking_number"] == "TW1"
    closed = client.verify_webhook(*stand_in.signed(stand_in.events[-1])).dispute
    assert closed is not None
    assert closed.status is DisputeStatus.WON


def test_a_refund_that_came_back_is_no_longer_held(client: StripePayments, stand_in: StripeStandIn) -> None:
    reference = run(client.authorize(a_request("pm_card_refundFail"))).reference
    run(client.capture(reference, usd(10_000), "pay_1.capture.1"))
    run(client.refund(reference, usd(400), "pay_1.refund.1"))
    stand_in.fail_refund("re_00000001")
    assert run(client.held(reference)).refunded == 0
    assert run(client.find(Lookup("pay_1.refund.1", OperationKind.REFUND, reference))).status is Result.FAILED


def test_a_secret_key_travels_over_https_only_and_a_test_key_counts_as_invented() -> None:
    with pytest.raises(InputIsInvalid, match="https"):
        StripePayments(SecretStr("sk_live_1"), [], url="http://stripe.example")
    assert StripePayments(SecretStr(KEY), []).capabilities.invented
    assert not StripePayments(SecretStr("sk_live_1"), []).capabilities.invented
