"""One page from the address to the payment. Every button sends the whole form; only "pay" pays."""

import hashlib
from dataclasses import replace

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tradewind.checkout import (
    CheckoutSession,
    CheckoutStatus,
    CreateSession,
    PaymentInstrument,
    SessionIsFinished,
    SessionIsNotReady,
    SessionUnknown,
    SessionWasChanged,
    UpdateSession,
    WantedLine,
    settle,
)
from tradewind.kit import Currency, Money, TradewindError, new_id
from tradewind.web.errors import CheckoutIsNotYours
from tradewind.web.shopping import fields, visit
from tradewind.web.shopping.account import known_buyer
from tradewind.web.shopping.cart import page, shop_of, till_of, totals
from tradewind.web.shopping.till import Till
from tradewind.web.shopping.words import Told, told
from tradewind.web.storefront.shop import Shop

routes = APIRouter(include_in_schema=False)
_CODE_LIMIT = 40


@routes.post("/{code}/checkout")
async def begin(code: str, request: Request) -> Response:
    """Turns the cart into a session. The form's key makes a second click find the first one's session."""
    form = await visit.read_form(request)
    shop, till = await shop_of(request, code, "/cart"), till_of(request)
    cart = visit.cart_of(request, code)
    if not cart:
        return RedirectResponse(shop.link("/cart"), status_code=303)
    key = hashlib.sha256(f"{form.get('key', '')} {sorted(cart.items())}".encode()).hexdigest()
    codes = visit.codes_of(request, code)
    wanted = CreateSession(code, visit.wanted(cart), shop.speech.language, codes=codes, source={"surface": "web"})
    session = await till.sessions.create(await known_buyer(request, shop, wanted), key)
    answer = RedirectResponse(shop.link(f"/checkout/{session.session_id}"), status_code=303)
    visit.keep_session(answer, shop.house, till.sealer, code, session.session_id)
    visit.keep_codes(answer, shop.house, code, ())
    return answer


@routes.get("/{code}/checkout/{session_id}")
async def show(code: str, session_id: str, request: Request, t: str = "") -> Response:
    """The checkout as it stands; a signed link from elsewhere lets this browser in."""
    shop, till = await shop_of(request, code, f"/checkout/{session_id}"), till_of(request)
    if t and visit.is_signed(till.sealer, "checkout", session_id, t):
        answer = visit.led(shop.link(f"/checkout/{session_id}"))
        visit.keep_session(answer, shop.house, till.sealer, code, session_id)
        return answer
    session = await _session(request, till, code, session_id)
    if session.status is CheckoutStatus.COMPLETE_IN_PROGRESS:
        session = await settle(till.completing, session_id)
    return _shown(shop, till, session)


@routes.get("/{code}/checkout/{session_id}/return")
async def came_back(code: str, session_id: str, request: Request) -> Response:
    """Where a bank sends the shopper after its question: the payment is asked for its end."""
    shop, till = await shop_of(request, code, f"/checkout/{session_id}"), till_of(request)
    await _session(request, till, code, session_id)
    return _shown(shop, till, await settle(till.completing, session_id))


@routes.post("/{code}/checkout/{session_id}")
async def change(code: str, session_id: str, request: Request) -> Response:
    """Keeps what was entered; with `pay`, buys."""
    form = await visit.read_form(request)
    shop, till = await shop_of(request, code, f"/checkout/{session_id}"), till_of(request)
    before = await _session(request, till, code, session_id)
    try:
        after = await till.sessions.update(session_id, _chosen(shop, before, form), if_match=_version(form))
    except SessionWasChanged:
        return _shown(shop, till, await till.sessions.get(session_id), shop.speech.text("This checkout was changed in another window."))
    except SessionIsFinished:
        return _shown(shop, till, await till.sessions.get(session_id))
    if form.get("do") != "pay":
        is_wrong = any(one.is_error for one in _sentences(shop, after))
        # A browser moves the focus to what the address names: to what is wrong, else to the new total.
        return RedirectResponse(shop.link(f"/checkout/{session_id}") + ("#problems" if is_wrong else "#sum"), status_code=303)
    if after.status is not CheckoutStatus.READY_FOR_COMPLETE:
        return _shown(shop, till, after, status=422)
    if form.get("seen") != str(after.total):
        return _shown(shop, till, after, shop.speech.text("Please check the total, then pay."))
    return await _pay(shop, till, after, form)


