"""Webhooks: the retailer's own endpoints, what every target has heard, and sending again. Every change has its effect once."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from tradewind.db import AsyncTransaction
from tradewind.db.idempotency import StoredResponse
from tradewind.kit import TradewindError
from tradewind.notifications.webhooks import DESCRIPTION_LENGTH, Delivery, Endpoint, Endpoints, NewEndpoint, Webhooks, Within
from tradewind.orders import OrderEvent
from tradewind.web.api import paging
from tradewind.web.api.door import IdempotencyKey, needs, told
from tradewind.web.api.keys import WEBHOOKS_READ, WEBHOOKS_WRITE, Caller
from tradewind.web.api.once import Answered, Once
from tradewind.web.errors import ShopDoesNotSell
from tradewind.web.house import House

URL_LENGTH = 2000
LARGEST_ID = 2**62
_NO_CONTENT = 204
_SHOWN_ONCE = "Signs what is sent (Standard Webhooks). It is shown once: here, and to repeats of this call with its Idempotency-Key."

routes = APIRouter(tags=["webhooks"])
Reader = Annotated[Caller, Depends(needs(WEBHOOKS_READ))]
Writer = Annotated[Caller, Depends(needs(WEBHOOKS_WRITE))]
Name = Annotated[str, Path(alias="endpoint", pattern=r"^hook_[0-9a-z]{1,40}$", description="The endpoint's id.")]


class NewHook(BaseModel):
    """An endpoint to be told of orders; of every event when `events` is left out or empty."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"url": "https://erp.example/orders", "events": ["created", "shipped"]}]}
    )

    url: Annotated[str, Field(max_length=URL_LENGTH, pattern=r"^https?://[\x21-\x7e]+$", description="https on a public server.")]
    events: Annotated[list[OrderEvent], Field(max_length=len(OrderEvent))] = []
    description: Annotated[str, Field(max_length=DESCRIPTION_LENGTH, pattern=r"^[^\x00-\x1f\x7f]*$", description="What it is for.")] = ""


class Hook(BaseModel):
    """An endpoint. `failures` counts those since it last heard something."""

    endpoint_id: str
    url: str
    events: Annotated[list[str], Field(description="Empty: every event.")]
    description: str
    is_paused: bool
    failures: int
    created_at: AwareDatetime


class HookWithSecret(Hook):
    """An endpoint with the secret that was just made for it."""

    secret: Annotated[str, Field(description=_SHOWN_ONCE, examples=["whsec_mJ3v…"])]


class Hooks(BaseModel):
    """Every endpoint, the oldest first; there are twenty at most."""

    items: list[Hook]


class DeliveryOut(BaseModel):
    """One thing that happened to an order, for one target."""

    delivery_id: int
    webhook_id: Annotated[str, Field(description="Header Webhook-Id of every attempt.")]
    target_id: Annotated[str, Field(description="An endpoint's id, or the name of a platform that the order came through.")]
    target_kind: Literal["own", "ucp", "google"]
    order_id: str
    event: str
    number: Annotated[int, Field(description="The how many-th of its name in the order.")]
    status: Literal["waiting", "delivered", "dead"]
    attempts: int
    occurred_at: AwareDatetime
    next_at: Annotated[AwareDatetime | None, Field(description="Not before then; null once it has ended.")]
    delivered_at: AwareDatetime | None
    last_status: Annotated[int | None, Field(description="The HTTP status of the last answer.")]
    last_error: str


class Deliveries(BaseModel):
    """A page of deliveries, the newest first."""

    items: list[DeliveryOut]
    next: str | None


class Replayed(BaseModel):
    """A delivery that waits again."""

    delivery_id: int
    status: Literal["waiting"]


@dataclass(frozen=True, slots=True)
class _Call:
    """What every change carries."""

    request: Request
    caller: Caller
    key: str


async def a_call(request: Request, caller: Writer, key: IdempotencyKey) -> _Call:
    """Reads what every change carries."""
    return _Call(request, caller, key)


Call = Annotated[_Call, Depends(a_call)]


