"""The shopper's account: signing up and in, addresses, everything held of the person as a file, and its erasure."""

import json
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tradewind.accounts import Accounts, AddressEntry, Shopper, ShopperSession
from tradewind.checkout import Buyer, CreateSession, Destination
from tradewind.kit import TradewindError
from tradewind.orders import Order, OrderStatus
from tradewind.web.errors import FormIsForeign, PageNotFound
from tradewind.web.house import House
from tradewind.web.shopping import fields, visit
from tradewind.web.shopping.cart import page, shop_of
from tradewind.web.storefront.shop import Shop

COOKIE = "tradewind_shopper"
COOKIE_SECONDS = 90 * 24 * 3600
FORMS = ("sign-in", "sign-up", "forgotten", "reset", "confirm")
routes = APIRouter(include_in_schema=False)


@routes.get("/{code}/account")
async def overview(code: str, request: Request) -> Response:
    """What the shop keeps of the shopper."""
    shop, accounts, session = await _signed_in(request, code)
    if session is None:
        return RedirectResponse(shop.link("/account/sign-in"), status_code=303)
    return await _overview(shop, accounts, session)


@routes.get("/{code}/account/export")
async def export(code: str, request: Request) -> Response:
    """Everything that is held of the person, as one file."""
    shop, accounts, session = await _signed_in(request, code)
    if session is None:
        return RedirectResponse(shop.link("/account/sign-in"), status_code=303)
    held = await accounts.export(session.shopper_id)
    if shop.house.till is not None:
        shopper = await accounts.shopper(session.shopper_id)
        held["orders"] = await shop.house.till.orders.export_person(_proven(shopper), session.shopper_id)
    told = json.dumps(held, ensure_ascii=False, indent=1, default=str)
    headers = {"Content-Disposition": 'attachment; filename="my-data.json"', "Cache-Control": "no-store"}
    return Response(told, media_type="application/json", headers=headers)


@routes.get("/{code}/account/{form}")
async def form_page(code: str, form: str, request: Request) -> Response:
    """One of the forms of somebody who is not signed in. The links of mails only show a form, so a preview of them spends nothing."""
    if form not in FORMS:
        raise PageNotFound(f'there is no page "{form}"', hint="see the links of the account page")
    shop = await shop_of(request, code, f"/account/{form}")
    return _form(shop, form, code_text=request.query_params.get("code", "")[:200])


@routes.post("/{code}/account/sign-up")
async def sign_up(code: str, request: Request) -> Response:
    """Opens an account; the answer is the same where one exists."""
    given, shop, accounts = await _given(request, code, "/account/sign-up")
    try:
        await accounts.sign_up(
            given.get("email", ""),
            given.get("password", ""),
            given.get("name", ""),
            visit.origin_of(request),
            language=shop.speech.language,
            market=code,
            marketing=given.get("marketing") == "yes",
        )
    except TradewindError as error:
        return _form(shop, "sign-up", error, given)
    return _form(shop, "sign-in", done=shop.speech.text("We have sent you a mail. Please open the link in it."))


@routes.post("/{code}/account/sign-in")
async def sign_in(code: str, request: Request) -> Response:
    """Begins a visit under a new token."""
    given, shop, accounts = await _given(request, code, "/account/sign-in")
    try:
        begun = await accounts.sign_in(given.get("email", ""), given.get("password", ""), visit.origin_of(request))
    except TradewindError as error:
        return _form(shop, "sign-in", error, given)
    return _entered(shop, begun.token)


@routes.post("/{code}/account/forgotten")
async def forgotten(code: str, request: Request) -> Response:
    """Mails a link for a new password, if there is such an account."""
    given, shop, accounts = await _given(request, code, "/account/forgotten")
    try:
        await accounts.ask_reset(given.get("email", ""), visit.origin_of(request))
    except TradewindError as error:
        return _form(shop, "forgotten", error, given)
    return _form(shop, "sign-in", done=shop.speech.text("If there is an account with this address, we have sent you a mail."))


