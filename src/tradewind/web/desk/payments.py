"""The desk's pages on payments: what a person must look at before its authorization runs out, what is not known, and disputes as cases."""

from datetime import datetime, timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tradewind import payments as room
from tradewind.db import audit
from tradewind.kit import TradewindError, new_id
from tradewind.orders import OrderView
from tradewind.payments import Case, Payments
from tradewind.web.desk.entry import checked_form, is_first, visit_of
from tradewind.web.desk.keys import Role
from tradewind.web.desk.orders import till_of
from tradewind.web.desk.routes import desk_page
from tradewind.web.desk.tasks import reason_of
from tradewind.web.errors import PageNotFound
from tradewind.web.house import House

OPEN = ("begun", "pending", "unknown")
REVIEWED = ("pending", "unknown", "authorized", "captured")
DONE = {
    "accept": "Accepted. The order goes on within seconds.",
    "refuse": "Refused. The order is canceled within seconds.",
    "submit": "The evidence was handed in.",
    "again": "The form was sent twice; it was carried out once.",
}
_HOUR = 3600
routes = APIRouter(include_in_schema=False, prefix="/desk/payments")


@routes.get("")
async def index(request: Request) -> Response:
    """Reviews with the clock of their authorization, payments whose end is open, and disputes, the nearest deadline first."""
    visit_of(request)
    house: House = request.app.state.house
    async with _payments(request).database.transaction() as tx:
        reviews = await room.list_payments(tx, status=REVIEWED, verdict="review")
        unknown = await room.list_payments(tx, status=OPEN)
        cases = await room.list_cases(tx)
    reviews.sort(key=lambda one: (one.authorized_until is None, one.authorized_until or one.created_at))
    told = DONE.get(request.query_params.get("did", ""), "")
    now = house.clock()
    return await desk_page(
        "desk/payments.html", request, reviews=reviews, unknown=unknown, cases=cases, told=told, left=lambda until: time_left(until, now)
    )


@routes.get("/{payment_id}/decide")
async def ask(payment_id: str, request: Request) -> Response:
    """What the rules saw, how long the authorization holds, and what each decision does."""
    visit_of(request)
    return await _review(request, payment_id)


@routes.post("/{payment_id}/decide")
async def decide(payment_id: str, request: Request) -> Response:
    """Keeps what the visitor decided; the order follows."""
    visit, form = await checked_form(request, Role.OPERATOR)
    chosen = form.get("do", "")
    if chosen not in {"accept", "refuse"}:
        raise PageNotFound(f'there is no decision "{chosen}"', hint="accept or refuse")
    if not await is_first(request, visit, form):
        return RedirectResponse("/desk/payments?did=again", status_code=303)
    payment = await _payments(request).payment(payment_id)
    if payment.verdict != "review":
        return await _review(request, payment_id, f"This was decided meanwhile: {payment.verdict}.", 409)
    try:
        await _payments(request).decide(payment_id, accept=chosen == "accept", by=visit.name, reason=reason_of(form))
    except TradewindError as error:
        return await _review(request, payment_id, f"{error.message}. Next: {error.hint}.", error.http_status)
    await _recorded(request, visit.name, f"payment.{chosen}", payment_id)
    return RedirectResponse(f"/desk/payments?did={chosen}", status_code=303)


@routes.get("/disputes/{dispute_id}")
async def show(dispute_id: str, request: Request) -> Response:
    """A dispute: its deadline, what it moved, and the evidence as it would be handed in."""
    visit_of(request)
    return await _case(request, dispute_id)


@routes.post("/disputes/{dispute_id}")
async def submit(dispute_id: str, request: Request) -> Response:
    """Hands the evidence in; a bank takes it once."""
    visit, form = await checked_form(request, Role.OPERATOR)
    if not await is_first(request, visit, form):
        return RedirectResponse("/desk/payments?did=again", status_code=303)
    payments = _payments(request)
    found = await room.case(payments, dispute_id)
    evidence = room.pack(found, await _facts(request, found) | {"words": form.get("words", "")})
    try:
        await room.submit(payments, dispute_id, evidence, visit.name)
    except TradewindError as error:
        if error.http_status >= 500:
            raise
        return await _case(request, dispute_id, f"{error.message}. Next: {error.hint}.", error.http_status)
    return RedirectResponse("/desk/payments?did=submit", status_code=303)


def time_left(until: datetime | None, now: datetime) -> tuple[str, str]:
    """How long something still holds in words, and the tone to say it in."""
    if until is None:
        return "no deadline", ""
    hours = int((until - now) / timedelta(seconds=_HOUR))
    if until <= now:
        return "run out", "bad"
    words = f"{hours // 24} days {hours % 24} h left" if hours >= 24 else f"{hours} h left"
    return words, "bad" if hours < 24 else "warn" if hours < 72 else ""


def facts_of(view: OrderView) -> dict[str, str]:
    """What an order says for itself when a bank asks: what was bought, where it went, with whom, and who ordered it."""
    order = view.order
    lines = "; ".join(f"{line.original} × {line.title} ({line.sku})" for line in order.lines)
    place = order.facts.get("destination") or {}
    shipped = "; ".join(
        f"{one.carrier} {one.tracking}, left {one.shipped_at:%Y-%m-%d}"
        + (f", arrived {one.delivered_at:%Y-%m-%d}" if one.delivered_at else "")
        for one in view.shipments
    )
    where = ", ".join(filter(None, [*place.get("lines", ()), place.get("postcode"), place.get("city"), place.get("country")]))
    return {
        "order": f"{order.number}, placed {order.placed_at:%Y-%m-%d %H:%M} UTC: {lines}",
        "delivery": f"to {where}: {shipped}" if shipped else "",
        "customer": f"{place.get('name', '')} {order.email}".strip(),
    }


async def _review(request: Request, payment_id: str, problem: str = "", status: int = 200) -> Response:
    house: House = request.app.state.house
    payment = await _payments(request).payment(payment_id)
    answer = await desk_page(
        "desk/review.html",
        request,
        payment=payment,
        left=time_left(payment.authorized_until, house.clock()),
        problem=problem,
        key=new_id("dsk", clock=house.clock),
        allowed=visit_of(request).role is Role.OPERATOR,
    )
    answer.status_code = status
    return answer


async def _case(request: Request, dispute_id: str, problem: str = "", status: int = 200) -> Response:
    house: House = request.app.state.house
    found = await room.case(_payments(request), dispute_id)
    answer = await desk_page(
        "desk/case.html",
        request,
        case=found,
        left=time_left(found.dispute.evidence_due_at, house.clock()),
        evidence=dict(found.dispute.evidence) or room.pack(found, await _facts(request, found)),
        may_answer=found.dispute.status == "needs_response",
        problem=problem,
        key=new_id("dsk", clock=house.clock),
        allowed=visit_of(request).role is Role.OPERATOR,
    )
    answer.status_code = status
    return answer


async def _facts(request: Request, found: Case) -> dict[str, str]:
    if found.payment.order_id is None:
        return {}
    view = await till_of(request).orders.find(found.payment.order_id)
    return facts_of(view)


async def _recorded(request: Request, by: str, action: str, subject: str) -> None:
    house: House = request.app.state.house
    async with house.database.transaction() as tx:
        await audit.record_async(tx, by, action, subject)


def _payments(request: Request) -> Payments:
    return till_of(request).orders.payments
