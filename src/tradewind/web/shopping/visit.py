"""What a browser carries between the pages of a purchase: its cart, the session it may see, signed links. Nothing of it names a person."""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tradewind.checkout import WantedLine
from tradewind.db import Sealer
from tradewind.web.errors import FormIsForeign
from tradewind.web.forms import fields_of, is_from_own_page
from tradewind.web.house import House

CART = "tradewind_cart"
CHECKOUT = "tradewind_checkout"
CART_SECONDS = 30 * 24 * 3600
CHECKOUT_SECONDS = 24 * 3600
CART_LINES = 40
CART_UNITS = 99
CODES, CODE_LENGTH = 5, 40
FIELDS_LIMIT = 150
_COOKIE_LIMIT = 3800
_OFFER_ID = re.compile(r"[A-Za-z0-9._-]{1,50}", re.ASCII)
_SIGNATURE_CHARS = 43


def cart_of(request: Request, market: str) -> dict[str, int]:
    """The cart of the cookie: units by offer, in the order they were put in. What is not a cart is an empty one."""
    try:
        held = json.loads(base64.urlsafe_b64decode(request.cookies.get(_name(market), "").encode("ascii")))
    except (ValueError, binascii.Error, UnicodeEncodeError):
        return {}
    if not isinstance(held, list):
        return {}
    found: dict[str, int] = {}
    for one in held[:CART_LINES]:
        if isinstance(one, list) and len(one) == 2 and is_offer_id(one[0]) and type(one[1]) is int and 0 < one[1] <= CART_UNITS:
            found[one[0]] = one[1]
    return found


def keep_cart(answer: Response, house: House, market: str, cart: Mapping[str, int]) -> None:
    """Puts the cart into the browser's cookie; an empty one takes the cookie away."""
    if not cart:
        answer.delete_cookie(_name(market), path=f"/{market}", httponly=True, samesite="lax")
        return
    value = base64.urlsafe_b64encode(json.dumps(list(cart.items()), separators=(",", ":")).encode()).decode()
    if len(value) <= _COOKIE_LIMIT:
        answer.set_cookie(
            _name(market), value, max_age=CART_SECONDS, path=f"/{market}", httponly=True, samesite="lax", secure=is_secure(house)
        )


def codes_of(request: Request, market: str) -> tuple[str, ...]:
    """The discount codes that came with a cart from elsewhere."""
    held = request.cookies.get(_codes_name(market), "")
    return tuple(unquote(one)[:CODE_LENGTH] for one in held.split(".")[:CODES] if one)


def keep_codes(answer: Response, house: House, market: str, codes: Sequence[str]) -> None:
    """Keeps discount codes until a checkout begins; none take the cookie away."""
    if not codes:
        answer.delete_cookie(_codes_name(market), path=f"/{market}", httponly=True, samesite="lax")
        return
    value = ".".join(quote(one[:CODE_LENGTH], safe="").replace(".", "%2E") for one in codes[:CODES])
    answer.set_cookie(
        _codes_name(market), value, max_age=CHECKOUT_SECONDS, path=f"/{market}", httponly=True, samesite="lax", secure=is_secure(house)
    )


def led(address: str) -> RedirectResponse:
    """Where a link from elsewhere leads: nobody keeps the answer, and nobody hears of the link by the next page."""
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def is_offer_id(value: object) -> bool:
    """Whether an offer can have this id."""
    return isinstance(value, str) and _OFFER_ID.fullmatch(value) is not None


def wanted(cart: Mapping[str, int]) -> tuple[WantedLine, ...]:
    """The cart as a checkout wants it."""
    return tuple(WantedLine(offer_id, units) for offer_id, units in cart.items())


def signature(sealer: Sealer, kind: str, subject: str) -> str:
    """What a link or a cookie carries so that nobody can guess somebody else's."""
    return base64.urlsafe_b64encode(sealer.digest(subject, f"web {kind}")).decode()[:_SIGNATURE_CHARS]


def is_signed(sealer: Sealer, kind: str, subject: str, given: str) -> bool:
    """Whether the signature is ours."""
    return given.isascii() and hmac.compare_digest(signature(sealer, kind, subject), given)


def order_address(sealer: Sealer, market: str, order_id: str) -> str:
    """The address of an order's page below the public one, which only whom it was sent to knows."""
    return f"/{market}/orders/{order_id}?t={signature(sealer, 'order', order_id)}"


def may_see(request: Request, sealer: Sealer, session_id: str) -> bool:
    """Whether this browser began the session, or came with its link."""
    held, _, given = request.cookies.get(CHECKOUT, "").partition("~")
    return held == session_id and is_signed(sealer, "checkout", session_id, given)


def keep_session(answer: Response, house: House, sealer: Sealer, market: str, session_id: str) -> None:
    """Lets this browser see the session."""
    value = f"{session_id}~{signature(sealer, 'checkout', session_id)}"
    answer.set_cookie(CHECKOUT, value, max_age=CHECKOUT_SECONDS, path=f"/{market}", httponly=True, samesite="lax", secure=is_secure(house))


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form that one of our own pages sent, each once; cookies are SameSite besides. FormIsForeign."""
    if not is_from_own_page(request):
        raise FormIsForeign("the form was not sent by a page of this shop", hint="open the page again and repeat the step")
    try:
        found = await fields_of(request, FIELDS_LIMIT, keep_blank=True)
    except ValueError:
        raise FormIsForeign(f"the form has more than {FIELDS_LIMIT} fields", hint="open the page again and repeat the step") from None
    return {name: value.replace("\0", "") for name, value in found.items()}


def is_secure(house: House) -> bool:
    """Whether cookies travel by https alone."""
    return house.settings.public_url.startswith("https:")


def origin_of(request: Request) -> str:
    """The caller's network address, for counting attempts."""
    return request.client.host if request.client else ""


def _name(market: str) -> str:
    return f"{CART}_{market}"


def _codes_name(market: str) -> str:
    return f"{CART}_codes_{market}"
