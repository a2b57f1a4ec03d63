"""What Stripe's answers, errors and events mean in our words."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tradewind.kit import Currency, Money
from tradewind.payments import CardFacts, DisputeNews, DisputeStatus, EventKind, PaymentOutcome, ProviderEvent, Result

_AUTHORIZATION_DAYS = 7
_HIDDEN = "(hidden)"
_DISPUTES = {
    "warning_needs_response": DisputeStatus.NEEDS_RESPONSE,
    "warning_under_review": DisputeStatus.UNDER_REVIEW,
    "warning_closed": DisputeStatus.CLOSED,
    "prevented": DisputeStatus.CLOSED,
    "needs_response": DisputeStatus.NEEDS_RESPONSE,
    "under_review": DisputeStatus.UNDER_REVIEW,
    "won": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
}
_REFUNDS = {"succeeded": Result.SUCCEEDED, "pending": Result.PENDING, "requires_action": Result.PENDING}
# Our names of a piece of evidence, and Stripe's; the rest goes into its field for free words.
_EVIDENCE = {
    "order": "product_description",
    "carrier": "shipping_carrier",
    "tracking": "shipping_tracking_number",
    "shipped_on": "shipping_date",
    "address": "shipping_address",
    "customer": "customer_name",
    "policy": "refund_policy_disclosure",
}


def card_of(instrument: str) -> dict[str, Any]:
    """What pays, as Stripe's API takes it: the id of a payment method or of a token, or the token object that Google Pay encloses."""
    token = instrument
    if instrument.startswith("{"):
        try:
            found = json.loads(instrument)
        except (ValueError, RecursionError):
            found = {}
        token = found["id"] if isinstance(found, dict) and isinstance(found.get("id"), str) else ""
    if token.startswith("tok_"):
        return {"payment_method_data": {"type": "card", "card": {"token": token}}}
    return {"payment_method": token}


def outcome_of(intent: Any) -> PaymentOutcome:
    """A PaymentIntent as the end of a call; its `latest_charge` is expanded."""
    reference, status = str(intent.id), str(intent.status)
    if status in {"requires_capture", "succeeded"}:
        card = _card(intent.latest_charge)
        paid = intent.capture_method != "manual"
        return PaymentOutcome(Result.SUCCEEDED, reference, authorized_until=None if paid else _until(intent), paid=paid, card=card)
    if status in {"requires_action", "processing", "requires_confirmation"}:
        return PaymentOutcome(Result.PENDING, reference, status, "the shopper or the bank has something to do", _challenge(intent))
    if status == "canceled":
        return PaymentOutcome(Result.FAILED, reference, "voided", "the authorization was given up")
    error = intent.last_payment_error
    code = getattr(error, "decline_code", None) or getattr(error, "code", None) or "declined"
    return PaymentOutcome(Result.FAILED, reference, str(code), str(getattr(error, "message", None) or "the payment was declined"))


def refunded_by(refund: Any, reference: str) -> PaymentOutcome:
    """A Refund as the end of a call."""
    status = _REFUNDS.get(str(refund.status), Result.FAILED)
    reason = str(getattr(refund, "failure_reason", None) or refund.status)
    return PaymentOutcome(status, reference, "" if status is Result.SUCCEEDED else reason, "" if status is Result.SUCCEEDED else reason)


def said_by(error: Any, key: str) -> PaymentOutcome:
    """An error of the client as the end of a call: what surely had no effect failed, everything else is unknown."""
    import stripe

    message = str(error.user_message or error).replace(key, _HIDDEN)
    if isinstance(error, stripe.CardError):
        about = error.error
        intent = getattr(about, "payment_intent", None)
        code = getattr(about, "decline_code", None) or error.code
        return PaymentOutcome(Result.FAILED, str(intent["id"]) if intent else "", str(code or "declined"), message)
    in_use = isinstance(error, stripe.IdempotencyError) and error.http_status == 409
    refused = stripe.InvalidRequestError | stripe.AuthenticationError | stripe.PermissionError | stripe.IdempotencyError
    if isinstance(error, refused) and not in_use:
        return PaymentOutcome(Result.FAILED, "", str(error.code or "refused"), message)
    return PaymentOutcome(Result.UNKNOWN, "", "no_answer", message)


