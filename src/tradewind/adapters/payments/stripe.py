"""Payments through Stripe's official client: PaymentIntents with manual capture, refunds, disputes, signed webhooks.

The client blocks, so its calls run in threads of their own; their sessions outlive the event loop that asked.
Card data never comes here: what arrives is a token of Stripe's own fields.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from tradewind.adapters.payments.stripe_reading import card_of, event_of, evidence_of, outcome_of, refunded_by, said_by
from tradewind.kit import InputIsInvalid, Money
from tradewind.payments import (
    AuthorizationRequest,
    Capabilities,
    Held,
    Lookup,
    OperationKind,
    PaymentOutcome,
    ProviderEvent,
    Result,
    WebhookIsNotAuthentic,
)

STRIPE_URL = "https://api.stripe.com"
CONNECT_SECONDS, ANSWER_SECONDS, RETRIES, THREADS = 3, 12, 1, 8
AUTHORIZATION_DAYS = 7
TOLERANCE_SECONDS = 300
SIGNATURE_HEADER = "stripe-signature"
METHODS = frozenset({"card", "apple_pay", "google_pay", "promptpay@th"})
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# A call is looked for among the payments made around the time it was asked for: their list is exact, their search index lags.
_BEFORE, _AFTER, _PAGE, _PAGES = timedelta(minutes=5), timedelta(minutes=30), 100, 20
_KEY = "tradewind_key"


class StripePayments:
    """The provider "stripe". `webhook_secrets` may be several while one replaces another."""

    name = "stripe"

    def __init__(
        self,
        key: SecretStr,
        webhook_secrets: Sequence[SecretStr],
        *,
        url: str = STRIPE_URL,
        multiple_captures: bool = False,
        answer_seconds: int = ANSWER_SECONDS,
        retries: int = RETRIES,
    ) -> None:
        address = urlsplit(url)
        if address.scheme != "https" and address.hostname not in _LOOPBACK:
            raise InputIsInvalid(f'"{url}" is not an https address', hint="a secret key travels over https only")
        # With a test key no real money moves, whatever the rest of the shop believes.
        test = key.get_secret_value().startswith(("sk_test_", "rk_test_"))
        self.capabilities = Capabilities(
            METHODS, multiple_captures=multiple_captures, renew=True, authorization_days=AUTHORIZATION_DAYS, invented=test
        )
        self._key, self._secrets, self._url = key, tuple(webhook_secrets), url
        self._limits = (CONNECT_SECONDS, answer_seconds, retries)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="stripe")
        self._opened: Any = None

    async def authorize(self, request: AuthorizationRequest) -> PaymentOutcome:
        """See PaymentProvider."""
        body: dict[str, Any] = {
            "amount": request.amount.minor,
            "currency": request.amount.currency.code.lower(),
            "confirm": True,
            "return_url": request.return_url,
            "metadata": {_KEY: request.key, "payment_id": request.payment_id, "order_reference": request.order_reference},
            "expand": ["latest_charge"],
        }
        body |= self._promptpay(request) if request.method == "promptpay" else self._card(request)
        return await self._intent(lambda client: client.payment_intents.create(body, {"idempotency_key": request.key}))

    async def capture(self, reference: str, amount: Money, key: str) -> PaymentOutcome:
        """See PaymentProvider."""
        body: dict[str, Any] = {"amount_to_capture": amount.minor, "metadata": {_mark(key): str(amount.minor)}, "expand": ["latest_charge"]}
        if self.capabilities.multiple_captures:
            body["final_capture"] = False
        return await self._intent(lambda client: client.payment_intents.capture(reference, body, {"idempotency_key": key}))

    async def void(self, reference: str, key: str) -> PaymentOutcome:
        """See PaymentProvider."""
        outcome = await self._intent(lambda client: client.payment_intents.cancel(reference, {}, {"idempotency_key": key}))
        return PaymentOutcome(Result.SUCCEEDED, reference) if outcome.code == "voided" else outcome

    async def refund(self, reference: str, amount: Money, key: str) -> PaymentOutcome:
        """See PaymentProvider."""
        body = {"payment_intent": reference, "amount": amount.minor, "metadata": {_KEY: key}}
        answer = await self._call(lambda client: client.refunds.create(body, {"idempotency_key": key}))
        return answer if isinstance(answer, PaymentOutcome) else refunded_by(answer, reference)

    async def renew(self, reference: str, amount: Money, key: str) -> PaymentOutcome:
        """See PaymentProvider. The card was kept for this when it was first authorized; a bank that wants its owner says no."""
        old = await self._call(lambda client: client.payment_intents.retrieve(reference))
        if isinstance(old, PaymentOutcome):
            return old
        owner = await self._owner(old, key)
        if isinstance(owner, PaymentOutcome):
            return owner
        body = {
            "amount": amount.minor,
            "currency": amount.currency.code.lower(),
            "capture_method": "manual",
            "confirm": True,
            "off_session": True,
            "customer": owner,
            "payment_method": old.payment_method,
            "payment_method_types": ["card"],
            "metadata": {_KEY: key, "payment_id": old.metadata["payment_id"]},
            "expand": ["latest_charge"],
        }
        made = await self._intent(lambda client: client.payment_intents.create(body, {"idempotency_key": key}))
        if made.status is Result.SUCCEEDED:
            await self.void(reference, f"{key}.old")
        return made

    async def find(self, lookup: Lookup) -> PaymentOutcome | None:
        """See PaymentProvider. Authorizations are known by their metadata, captures by a mark, refunds by theirs."""
        if lookup.kind is OperationKind.REFUND:
            listed = await self._asked(lambda client: client.refunds.list({"payment_intent": lookup.reference, "limit": _PAGE}))
            found = next((one for one in listed.data if _meta(one, _KEY) == lookup.key), None)
            return refunded_by(found, lookup.reference) if found is not None else None
        if lookup.kind in {OperationKind.CAPTURE, OperationKind.VOID}:
            intent = await self._asked(lambda client: client.payment_intents.retrieve(lookup.reference))
            happened = intent.status == "canceled" if lookup.kind is OperationKind.VOID else bool(_meta(intent, _mark(lookup.key)))
            return PaymentOutcome(Result.SUCCEEDED, lookup.reference) if happened else None
        return await self._asked(lambda client: _listed(client, lookup))  # type: ignore[no-any-return]

    async def held(self, reference: str) -> Held | None:
        """See PaymentProvider."""
        answer = await self._call(lambda client: client.payment_intents.retrieve(reference, {"expand": ["latest_charge"]}))
        if isinstance(answer, PaymentOutcome):
            return None
        charge = answer.latest_charge
        authorized = int(answer.amount) if charge is not None and charge.status == "succeeded" else 0
        refunded = int(charge.amount_refunded) if charge is not None and charge.captured else 0
        return Held(outcome_of(answer), authorized, int(answer.amount_received), refunded, voided=answer.status == "canceled")

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> ProviderEvent:
        """See PaymentProvider."""
        import stripe

        given = headers.get(SIGNATURE_HEADER, "")
        for secret in self._secrets:
            try:
                event = stripe.Webhook.construct_event(body, given, secret.get_secret_value(), TOLERANCE_SECONDS)
                return event_of(event)
            except stripe.SignatureVerificationError:
                continue
            except (ValueError, KeyError, AttributeError, TypeError) as error:
                raise WebhookIsNotAuthentic(
                    f"the webhook cannot be read: {type(error).__name__}", hint="check Stripe's API version"
                ) from None
        raise WebhookIsNotAuthentic(
            "the webhook has no valid signature of Stripe", hint="set TRADEWIND_STRIPE_WEBHOOK_SECRET to the secret of this endpoint"
        )

    async def submit_evidence(self, dispute_reference: str, evidence: Mapping[str, str], key: str) -> PaymentOutcome:
        """See PaymentProvider."""
        body = {"evidence": evidence_of(evidence), "submit": True}
        answer = await self._call(lambda client: client.disputes.update(dispute_reference, body, {"idempotency_key": key}))
        return answer if isinstance(answer, PaymentOutcome) else PaymentOutcome(Result.SUCCEEDED, dispute_reference)

    def close(self) -> None:
        """Ends the threads and their connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._opened is not None:
            self._opened[1].close()
        self._opened = None

    def _card(self, request: AuthorizationRequest) -> dict[str, Any]:
        body: dict[str, Any] = {"capture_method": "manual", "payment_method_types": ["card"], **card_of(request.instrument)}
        if request.keep_instrument:
            body["setup_future_usage"] = "off_session"
        if self.capabilities.multiple_captures:
            body["payment_method_options"] = {"card": {"request_multicapture": "if_available"}}
        return body

    def _promptpay(self, request: AuthorizationRequest) -> dict[str, Any]:
        owner = {"billing_details": {"email": request.email}} if request.email else {}
        return {"payment_method_types": ["promptpay"], "payment_method_data": {"type": "promptpay", **owner}}

    async def _owner(self, intent: Any, key: str) -> Any:
        """The customer that the card belongs to; one is made when it was kept without."""
        if intent.customer:
            return intent.customer
        if not intent.payment_method:
            return PaymentOutcome(Result.FAILED, intent.id, "no_instrument", "the card was not kept")
        made = await self._call(lambda client: client.customers.create({}, {"idempotency_key": f"{key}.customer"}))
        if isinstance(made, PaymentOutcome):
            return made
        attach = {"customer": made.id}
        kept = await self._call(
            lambda client: client.payment_methods.attach(intent.payment_method, attach, {"idempotency_key": f"{key}.attach"})
        )
        return kept if isinstance(kept, PaymentOutcome) else made.id

    async def _intent(self, call: Callable[[Any], Any]) -> PaymentOutcome:
        answer = await self._call(call)
        return answer if isinstance(answer, PaymentOutcome) else outcome_of(answer)

    async def _call(self, call: Callable[[Any], Any]) -> Any:
        """Stripe's answer, or the outcome that its error is."""
        import stripe

        try:
            return await self._asked(call)
        except stripe.StripeError as error:
            return said_by(error, self._key.get_secret_value())

    async def _asked(self, call: Callable[[Any], Any]) -> Any:
        """Stripe's answer; its errors are raised, so that a question that failed is never taken for a no."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: call(self._client()))

    def _client(self) -> Any:
        if self._opened is None:
            import stripe

            # The client's own log holds whole answers, and a refused key is quoted in them.
            logging.getLogger("stripe").setLevel(logging.CRITICAL)
            connect, answer, retries = self._limits
            http = stripe.RequestsClient(timeout=(connect, answer))
            client = stripe.StripeClient(
                self._key.get_secret_value(), base_addresses={"api": self._url}, max_network_retries=retries, http_client=http
            )
            self._opened = (client.v1, http)
        return self._opened[0]


def _listed(client: Any, lookup: Lookup) -> PaymentOutcome | None:
    asked = lookup.asked_at or datetime.now(UTC)
    window = {"gte": int((asked - _BEFORE).timestamp()), "lte": int((asked + _AFTER).timestamp())}
    query: dict[str, Any] = {"limit": _PAGE, "created": window, "expand": ["data.latest_charge"]}
    for _ in range(_PAGES):
        page = client.payment_intents.list(query)
        for intent in page.data:
            if _meta(intent, _KEY) == lookup.key:
                return outcome_of(intent)
        if not page.has_more:
            return None
        query = {**query, "starting_after": page.data[-1].id}
    raise LookupError("too many payments were made around that time")


def _meta(thing: Any, name: str) -> str:
    metadata = thing.metadata
    return str(metadata[name]) if metadata is not None and name in metadata else ""


def _mark(key: str) -> str:
    """The name under which a capture is remembered: its kind and number, such as capture_1."""
    return "_".join(key.rsplit(".", 2)[-2:])
