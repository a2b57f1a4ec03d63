"""What every request passes: an id in its logs and its answer, security headers, a limit on its body, one log line."""

import re
import time
from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tradewind.kit import new_id
from tradewind.web.errors import PageNotFound, RequestTooLarge

BODY_LIMIT_BYTES = 64 * 1024
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$", re.ASCII)
# Auditors load robots.txt in the name of the page, which connect-src governs; nothing of ours connects anywhere.
# Pages carry no script at all and no inline style; JSON-LD is a data block, which script-src does not govern.
# Pictures may lie on the retailer's own servers, so any https source is allowed for them and for nothing else.
POLICY = (
    "default-src 'none'; script-src 'none'; connect-src 'self'; style-src 'self'; img-src 'self' https: data:; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
)
Failure = Callable[[Request, Exception], Awaitable[Response]]
_log = structlog.get_logger("tradewind.web")


class Guard:
    """The outermost layer of the window. Paths are logged without their query, because a query may hold a key."""

    def __init__(self, app: ASGIApp, *, failure: Failure, seconds: Callable[[], float] = time.perf_counter) -> None:
        self.app = app
        self.failure = failure
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        request_id = given if _REQUEST_ID.match(given) else new_id("req")
        scope.setdefault("state", {})["request_id"] = request_id
        answer = _Answer(send, request_id, self.seconds)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                length = headers.get(b"content-length", b"0")
                if not length.isdigit() or int(length) > BODY_LIMIT_BYTES:
                    await answer.refuse()
                elif "\0" in scope["path"] or b"%00" in scope["query_string"]:
                    # PostgreSQL texts cannot hold NUL, so nothing can have such an address.
                    response = await self.failure(Request(scope), PageNotFound("no page has such an address"))
                    await response(scope, receive, answer.send)
                else:
                    await self.app(scope, _limited(receive), answer.send)
            except RequestTooLarge:
                await answer.refuse()
            except Exception as error:  # noqa: BLE001 - a visitor gets a page, the log gets the reason
                response = await self.failure(Request(scope), error)
                if not answer.status:
                    await response(scope, receive, answer.send)
            finally:
                answer.log(scope)


def _limited(receive: Receive) -> Receive:
    """The same messages, until the body grows over the limit (a chunked body names no length beforehand)."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > BODY_LIMIT_BYTES:
            raise RequestTooLarge(f"the body is larger than {BODY_LIMIT_BYTES} bytes", hint="send less at a time")
        return message

    return bounded


class _Answer:
    def __init__(self, send: Send, request_id: str, seconds: Callable[[], float]) -> None:
        self._send = send
        self._request_id = request_id.encode()
        self._seconds = seconds
        self._began = seconds()
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = {name for name, _ in message.get("headers", [])}
            extra = [(name, value) for name, value in SECURITY_HEADERS if name not in own]
            timing = f"app;dur={(self._seconds() - self._began) * 1000:.1f}".encode()
            extra += [(b"x-request-id", self._request_id), (b"server-timing", timing)]
            message = {**message, "headers": [*message.get("headers", []), *extra]}
        await self._send(message)

    async def refuse(self) -> None:
        if self.status:
            return
        body = b"The request is too large.\n"
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        await self.send({"type": "http.response.start", "status": RequestTooLarge.http_status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    def log(self, scope: Scope) -> None:
        took = round((self._seconds() - self._began) * 1000, 1)
        level = _log.error if self.status >= 500 or not self.status else _log.info
        level("request", method=scope["method"], path=scope["path"], status=self.status, took_ms=took)
