"""What can go wrong with a call of the API.

TradewindError
├── KeyIsMissing           401
├── ScopeIsMissing         403
├── IdempotencyKeyMissing  400
├── BodyIsNotJson          400
├── CursorIsInvalid        400
├── EtagIsInvalid          400
├── ScopeUnknown           400
├── ProgramUnknown         404
└── TooManyRequests        429
"""

from tradewind.kit import InputIsInvalid, NotFound, TradewindError


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
    """The call is not what the description asks for."""

    code = "body_not_json"


class CursorIsInvalid(InputIsInvalid):
    """A cursor is not one that we gave, or it was given for another list."""

    code = "cursor_invalid"


class EtagIsInvalid(InputIsInvalid):
    """If-Match does not carry an ETag that an answer gave."""

    code = "etag_invalid"


class ScopeUnknown(InputIsInvalid):
    """A key was asked to do what no key can do."""

    code = "api_scope_unknown"


class ProgramUnknown(NotFound):
    """No program of this name has a key."""

    code = "api_program_unknown"


class TooManyRequests(TradewindError):
    """The key calls more often than it may."""

    code = "too_many_requests"
    http_status = 429

    def __init__(self, message: str, *, hint: str = "", seconds: int = 1) -> None:
        super().__init__(message, hint=hint)
        self.seconds = seconds
