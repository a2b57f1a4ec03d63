"""The things of Stripe's wire format that its stand-in makes: charges, disputes, errors; and Stripe's magic test tokens."""

from collections.abc import Mapping
from typing import Any

_DAY = 86_400
DECLINES = {
    "pm_card_chargeDeclined": ("generic_decline", "Your card was declined."),
    "pm_card_visa_chargeDeclined": ("generic_decline", "Your card was declined."),
    "pm_card_chargeDeclinedInsufficientFunds": ("insufficient_funds", "Your card has insufficient funds."),
}
OF_TOKENS = {"tok_visa": "pm_card_visa"}
"""The payment method that becomes of a token."""
KNOWN_TOKENS = frozenset(
    {
        *DECLINES,
        "pm_card_visa",
        "pm_card_mastercard",
        "pm_card_authenticationRequired",
        "pm_card_createDispute",
        "pm_card_refundFail",
        "pm_card_cvcCheckFail",
        "pm_stand_in_answerLost",
        "pm_stand_in_refundRefused",
    }
)


def new_charge(intent: Mapping[str, Any], at: int) -> dict[str, Any]:
    """A charge of a PaymentIntent, with what the network told of its card."""
    wrong = intent["payment_method"] == "pm_card_cvcCheckFail"
    card = {
        "brand": "visa",
        "last4": "4242",
        "country": "US",
        "fingerprint": f"fp_{intent['payment_method']}",
        "capture_before": at + 7 * _DAY,
        "checks": {"cvc_check": "fail" if wrong else "pass", "address_postal_code_check": "pass"},
    }
    details = {"type": "card", "card": card} if intent["payment_method"] else {"type": "promptpay", "promptpay": {}}
    return {
        "id": f"ch_{intent['id'][3:]}",
        "object": "charge",
        "status": "succeeded",
        "amount": intent["amount"],
        "captured": False,
        "amount_captured": 0,
        "amount_refunded": 0,
        "payment_intent": intent["id"],
        "payment_method_details": details,
    }


def authorize_charge(intent: dict[str, Any], charge: dict[str, Any]) -> None:
    """The charge stands: waiting for its capture, or paid where nothing is captured by hand."""
    intent["latest_charge"] = charge
    if intent["capture_method"] == "manual":
        intent["status"] = "requires_capture"
        return
    intent |= {"status": "succeeded", "amount_received": intent["amount"]}
    charge |= {"captured": True, "amount_captured": intent["amount"]}


def dispute_of(intent: Mapping[str, Any], due: int) -> dict[str, Any]:
    """A dispute of all that was captured, with its fee."""
    return {
        "id": f"dp_{intent['id'][3:]}",
        "object": "dispute",
        "amount": intent["amount_received"],
        "currency": intent["currency"],
        "reason": "fraudulent",
        "status": "needs_response",
        "payment_intent": intent["id"],
        "evidence": {},
        "evidence_details": {"due_by": due, "has_evidence": False, "submission_count": 0},
        "balance_transactions": [{"object": "balance_transaction", "amount": -intent["amount_received"], "fee": 1500}],
    }


def nested(fields: Mapping[str, str], name: str) -> dict[str, str]:
    """The fields of a nested form value: nested({"metadata[a]": "1"}, "metadata") is {"a": "1"}."""
    start = f"{name}["
    return {key[len(start) : -1]: value for key, value in fields.items() if key.startswith(start)}


def error(kind: str, message: str, code: str = "") -> dict[str, Any]:
    """An error as Stripe answers it."""
    return {"error": {"type": kind, "message": message, **({"code": code} if code else {})}}
