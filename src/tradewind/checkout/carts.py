"""Carts: what a buyer has gathered, with its price of this moment. Nothing is held for a cart, and its totals are estimates."""

from dataclasses import dataclass, replace
from datetime import timedelta

from tradewind.checkout import rules, store
from tradewind.checkout.errors import CartUnknown, SessionWasChanged
from tradewind.checkout.model import AppliedDiscount, CheckoutSession, CreateSession, Message, SessionLine, Total, WantedLine
from tradewind.checkout.service import Sessions
from tradewind.kit import new_id

CART_DAYS = 30
_ABOUT_CHECKOUT = frozenset({"email_missing", "address_missing"})


@dataclass(frozen=True, slots=True)
class Cart:
    """Lines with their prices of now; `version` grows with each change."""

    cart_id: str
    business: str
    market: str
    language: str
    currency: str
    version: int
    lines: tuple[SessionLine, ...]
    codes: tuple[str, ...]
    applied: tuple[AppliedDiscount, ...]
    totals: tuple[Total, ...]
    messages: tuple[Message, ...]


class Carts:
    """Creates, changes and reads carts, and turns one into a checkout session."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def create(self, wanted: CreateSession, idempotency_key: str) -> Cart:
        """A new cart, or the one that the key made before. CheckoutInputIsInvalid, MarketIsNotOpen, IdempotencyKeyWasReused."""
        shop, at = self._sessions.shop, self._sessions.shop.clock()
        key = self._sessions.key("cart", wanted.business, idempotency_key, wanted)
        async with shop.database.statements() as tx:
            body = await self._sessions.cart_body(tx, wanted, new_id("crt", clock=shop.clock))
            if await store.create_cart(tx, body, key, at, at + timedelta(days=CART_DAYS)):
                return _cart(body)
            return _cart(await self._sessions.answered(tx, key))

    async def update(
        self, cart_id: str, lines: tuple[WantedLine, ...], *, codes: tuple[str, ...] = (), if_match: int | None = None
    ) -> Cart:
        """The cart with these lines and codes in place of those before. CartUnknown, SessionWasChanged."""
        shop, at = self._sessions.shop, self._sessions.shop.clock()
        wanted = rules.check_wanted(lines, codes)
        async with shop.database.statements() as tx:
            before = await store.read_cart(tx, cart_id, at)
            if before is None:
                raise _unknown(cart_id)
            after = await self._sessions.with_lines(tx, replace(before, codes=codes), wanted)
            expected = before.version if if_match is None else if_match
            if not await store.change_cart(tx, after, expected, at, at + timedelta(days=CART_DAYS)):
                raise SessionWasChanged(f"the cart {cart_id} has another version than {expected}", hint="read it again")
            return _cart(after)

    async def get(self, cart_id: str) -> Cart:
        """The cart at today's prices; nothing is written. CartUnknown."""
        async with self._sessions.shop.database.statements() as tx:
            before = await store.read_cart(tx, cart_id, self._sessions.shop.clock())
            if before is None:
                raise _unknown(cart_id)
            lines = tuple(WantedLine(line.offer_id, line.quantity) for line in before.lines)
            return replace(_cart(await self._sessions.with_lines(tx, before, lines)), version=before.version)

    async def check_out(self, cart_id: str, wanted: CreateSession, idempotency_key: str) -> CheckoutSession:
        """A session with the cart's lines and codes; a second time the same session, as long as it is open. CartUnknown."""
        async with self._sessions.shop.database.statements() as tx:
            cart = await store.read_cart(tx, cart_id, self._sessions.shop.clock())
            if cart is None:
                raise _unknown(cart_id)
            known = await store.open_session_of(tx, cart_id, self._sessions.shop.clock())
        if known is not None:
            return known
        lines = tuple(WantedLine(line.offer_id, line.quantity) for line in cart.lines)
        asked = replace(wanted, market=cart.market, business=cart.business, lines=lines, codes=cart.codes, cart_id=cart_id)
        return await self._sessions.create(asked, idempotency_key)


def _cart(body: CheckoutSession) -> Cart:
    return Cart(
        cart_id=body.session_id,
        business=body.business,
        market=body.market,
        language=body.language,
        currency=body.currency,
        version=body.version,
        lines=body.lines,
        codes=body.codes,
        applied=body.applied,
        totals=tuple(one for one in body.totals if one.type != "fulfillment" or one.amount),
        messages=tuple(one for one in body.messages if one.code not in _ABOUT_CHECKOUT),
    )


def _unknown(cart_id: str) -> CartUnknown:
    return CartUnknown(f'there is no cart "{cart_id}"', hint="create a new one")
