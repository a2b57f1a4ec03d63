"""A session as the JSON in which it is stored, and back. Written out by hand: it is done three times in every purchase."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from tradewind.checkout.model import (
    Allocation,
    AppliedDiscount,
    Buyer,
    CheckoutSession,
    CheckoutStatus,
    DeliveryOption,
    Destination,
    Message,
    PaymentSummary,
    PriceLine,
    SessionLine,
    Severity,
    Total,
)
from tradewind.db import Sealer, SealIsBroken

_LINE = SessionLine.__struct_fields__
_DESTINATION = tuple(Destination.__dataclass_fields__)
_PLAIN = (
    "session_id",
    "business",
    "market",
    "language",
    "currency",
    "version",
    "selected_option",
    "tax_included",
    "order_id",
    "cart_id",
    "raised",
    "return_days",
    "priced_by",
)
_PRICE_LINE = PriceLine.__struct_fields__
# What msgspec writes as `as_json` does; the rest has a form of its own.
_WHOLE = (*_PLAIN, "status", "lines", "buyer", "destination", "options", "codes", "messages", "payment", "price_lines", "source", "claims")


_encoder = msgspec.json.Encoder()


# What names a person, in a session and in the order that it becomes.
PERSONAL = ("buyer", "destination")


def dumped(session: CheckoutSession, keys: Sealer | None) -> str:
    """The session as JSON text; who buys, and where, is sealed where there are keys."""
    found = _shallow(session)
    if keys is not None:
        found["sealed"] = keys.seal_json([found.pop(name) for name in PERSONAL], _context(found))
    return _encoder.encode(found).decode()


def dumped_bytes(session: CheckoutSession) -> bytes:
    """The session as JSON in UTF-8, open, for whoever may see it."""
    return _encoder.encode(_shallow(session))


def _shallow(session: CheckoutSession) -> dict[str, Any]:
    """The same values as `as_json`; the deeper parts are as they were, because msgspec writes them faster than Python copies them."""
    found: dict[str, Any] = {name: getattr(session, name) for name in _WHOLE}
    found["totals"] = [(one.type, one.amount) for one in session.totals]
    found["applied"] = [_discount(one) for one in session.applied]
    found["created_at"], found["expires_at"] = session.created_at.isoformat(), session.expires_at.isoformat()
    return found


def as_json(session: CheckoutSession) -> dict[str, Any]:
    """The session as plain JSON values."""
    buyer, destination, payment = session.buyer, session.destination, session.payment
    found: dict[str, Any] = {name: getattr(session, name) for name in _PLAIN}
    found["status"] = session.status.value
    found["lines"] = [{name: getattr(line, name) for name in _LINE} for line in session.lines]
    found["buyer"] = {"email": buyer.email, "name": buyer.name, "phone": buyer.phone, "consent": dict(buyer.consent)}
    found["destination"] = {name: getattr(destination, name) for name in _DESTINATION} if destination is not None else None
    found["options"] = [
        {
            "option_id": one.option_id,
            "price": one.price,
            "earliest": one.earliest.isoformat(),
            "latest": one.latest.isoformat(),
            "lanes": one.lanes,
        }
        for one in session.options
    ]
    found["codes"] = session.codes
    found["applied"] = [_discount(one) for one in session.applied]
    found["totals"] = [[one.type, one.amount] for one in session.totals]
    found["messages"] = [
        {"type": one.type, "code": one.code, "path": one.path, "params": dict(one.params), "severity": one.severity.value}
        for one in session.messages
    ]
    found["payment"] = (
        {"payment_id": payment.payment_id, "method": payment.method, "status": payment.status, "challenge_url": payment.challenge_url}
        if payment is not None
        else None
    )
    found["price_lines"] = [{name: getattr(one, name) for name in _PRICE_LINE} for one in session.price_lines]
    found["source"], found["claims"] = dict(session.source), session.claims
    found["created_at"], found["expires_at"] = session.created_at.isoformat(), session.expires_at.isoformat()
    return found


def _discount(one: AppliedDiscount) -> dict[str, Any]:
    found: dict[str, Any] = {
        "promotion_id": one.promotion_id,
        "code": one.code,
        "title": one.title,
        "amount": one.amount,
        "on_fulfillment": one.on_fulfillment,
        "allocations": [[part.line_id, part.amount] for part in one.allocations],
    }
    return found | {"eligibility": one.eligibility} if one.eligibility is not None else found


def session_from(body: Mapping[str, Any], keys: Sealer | None = None) -> CheckoutSession:
    """The session that JSON values hold, sealed or not. SealIsBroken."""
    if "sealed" in body:
        if keys is None:
            raise SealIsBroken(f"{_context(body)} is sealed, and this database was opened without keys", hint="open it with its settings")
        body = {**body, **dict(zip(PERSONAL, keys.open_json(body["sealed"], _context(body)), strict=True))}
    destination, payment = body["destination"], body["payment"]
    return CheckoutSession(
        **{name: body[name] for name in _PLAIN if name in body},
        status=CheckoutStatus(body["status"]),
        lines=tuple(SessionLine(**line) for line in body["lines"]),
        buyer=Buyer(**body["buyer"]),
        destination=Destination(**{**destination, "lines": tuple(destination["lines"])}) if destination is not None else None,
        options=tuple(
            DeliveryOption(
                one["option_id"], one["price"], date.fromisoformat(one["earliest"]), date.fromisoformat(one["latest"]), tuple(one["lanes"])
            )
            for one in body["options"]
        ),
        codes=tuple(body["codes"]),
        applied=tuple(
            AppliedDiscount(**{**one, "allocations": tuple(Allocation(line_id, amount) for line_id, amount in one["allocations"])})
            for one in body["applied"]
        ),
        totals=tuple(Total(kind, amount) for kind, amount in body["totals"]),
        messages=tuple(Message(**{**one, "severity": Severity(one["severity"])}) for one in body["messages"]),
        payment=PaymentSummary(**payment) if payment is not None else None,
        price_lines=tuple(PriceLine(**{**one, "rule_ids": tuple(one["rule_ids"])}) for one in body["price_lines"]),
        source=body["source"],
        claims=tuple(body.get("claims", ())),
        created_at=datetime.fromisoformat(body["created_at"]),
        expires_at=datetime.fromisoformat(body["expires_at"]),
    )


def resealed(body: Any, keys: Sealer) -> dict[str, Any] | None:
    """The stored body under the newest key; None when nothing is to be done, or it is no session's."""
    if not isinstance(body, dict) or "session_id" not in body:
        return None
    sealed = body.get("sealed")
    if sealed is not None and keys.is_current_json(sealed):
        return None
    known = dict(body) if sealed is None else {**body, **dict(zip(PERSONAL, keys.open_json(sealed, _context(body)), strict=True))}
    if not known.keys() >= set(PERSONAL):
        return None
    known["sealed"] = keys.seal_json([known.pop(name) for name in PERSONAL], _context(body))
    return known


def _context(body: Mapping[str, Any]) -> str:
    return f"checkout.person/{body['session_id']}"
