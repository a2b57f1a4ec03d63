"""The API as an application of its own: JSON in, JSON out, problems in one form, a description for programs."""

from http import HTTPStatus
from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from tradewind.kit import TradewindError
from tradewind.web.api import catalog, google, orders, stock, webhooks
from tradewind.web.api.answers import Manners, Problem, problem, problem_of
from tradewind.web.api.keys import SCOPES, Pace
from tradewind.web.house import House

_PROBLEMS_SHOWN = 10
_DESCRIPTION = """Catalog, stock, orders, payments and webhooks of a Tradewind shop, for the retailer's own programs.

- **Keys**: `Authorization: Bearer KEY`; each operation names its scope. `tradewind keys api make NAME --scope orders:read` makes one.
- **Amounts** are integers in minor units of the currency beside them; rates are millionths; times are UTC (RFC 3339).
- **Pages**: `limit` and `cursor`; `next` of an answer is the cursor of the next page, null on the last one.
- **Changes** carry an `Idempotency-Key`; a repeat gets the first answer for 48 hours. `If-Match` with the ETag of an order protects from lost updates.
- **Pace**: each answer has `RateLimit` and `RateLimit-Policy`; 429 and 503 have `Retry-After`.
- **Problems** have one form (`application/problem+json`, RFC 9457); test their `code`.
"""


def api_app(house: House) -> FastAPI:
    """The application that the window mounts at /api/v1."""
    app = FastAPI(title="Tradewind API", version="1", docs_url=None, redoc_url=None, openapi_url="/openapi.json", redirect_slashes=False)
    app.state.house = house
    app.state.pace = Pace()
    app.state.snapshot_readers = CapacityLimiter(catalog.SNAPSHOT_READERS)
    app.add_middleware(Manners)
    app.add_exception_handler(TradewindError, _known)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    for room in (catalog, stock, orders, webhooks, google):
        app.include_router(room.routes)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=_DESCRIPTION, routes=app.routes, servers=[{"url": "/api/v1"}])
        parts = made["components"]["schemas"]
        parts[Problem.__name__] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        parts.update(parts[Problem.__name__].pop("$defs", {}))
        for name in ("HTTPValidationError", "ValidationError"):
            parts.pop(name, None)
        for operations in made["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)  # what is malformed is a 400 here
        made["x-scopes"] = dict(SCOPES)
        app.openapi_schema = made
    return app.openapi_schema


async def _known(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, TradewindError):
        raise error
    return problem_of(request, error)


async def _malformed(request: Request, error: Exception) -> JSONResponse:
    found: list[Any] = list(error.errors()) if isinstance(error, RequestValidationError) else []
    places = [
        {"path": _plain(".".join(str(part) for part in one["loc"])), "message": _plain(str(one["msg"]))} for one in found[:_PROBLEMS_SHOWN]
    ]
    without_key = any(one["loc"][-1:] == ("Idempotency-Key",) and one["type"] == "missing" for one in found)
    if without_key:
        told = ("idempotency_key_missing", "the call has no Idempotency-Key", "make one for each call, and send it again with each repeat")
    else:
        told = ("body_not_json", "; ".join(f"{one['path']}: {one['message']}" for one in places), "see /api/v1/openapi.json")
    return problem(request, HTTPStatus.BAD_REQUEST, *told, errors=places)


async def _http(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    codes = {HTTPStatus.NOT_FOUND: "not_found", HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed"}
    headers = dict(getattr(error, "headers", None) or {})
    return problem(request, status, codes.get(HTTPStatus(status), "request_refused"), "", "see /api/v1/openapi.json", headers=headers)


def _plain(text: str) -> str:
    # A name in the body may hold half a character, which no answer can carry.
    return text.encode("utf-8", "replace").decode("utf-8")
