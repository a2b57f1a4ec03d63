"""Who may come in: the key of a call, its scope and its pace; and how a route describes all that to programs."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from tradewind.db import idempotency
from tradewind.web.api.answers import PROBLEM, Problem, give_header
from tradewind.web.api.keys import SCOPES, Caller, Pace, caller_of
from tradewind.web.house import House

KEY = "ApiKey"
BEARER = HTTPBearer(scheme_name=KEY, auto_error=False, description="A key of `tradewind keys api make NAME --scope …`; it is shown once.")
_MEANS = {
    400: "The call is not what this description asks for.",
    401: "There is no key, or it was revoked.",
    403: "The key has not the scope.",
    404: "There is no such thing.",
    405: "There is no such method here.",
    409: "It cannot be done now; or the Idempotency-Key was used for another call.",
    412: "It was changed since the ETag of If-Match.",
    413: "The body is larger than 64 KB.",
    429: "The key calls more often than it may; Retry-After says when the next call is possible.",
    503: "The database is away or busy; the same call may be repeated.",
}
_ALWAYS = (400, 401, 403, 413, 429, 503)
_SECONDS = {"Retry-After": {"description": "After how many seconds the call may be repeated.", "schema": {"type": "integer"}}}

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=idempotency.KEY_LENGTH,
        pattern=r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$",
        description="Made by the caller for each call and sent again with each repeat; the repeat gets the first answer, for 48 hours.",
        examples=["till-7-000182"],
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=60,
        pattern=r'^("[0-9]{1,15}"|\*)$',
        description="The ETag that the caller saw last: the call does nothing (412) when somebody changed it since.",
        examples=['"3"'],
    ),
]


def needs(scope: str) -> Callable[..., Awaitable[Caller]]:
    """A dependency that lets only keys with the scope in, and counts their calls."""

    async def door(request: Request, shown: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]) -> Caller:
        house: House = request.app.state.house
        async with house.database.statements() as tx:
            caller = await caller_of(tx, shown.credentials if shown else None, scope)
        pace: Pace = request.app.state.pace
        give_header(request, "RateLimit-Policy", f'"key";q={pace.burst};w={max(pace.burst // pace.rate, 1)}')
        give_header(request, "RateLimit", '"key";r=0;t=1')
        give_header(request, "RateLimit", f'"key";r={pace.step(caller.name)};t=1')
        return caller

    return door


def told(scope: str, *statuses: int) -> dict[str, Any]:
    """What a route adds to its description: the scope that it needs, and each way in which it can fail."""
    return {
        "openapi_extra": {"x-scope": scope},
        "response_description": f"Done. Needs the scope `{scope}`: {SCOPES[scope]}.",
        "responses": {status: failing(status) for status in sorted({*_ALWAYS, *statuses})},
    }


def failing(status: int) -> dict[str, Any]:
    """How an answer with an error's status is described."""
    if status == 413:  # the outermost layer refuses it, before anybody reads the body
        return {"description": _MEANS[status], "content": {"text/plain": {"schema": {"type": "string"}}}}
    described: dict[str, Any] = {
        "description": _MEANS[status],
        "content": {PROBLEM: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}},
    }
    return described | ({"headers": _SECONDS} if status in {429, 503} else {})
