"""The MCP binding: stateless JSON-RPC 2.0 over POST. A tool's arguments become a call, its answer becomes a result. It knows nothing of what is sold.

Tools carry the same operations through the same door as REST; there is no session, no stream, and nothing is remembered between requests.
"""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import msgspec
import structlog
from msgspec import Raw, Struct, field
from starlette.requests import Request
from starlette.responses import Response

from tradewind.kit import TradewindError
from tradewind.ucp import RequestFacts, UcpRefused, profile_url_of
from tradewind.ucp.errors import ProfileUrlIsInvalid, RequestIsInvalid
from tradewind.ucp.model import Operation
from tradewind.ucp.negotiation import checked_url
from tradewind.ucp.tools import TOOLS, tool_list
from tradewind.web.ucp.entry import Asking, Ucp, enter
from tradewind.web.ucp.rest import JSON, OTHERS, facts_of

PROTOCOLS = ("2025-06-18", "2025-03-26", "2024-11-05")
"""The versions of the Model Context Protocol that are spoken, the newest first."""
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32700, -32600, -32601, -32602, -32603
ACCEPTED = 202
_NOTIFICATION = "notifications/"
_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger("tradewind.ucp")


class Agent(Struct, frozen=True):
    """Which platform calls."""

    profile: str = ""


class CallMeta(Struct, frozen=True):
    """What stands in headers over REST."""

    agent: Agent = field(default=Agent(), name="ucp-agent")
    key: str = field(default="", name="idempotency-key")


class Arguments(Struct, frozen=True):
    """What a tool takes. The resource stays as it came: the idempotency of a repeat is judged by it."""

    meta: CallMeta = CallMeta()
    id: str = ""
    checkout: Raw = Raw(b"")
    cart: Raw = Raw(b"")
    catalog: Raw = Raw(b"")


class CallParams(Struct, frozen=True):
    """Which tool is called, and with what."""

    name: str
    arguments: Arguments = Arguments()


class Rpc(Struct, frozen=True):
    """A request of JSON-RPC 2.0; a notification has no id."""

    jsonrpc: str
    method: str
    id: str | int | msgspec.UnsetType | None = msgspec.UNSET
    params: Raw = Raw(b"{}")


