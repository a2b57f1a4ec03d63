"""How the API answers: problems in one form (RFC 9457), ETags, and headers that every answer carries."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tradewind.kit import TradewindError
from tradewind.web.api.errors import EtagIsInvalid, TooManyRequests

PROBLEM = "application/problem+json"
AWAY_SECONDS = 1
_ETAG = re.compile(r'"([0-9]{1,15})"')
_HEADERS = "answer_headers"


class Place(BaseModel):
    """A part of the call that is wrong."""

    path: str
    message: str


class Problem(BaseModel):
    """What went wrong (RFC 9457). Programs test `code`; `hint` says what to do next."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:tradewind:error:order_unknown",
                    "title": "Not Found",
                    "status": 404,
                    "code": "order_unknown",
                    "detail": 'there is no order "100001"',
                    "hint": "tradewind order list",
                    "request_id": "req_01k3m2c7q0000000000",
                    "errors": [],
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    code: str
    detail: str
    hint: str
    request_id: str
    errors: list[Place]


def problem(
    request: Request,
    status: int,
    code: str,
    detail: str = "",
    hint: str = "",
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer that tells what went wrong."""
    body = problem_body(status, code, detail, hint, request_id=request.scope.get("state", {}).get("request_id", ""), errors=errors)
    return JSONResponse(body, status_code=status, media_type=PROBLEM, headers=dict(headers or {}))


def problem_body(
    status: int, code: str, detail: str = "", hint: str = "", *, request_id: str = "", errors: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """The same as a value, for an answer that is kept."""
    return {
        "type": f"urn:tradewind:error:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "hint": hint,
        "request_id": request_id,
        "errors": [dict(one) for one in errors],
    }


def problem_of(request: Request, error: TradewindError) -> JSONResponse:
    """The answer for one of our own errors. What failed inside is told to the log alone."""
    hidden = error.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR
    headers = {}
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.seconds)
    elif error.http_status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        headers["Retry-After"] = str(AWAY_SECONDS)
    if error.http_status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    told = ("", "") if hidden else (error.message, error.hint)
    return problem(request, error.http_status, error.code, *told, headers=headers)


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def version_of(if_match: str | None) -> int | None:
    """The version that If-Match asks for; None: any. EtagIsInvalid."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise EtagIsInvalid(f"If-Match is {if_match[:60]!r}", hint='send the ETag of the last answer as it came, such as "7"')
    return int(found[1])


def give_header(request: Request, name: str, value: str) -> None:
    """Adds a header to the answer of this call, whatever the answer will be."""
    request.scope.setdefault("state", {}).setdefault(_HEADERS, {})[name] = value


class Manners:
    """The layer around the API: no answer is kept by anybody, and each carries what was added with `give_header`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [(name, value) for name, value in message.get("headers", []) if name.lower() != b"cache-control"]
                headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in state.get(_HEADERS, {}).items()]
                message = {**message, "headers": [*headers, (b"cache-control", b"no-store")]}
            await send(message)

        await self.app(scope, receive, sent)
