"""How errors are told: the dialects of the specification's versions, and Google's closed list of codes. One policy per (version, platform)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tradewind.ucp.model import V2026_01_23, V2026_04_08
from tradewind.ucp.negotiation import GOOGLE

OK, CREATED, NOT_FOUND = 200, 201, 404
_DISCOUNT_REASONS = {
    "unknown": "discount_code_invalid",
    "not_started": "discount_code_invalid",
    "not_in_market": "discount_code_invalid",
    "minimum_not_reached": "discount_code_user_ineligible",
    "nothing_eligible": "discount_code_user_ineligible",
    "ended": "discount_code_expired",
    "used_up": "discount_code_expired",
    "not_combinable": "discount_code_combination_disallowed",
}
_SPECIFICATION = {
    "no_lines": "missing",
    "email_missing": "missing",
    "address_missing": "missing",
    "address_incomplete": "missing",
    "address_outside_market": "address_undeliverable",
    "postcode_invalid": "invalid",
    "option_unavailable": "fulfillment_changed",
    "tax_added_later": "tax_pending",
    "tax_unknown": "tax_unavailable",
    "payment_declined": "payment_failed",
    "payment_not_finished": "payment_failed",
    "payment_challenge": "requires_3ds",
}
_JANUARY = _SPECIFICATION | {"payment_declined": "payment_declined", "payment_not_finished": "payment_declined"}
# Google shows its own words for the codes of its list, and a general sentence for every other one.
_GOOGLE = {"email_missing": "missing_buyer_info"}


@dataclass(frozen=True, slots=True)
class ErrorPolicy:
    """The code that a message of the core is told by, and the statuses of answers that hold no resource."""

    codes: Mapping[str, str]
    not_found: int = OK
    # Where the version knows `ucp.status` and the severity `unrecoverable`.
    has_error_status: bool = True
    reasons: Mapping[str, str] = field(default_factory=lambda: _DISCOUNT_REASONS)

    def code(self, code: str, reason: str = "") -> str:
        """The wire's code; a code that needs no other word stays as it is."""
        if code == "discount_rejected":
            return self.reasons.get(reason, "discount_code_invalid")
        return self.codes.get(code, code)

    def severity(self, severity: str) -> str:
        """The wire's severity."""
        return severity if self.has_error_status or severity != "unrecoverable" else "requires_buyer_input"


_POLICIES = {
    (V2026_04_08, ""): ErrorPolicy(_SPECIFICATION),
    (V2026_04_08, GOOGLE): ErrorPolicy(_SPECIFICATION | _GOOGLE),
    (V2026_01_23, ""): ErrorPolicy(_JANUARY, not_found=NOT_FOUND, has_error_status=False),
    (V2026_01_23, GOOGLE): ErrorPolicy(_JANUARY | _GOOGLE, not_found=OK, has_error_status=False),
}


def policy_of(version: str, platform: str) -> ErrorPolicy:
    """The policy for a platform's name ("" for one without a dialect of its own)."""
    return _POLICIES.get((version, platform)) or _POLICIES[version, ""]
