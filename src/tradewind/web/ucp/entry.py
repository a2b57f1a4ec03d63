"""The one door that every call passes, whatever carried it: profile, signature, negotiation, key, operation, signed answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import msgspec
import psycopg
import structlog

from tradewind.db import AsyncDatabase, DatabaseIsBusy, IdempotencyKeyWasReused
from tradewind.kit import TradewindError
from tradewind.ucp import (
    KEY_NEEDED,
    OPERATIONS,
    Answer,
    Call,
    Counter,
    Handler,
    Negotiated,
    Operation,
    PlatformProfile,
    PlatformProfiles,
    RequestFacts,
    RequestVerifier,
    ResponseSigner,
    UcpRefused,
    check_operation,
    negotiate,
)
from tradewind.ucp.errors import (
    BusinessIsAway,
    CapabilitiesAreIncompatible,
    IdempotencyConflict,
    IdempotencyKeyIsMissing,
    KeyNotFound,
    OperationUnknown,
    RequestIsInvalid,
    SignatureIsMissing,
    SomethingWentWrong,
)
from tradewind.ucp.remembering import remembered

KEPT_PLATFORMS = 500
KEY_LIMIT = 255
_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger("tradewind.ucp")


@dataclass(slots=True)
class Ucp:
    """The protocol's server of one process."""

    counter: Counter
    profiles: PlatformProfiles
    verifier: RequestVerifier
    signer: ResponseSigner
    operations: Mapping[Operation, Handler] = field(default_factory=lambda: OPERATIONS)
    # An order names a person: it is told to a platform that has proved who it is, even where other calls may come unsigned.
    orders_need_proof: bool = True
    _negotiated: dict[str, tuple[PlatformProfile, Negotiated]] = field(default_factory=dict)

    def negotiated(self, platform: PlatformProfile) -> Negotiated:
        """What both sides share; kept as long as the platform's profile is the same one."""
        kept = self._negotiated.get(platform.url)
        if kept is None or kept[0] is not platform:
            if len(self._negotiated) >= KEPT_PLATFORMS:
                self._negotiated.clear()
            kept = self._negotiated[platform.url] = (platform, negotiate(platform))
        return kept[1]


OpenUcp = Callable[[AsyncDatabase], Awaitable[Ucp]]


@dataclass(frozen=True, slots=True)
class Asking:
    """A call as its carrier read it. `raw` is the JSON of the resource alone; `facts` is the request that carried it."""

    operation: Operation
    profile_url: str
    facts: RequestFacts
    raw: bytes
    resource_id: str = ""
    idempotency_key: str = ""
    accept_language: str = ""
    if_match: str = ""


async def enter(ucp: Ucp, asking: Asking) -> Answer:
    """The business's answer. UcpRefused where the protocol itself says no, for the carrier to tell in its own form."""
    handler = ucp.operations.get(asking.operation)
    if handler is None:
        raise OperationUnknown(f"{asking.operation} is not served", hint="see the business profile for what is")
    platform = await _verified(ucp, asking)
    if asking.operation is Operation.GET_ORDER and ucp.orders_need_proof and "signature" not in asking.facts.headers:
        raise SignatureIsMissing("orders are told to their platform alone, and the request is not signed", hint="sign it as RFC 9421 says")
    negotiated = ucp.negotiated(platform)
    try:
        check_operation(negotiated, asking.operation)
    except CapabilitiesAreIncompatible as error:
        return _incompatible(ucp, negotiated, error)
    _check_key(asking)
    call = Call(
        asking.operation,
        asking.resource_id,
        asking.raw,
        asking.idempotency_key,
        negotiated,
        ucp.counter.clock(),
        asking.accept_language,
        asking.if_match,
    )
    try:
        answer = await handler(call, ucp.counter)
        return await remembered(call, ucp.counter, answer) if answer.is_refusal else answer
    except TradewindError as error:
        raise _as_refusal(error) from error
    except psycopg.Error as error:
        _log.exception("call failed")
        raise _as_refusal(DatabaseIsBusy(f"the database refused: {type(error).__name__}")) from error
    except Exception as error:
        _log.exception("call failed")
        raise SomethingWentWrong("something went wrong here", hint="repeat the request with the same idempotency key") from error


async def _verified(ucp: Ucp, asking: Asking) -> PlatformProfile:
    """The profile of the platform that really sent the call; a key that is not in the kept profile may be a new one."""
    platform = await ucp.profiles.profile(asking.profile_url)
    try:
        ucp.verifier.verify(asking.facts, platform)
    except KeyNotFound:
        platform = await ucp.profiles.profile(asking.profile_url, refresh=True)
        ucp.verifier.verify(asking.facts, platform)
    return platform


def _check_key(asking: Asking) -> None:
    key = asking.idempotency_key
    if not key and asking.operation in KEY_NEEDED:
        raise IdempotencyKeyIsMissing(f"{asking.operation} came without an idempotency key", hint="send a new UUID with every new request")
    if len(key) > KEY_LIMIT or not key.isascii() or not key.isprintable():
        raise RequestIsInvalid("the idempotency key is not a printable text", hint=f"send a UUID, at most {KEY_LIMIT} characters")


def _incompatible(ucp: Ucp, negotiated: Negotiated, error: CapabilitiesAreIncompatible) -> Answer:
    """A no of the business, not of the protocol: status 200, and where the buyer can go on."""
    message = {"type": "error", "code": error.code, "content": error.message, "severity": "unrecoverable"}
    ucp_object = {"version": negotiated.version, "status": "error", "capabilities": {}}
    told = {"ucp": ucp_object, "messages": [message], "continue_url": ucp.counter.links.shop(ucp.counter.default_market)}
    return Answer(error.http_status, _encode(told))


def _as_refusal(error: TradewindError) -> TradewindError:
    """What the core says of a call in the protocol's own codes; nothing is done where nothing can be remembered."""
    if isinstance(error, UcpRefused):
        return error
    if isinstance(error, IdempotencyKeyWasReused):
        return IdempotencyConflict("the idempotency key came before with another request", hint=error.hint)
    if error.http_status >= 500:
        _log.error("call failed", code=error.code, message=error.message)
        return BusinessIsAway("the shop cannot answer at the moment", hint="repeat the request with the same idempotency key")
    if error.http_status == RequestIsInvalid.http_status:
        return RequestIsInvalid(error.message, hint=error.hint)
    return error