class RpcFailed(Exception):
    """The request is answered with an error of JSON-RPC."""

    def __init__(self, code: int, message: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data


_RPC, _CALL = msgspec.json.Decoder(Rpc), msgspec.json.Decoder(CallParams)
_PARAMS: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(dict[str, Any])


async def answer(request: Request, ucp: Ucp) -> Response:
    """The response to one request; there is nothing to get and no session to end."""
    if request.method != "POST":
        return Response(status_code=405, headers={"Allow": "POST"})
    body = await request.body()
    facts, more = facts_of(request, body), dict[str, str]()
    asked = Raw(b"null")
    try:
        rpc = _read(body)
        if isinstance(rpc.id, msgspec.UnsetType):
            return Response(status_code=ACCEPTED)
        asked = Raw(_encode(rpc.id))
        content = _encode({"jsonrpc": "2.0", "id": asked, "result": await _result(rpc, facts, ucp)})
    except RpcFailed as error:
        content = _failed(asked, error)
    except TradewindError as error:
        content, more = _failed(asked, _refusal(error, ucp)), _retry(error)
    headers = {"Cache-Control": "no-store", **more, **ucp.signer.headers(facts, 200, content)}
    return Response(content, 200, headers, JSON)


def _read(body: bytes) -> Rpc:
    try:
        rpc = _RPC.decode(body)
    except msgspec.ValidationError as error:
        raise RpcFailed(INVALID_REQUEST, f"not a request of JSON-RPC 2.0: {error}") from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise RpcFailed(PARSE_ERROR, "the body is not JSON") from None
    if rpc.jsonrpc != "2.0":
        raise RpcFailed(INVALID_REQUEST, "not a request of JSON-RPC 2.0")
    return rpc


async def _result(rpc: Rpc, facts: RequestFacts, ucp: Ucp) -> Any:
    match rpc.method:
        case "tools/call":
            return await _called(rpc, facts, ucp)
        case "tools/list":
            return {"tools": [one for one in tool_list() if Operation(one["name"]) in ucp.operations]}
        case "initialize":
            return _initialized(rpc)
        case "ping":
            return {}
    raise RpcFailed(METHOD_NOT_FOUND, f'there is no method "{rpc.method[:80]}"; tools/list tells what there is')


async def _called(rpc: Rpc, facts: RequestFacts, ucp: Ucp) -> dict[str, Any]:
    """What a tool answers: the business's JSON as it is, and once more as text for clients that read only that."""
    try:
        params = _CALL.decode(rpc.params)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise RpcFailed(INVALID_PARAMS, f"the call cannot be read: {error}") from None
    if params.name not in set(Operation) or Operation(params.name) not in ucp.operations:
        raise RpcFailed(INVALID_PARAMS, f'there is no tool "{params.name[:80]}"; tools/list tells what there is')
    operation, given = Operation(params.name), params.arguments
    kind = TOOLS[operation]
    if kind.needs_id and not given.id:
        raise RpcFailed(INVALID_PARAMS, f"{params.name} needs the argument id")
    resource = bytes(getattr(given, kind.argument)) if kind.argument else b""
    if kind.argument and not resource:
        raise RpcFailed(INVALID_PARAMS, f"{params.name} needs the argument {kind.argument}")
    headers = facts.headers
    asking = Asking(
        operation,
        _profile(given.meta, headers),
        facts,
        resource,
        given.id if kind.needs_id else "",
        _key(given.meta, headers),
        headers.get("accept-language", ""),
        headers.get("if-match", ""),
    )
    found = await enter(ucp, asking)
    return {"structuredContent": Raw(found.body), "content": [{"type": "text", "text": found.body.decode()}]}


def _profile(meta: CallMeta, headers: Mapping[str, str]) -> str:
    """The profile of the platform that calls. A header beside it is what a signature covers, so the two must not differ."""
    profile = checked_url(meta.agent.profile) if meta.agent.profile else ""
    if not profile:
        raise ProfileUrlIsInvalid("the call names no platform profile", hint='send meta["ucp-agent"].profile')
    if "ucp-agent" in headers and profile_url_of(headers["ucp-agent"]) != profile:
        raise ProfileUrlIsInvalid('meta["ucp-agent"].profile and the header UCP-Agent name two profiles', hint="name the same in both")
    return profile


def _key(meta: CallMeta, headers: Mapping[str, str]) -> str:
    """The idempotency key of the call; a header beside it must be the same."""
    header = headers.get("idempotency-key", "").strip()
    if meta.key and header and meta.key != header:
        raise RequestIsInvalid('meta["idempotency-key"] and the header Idempotency-Key differ', hint="send one key for one request")
    return meta.key or header


def _initialized(rpc: Rpc) -> dict[str, Any]:
    try:
        wanted = _PARAMS.decode(rpc.params).get("protocolVersion")
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        wanted = None
    return {
        "protocolVersion": wanted if wanted in PROTOCOLS else PROTOCOLS[0],
        "capabilities": {"tools": {"listChanged": False}},
        "serverInfo": {"name": "tradewind", "version": version("tradewind")},
    }


def _refusal(error: TradewindError, ucp: Ucp) -> RpcFailed:
    """A refusal of the protocol in the form of JSON-RPC; `data` is what REST answers."""
    if not isinstance(error, UcpRefused):
        if error.http_status >= 500:
            _log.error("call failed", code=error.code, message=error.message)
            return RpcFailed(INTERNAL_ERROR, "something went wrong here", {"code": "internal_error"})
        return RpcFailed(INVALID_PARAMS, error.message, {"code": error.code})
    told = {"code": error.code, "content": f"{error.message}; {error.hint}" if error.hint else error.message}
    told |= {"path": error.path} if error.path else {}
    told["continue_url"] = ucp.counter.links.shop(ucp.counter.default_market)
    return RpcFailed(error.rpc_code, error.message, told)


def _retry(error: TradewindError) -> dict[str, str]:
    seconds = getattr(error, "retry_after", None)
    return {"Retry-After": str(seconds)} if seconds else {}


def _failed(asked: Raw, error: RpcFailed) -> bytes:
    told: dict[str, Any] = {"code": error.code, "message": error.message}
    return _encode({"jsonrpc": "2.0", "id": asked, "error": told | ({"data": error.data} if error.data else {})})


OTHERS["mcp"] = answer
