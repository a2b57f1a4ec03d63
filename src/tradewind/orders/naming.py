"""What of an order names a person: sealed where the database has keys, and found by a keyed digest of the e-mail."""

from collections.abc import Mapping
from typing import Any

import msgspec

from tradewind.db import Sealer, SealIsBroken

PERSONAL = ("buyer", "destination")
NOBODY: Mapping[str, Any] = {"buyer": {}, "destination": {}}
"""What stands in an order that does not name its buyer any more."""


def named(keys: Sealer | None, order_id: str, email: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The columns email, email_digest and body of an order."""
    if keys is None:
        return {"email": email, "email_digest": None, "body": _text(facts)}
    kept = {name: value for name, value in facts.items() if name not in PERSONAL}
    kept["sealed"] = keys.seal_json([email, *(facts.get(name) for name in PERSONAL)], _context(order_id))
    return {"email": None, "email_digest": email_digest(keys, email), "body": _text(kept)}


def opened(keys: Sealer | None, row: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The e-mail and the facts of an order's row, sealed or not; an empty e-mail when the order names nobody any more. SealIsBroken."""
    body = dict(row["body"])
    sealed = body.pop("sealed", None)
    if sealed is None:
        return row["email"] or "", {**NOBODY, **body}
    if keys is None:
        raise SealIsBroken(
            f"{_context(row['order_id'])} is sealed, and this database was opened without keys", hint="open it with its settings"
        )
    email, *personal = keys.open_json(sealed, _context(row["order_id"]))
    return email, {**body, **dict(zip(PERSONAL, personal, strict=True))}


def email_digest(keys: Sealer | None, email: str) -> bytes | None:
    """By what the orders of an e-mail address are found; None without keys."""
    return keys.digest(email.strip().casefold(), "orders.email") if keys is not None and email else None


def _context(order_id: str) -> str:
    return f"orders.person/{order_id}"


def _text(facts: Mapping[str, Any]) -> str:
    return msgspec.json.encode(facts).decode()