@routes.get("/webhooks/endpoints", response_model=Hooks, summary="List endpoints", **told(WEBHOOKS_READ))
async def list_endpoints(request: Request, caller: Reader) -> dict[str, Any]:
    """The retailer's endpoints, without their secrets."""
    del caller
    return {"items": [asdict(one) for one in await endpoints_of(request).all()]}


@routes.post(
    "/webhooks/endpoints", response_model=HookWithSecret, status_code=201, summary="Register an endpoint", **told(WEBHOOKS_WRITE, 409)
)
async def register(call: Call, body: NewHook) -> Response:
    """The endpoint hears of what happens from now on. Its secret stands in this answer alone."""
    change = _Change(call, "register", body.model_dump(mode="json"))
    endpoints = endpoints_of(call.request)

    async def work(within: Within) -> None:
        await endpoints.register(body.url, change.by, events=body.events, description=body.description, within=within)

    return await change.done(201, _secret_told, work)


@routes.delete(
    "/webhooks/endpoints/{endpoint}",
    status_code=_NO_CONTENT,
    response_class=Response,
    summary="Remove an endpoint",
    **told(WEBHOOKS_WRITE, 404, 409),
)
async def remove(call: Call, endpoint: Name) -> Response:
    """Nothing is sent there any more; what it had still to hear is dead."""
    change, endpoints = _Change(call, "remove", {"endpoint": endpoint}), endpoints_of(call.request)

    async def work(within: Within) -> None:
        await endpoints.remove(endpoint, change.by, within=within)

    return await change.done(_NO_CONTENT, _nothing_told, work)


@routes.post("/webhooks/endpoints/{endpoint}/pause", response_model=Hook, summary="Pause an endpoint", **told(WEBHOOKS_WRITE, 404, 409))
async def pause(call: Call, endpoint: Name) -> Response:
    """Holds back what the endpoint has to hear until it is resumed."""
    return await _set_paused(_Change(call, "pause", {"endpoint": endpoint}), endpoint, is_paused=True)


@routes.post("/webhooks/endpoints/{endpoint}/resume", response_model=Hook, summary="Resume an endpoint", **told(WEBHOOKS_WRITE, 404, 409))
async def resume(call: Call, endpoint: Name) -> Response:
    """Goes on with what was held back, and forgets the endpoint's failures."""
    return await _set_paused(_Change(call, "resume", {"endpoint": endpoint}), endpoint, is_paused=False)


@routes.post(
    "/webhooks/endpoints/{endpoint}/secret",
    response_model=HookWithSecret,
    summary="Make a new secret",
    **told(WEBHOOKS_WRITE, 404, 409),
)
async def renew_secret(call: Call, endpoint: Name) -> Response:
    """A new secret in the place of the old one, from the next webhook on."""
    change, endpoints = _Change(call, "secret", {"endpoint": endpoint}), endpoints_of(call.request)

    async def work(within: Within) -> None:
        await endpoints.renew_secret(endpoint, change.by, within=within)

    return await change.done(200, _secret_told, work)


@routes.get("/webhooks/deliveries", response_model=Deliveries, summary="List deliveries", **told(WEBHOOKS_READ))
async def list_deliveries(
    *,
    request: Request,
    caller: Reader,
    status: Literal["waiting", "delivered", "dead"] | None = None,
    target_id: Annotated[str | None, Query(pattern=r"^[a-z0-9_]{1,60}$")] = None,
    order_id: Annotated[str | None, Query(pattern=r"^ord_[0-9a-z]{1,40}$")] = None,
    limit: paging.Limit = paging.PAGE,
    cursor: paging.Cursor = None,
) -> dict[str, Any]:
    """What every target has heard or has still to hear: the retailer's endpoints, platforms and Google; the newest first."""
    del caller
    asked = ("deliveries", status, target_id, order_id)
    (before,) = paging.behind(cursor, (int,), *asked) or [None]
    found = await webhooks_of(request).deliveries(status=status, target_id=target_id, order_id=order_id, before=before, limit=limit + 1)
    follows = paging.cursor((found[limit - 1].delivery_id,), *asked) if len(found) > limit else None
    return {"items": [_delivery(one) for one in found[:limit]], "next": follows}