@routes.post("/{code}/account/reset")
async def reset(code: str, request: Request) -> Response:
    """Sets the new password and begins a visit."""
    given, shop, accounts = await _given(request, code, "/account/reset")
    try:
        begun = await accounts.reset(given.get("code", ""), given.get("password", ""), visit.origin_of(request))
    except TradewindError as error:
        return _form(shop, "reset", error, given, code_text=given.get("code", ""))
    return _entered(shop, begun.token)


@routes.post("/{code}/account/confirm")
async def confirm(code: str, request: Request) -> Response:
    """The e-mail address is the shopper's."""
    given, shop, accounts = await _given(request, code, "/account/confirm")
    try:
        await accounts.confirm(given.get("code", ""), visit.origin_of(request))
    except TradewindError as error:
        return _form(shop, "sign-in", error)
    return _form(shop, "sign-in", done=shop.speech.text("Your e-mail address is confirmed. You can sign in now."))


@routes.post("/{code}/account/sign-out")
async def sign_out(code: str, request: Request) -> Response:
    """Ends the visit."""
    given, shop, accounts = await _given(request, code, "/account")
    await _own(request, accounts, given)
    await accounts.sign_out(request.cookies.get(COOKIE, ""))
    return _left(shop, "/")


@routes.post("/{code}/account/addresses")
async def addresses(code: str, request: Request) -> Response:
    """Keeps an address, or forgets one."""
    given, shop, accounts = await _given(request, code, "/account")
    session = await _own(request, accounts, given)
    if given.get("forget"):
        await accounts.forget_address(session.shopper_id, given["forget"])
        return RedirectResponse(shop.link("/account"), status_code=303)
    place = fields.destination_of(shop.market.country, given, given.get("phone", "")[:40])
    if place is None or not place.lines or not place.city:
        return await _overview(shop, accounts, session, shop.speech.text("Please enter the delivery address."))
    entry = AddressEntry("", place.name, place.country, place.postcode, place.region, place.city, place.lines, place.phone, is_default=True)
    try:
        await accounts.keep_address(session.shopper_id, entry)
    except TradewindError as error:
        return await _overview(shop, accounts, session, sentence(shop, error))
    return RedirectResponse(shop.link("/account"), status_code=303)


@routes.post("/{code}/account/erase")
async def erase(code: str, request: Request) -> Response:
    """Erases the account, once its password was given again."""
    given, shop, accounts = await _given(request, code, "/account")
    session = await _own(request, accounts, given)
    shopper = await accounts.shopper(session.shopper_id)
    try:
        await accounts.erase(session.shopper_id, given.get("password", ""))
    except TradewindError as error:
        return await _overview(shop, accounts, session, sentence(shop, error))
    if shop.house.till is not None:
        await shop.house.till.orders.forget_person(_proven(shopper), "shopper", session.shopper_id)
    return _left(shop, "/")


def sentence(shop: Shop, error: TradewindError) -> str:
    """The error in the shopper's words."""
    say = shop.speech.text
    known = {
        "sign_in_failed": say("The e-mail address and the password do not belong together."),
        "too_many_attempts": say("Too many attempts. Please wait a quarter of an hour."),
        "code_spent": say("This link was used before, or is too old. Please ask for a new one."),
        "password_weak": say("Please choose another password: at least ten characters, and none that everybody tries first."),
        "address_limit_reached": say("Please remove an address first."),
    }
    return known.get(error.code, say("Please check what you entered."))


