"""A stand-in for Stripe's payments on the wire: PaymentIntents, refunds, disputes, customers and signed webhooks, on loopback.

It answers with Stripe's fields and errors, keeps answers by idempotency key as the provider does, knows Stripe's magic test tokens, and can be
told to fail. Tokens that begin with `pm_stand_in_` are its own. It moves no money.
"""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tradewind.emulators.answering import serve_json
from tradewind.emulators.stripe_things import DECLINES, KNOWN_TOKENS, OF_TOKENS, authorize_charge, dispute_of, error, nested, new_charge

LOST = -1  # as a fault: does what was asked and closes the connection unanswered
_PAGE = 100
_DAY = 86_400
Fields = Mapping[str, str]


@dataclass
class StripeStandIn:
    """What it knows and remembers. `faults`: HTTP statuses to answer POSTs with, one each; LOST does the work and says nothing."""

    key: str
    webhook_secret: str = "whsec_stand_in"  # noqa: S105 - of a stand-in
    multicapture: bool = False
    seconds: Callable[[], float] = time.time
    faults: list[int] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    intents: dict[str, dict[str, Any]] = field(default_factory=dict)
    charges: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    disputes: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    _answers: dict[str, tuple[str, int, dict[str, Any]]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: str) -> tuple[int, dict[str, Any]] | None:
        """The status and JSON of a request; None closes the connection unanswered."""
        with self._lock:
            address = urlsplit(target)
            fields = dict(parse_qsl(body or address.query))
            self.requests.append({"method": method, "path": address.path, "fields": fields, "key": headers.get("Idempotency-Key", "")})
            if headers.get("Authorization") != f"Bearer {self.key}":
                return 401, error("invalid_request_error", "Invalid API Key provided")
            if method == "GET":
                return self._read(address.path, fields)
            fault = self.faults.pop(0) if self.faults else 0
            if fault > 0:
                return fault, error("api_error" if fault >= 500 else "invalid_request_error", f"a fault of {fault}")
            done = self._once(headers.get("Idempotency-Key", ""), address.path, fields)
            silent = fault == LOST or fields.get("payment_method") == "pm_stand_in_answerLost"
            return None if silent else done

    def answer_challenge(self, intent_id: str, *, approved: bool) -> None:
        """What the shopper does at the challenge or with the code to pay."""
        with self._lock:
            intent = self.intents[intent_id]
            intent["next_action"] = None
            if not approved:
                intent |= {"status": "requires_payment_method", "last_payment_error": _failed_challenge()}
                self._tell("payment_intent.payment_failed", intent)
                return
            self._charge(intent)
            name = "succeeded" if intent["status"] == "succeeded" else "amount_capturable_updated"
            self._tell(f"payment_intent.{name}", intent)

    def signed(self, event: Mapping[str, Any], *, at: float | None = None) -> tuple[dict[str, str], bytes]:
        """The headers and body of a webhook as Stripe signs it."""
        body = json.dumps(event).encode()
        moment = str(int(self.seconds() if at is None else at))
        signature = hmac.new(self.webhook_secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
        return {"stripe-signature": f"t={moment},v1={signature}", "content-type": "application/json"}, body

    def _once(self, key: str, path: str, fields: Fields) -> tuple[int, dict[str, Any]]:
        asked = json.dumps([path, fields], sort_keys=True)
        if key in self._answers:
            before, status, answer = self._answers[key]
            if before == asked:
                return status, answer
            return 400, error("idempotency_error", "Keys for idempotent requests can only be used with the same parameters")
        status, answer = self._write(path, fields)
        if key:
            # What was answered stays as it was, whatever becomes of the thing.
            self._answers[key] = (asked, status, json.loads(json.dumps(answer)))
        return status, answer

    def _write(self, path: str, fields: Fields) -> tuple[int, dict[str, Any]]:
        parts = path.removeprefix("/v1/").split("/")
        whole: dict[str, Callable[[Fields], tuple[int, dict[str, Any]]]] = {
            "payment_intents": self._create,
            "refunds": self._refund,
            "customers": lambda _fields: (200, {"id": f"cus_{len(self.requests)}", "object": "customer"}),
        }
        if len(parts) == 1 and parts[0] in whole:
            return whole[parts[0]](fields)
        if parts[0] == "payment_methods" and parts[2:] == ["attach"]:
            return 200, {"id": parts[1], "object": "payment_method", "customer": fields["customer"]}
        if parts[0] == "disputes":
            return self._evidence(parts[1], fields)
        intent = self.intents.get(parts[1]) if parts[0] == "payment_intents" and len(parts) == 3 else None
        if intent is None:
            return 404, error("invalid_request_error", f"Unrecognized request URL (POST: {path})")
        return self._capture(intent, fields) if parts[2] == "capture" else self._cancel(intent)

    def _read(self, path: str, fields: Fields) -> tuple[int, dict[str, Any]]:
        parts = path.removeprefix("/v1/").split("/")
        if parts == ["payment_intents"]:
            first, last = int(fields.get("created[gte]", "0")), int(fields.get("created[lte]", str(2**40)))
            return self._page([one for one in reversed(self.intents.values()) if first <= one["created"] <= last], fields)
        if parts == ["refunds"]:
            return self._page([one for one in self.refunds.values() if one["payment_intent"] == fields.get("payment_intent")], fields)
        held = {"payment_intents": self.intents, "disputes": self.disputes}.get(parts[0], {})
        if len(parts) == 2 and parts[1] in held:
            return 200, held[parts[1]]
        return 404, error("invalid_request_error", f"No such {parts[0].removesuffix('s')}: '{parts[-1]}'", "resource_missing")

    def _page(self, found: list[dict[str, Any]], fields: Fields) -> tuple[int, dict[str, Any]]:
        ids = [one["id"] for one in found]
        start = ids.index(fields["starting_after"]) + 1 if fields.get("starting_after") in ids else 0
        size = min(int(fields.get("limit", "10")), _PAGE)
        return 200, {"object": "list", "url": "", "data": found[start : start + size], "has_more": len(found) > start + size}

    def _create(self, fields: Fields) -> tuple[int, dict[str, Any]]:
        token, kind = fields.get("payment_method", ""), fields.get("payment_method_types[0]", "card")
        token = token or OF_TOKENS.get(fields.get("payment_method_data[card][token]", ""), "")
        if kind == "card" and token not in KNOWN_TOKENS:
            return 400, error("invalid_request_error", f"No such PaymentMethod: '{token}'", "resource_missing")
        number = len(self.intents) + 1
        intent: dict[str, Any] = {
            "id": f"pi_{number:08d}",
            "object": "payment_intent",
            "amount": int(fields["amount"]),
            "amount_received": 0,
            "currency": fields["currency"],
            "capture_method": fields.get("capture_method", "automatic"),
            "payment_method": token or None,
            "customer": fields.get("customer"),
            "created": int(self.seconds()),
            "metadata": nested(fields, "metadata"),
            "latest_charge": None,
            "last_payment_error": None,
            "next_action": None,
            "status": "requires_confirmation",
        }
        self.intents[intent["id"]] = intent
        if token in DECLINES:
            return self._declined(intent, *DECLINES[token])
        if kind == "promptpay" or (token == "pm_card_authenticationRequired" and fields.get("off_session") != "true"):  # noqa: S105
            intent |= {"status": "requires_action", "next_action": _action(kind, intent["id"])}
            return 200, intent
        if token == "pm_card_authenticationRequired":  # noqa: S105
            return self._declined(intent, "authentication_required", "This transaction requires authentication.")
        self._charge(intent)
        return 200, intent

    def _declined(self, intent: dict[str, Any], code: str, message: str) -> tuple[int, dict[str, Any]]:
        about = {"type": "card_error", "code": "card_declined", "decline_code": code, "message": message}
        intent |= {"status": "requires_payment_method", "last_payment_error": about}
        return 402, {"error": {**about, "payment_intent": dict(intent)}}

    def _charge(self, intent: dict[str, Any]) -> None:
        charge = new_charge(intent, int(self.seconds()))
        self.charges[charge["id"]] = charge
        authorize_charge(intent, charge)

    def _capture(self, intent: dict[str, Any], fields: Fields) -> tuple[int, dict[str, Any]]:
        amount, left = int(fields.get("amount_to_capture", intent["amount"])), intent["amount"] - intent["amount_received"]
        if intent["status"] != "requires_capture":
            message = f"This PaymentIntent could not be captured because it has a status of {intent['status']}."
            return 400, error("invalid_request_error", message, "payment_intent_unexpected_state")
        if amount > left:
            return 400, error("invalid_request_error", "The amount to capture is greater than the amount authorized.", "amount_too_large")
        if fields.get("final_capture") == "false" and not self.multicapture:
            return 400, error("invalid_request_error", "This account does not support multicapture.", "parameter_unknown")
        many = fields.get("final_capture") == "false" and amount < left
        intent["amount_received"] += amount
        intent["metadata"] |= nested(fields, "metadata")
        intent["status"] = "requires_capture" if many else "succeeded"
        intent["latest_charge"] |= {"captured": True, "amount_captured": intent["amount_received"]}
        if intent["payment_method"] == "pm_card_createDispute":
            dispute = dispute_of(intent, int(self.seconds()) + 7 * _DAY)
            self.disputes[dispute["id"]] = dispute
            self._tell("charge.dispute.created", dispute)
        self._tell("payment_intent.succeeded", intent)
        return 200, intent

    def _cancel(self, intent: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if intent["status"] not in {"requires_capture", "requires_action", "requires_payment_method"} or intent["amount_received"]:
            message = f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}."
            return 400, error("invalid_request_error", message, "payment_intent_unexpected_state")
        intent["status"] = "canceled"
        self._tell("payment_intent.canceled", intent)
        return 200, intent

    def _refund(self, fields: Fields) -> tuple[int, dict[str, Any]]:
        intent = self.intents[fields["payment_intent"]]
        charge, amount = intent["latest_charge"], int(fields["amount"])
        left = charge["amount_captured"] - charge["amount_refunded"] if charge else 0
        if amount > left:
            return 400, error(
                "invalid_request_error", f"Refund amount is greater than unrefunded amount on charge ({left}).", "charge_refund"
            )
        refused = intent["payment_method"] == "pm_stand_in_refundRefused"
        made = {
            "id": f"re_{len(self.refunds) + 1:08d}",
            "object": "refund",
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "metadata": nested(fields, "metadata"),
            "status": "failed" if refused else "succeeded",
            "failure_reason": "lost_or_stolen_card" if refused else None,
        }
        self.refunds[made["id"]] = made
        if not refused:
            charge["amount_refunded"] += amount
            self._tell("refund.created", made)
        return 200, made

    def fail_refund(self, refund_id: str) -> None:
        """A refund that had succeeded comes back from the shopper's bank, as with Stripe's token pm_card_refundFail."""
        with self._lock:
            refund = self.refunds[refund_id]
            refund |= {"status": "failed", "failure_reason": "lost_or_stolen_card"}
            self.intents[refund["payment_intent"]]["latest_charge"]["amount_refunded"] -= refund["amount"]
            self._tell("refund.failed", refund)

    def _evidence(self, dispute_id: str, fields: Fields) -> tuple[int, dict[str, Any]]:
        dispute = self.disputes[dispute_id]
        dispute["evidence"] = nested(fields, "evidence")
        words = " ".join(dispute["evidence"].values())
        dispute["status"] = "won" if "winning_evidence" in words else "lost" if "losing_evidence" in words else "under_review"
        self._tell("charge.dispute.closed" if dispute["status"] in {"won", "lost"} else "charge.dispute.updated", dispute)
        return 200, dispute

    def _tell(self, name: str, thing: Mapping[str, Any]) -> None:
        event = {"id": f"evt_{len(self.events) + 1:08d}", "object": "event", "type": name, "created": int(self.seconds())}
        self.events.append(event | {"api_version": "2026-10-28.endive", "data": {"object": json.loads(json.dumps(thing))}})


@contextmanager
def serve_stripe(provider: StripeStandIn) -> Iterator[str]:
    """Answers on a free loopback port while the block runs; gives the address."""
    with serve_json(provider.answer) as address:
        yield address


def _action(kind: str, intent_id: str) -> dict[str, Any]:
    if kind == "promptpay":
        page = {"hosted_instructions_url": f"https://payments.example/qr/{intent_id}", "data": "00020101", "image_url_png": ""}
        return {"type": "promptpay_display_qr_code", "promptpay_display_qr_code": page}
    return {"type": "redirect_to_url", "redirect_to_url": {"url": f"https://hooks.example/3d_secure/{intent_id}", "return_url": ""}}


def _failed_challenge() -> dict[str, Any]:
    message = "We are unable to authenticate your payment method."
    return {"type": "card_error", "code": "payment_intent_authentication_failure", "message": message}