@routes.post("/webhooks/deliveries/{delivery}/replay", response_model=Replayed, summary="Send again", **told(WEBHOOKS_WRITE, 404, 409))
async def replay(call: Call, delivery: Annotated[int, Path(ge=1, le=LARGEST_ID, description="A delivery_id, heard or dead.")]) -> Response:
    """Sends a delivery that has ended once more, with its old `webhook_id` and the order as it stands then; the worker does it at once."""
    change, webhooks = _Change(call, "replay", {"delivery": delivery}), webhooks_of(call.request)

    async def work(within: Within) -> None:
        await webhooks.replay(delivery_id=delivery, within=within)

    return await change.done(200, lambda _made: {"delivery_id": delivery, "status": "waiting"}, work)


def endpoints_of(request: Request) -> Endpoints:
    """The retailer's endpoints. ShopDoesNotSell."""
    house: House = request.app.state.house
    found: Endpoints | None = house.till.endpoints if house.till else None
    if found is None:
        raise _not_here()
    return found


def webhooks_of(request: Request) -> Webhooks:
    """What looks at deliveries here. ShopDoesNotSell."""
    house: House = request.app.state.house
    found: Webhooks | None = house.till.webhooks if house.till else None
    if found is None:
        raise _not_here()
    return found


class _Change:
    """One call that changes something about webhooks."""

    def __init__(self, call: _Call, what: str, content: dict[str, Any]) -> None:
        house: House = call.request.app.state.house
        self.request, self.by = call.request, f"api {call.caller.name}"
        self._once = Once(house.database, f"webhooks.{what}/{call.caller.name}", call.key, content)

    async def done(self, status: int, answer: Callable[[Any], dict[str, Any]], work: Callable[[Within], Awaitable[None]]) -> Response:
        """Does the work once; its answer is kept, sealed, in the transaction of its effect."""
        answers: list[dict[str, Any]] = []

        async def within(tx: AsyncTransaction, made: object) -> None:
            answers.append(answer(made))
            await self._once.keep(tx, status, answers[-1])

        known = await self._once.known()
        if known is not None:
            return _repeated(known)
        try:
            await work(within)
        except Answered as meanwhile:
            return _repeated(meanwhile.answer)
        except TradewindError:
            # The same call may have come twice at once, and the faster one left nothing to do.
            known = await self._once.known()
            if known is None:
                raise
            return _repeated(known)
        return _answer(status, answers[-1])


async def _set_paused(change: _Change, endpoint: str, *, is_paused: bool) -> Response:
    endpoints = endpoints_of(change.request)

    async def work(within: Within) -> None:
        await endpoints.pause(endpoint, change.by, is_paused=is_paused, within=within)

    return await change.done(200, _hook_told, work)


def _hook_told(made: Endpoint) -> dict[str, Any]:
    return Hook(**asdict(made)).model_dump(mode="json")


def _secret_told(made: NewEndpoint) -> dict[str, Any]:
    return HookWithSecret(**asdict(made.endpoint), secret=made.secret).model_dump(mode="json")


def _nothing_told(made: None) -> dict[str, Any]:
    del made
    return {}


def _delivery(one: Delivery) -> dict[str, Any]:
    names = ("delivery_id", "webhook_id", "order_id", "event", "number", "status", "attempts", "occurred_at", "delivered_at")
    return {name: getattr(one, name) for name in (*names, "last_status", "last_error")} | {
        "target_id": one.target.target_id,
        "target_kind": one.target.kind,
        "next_at": one.next_at if one.status == "waiting" else None,
    }


def _repeated(known: StoredResponse) -> Response:
    return _answer(known.http_status, json.loads(known.answer or b"{}"))


def _answer(status: int, body: dict[str, Any]) -> Response:
    return Response(status_code=status) if status == _NO_CONTENT else JSONResponse(body, status_code=status)


def _not_here() -> ShopDoesNotSell:
    return ShopDoesNotSell("this window manages no webhooks", hint="start it with: tradewind serve")