async def known_buyer(request: Request, shop: Shop, wanted: CreateSession) -> CreateSession:
    """The purchase with what a signed-in shopper has told the account before: contact, the default address here, and whose order it becomes."""
    accounts = shop.house.accounts
    session = await session_of(request, accounts) if accounts is not None else None
    if session is None:
        return wanted
    shopper, kept = await accounts.shopper(session.shopper_id), await accounts.addresses(session.shopper_id)
    here = next((one for one in kept if one.country == shop.market.country), None)
    phone = here.phone if here else ""
    place = (
        Destination(here.country, here.region, here.postcode, here.city, tuple(here.lines), here.name, here.phone)
        if here is not None
        else None
    )
    source = {**wanted.source, "shopper_id": session.shopper_id}
    return replace(wanted, buyer=Buyer(shopper.email, shopper.name, phone), destination=place, source=source)


async def session_of(request: Request, accounts: Accounts) -> ShopperSession | None:
    """The visit of this browser's shopper."""
    token = request.cookies.get(COOKIE, "")
    return await accounts.session(token) if token else None


def accounts_of(house: House) -> Accounts:
    """The accounts of this installation; PageNotFound in a window that keeps none."""
    if house.accounts is None:
        raise PageNotFound("this shop window keeps no accounts", hint="buy as a guest")
    found: Accounts = house.accounts
    return found


async def _signed_in(request: Request, code: str) -> tuple[Shop, Accounts, ShopperSession | None]:
    shop = await shop_of(request, code, "/account")
    accounts = accounts_of(shop.house)
    return shop, accounts, await session_of(request, accounts)


async def _given(request: Request, code: str, path: str) -> tuple[dict[str, str], Shop, Accounts]:
    given = await visit.read_form(request)
    shop = await shop_of(request, code, path)
    return given, shop, accounts_of(shop.house)


async def _own(request: Request, accounts: Accounts, given: dict[str, str]) -> ShopperSession:
    session = await session_of(request, accounts)
    if session is None or given.get("token") != session.form_token:
        raise FormIsForeign("the form does not belong to this visit", hint="sign in and repeat the step")
    return session


async def _overview(shop: Shop, accounts: Accounts, session: ShopperSession, problem: str = "") -> Response:
    shopper, kept = await accounts.shopper(session.shopper_id), await accounts.addresses(session.shopper_id)
    till = shop.house.till
    placed = await till.orders.of_person(_proven(shopper), session.shopper_id) if till is not None else []
    return page(
        "storefront/account.html",
        shop,
        status=422 if problem else 200,
        shopper=shopper,
        addresses=kept,
        orders=[(one, visit.order_address(till.sealer, one.market, one.order_id), _stage(shop, one)) for one in placed],
        fields=fields.address_fields(shop.market.country, shop.speech, None),
        token=session.form_token,
        problem=problem,
    )


def _proven(shopper: Shopper) -> str:
    """The e-mail address, once it is known to be the shopper's: else anybody could open an account for somebody else's orders."""
    return shopper.email if shopper.confirmed_at else ""


def _stage(shop: Shop, order: Order) -> str:
    say = shop.speech.text
    if order.status is OrderStatus.CANCELED:
        return say("Canceled")
    if any(one.fulfilled for one in order.lines):
        return say("Delivered") if order.status is OrderStatus.CLOSED else say("On its way")
    return say("Being prepared")


def _form(
    shop: Shop, form: str, error: TradewindError | None = None, given: dict[str, str] | None = None, *, done: str = "", code_text: str = ""
) -> Response:
    values: dict[str, Any] = {"form": form, "done": done, "code_text": code_text, "given": given or {}}
    values["problem"] = sentence(shop, error) if error else ""
    return page("storefront/account_form.html", shop, status=error.http_status if error else 200, **values)


def _entered(shop: Shop, token: str) -> Response:
    answer = RedirectResponse(shop.link("/account"), status_code=303)
    answer.set_cookie(COOKIE, token, max_age=COOKIE_SECONDS, path="/", httponly=True, samesite="lax", secure=visit.is_secure(shop.house))
    return answer


def _left(shop: Shop, path: str) -> Response:
    answer = RedirectResponse(shop.link(path), status_code=303)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    return answer
