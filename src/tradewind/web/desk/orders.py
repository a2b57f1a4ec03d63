"""The desk's pages on orders: the list, one order with everything that happened to it, and what a person can do with it."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tradewind.db import audit
from tradewind.kit import TradewindError, new_id
from tradewind.orders import OrderView, OrderWasChanged, fulfillment_status
from tradewind.payments import Operation, Payment, operations
from tradewind.web.desk.entry import checked_form, is_first, visit_of
from tradewind.web.desk.keys import Role
from tradewind.web.desk.routes import desk_page
from tradewind.web.desk.tasks import Task, carry_out, consequence, tasks
from tradewind.web.errors import PageNotFound, ShopDoesNotSell
from tradewind.web.house import House
from tradewind.web.shopping import Till

PAGE = 30
SEARCH_LIMIT = 200
NUMBER_DIGITS = 15
FORM_FIELDS = 150
STATES = ("open", "canceled", "closed")
routes = APIRouter(include_in_schema=False, prefix="/desk/orders")


@routes.get("")
async def index(request: Request) -> Response:
    """The newest orders; a number in the search leads to its order, anything else is taken for an e-mail address."""
    visit_of(request)
    till, asked = till_of(request), request.query_params
    words = asked.get("q", "").strip()[:SEARCH_LIMIT]
    number = _number(words)
    if number:
        return RedirectResponse(f"/desk/orders/{number}", status_code=303)
    market, status = asked.get("market", "")[:10], asked.get("status", "") if asked.get("status") in STATES else ""
    is_held = True if asked.get("held") else None
    listed = await till.orders.newest(
        market=market or None,
        status=status or None,
        email=words or None,
        is_held=is_held,
        before=_number(asked.get("before", "")),
        limit=PAGE + 1,
    )
    more, listed = len(listed) > PAGE, listed[:PAGE]
    chosen = {"q": words, "market": market, "status": status, "held": "1" if is_held else ""}
    house: House = request.app.state.house
    return await desk_page(
        "desk/orders.html",
        request,
        listed=listed,
        chosen=chosen,
        markets=sorted(house.known),
        following=listed[-1].number if more else None,
        first=not asked.get("before"),
    )


@routes.get("/{name}")
async def show(name: str, request: Request) -> Response:
    """One order: lines, price, payment, shipments, what was changed, and everything that happened."""
    visit_of(request)
    view, payment, steps = await _found(request, name)
    task = tasks(view, payment)
    done = request.query_params.get("did", "")
    told = task[done].done if done in task else _AGAIN if done == "again" else ""
    return await desk_page(
        "desk/order.html",
        request,
        order=view.order,
        shipments=view.shipments,
        stage=fulfillment_status(view.order, view.shipments),
        payment=payment,
        steps=steps,
        tasks=task.values(),
        told=told,
    )


@routes.get("/{name}/{task}")
async def ask(name: str, task: str, request: Request) -> Response:
    """States what the task changes, and asks for what it needs."""
    visit_of(request)
    view, payment, _ = await _found(request, name)
    return await _asked(request, view, payment, _task(view, payment, task))


@routes.post("/{name}/{task}")
async def do(name: str, task: str, request: Request) -> Response:
    """Carries the task out in the name of the visitor, once, if the order is still as the visitor saw it."""
    visit, form = await checked_form(request, Role.OPERATOR, FORM_FIELDS)
    view, payment, _ = await _found(request, name)
    order = view.order
    page = f"/desk/orders/{order.number}"
    if not await is_first(request, visit, form):
        return RedirectResponse(f"{page}?did=again", status_code=303)
    chosen = _task(view, payment, task)
    if form.get("seen") != order.updated_at.isoformat():
        return await _asked(request, view, payment, chosen, problem=_CHANGED, form=form, status=409)
    try:
        await carry_out(till_of(request).orders, view, payment, task, form=form, by=visit.name)
    except TradewindError as error:
        if error.http_status >= 500:
            raise
        view, payment, _ = await _found(request, name)
        told, status = f"{error.message}. Next: {error.hint}." if error.hint else f"{error.message}.", error.http_status
        if isinstance(error, OrderWasChanged):
            told, status = _CHANGED, 409
        return await _asked(request, view, payment, _task(view, payment, task), problem=told, form=form, status=status)
    house: House = request.app.state.house
    async with house.database.transaction() as tx:
        await audit.record_async(tx, visit.name, f"order.{task}", order.order_id, {"number": order.number})
    return RedirectResponse(f"{page}?did={task}", status_code=303)


def till_of(request: Request) -> Till:
    """What takes orders here. ShopDoesNotSell."""
    house: House = request.app.state.house
    if house.till is None:
        raise ShopDoesNotSell("this window takes no orders", hint="start it with: tradewind serve")
    found: Till = house.till
    return found


_CHANGED = "The order has changed since you looked. This is how it stands now: please look again, then decide."
_AGAIN = "The form was sent twice; it was carried out once. This is the order now."


async def _found(request: Request, name: str) -> tuple[OrderView, Payment, list[Operation]]:
    till = till_of(request)
    view = await till.orders.find(name[:SEARCH_LIMIT])
    payments = till.orders.payments
    payment = await payments.payment(view.order.payment_id)
    async with payments.database.transaction() as tx:
        return view, payment, await operations(tx, payment.payment_id)


def _task(view: OrderView, payment: Payment, name: str) -> Task:
    found = tasks(view, payment).get(name)
    if found is None:
        raise PageNotFound(f'there is no task "{name}"', hint="release, ship, deliver, refund or cancel")
    return found


async def _asked(
    request: Request,
    view: OrderView,
    payment: Payment,
    task: Task,
    *,
    problem: str = "",
    form: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    house: House = request.app.state.house
    values: dict[str, Any] = {
        "order": view.order,
        "shipments": view.shipments,
        "payment": payment,
        "task": task,
        "lines": [] if task.closed else consequence(task, view, payment),
        "problem": problem,
        "given": form or {},
        "key": new_id("dsk", clock=house.clock),
        "allowed": visit_of(request).role is Role.OPERATOR,
    }
    answer = await desk_page("desk/task.html", request, **values)
    answer.status_code = status
    return answer


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS else None
