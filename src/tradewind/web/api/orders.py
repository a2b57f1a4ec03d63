"""Orders: read them, ship them, give money back. Every change has its effect once for its Idempotency-Key."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from tradewind import fulfillment, payments
from tradewind.books import Books, Issued
from tradewind.db import AsyncTransaction
from tradewind.db.idempotency import StoredResponse
from tradewind.kit import TradewindError
from tradewind.orders import Adjustment, Guarded, Handover, Orders, OrderUnknown, OrderView, PaymentDidNotFollow, store
from tradewind.web.api import order_words, paging
from tradewind.web.api.answers import etag, problem_body, version_of
from tradewind.web.api.catalog import MARKET
from tradewind.web.api.door import IdempotencyKey, IfMatch, needs, told
from tradewind.web.api.keys import ORDERS_READ, ORDERS_WRITE, PAYMENTS_READ, Caller
from tradewind.web.api.once import Answered, Once
from tradewind.web.api.stock import PLAIN
from tradewind.web.errors import ShopDoesNotSell
from tradewind.web.house import House

UNITS_LIMIT = 1_000_000
LINES_LIMIT = 200
AMOUNT_LIMIT = 10**12

routes = APIRouter()
Reader = Annotated[Caller, Depends(needs(ORDERS_READ))]
Writer = Annotated[Caller, Depends(needs(ORDERS_WRITE))]
Name = Annotated[str, Path(alias="order", pattern=r"^(ord_[0-9a-z]{1,40}|[0-9]{1,15})$", description="Its number or its id.")]
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=PLAIN)]
Units = Annotated[
    dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")], Annotated[int, Field(ge=1, le=UNITS_LIMIT)]],
    Field(max_length=LINES_LIMIT, description="Units by line_id."),
]


def _paper_told() -> dict[str, Any]:
    described = told(ORDERS_READ, 404)
    pdf = {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}, "description": "The PDF."}
    return described | {"responses": {200: pdf, **described["responses"]}}


@dataclass(frozen=True, slots=True)
class _Call:
    """What every change carries."""

    request: Request
    caller: Caller
    key: str
    if_match: str | None


async def a_call(request: Request, caller: Writer, key: IdempotencyKey, if_match: IfMatch = None) -> _Call:
    """Reads what every change carries."""
    return _Call(request, caller, key, if_match)


Call = Annotated[_Call, Depends(a_call)]
_CHANGING: dict[str, Any] = {"tags": ["orders"], **told(ORDERS_WRITE, 404, 409, 412)}
_CHANGING_ORDER = _CHANGING | {"response_model": order_words.OrderOut}  # answers with the order as it is then


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Cancellation(_Body):
    """Why an order is canceled."""

    reason: Annotated[Text, Field(examples=["ordered twice"])]


class Handing(_Body):
    """What leaves, and with whom; all open units when `units` is left out."""

    carrier: Annotated[Text, Field(examples=["DHL"])]
    tracking: Annotated[Text, Field(examples=["JD0123456789"])]
    tracking_url: Annotated[str, Field(max_length=200, pattern=r"^(https://[\x21-\x7e]+)?$")] = ""
    units: Units | None = None


class Arrival(_Body):
    """Which shipment arrived; every one when it is left out."""

    shipment_id: Annotated[str | None, Field(pattern=r"^shp_[0-9a-z]{1,40}$")] = None


class Refund(_Body):
    """Money that goes back, in minor units; with `units` these came back, and it is a return."""

    amount: Annotated[int, Field(ge=1, le=AMOUNT_LIMIT, examples=[1250])]
    reason: Annotated[Text, Field(description="The buyer reads it.", examples=["one broke"])]
    units: Units | None = None


@routes.get("/orders", response_model=order_words.Orders, tags=["orders"], summary="List orders", **told(ORDERS_READ))
async def list_orders(
    *,
    request: Request,
    caller: Reader,
    market: Annotated[str | None, Query(pattern=MARKET)] = None,
    status: Literal["open", "canceled", "closed"] | None = None,
    limit: paging.Limit = paging.PAGE,
    cursor: paging.Cursor = None,
) -> dict[str, Any]:
    """The newest orders first, page by page. An order that comes meanwhile stands before the first page and shifts nothing."""
    del caller
    house: House = request.app.state.house
    (before,) = paging.behind(cursor, (int,), "orders", market, status) or [None]
    async with house.database.statements() as tx:
        found = await store.orders(tx, market=market, status=status, before=before, limit=limit + 1)
    follows = paging.cursor((found[limit - 1].number,), "orders", market, status) if len(found) > limit else None
    return {"items": [order_words.short(one) for one in found[:limit]], "next": follows}


@routes.get("/orders/{order}", response_model=order_words.OrderOut, tags=["orders"], summary="Show an order", **told(ORDERS_READ, 404))
async def show_order(request: Request, response: Response, caller: Reader, order: Name) -> dict[str, Any]:
    """The order with its lines, shipments, adjustments and timeline. The ETag is what a change may ask for with If-Match."""
    del caller
    view = await desk_of(request).find(order)
    response.headers["ETag"] = etag(view.order.version)
    return order_words.whole(view)


@routes.get("/orders/{order}/invoice.pdf", tags=["orders"], summary="An order's invoice", response_class=Response, **_paper_told())
async def show_invoice(request: Request, caller: Reader, order: Name) -> Response:
    """The invoice as it was given out; it is written when the first parcel has left (before: 404 `invoice_not_due`)."""
    del caller
    return _pdf(await books_of(request).invoice(order))


@routes.get(
    "/orders/{order}/credit-notes/{adjustment_id}.pdf", tags=["orders"], summary="A credit note", response_class=Response, **_paper_told()
)
async def show_credit_note(
    request: Request, caller: Reader, order: Name, adjustment_id: Annotated[str, Path(pattern=r"^adj_[0-9a-z]{1,40}$")]
) -> Response:
    """The credit note of an adjustment that gave money back."""
    del caller
    return _pdf(await books_of(request).credit_note(order, adjustment_id))


@routes.post("/orders/{order}/cancel", summary="Cancel an order", **_CHANGING_ORDER)
async def cancel(call: Call, order: Name, body: Cancellation) -> Response:
    """Gives units and money back before anything has left."""
    change = _Change(call, order, "cancel", body)
    return await change.of_order(lambda guarded: change.desk.cancel(order, body.reason, change.by, guarded))


@routes.post("/orders/{order}/release", summary="Release a hold", **_CHANGING_ORDER)
async def release(call: Call, order: Name) -> Response:
    """Takes the order off its hold, after a look at its payment: its units are allocated now."""
    change = _Change(call, order, "release")
    return await change.of_order(lambda guarded: change.desk.release(order, change.by, guarded))


@routes.post("/orders/{order}/deliver", summary="Book arrivals", **_CHANGING_ORDER)
async def deliver(call: Call, order: Name, body: Arrival) -> Response:
    """A shipment, or every one, has arrived; an order that owes nothing more is closed."""
    change = _Change(call, order, "deliver", body)
    return await change.of_order(lambda guarded: change.desk.deliver(order, body.shipment_id, change.by, guarded))


@routes.post("/orders/{order}/shipments", response_model=order_words.ShipmentOut, status_code=201, summary="Ship", **_CHANGING)
async def ship(call: Call, order: Name, body: Handing) -> Response:
    """Takes the money for what leaves, then books that it left; a repeat takes nothing twice."""
    change = _Change(call, order, "ship", body)

    async def kept(tx: AsyncTransaction, order_id: str, made: Any) -> Any:
        del tx, order_id
        return order_words.in_json(order_words.ShipmentOut, order_words.shipment(made))

    handover = Handover(body.carrier, body.tracking, body.tracking_url, body.units)
    return await change.done(201, kept, lambda guarded: change.desk.ship(order, handover, change.by, guarded))


@routes.post(
    "/orders/{order}/refunds", response_model=order_words.AdjustmentOut, status_code=201, summary="Refund or take back", **_CHANGING
)
async def refund(call: Call, order: Name, body: Refund) -> Response:
    """Gives captured money back. `pending`: the provider has not said yet; the worker follows it up and the timeline tells its end."""
    change = _Change(call, order, "refund", body)
    ids: list[str] = []

    async def kept(tx: AsyncTransaction, order_id: str, made: Any) -> Any:
        del tx
        ids.append(order_id)
        return order_words.in_json(order_words.AdjustmentOut, order_words.adjustment(order_id, made))

    async def ended(made: Adjustment) -> Any:
        return order_words.in_json(order_words.AdjustmentOut, order_words.adjustment(ids[0], made))

    def work(guarded: Guarded) -> Awaitable[Adjustment]:
        return change.desk.refund(order, body.amount, body.reason, change.by, quantities=body.units, guarded=guarded)

    return await change.done(201, kept, work, ended)


@routes.get("/payments", response_model=order_words.Payments, tags=["payments"], summary="List payments", **told(PAYMENTS_READ))
async def list_payments(
    request: Request,
    caller: Annotated[Caller, Depends(needs(PAYMENTS_READ))],
    limit: paging.Limit = paging.PAGE,
    cursor: paging.Cursor = None,
) -> dict[str, Any]:
    """The newest payments first, also those of purchases that came to nothing."""
    del caller
    house: House = request.app.state.house
    (before,) = paging.behind(cursor, (str,), "payments") or [None]
    async with house.database.statements() as tx:
        found = await payments.payments_page(tx, before=before, limit=limit + 1)
    follows = paging.cursor((found[limit - 1].payment_id,), "payments") if len(found) > limit else None
    return {"items": [order_words.payment(one) for one in found[:limit]], "next": follows}


@routes.get(
    "/orders/{order}/payment",
    response_model=order_words.PaymentWhole,
    tags=["payments"],
    summary="An order's payment",
    **told(PAYMENTS_READ, 404),
)
async def show_payment(request: Request, caller: Annotated[Caller, Depends(needs(PAYMENTS_READ))], order: Name) -> dict[str, Any]:
    """How much was authorized, captured and refunded, and every call to the provider."""
    del caller
    desk = desk_of(request)
    found = await desk.payments.payment((await desk.find(order)).order.payment_id)
    async with desk.database.statements() as tx:
        asked = await payments.operations(tx, found.payment_id)
    return order_words.payment(found) | {"operations": [order_words.operation(one) for one in asked]}


def desk_of(request: Request) -> Orders:
    """What works on orders here. ShopDoesNotSell."""
    house: House = request.app.state.house
    if house.till is None:
        raise ShopDoesNotSell("this window takes no orders", hint="start it with: tradewind serve")
    found: Orders = house.till.orders
    return found


def books_of(request: Request) -> Books:
    """What writes invoices here. ShopDoesNotSell."""
    house: House = request.app.state.house
    found: Books | None = house.till.books if house.till else None
    if found is None:
        raise ShopDoesNotSell("this window writes no invoices", hint="start it with: tradewind serve")
    return found


def _pdf(made: Issued) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{made.number}.pdf"', "ETag": f'"{made.sha256}"'}
    return Response(made.content, media_type="application/pdf", headers=headers)


class _Change:
    """One call that changes an order."""

    def __init__(self, call: _Call, order: str, what: str, body: BaseModel | None = None) -> None:
        self.desk, self.by = desk_of(call.request), f"api {call.caller.name}"
        self._version = version_of(call.if_match)
        content = {"order": order, "body": body.model_dump(mode="json") if body else None, "if_match": call.if_match}
        self._once = Once(self.desk.database, f"orders.{what}/{call.caller.name}", call.key, content)

    async def of_order(self, work: Callable[[Guarded], Awaitable[Any]]) -> Response:
        """The change, answered with the order as it is then."""

        async def kept(tx: AsyncTransaction, order_id: str, made: Any) -> Any:
            del made
            order = await store.order(tx, order_id)
            if order is None:  # cannot be: this transaction holds its lock
                raise OrderUnknown(f'there is no order "{order_id}"', hint="list the orders")
            return _whole(OrderView(order, await fulfillment.of_order(tx, order_id)))

        async def ended(order: Any) -> Any:
            return _whole(await self.desk.find(order.order_id))

        return await self.done(200, kept, work, ended)

    async def done(
        self,
        status: int,
        kept: Callable[[AsyncTransaction, str, Any], Awaitable[Any]],
        work: Callable[[Guarded], Awaitable[Any]],
        ended: Callable[[Any], Awaitable[Any]] | None = None,
    ) -> Response:
        """Does the work once. Its answer (`kept`) is stored with its effect; what is known better when the money has moved (`ended`) replaces it."""
        answers: list[Any] = []

        async def within(tx: AsyncTransaction, order_id: str, made: object) -> None:
            answers.append(await kept(tx, order_id, made))
            await self._once.keep(tx, status, answers[-1])

        known = await self._once.known()
        if known is not None:
            return _repeated(known)
        try:
            made = await work(Guarded(self._version, within))
        except Answered as meanwhile:
            return _repeated(meanwhile.answer)
        except PaymentDidNotFollow as error:
            if answers:  # the effect holds, its money does not follow: whoever repeats the call must hear that too
                await self._once.renew(error.http_status, _problem(error))
            raise
        answer = answers[-1]
        if ended is not None:
            better = await ended(made)
            if better != answer:
                await self._once.renew(status, better)
            answer = better
        return _answer(status, answer)


def _whole(view: OrderView) -> Any:
    return order_words.in_json(order_words.OrderOut, order_words.whole(view))


def _problem(error: TradewindError) -> dict[str, Any]:
    return problem_body(error.http_status, error.code, error.message, error.hint)


def _repeated(known: StoredResponse) -> Response:
    return _answer(known.http_status, json.loads(known.answer or b"{}"))


def _answer(status: int, body: Mapping[str, Any]) -> Response:
    headers = {"ETag": etag(body["version"])} if "version" in body else {}
    media = "application/problem+json" if status >= 400 else None
    return JSONResponse(body, status_code=status, headers=headers, media_type=media)
