"""What can go wrong with a call of the API.

TradewindError
├── KeyIsMissing           401
├── ScopeIsMissing         403
├── IdempotencyKeyMissing  400
├── BodyIsNotJson          400
└── TooManyRequests        429
"""

from tradewind.kit import InputIsInvalid, TradewindError


class KeyIsMissing(TradewindError):
    """The call carries no key, or one that nobody issued."""

    code = "api_key_missing"
    http_status = 401


class ScopeIsMissing(TradewindError):
    """The key may not do this."""

    code = "api_scope_missing"
    http_status = 403


class IdempotencyKeyMissing(InputIsInvalid):
    """A call that changes something must carry a key of its own, so that it can be repeated safely."""

    code = "idempotency_key_missing"


class BodyIsNotJson(InputIsInvalid):
    """The body is not the JSON that the description asks for."""

    code = "body_not_json"


class TooManyRequests(TradewindError):
    """The key calls more often than it may."""

    code = "too_many_requests"
    http_status = 429