async def _pay(shop: Shop, till: Till, session: CheckoutSession, form: dict[str, str]) -> Response:
    back = shop.absolute(f"/checkout/{session.session_id}/return")
    method = form.get("method", "")
    instrument = PaymentInstrument(method, form.get("instrument", ""), back, session.total)
    try:
        ended = await till.completing.complete(
            session.session_id, instrument, idempotency_key=f"web {form.get('key', '')} {session.version}", if_match=session.version
        )
    except (SessionWasChanged, SessionIsFinished, SessionIsNotReady):
        return _shown(shop, till, await till.sessions.get(session.session_id))
    except TradewindError as error:
        if error.http_status >= 500:
            raise
        return _shown(shop, till, await till.sessions.get(session.session_id), shop.speech.text("Please choose how to pay."), status=422)
    return _shown(shop, till, ended)


def _shown(shop: Shop, till: Till, session: CheckoutSession, notice: str = "", status: int = 200) -> Response:
    if session.order_id:
        token = visit.signature(till.sealer, "order", session.order_id)
        answer: Response = RedirectResponse(shop.link(f"/orders/{session.order_id}", t=token), status_code=303)
        visit.keep_cart(answer, shop.house, shop.market.code, {})
        return answer
    sentences, say = _sentences(shop, session, notice), shop.speech.text
    asked = fields.address_fields(shop.market.country, shop.speech, session.destination)
    amount = Money(session.total, Currency(session.currency))
    methods, card = till.methods(session.market, amount), till.fields_for(session.market, amount)
    answer = page(
        "storefront/checkout.html",
        shop,
        status=status,
        session=session,
        fields=asked,
        labels={one.name: one.label for one in asked} | {"email": say("E-mail"), "code": say("Discount code")},
        wrong={one.field: one.text for one in sentences if one.field},
        problems=[one for one in sentences if one.is_error],
        notes=[one for one in sentences if not one.is_error and not one.field],
        methods=[(one, method_name(shop, one)) for one in methods],
        instruments=till.instruments,
        card=card,
        totals=totals(((one.type, one.amount) for one in session.totals), session.currency, shop),
        arrivals={one.option_id: shop.speech.span(one.earliest, one.latest) for one in session.options},
        names=option_names(shop, session),
        is_waiting=session.status is CheckoutStatus.COMPLETE_IN_PROGRESS,
        is_challenge=session.status is CheckoutStatus.REQUIRES_ESCALATION,
        is_over=session.status is CheckoutStatus.CANCELED,
        key=new_id("web", clock=shop.house.clock),
    )
    if card is not None:
        answer.headers["Content-Security-Policy"] = card.policy
    return answer


def _sentences(shop: Shop, session: CheckoutSession, notice: str = "") -> list[Told]:
    """What the page says. A form that nobody sent yet is not scolded for its empty fields."""
    found = told(session, shop.speech)
    if session.version <= 1:
        found = [one for one in found if not one.field and (notice or not one.is_expected)]
    return [Told(notice, "", is_error=True), *found] if notice else found


def option_names(shop: Shop, session: CheckoutSession) -> dict[str, str]:
    """How the ways of delivery are called."""
    say = shop.speech.text
    known = {"standard": say("Standard delivery"), "express": say("Express delivery")}
    return {one.option_id: known.get(one.option_id, one.option_id.capitalize()) for one in session.options}


def method_name(shop: Shop, method: str) -> str:
    """How a payment method is called."""
    say = shop.speech.text
    known = {
        "card": say("Card"),
        "apple_pay": "Apple Pay",
        "google_pay": "Google Pay",
        "promptpay": "PromptPay",
        "bank_qr": say("Bank transfer by QR code"),
        "cash_on_delivery": say("Cash on delivery"),
    }
    return known.get(method, method.replace("_", " ").capitalize())


async def _session(request: Request, till: Till, code: str, session_id: str) -> CheckoutSession:
    if visit.may_see(request, till.sealer, session_id):
        try:
            session = await till.sessions.get(session_id)
        except SessionUnknown:
            session = None
        if session is not None and session.market == code:
            return session
    raise CheckoutIsNotYours("this checkout was not begun in this browser, or has ended", hint="begin again from the cart")


def _chosen(shop: Shop, before: CheckoutSession, form: dict[str, str]) -> UpdateSession:
    """What the form chose. Lines change in the cart, not here."""
    lines = tuple(WantedLine(line.offer_id, line.quantity) for line in before.lines)
    buyer = fields.buyer_of(form)
    typed = " ".join(form.get("code", "").split())[:_CODE_LIMIT]
    return UpdateSession(
        lines=lines,
        buyer=replace(buyer, consent={**before.buyer.consent, **buyer.consent}),
        destination=fields.destination_of(shop.market.country, form, buyer.phone),
        selected_option=form.get("option") or before.selected_option,
        codes=(typed,) if typed else (),
    )


def _version(form: dict[str, str]) -> int | None:
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
