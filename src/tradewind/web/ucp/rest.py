"""The REST binding: addresses and headers become a call, its answer becomes a response. It knows nothing of what is sold."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tradewind.kit import TradewindError
from tradewind.ucp import (
    CACHE_CONTROL,
    DEFAULT_VERSION,
    VERSIONS,
    WELL_KNOWN,
    Operation,
    RequestFacts,
    UcpRefused,
    business_profile,
    profile_url_of,
)
from tradewind.ucp.capabilities import served
from tradewind.ucp.errors import OperationUnknown
from tradewind.web.errors import PageNotFound
from tradewind.web.ucp.entry import Asking, Ucp, enter

JSON = "application/json"
MOUNTED = "/ucp"
_BELOW = f"{MOUNTED}/"
MOST_PARTS = 4
_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger("tradewind.ucp")
_Routes = Mapping[tuple[str, str, bool, str], Operation]

# By method, collection, whether an id follows, and the step behind it.
ROUTES: _Routes = {
    ("POST", "checkout-sessions", False, ""): Operation.CREATE_CHECKOUT,
    ("GET", "checkout-sessions", True, ""): Operation.GET_CHECKOUT,
    ("PUT", "checkout-sessions", True, ""): Operation.UPDATE_CHECKOUT,
    ("POST", "checkout-sessions", True, "complete"): Operation.COMPLETE_CHECKOUT,
    ("POST", "checkout-sessions", True, "cancel"): Operation.CANCEL_CHECKOUT,
    ("POST", "carts", False, ""): Operation.CREATE_CART,
    ("GET", "carts", True, ""): Operation.GET_CART,
    ("PUT", "carts", True, ""): Operation.UPDATE_CART,
    ("POST", "carts", True, "cancel"): Operation.CANCEL_CART,
    ("POST", "catalog", True, "search"): Operation.SEARCH_CATALOG,
    ("POST", "catalog", True, "lookup"): Operation.LOOKUP_CATALOG,
    ("POST", "catalog", True, "product"): Operation.GET_PRODUCT,
    ("GET", "orders", True, ""): Operation.GET_ORDER,
}
OTHERS: dict[str, Callable[[Request, Ucp], Awaitable[Response]]] = {}
"""What else lies below /ucp, by its first part: other bindings register here."""


def facts_of(request: Request, body: bytes) -> RequestFacts:
    """The request as it came: the path with its escapes, because a signature is over these; a header's lines joined, as it asks for."""
    scope, headers = request.scope, dict[str, str]()
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
    query = scope["query_string"].decode("latin-1")
    return RequestFacts(request.method, scope["scheme"], headers.get("host", ""), path, query, headers, body)


async def answer(request: Request, ucp: Ucp) -> Response:
    """The response to one REST call."""
    body = await request.body()
    facts = facts_of(request, body)
    try:
        operation, resource_id = _operation(request)
        headers = facts.headers
        asking = Asking(
            operation,
            profile_url_of(headers.get("ucp-agent", "")),
            facts,
            body,
            resource_id,
            headers.get("idempotency-key", "").strip(),
            headers.get("accept-language", ""),
            headers.get("if-match", ""),
        )
        found = await enter(ucp, asking)
        status, content, more = found.status, found.body, dict(found.headers)
    except TradewindError as error:
        status, content, more = refusal(error, ucp)
    more |= {"Cache-Control": "no-store", **ucp.signer.headers(facts, status, content)}
    return Response(content, status, more, JSON)


def refusal(error: TradewindError, ucp: Ucp) -> tuple[int, bytes, dict[str, str]]:
    """A refusal of the protocol in REST's form: the code, a sentence, and where the buyer can go on."""
    if error.http_status >= 500 and not isinstance(error, UcpRefused):
        _log.error("call failed", code=error.code, message=error.message)
        return 500, _encode({"code": "internal_error", "content": "something went wrong here"}), {}
    told = {"code": error.code, "content": f"{error.message}; {error.hint}" if error.hint else error.message}
    if isinstance(error, UcpRefused) and error.path:
        told["path"] = error.path
    told["continue_url"] = ucp.counter.links.shop(ucp.counter.default_market)
    retry = getattr(error, "retry_after", None)
    return error.http_status, _encode(told), {"Retry-After": str(retry)} if retry else {}


async def profile(request: Request) -> Response:
    """The business profile, or the leaf of an older version; the same for everybody, and kept for a while by whoever asks."""
    ucp: Ucp | None = request.app.state.house.ucp
    version = request.path_params.get("version", DEFAULT_VERSION)
    if ucp is None or version not in VERSIONS or not served(version):
        raise PageNotFound("no profile has such an address")
    counter = ucp.counter
    told = business_profile(counter.public_url, version, counter.handlers, counter.markets, ucp.signer.public_keys())
    return Response(_encode(told), 200, {"Cache-Control": CACHE_CONTROL}, JSON)


class Door:
    """What lies below /ucp, answered before the window's routes are tried: a call needs nothing of what pages pass through."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(_BELOW):
            await _answered(scope, receive, send)
        else:
            await self.app(scope, receive, send)


async def _answered(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    ucp: Ucp | None = scope["app"].state.house.ucp
    if ucp is None:
        raise PageNotFound("this shop does not speak the protocol")
    first = _parts(request)[0]
    response = await OTHERS.get(first, answer)(request, ucp)
    await response(scope, receive, send)


def _parts(request: Request) -> list[str]:
    """The parts of the path below /ucp."""
    path: str = request.scope["path"]
    return path.removeprefix(MOUNTED).strip("/").split("/")


def _operation(request: Request) -> tuple[Operation, str]:
    parts = _parts(request)
    version, collection, name, step = (*parts, "", "", "")[:4]
    if collection == "catalog":
        name, step = "-", name
    found = ROUTES.get((request.method, collection, bool(name), step)) if len(parts) <= MOST_PARTS else None
    if found is None or version not in VERSIONS:
        raise OperationUnknown("no operation lies at this address", hint="see the endpoint in the business profile")
    return found, "" if collection == "catalog" else name


routes = (Route(WELL_KNOWN, profile), Route(f"{WELL_KNOWN}/{{version}}", profile))
"""What the window adds to its own addresses."""
