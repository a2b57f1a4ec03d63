"""Why a call is refused before, or instead of, any business: each has the code, the HTTP status and the JSON-RPC code of the specification.

TradewindError
├── UcpRefused
│   ├── ProfileUrlIsInvalid (400), ProfileIsUnreachable (424), ProfileIsMalformed (422), VersionIsUnsupported (422)
│   ├── CapabilitiesAreIncompatible (200: the business answered, and the answer is no)
│   ├── SignatureIsMissing, SignatureIsInvalid, KeyNotFound (401), DigestDoesNotMatch, AlgorithmIsUnsupported (400)
│   ├── RequestIsInvalid, RequestIsTooLarge (400), IdempotencyKeyIsMissing (400), OperationUnknown (404), IdempotencyConflict (409)
│   └── BusinessIsAway (503), SomethingWentWrong (500)
├── UcpDataIsInvalid (input)    the retailer's ucp.toml
└── SigningKeyExists (409)      keys follow each other by rotation
"""

from tradewind.kit import InputIsInvalid, TradewindError

AUTHENTICATION, DISCOVERY, REQUEST, PARAMETERS, INTERNAL = -32000, -32001, -32600, -32602, -32603
RETRY_AFTER_SECONDS = 1


class UcpRefused(TradewindError):
    """The call is refused. `rpc_code` is what a JSON-RPC answer carries; `path` is where in the request it lies, where that is known."""

    code = "request_refused"
    http_status = 400
    rpc_code = REQUEST
    retry_after: int | None = None

    def __init__(self, message: str, *, hint: str = "", path: str = "") -> None:
        super().__init__(message, hint=hint)
        self.path = path


class ProfileUrlIsInvalid(UcpRefused):
    """The header UCP-Agent names no profile, or none that can be asked for."""

    code = "invalid_profile_url"
    rpc_code = DISCOVERY


class ProfileIsUnreachable(UcpRefused):
    """The platform's profile could not be fetched."""

    code = "profile_unreachable"
    http_status = 424
    rpc_code = DISCOVERY


class ProfileIsMalformed(UcpRefused):
    """What was fetched is not a platform's profile."""

    code = "profile_malformed"
    http_status = 422
    rpc_code = DISCOVERY


class VersionIsUnsupported(UcpRefused):
    """The platform speaks a version that is not served here."""

    code = "version_unsupported"
    http_status = 422
    rpc_code = DISCOVERY


class CapabilitiesAreIncompatible(UcpRefused):
    """The operation belongs to a capability that the two sides do not share."""

    code = "capabilities_incompatible"
    http_status = 200
    rpc_code = DISCOVERY


class SignatureIsMissing(UcpRefused):
    """The call must be signed and is not."""

    code = "signature_missing"
    http_status = 401
    rpc_code = AUTHENTICATION


class SignatureIsInvalid(UcpRefused):
    """The signature does not fit the call, or is too old."""

    code = "signature_invalid"
    http_status = 401
    rpc_code = AUTHENTICATION


class KeyNotFound(UcpRefused):
    """The platform's profile publishes no key of the signature's id."""

    code = "key_not_found"
    http_status = 401
    rpc_code = AUTHENTICATION


class DigestDoesNotMatch(UcpRefused):
    """The body is not the one whose digest was sent."""

    code = "digest_mismatch"


class AlgorithmIsUnsupported(UcpRefused):
    """The signature's algorithm is not one that is verified here."""

    code = "algorithm_unsupported"


class RequestIsInvalid(UcpRefused):
    """The request is not what the schema of its operation asks for."""

    code = "invalid_request"


class RequestIsTooLarge(UcpRefused):
    """More is asked for at once than is answered at once."""

    code = "request_too_large"
    rpc_code = PARAMETERS


class IdempotencyKeyIsMissing(UcpRefused):
    """This operation must carry a key of its own, so that it can be repeated safely."""

    code = "idempotency_key_missing"


class OperationUnknown(UcpRefused):
    """No operation lies at this address."""

    code = "operation_unknown"
    http_status = 404


class IdempotencyConflict(UcpRefused):
    """The key came before with another request."""

    code = "idempotency_conflict"
    http_status = 409
    rpc_code = AUTHENTICATION


class BusinessIsAway(UcpRefused):
    """What remembers requests does not answer: nothing is done that could be done twice."""

    code = "temporarily_unavailable"
    http_status = 503
    rpc_code = AUTHENTICATION
    retry_after = RETRY_AFTER_SECONDS


class SomethingWentWrong(UcpRefused):
    """A fault of ours; whether anything was done, a repeat with the same key tells."""

    code = "internal_error"
    http_status = 500
    rpc_code = INTERNAL


class UcpDataIsInvalid(InputIsInvalid):
    """The retailer's ucp.toml says something that cannot be."""

    code = "ucp_data_invalid"


class SigningKeyExists(TradewindError):
    """The shop has a key that signs already."""

    code = "signing_key_exists"
    http_status = 409
