"""The door of the desk: entering with a key, leaving, and what every page and every form behind it must hold."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tradewind.db import idempotency
from tradewind.web import render
from tradewind.web.desk.keys import VISIT_HOURS, Keys, Role, Visit
from tradewind.web.errors import DeskRefused, LoginNeeded
from tradewind.web.forms import fields_of, is_from_own_page
from tradewind.web.house import House
from tradewind.web.speech import speech

COOKIE = "tradewind_desk"
FIELDS_LIMIT = 20
KEY_LENGTH = 60
routes = APIRouter(include_in_schema=False, prefix="/desk")


@routes.get("/enter")
async def door(request: Request, key: str = "") -> Response:
    """Asks for a name; opening the link alone spends nothing, so a preview of it does no harm."""
    return _private(render.page("desk/enter.html", "en", speech=speech("en", "US"), house=request.app.state.house, key=key))


@routes.post("/enter")
async def enter(request: Request) -> Response:
    """Spends the key and hands out the signed cookie of the visit."""
    _require_own_page(request)
    form = await read_form(request)
    keys = keys_of(request)
    visit = keys.spend(form.get("key", ""), form.get("name", ""))
    answer = RedirectResponse("/desk", status_code=303)
    secure = request.app.state.house.settings.public_url.startswith("https:")
    answer.set_cookie(COOKIE, keys.sealed(visit), max_age=VISIT_HOURS * 3600, path="/desk", httponly=True, samesite="strict", secure=secure)
    return _private(answer)


@routes.post("/leave")
async def leave(request: Request) -> Response:
    """Takes the cookie back."""
    await checked_form(request, Role.VIEWER)
    answer = RedirectResponse("/desk/enter", status_code=303)
    answer.delete_cookie(COOKIE, path="/desk", httponly=True, samesite="strict")
    return _private(answer)


def visit_of(request: Request) -> Visit:
    """Who is asking. LoginNeeded without a valid cookie."""
    visit = keys_of(request).opened(request.cookies.get(COOKIE, ""))
    if visit is None:
        raise LoginNeeded("nobody has entered the desk from this browser", hint="print a link with: tradewind serve --desk-key operator")
    return visit


async def checked_form(request: Request, role: Role, fields: int = FIELDS_LIMIT) -> tuple[Visit, dict[str, str]]:
    """The fields (at most so many) of a form that one of our own pages sent for a visitor who may do this."""
    _require_own_page(request)
    visit = visit_of(request)
    form = await read_form(request, fields)
    if not keys_of(request).holds_token(visit, form.get("token", "")):
        raise DeskRefused("the form does not belong to this visit", hint="open the page again and repeat the step")
    if role is Role.OPERATOR and visit.role is not Role.OPERATOR:
        raise DeskRefused("a viewer cannot decide", hint="enter with a link for operators: tradewind serve --desk-key operator")
    return visit, form


def keys_of(request: Request) -> Keys:
    """The keys of this workspace."""
    house: House = request.app.state.house
    return Keys(house.settings.home, clock=house.clock)


async def read_form(request: Request, fields: int = FIELDS_LIMIT) -> dict[str, str]:
    """The fields of an urlencoded form, each once. DeskRefused when there are more than `fields`."""
    try:
        return await fields_of(request, fields)
    except ValueError:
        raise DeskRefused(f"the form has more than {fields} fields", hint="open the page again and repeat the step") from None


async def is_first(request: Request, visit: Visit, form: dict[str, str]) -> bool:
    """Whether this form's key comes for the first time: the second click of a double click is not. The key is claimed before the effect."""
    house: House = request.app.state.house
    key = form.get("key", "")[:KEY_LENGTH]
    if not key:
        raise DeskRefused("the form has no key", hint="open the page again and repeat the step")
    scope, asked = f"desk/{visit.visit_id}", {name: value for name, value in form.items() if name != "token"} | {"path": request.url.path}
    async with house.database.transaction() as tx:
        if await idempotency.find_async(tx, scope, key, asked) is not None:
            return False
        await idempotency.store_async(tx, scope, key, asked, idempotency.StoredResponse(303, None))
        return True


def _require_own_page(request: Request) -> None:
    if not is_from_own_page(request):
        raise DeskRefused("the form was not sent by a page of this desk", hint="set TRADEWIND_PUBLIC_URL to the address you use")


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    # The address of the door holds a key, so it must not travel on to any other page; same-origin still names our own forms' sender.
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer
