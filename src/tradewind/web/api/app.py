"""The API as an application of its own: JSON in, JSON out, errors as JSON, a description for programs."""

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from tradewind.kit import TradewindError
from tradewind.web.api import google, stock
from tradewind.web.api.keys import Pace
from tradewind.web.house import House

RETRY_AFTER_SECONDS = "1"
_PROBLEMS_SHOWN = 10


def api_app(house: House) -> FastAPI:
    """The application that the window mounts at /api/v1."""
    app = FastAPI(title="Tradewind API", version="1", docs_url=None, redoc_url=None, openapi_url="/openapi.json")
    app.state.house = house
    app.state.pace = Pace()
    app.add_exception_handler(TradewindError, _known)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.include_router(stock.routes)
    app.include_router(google.routes)
    return app


async def _known(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, TradewindError):
        raise error
    headers = {"Retry-After": RETRY_AFTER_SECONDS} if error.http_status in {429, 503} else {}
    hidden = error.http_status >= 500
    return _problem(error.http_status, error.code, "" if hidden else error.message, "" if hidden else error.hint, headers)


async def _malformed(_request: Request, error: Exception) -> JSONResponse:
    found: list[Any] = list(error.errors()) if isinstance(error, RequestValidationError) else []
    told = "; ".join(f"{'.'.join(str(part) for part in one['loc'][1:])}: {one['msg']}" for one in found[:_PROBLEMS_SHOWN])
    return _problem(400, "body_not_json", told, "see /api/v1/openapi.json", {})


async def _http(_request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _problem(status, "not_found" if status == 404 else "request_refused", "", "see /api/v1/openapi.json", {})


def _problem(status: int, code: str, message: str, hint: str, headers: dict[str, str]) -> JSONResponse:
    body = {"error": {"code": code, "message": message, "hint": hint}}
    return JSONResponse(body, status_code=status, headers={"Cache-Control": "no-store", **headers})
