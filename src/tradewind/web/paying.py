"""What providers and their shoppers call at the window: webhooks, the code of a cash order, the fake bank's page for challenges."""

from datetime import datetime
from typing import Annotated, Any, Protocol

import structlog
from fastapi import APIRouter, Form, Path
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from tradewind.kit import Currency, Money
from tradewind.payments import ConfirmationCodeIsWrong, Payment, PaymentProviderUnknown, Payments, PaymentStatus, confirm_by_code, receive
from tradewind.web import render
from tradewind.web.errors import PageNotFound
from tradewind.web.house import House
from tradewind.web.speech import speech

PROVIDER_LENGTH, REFERENCE_LENGTH, CODE_LENGTH = 40, 80, 20
FAKE, CASH = "fake", "on_delivery"
routes = APIRouter(include_in_schema=False)
_log = structlog.get_logger("tradewind.web")
_NOT_STORED = {"Cache-Control": "no-store"}


class FakeBankPage(Protocol):
    """What the page needs of the fake provider's bank."""

    def charge(self, reference: str) -> Any:
        """The charge with this reference."""
        ...

    def answer_challenge(self, reference: str, *, approved: bool, at: datetime) -> Any:
        """What the shopper did; None for an unknown charge."""
        ...


@routes.post("/webhooks/payments/{provider}")
async def take_webhook(request: Request, provider: Annotated[str, Path(max_length=PROVIDER_LENGTH)]) -> Response:
    """200 when it was carried out or came before; 400 when it is not authentic; 502 asks the sender to come again."""
    payments = _payments(request)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.headers.raw}
    done = await receive(payments, provider, headers, await request.body())
    _log.info("webhook", provider=provider, event_id=done.event_id, name=done.name, result=done.result)
    return JSONResponse({"event": done.event_id, "result": done.result}, headers=_NOT_STORED)


@routes.get("/fake-bank/{reference}")
async def ask_at_fake_bank(request: Request, reference: Annotated[str, Path(max_length=REFERENCE_LENGTH)]) -> Response:
    """The page of the fake bank: approve or decline, where a real bank asks for a code or shows a QR code."""
    house: House = request.app.state.house
    charge = _fake(request).charge(reference)
    if charge is None:
        raise PageNotFound(f"the fake bank has no charge {reference}")
    words, amount = speech("en", "US"), Money(charge.amount, Currency(charge.currency))
    waits = charge.state == "waiting"
    return render.page("storefront/fake_bank.html", "en", house=house, speech=words, charge=charge, amount=amount, waits=waits, home="/")


@routes.post("/fake-bank/{reference}/{answer}")
async def answer_at_fake_bank(request: Request, reference: Annotated[str, Path(max_length=REFERENCE_LENGTH)], answer: str) -> Response:
    """What the shopper chose; then back to the shop."""
    house: House = request.app.state.house
    charge = _fake(request).answer_challenge(reference, approved=answer == "approve", at=house.clock())
    if charge is None or answer not in {"approve", "decline"}:
        raise PageNotFound(f"the fake bank has no charge {reference}")
    return RedirectResponse(charge.return_url, status_code=303, headers=_NOT_STORED)


@routes.get("/pay/confirm/{payment_id}")
async def ask_for_code(request: Request, payment_id: Annotated[str, Path(max_length=REFERENCE_LENGTH)]) -> Response:
    """Asks for the code of a cash order, in the language of its market."""
    payment = await _payments(request).payment(payment_id)
    return _confirming(request, payment)


@routes.post("/pay/confirm/{payment_id}")
async def take_code(
    request: Request, payment_id: Annotated[str, Path(max_length=REFERENCE_LENGTH)], code: Annotated[str, Form(max_length=CODE_LENGTH)] = ""
) -> Response:
    """The code was typed: the order counts, or the page says that it was wrong."""
    payments = _payments(request)
    try:
        return _confirming(request, await confirm_by_code(payments, payment_id, code))
    except ConfirmationCodeIsWrong:
        return _confirming(request, await payments.payment(payment_id), wrong=True)


def _confirming(request: Request, payment: Payment, *, wrong: bool = False) -> Response:
    house: House = request.app.state.house
    # A failed or voided payment is nobody's business here, and other methods have nothing to confirm.
    if payment.provider != CASH or payment.status not in {PaymentStatus.PENDING, PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED}:
        raise PageNotFound("there is no cash order to confirm here")
    window = house.market(payment.market)
    words = speech(window.language, window.country)
    return render.page(
        "storefront/confirm_cash.html",
        words.language,
        status=403 if wrong else 200,
        house=house,
        speech=words,
        payment_id=payment.payment_id,
        waits=payment.status is PaymentStatus.PENDING,
        wrong=wrong,
        home=f"/{window.code}/",
    )


def _payments(request: Request) -> Payments:
    house: House = request.app.state.house
    if house.till is None:
        raise PageNotFound("this window takes no payments")
    payments: Payments = house.till.completing.payments
    return payments


def _fake(request: Request) -> FakeBankPage:
    try:
        provider: Any = _payments(request).provider(FAKE)
    except PaymentProviderUnknown as error:
        raise PageNotFound("there is no fake bank here") from error
    bank: FakeBankPage = provider.bank
    return bank