def event_of(event: Any) -> ProviderEvent:
    """A webhook's event, read only as far as a hint: which payment to ask about, or what became of a dispute."""
    name, thing = str(event.type), event.data.object
    occurred = datetime.fromtimestamp(int(event.created), UTC)
    if name.startswith("charge.dispute."):
        news = _dispute(thing)
        return ProviderEvent(str(event.id), EventKind.DISPUTE, name, str(thing.payment_intent or ""), "", occurred, news)
    if name.startswith("payment_intent."):
        return ProviderEvent(str(event.id), EventKind.PAYMENT, name, str(thing.id), _payment_id(thing), occurred)
    if name.startswith(("refund.", "charge.")) and getattr(thing, "payment_intent", None):
        return ProviderEvent(str(event.id), EventKind.PAYMENT, name, str(thing.payment_intent), "", occurred)
    return ProviderEvent(str(event.id), EventKind.OTHER, name, "", "", occurred)


def evidence_of(evidence: Mapping[str, str]) -> dict[str, str]:
    """Our evidence pack in Stripe's fields."""
    known = {_EVIDENCE[name]: text for name, text in evidence.items() if name in _EVIDENCE and text}
    rest = "\n".join(f"{name}: {text}" for name, text in evidence.items() if name not in _EVIDENCE and text)
    return {**known, **({"uncategorized_text": rest} if rest else {})}


def _dispute(thing: Any) -> DisputeNews:
    due = thing.evidence_details.due_by if thing.evidence_details else None
    amount = Money(int(thing.amount), Currency(str(thing.currency).upper()))
    # A lost fee comes back as a negative one when a dispute is won; only what was taken counts here.
    fee = sum(int(one.fee) for one in (thing.balance_transactions or []) if int(one.fee) > 0)
    status = _DISPUTES.get(str(thing.status), DisputeStatus.NEEDS_RESPONSE)
    inquiry = str(thing.status).startswith("warning_")
    due_at = datetime.fromtimestamp(int(due), UTC) if due else None
    return DisputeNews(str(thing.id), str(thing.reason), amount, status, due_at, fee, is_inquiry=inquiry)


def _payment_id(thing: Any) -> str:
    metadata = thing.metadata
    return str(metadata["payment_id"]) if metadata is not None and "payment_id" in metadata else ""


def _until(intent: Any) -> datetime:
    details = getattr(intent.latest_charge, "payment_method_details", None)
    card = getattr(details, "card", None)
    before = getattr(card, "capture_before", None)
    made = datetime.fromtimestamp(int(intent.created), UTC)
    return datetime.fromtimestamp(int(before), UTC) if before else made + timedelta(days=_AUTHORIZATION_DAYS)


def _card(charge: Any) -> CardFacts | None:
    card = getattr(getattr(charge, "payment_method_details", None), "card", None)
    if card is None:
        return None
    checks = getattr(card, "checks", None)
    return CardFacts(
        str(card.fingerprint or ""),
        str(card.brand or ""),
        str(card.last4 or ""),
        str(card.country or ""),
        str(getattr(checks, "cvc_check", None) or ""),
        str(getattr(checks, "address_postal_code_check", None) or ""),
    )


def _challenge(intent: Any) -> str | None:
    action = intent.next_action
    if action is None:
        return None
    if action.type == "redirect_to_url":
        return str(action.redirect_to_url.url)
    if action.type == "promptpay_display_qr_code":
        return str(action.promptpay_display_qr_code.hosted_instructions_url)
    return None
