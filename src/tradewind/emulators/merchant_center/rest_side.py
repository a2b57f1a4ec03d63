"""The REST surface (JSON transcoding as in the public reference), and the emulator's own switches under /emulator/."""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from google.protobuf import empty_pb2, json_format
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tradewind.emulators.merchant_center.answering import Dropped, answer
from tradewind.emulators.merchant_center.center import Center
from tradewind.emulators.merchant_center.errors import EmulatorIsMisused, Refused, invalid, raw
from tradewind.emulators.merchant_center.faults import Fault, FaultKind
from tradewind.emulators.merchant_center.wire import Method, methods

MAX_BODY = 16 * 1024 * 1024
_VARIABLE = re.compile(r"\{(?P<field>[\w.]+)=(?P<pattern>[^}]+)\}")
_NOT_FIELDS = frozenset({"$alt", "alt", "key", "$prettyPrint", "prettyPrint"})


class _Rule:
    """A method with its path template as a pattern; the variable's value becomes a field of the request."""

    def __init__(self, method: Method) -> None:
        self.method = method
        found = _VARIABLE.search(method.path)
        if found is None:
            raise ValueError(f"{method.path} has no variable")
        self.field = found["field"]
        start, end = method.path[: found.start()], method.path[found.end() :]
        inner = "/".join("[^/]+?" if part == "*" else re.escape(part) for part in found["pattern"].split("/"))
        self.pattern = re.compile(f"^{re.escape(start)}({inner}){re.escape(end)}$")


def rest_app(center: Center) -> Starlette:
    """The ASGI application."""
    rules = [_Rule(method) for method in methods()]
    rules.sort(key=lambda rule: ":" not in rule.method.path.rsplit("}", 1)[-1])  # custom verbs first: a "*" would swallow them

    async def serve(request: Request) -> Response:
        return await _serve(center, rules, request)

    async def switch(request: Request) -> Response:
        return await _switch(center, request)

    verbs = ["GET", "POST", "PATCH", "DELETE"]
    return Starlette(routes=[Route("/emulator/{what}", switch, methods=["GET", "POST"]), Route("/{path:path}", serve, methods=verbs)])


async def _serve(center: Center, rules: list[_Rule], request: Request) -> Response:
    path = request.scope["raw_path"].decode("ascii", "replace").split("?", 1)[0]
    matches = ((rule, rule.pattern.match(path)) for rule in rules if rule.method.verb == request.method)
    rule, match = next(((rule, match) for rule, match in matches if match), (None, None))
    try:
        if rule is None or match is None:
            raise Refused("NOT_FOUND", f"no method answers {request.method} {path}", "unknown_method")
        message = await _message(rule, unquote(match[1]), request)
        return _json(await answer(center, rule.method, message), request)
    except Refused as refused:
        status = refused.to_proto()
        detail = json_format.MessageToDict(status)["details"]
        body = {"code": refused.http_status, "message": refused.message, "status": refused.status, "details": detail}
        return JSONResponse({"error": body}, status_code=refused.http_status)
    except Dropped:
        return StreamingResponse(_broken(), headers={"content-length": "1000"})


async def _message(rule: _Rule, name: str, request: Request) -> Any:
    tree: dict[str, Any] = {}
    body = await request.body()
    if len(body) > MAX_BODY:
        raise invalid("body", f"{len(body)} bytes", f"at most {MAX_BODY} are read")
    for key, value in request.query_params.multi_items():
        if key not in _NOT_FIELDS:
            _set(tree, key, value)
    message = rule.method.request()
    try:
        if rule.method.body == "*":
            json_format.Parse(body or b"{}", raw(message), ignore_unknown_fields=True)
        elif rule.method.body:
            json_format.Parse(body or b"{}", getattr(raw(message), rule.method.body), ignore_unknown_fields=True)
        json_format.ParseDict(tree, raw(message), ignore_unknown_fields=True)
    except json_format.ParseError as error:
        raise invalid("body", str(error)[:200], "the JSON does not fit the message") from None
    target = message
    *steps, last = rule.field.split(".")
    for step in steps:
        target = getattr(target, step)
    setattr(target, last, name)
    return message


def _set(tree: dict[str, Any], dotted: str, value: str) -> None:
    *steps, last = dotted.split(".")
    for step in steps:
        tree = tree.setdefault(step, {})
    tree[last] = value


def _json(response: Any, request: Request) -> Response:
    message = response if isinstance(response, empty_pb2.Empty) else raw(response)
    as_numbers = "enum-encoding=int" in request.query_params.get("$alt", "")
    text = json_format.MessageToJson(message, use_integers_for_enums=as_numbers, indent=None)
    return Response(text, media_type="application/json")


async def _broken() -> AsyncIterator[bytes]:
    yield b"{"
    raise ConnectionResetError("the connection is dropped on purpose")


async def _switch(center: Center, request: Request) -> Response:
    """/emulator/report, and by POST /emulator/clock {"seconds"}, /emulator/fault {…}, /emulator/issue {…}, /emulator/calm."""
    what = request.path_params["what"]
    turn = _SWITCHES.get((request.method, what))
    if turn is None:
        return JSONResponse({"error": "report (GET), clock, fault, issue and calm (POST) are the switches"}, status_code=404)
    sent: Mapping[str, Any] = await request.json() if request.method == "POST" and await request.body() else {}
    try:
        return JSONResponse(turn(center, sent))
    except (TypeError, ValueError, EmulatorIsMisused) as error:
        return JSONResponse({"error": str(error)}, status_code=400)


def _report(center: Center, _sent: Mapping[str, Any]) -> Any:
    center.settle()
    return center.report()


def _clock(center: Center, sent: Mapping[str, Any]) -> Any:
    return {"now": center.turn(timedelta(seconds=float(sent.get("seconds", 0)))).isoformat()}


def _fault(center: Center, sent: Mapping[str, Any]) -> Any:
    center.faults.add(Fault(**{**sent, "kind": FaultKind(sent.get("kind", ""))}))
    return {"set": dict(sent)}


def _issue(center: Center, sent: Mapping[str, Any]) -> Any:
    return {"set": center.hold_against(**sent)}


def _calm(center: Center, _sent: Mapping[str, Any]) -> Any:
    center.faults.clear()
    return {}


_SWITCHES = {
    ("GET", "report"): _report,
    ("POST", "clock"): _clock,
    ("POST", "fault"): _fault,
    ("POST", "issue"): _issue,
    ("POST", "calm"): _calm,
}
