"""A payment provider that moves no money and behaves by magic tokens, so that every end of a payment can be tried and tested.

It is an adapter like any other: it keeps the same promises (tests/payments/conformance.py), and its bank remembers on its own side.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime

from tradewind.adapters.payments.fake_bank import AUTHORIZATION_DAYS, DISPUTE_FEE, Charge, FakeBank, Step, paid_at_once
from tradewind.kit import Clock, Currency, Money
from tradewind.payments import (
    AuthorizationRequest,
    Capabilities,
    CardFacts,
    DisputeNews,
    DisputeStatus,
    EventKind,
    Held,
    Lookup,
    OperationKind,
    PaymentOutcome,
    ProviderEvent,
    Result,
    WebhookIsNotAuthentic,
)

SLOW_SECONDS = 3
SIGNATURE_HEADER = "tradewind-fake-signature"
TOLERANCE_SECONDS = 300
METHODS = frozenset({"card", "apple_pay", "google_pay", "promptpay@th", "bank_qr@vn"})
CAPABILITIES = Capabilities(METHODS, multiple_captures=True, renew=True, authorization_days=AUTHORIZATION_DAYS, invented=True)
_LOST = PaymentOutcome(Result.UNKNOWN, code="no_answer", message="the answer was lost")


class FakePayments:
    """The fake provider over its bank. `page` is the address under which the shop serves the bank's page for challenges and QR codes."""

    name = "fake"

    def __init__(
        self, bank: FakeBank, clock: Clock, *, page: str, multiple_captures: bool = True, slow_seconds: float = SLOW_SECONDS
    ) -> None:
        self.bank = bank
        self.capabilities = replace(CAPABILITIES, multiple_captures=multiple_captures)
        self._clock, self._page, self._slow_seconds = clock, page, slow_seconds

    async def authorize(self, request: AuthorizationRequest) -> PaymentOutcome:
        """See PaymentProvider; what happens is told by the token (see TOKENS of the bank)."""
        behavior = request.instrument.partition(":")[0]
        if behavior == "tok_lost":
            return _LOST
        asked = {
            "key": request.key,
            "payment_id": request.payment_id,
            "amount": request.amount.minor,
            "currency": request.amount.currency.code,
            "method": request.method,
            "token": request.instrument,
            "return_url": request.return_url,
        }
        waits = behavior == "tok_challenge" or paid_at_once(request.method)
        charge = self.bank.authorize(asked, waits=waits, at=self._clock())
        if behavior == "tok_slow":
            await asyncio.sleep(self._slow_seconds)
        return _LOST if behavior == "tok_unknown" else self._outcome(charge)

    async def capture(self, reference: str, amount: Money, key: str) -> PaymentOutcome:
        """See PaymentProvider."""
        many = self.capabilities.multiple_captures
        return _ended(self.bank.capture(reference, amount.minor, amount.currency.code, key, many=many, at=self._clock()))

    async def void(self, reference: str, key: str) -> PaymentOutcome:
        """See PaymentProvider."""
        return _ended(self.bank.void(reference, key, at=self._clock()))

    async def refund(self, reference: str, amount: Money, key: str) -> PaymentOutcome:
        """See PaymentProvider."""
        return _ended(self.bank.refund(reference, amount.minor, amount.currency.code, key, at=self._clock()))

    async def renew(self, reference: str, amount: Money, key: str) -> PaymentOutcome:
        """See PaymentProvider; a token that would ask the shopper cannot be renewed without the shopper."""
        old = self.bank.charge(reference)
        if old is None:
            return PaymentOutcome(Result.FAILED, reference, "charge_unknown", f"there is no charge {reference}")
        asked = {"key": key, "payment_id": old.payment_id, "amount": amount.minor, "currency": amount.currency.code}
        asked |= {"method": old.method, "token": old.token, "return_url": old.return_url}
        made = self._outcome(self.bank.authorize(asked, waits=False, at=self._clock()))
        if made.status is Result.SUCCEEDED:
            self.bank.void(reference, f"{key}.old", at=self._clock())
        return made

    async def find(self, lookup: Lookup) -> PaymentOutcome | None:
        """See PaymentProvider."""
        if lookup.kind in {OperationKind.AUTHORIZE, OperationKind.RENEW}:
            charge = self.bank.charge_of(lookup.key)
            return self._outcome(charge) if charge is not None else None
        step = self.bank.step(lookup.key)
        return _ended(step) if step is not None else None

    async def held(self, reference: str) -> Held | None:
        """See PaymentProvider."""
        charge = self.bank.charge(reference)
        if charge is None:
            return None
        authorized = charge.amount if charge.state in {"authorized", "captured", "voided"} else 0
        return Held(self._outcome(charge), authorized, charge.captured, charge.refunded, voided=charge.state == "voided")

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> ProviderEvent:
        """See PaymentProvider."""
        parts = dict(part.partition("=")[::2] for part in headers.get(SIGNATURE_HEADER, "").split(","))
        moment, given = parts.get("t", ""), parts.get("v1", "")
        if not hmac.compare_digest(self._signature(moment, body), given):
            raise WebhookIsNotAuthentic("the webhook is not signed by the fake bank", hint="send what FakePayments.deliver sends")
        if not moment.isdigit() or abs(self._clock().timestamp() - int(moment)) > TOLERANCE_SECONDS:
            raise WebhookIsNotAuthentic("the webhook is too old", hint="send it again")
        event = json.loads(body)
        dispute = self._dispute(event["dispute"]) if event["dispute"] else None
        kind = EventKind.DISPUTE if dispute else EventKind.PAYMENT
        happened = datetime.fromisoformat(event["happened_at"])
        return ProviderEvent(event["id"], kind, f"fake.{kind}", event["charge"], event["payment_id"], happened, dispute)

    async def submit_evidence(self, dispute_reference: str, evidence: Mapping[str, str], key: str) -> PaymentOutcome:
        """See PaymentProvider."""
        del key  # the same evidence may come twice
        if self.bank.judge(dispute_reference, " ".join(evidence.values()), at=self._clock()):
            return PaymentOutcome(Result.SUCCEEDED, dispute_reference)
        return PaymentOutcome(Result.FAILED, dispute_reference, "dispute_unknown", "there is no such dispute")

    async def deliver(self, post: Callable[[Mapping[str, str], bytes], Awaitable[int]]) -> int:
        """Sends the webhooks that wait by `post(headers, body) -> HTTP status`, and gives how many arrived; the others wait on."""
        arrived = 0
        for event in self.bank.unsent():
            charge = self.bank.charge(event["charge"])
            body = {"id": event["event_id"], "charge": event["charge"], "payment_id": charge.payment_id if charge else ""}
            body |= {"dispute": event["dispute"], "happened_at": event["happened_at"]}
            content = json.dumps(body).encode()
            if 200 <= await post(self.signed(content), content) < 300:
                self.bank.sent(event["number"])
                arrived += 1
        return arrived

    def close(self) -> None:
        """Closes the bank's file."""
        self.bank.close()

    def signed(self, body: bytes) -> dict[str, str]:
        """The headers of a webhook with this body, sent now."""
        moment = str(int(self._clock().timestamp()))
        return {SIGNATURE_HEADER: f"t={moment},v1={self._signature(moment, body)}", "content-type": "application/json"}

    def _signature(self, moment: str, body: bytes) -> str:
        return hmac.new(self.bank.webhook_secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()

    def _dispute(self, reference: str) -> DisputeNews | None:
        row = self.bank.dispute(reference)
        if row is None:
            return None
        amount = Money(row["amount"], Currency(row["currency"]))
        due = datetime.fromisoformat(row["due_at"])
        return DisputeNews(reference, "fraudulent", amount, DisputeStatus(row["status"]), due, DISPUTE_FEE)

    def _outcome(self, charge: Charge) -> PaymentOutcome:
        until = datetime.fromisoformat(charge.authorized_until)
        if charge.state == "declined":
            return PaymentOutcome(Result.FAILED, charge.reference, charge.code, charge.message)
        if charge.state == "voided":
            return PaymentOutcome(Result.FAILED, charge.reference, "voided", "the authorization was given up")
        if charge.state == "waiting":
            said = "the bank waits for the shopper"
            return PaymentOutcome(Result.PENDING, charge.reference, "challenge", said, f"{self._page}/{charge.reference}")
        paid = paid_at_once(charge.method)
        return PaymentOutcome(
            Result.SUCCEEDED, charge.reference, authorized_until=None if paid else until, paid=paid, card=None if paid else _card(charge)
        )


def _card(charge: Charge) -> CardFacts:
    named = charge.token if ":" in charge.token else charge.payment_id
    fingerprint = hashlib.sha256(named.encode()).hexdigest()[:16]
    if charge.behavior == "tok_risky":
        return CardFacts(fingerprint, "visa", "0341", "ZZ", cvc_check="fail", postcode_check="fail")
    return CardFacts(fingerprint, "visa", "4242", "", cvc_check="pass", postcode_check="pass")


def _ended(step: Step) -> PaymentOutcome:
    return PaymentOutcome(Result(step.status), step.reference, step.code, step.message)
