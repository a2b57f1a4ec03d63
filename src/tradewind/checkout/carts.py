"""Carts: what a buyer has gathered, with its price of this moment. Nothing is held for a cart, and its totals are estimates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from msgspec import structs

from tradewind.checkout import rules, store
from tradewind.checkout.errors import CartUnknown, SessionWasChanged
from tradewind.checkout.model import AppliedDiscount, Buyer, CheckoutSession, CreateSession, Message, SessionLine, Total, WantedLine
from tradewind.checkout.reflecting import ATTEMPTS, CART_KEPT
from tradewind.checkout.service import Sessions, again
from tradewind.checkout.store import Key, Reply
from tradewind.db import AsyncTransaction, idempotency
from tradewind.kit import new_id

_ABOUT_CHECKOUT = frozenset({"email_missing", "address_missing"})


@dataclass(frozen=True, slots=True)
class Cart:
    """Lines with their prices of now; `version` grows with each change. `session` is the session that it would become, for surfaces."""

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
    session: CheckoutSession


class Carts:
    """Creates, changes and reads carts, and turns one into a checkout session. A `reply` renders the session that a cart would become."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def create(self, wanted: CreateSession, idempotency_key: str = "", *, reply: Reply | None = None) -> Cart:
        """A new cart, or the one that the key made before. CheckoutInputIsInvalid, MarketIsNotOpen, IdempotencyKeyWasReused, AlreadyAnswered."""
        shop, at = self._sessions.shop, self._sessions.shop.clock()
        key = self._sessions.key("cart", wanted.business, idempotency_key, wanted, reply)
        async with shop.database.statements() as tx:
            body = await self._sessions.cart_body(tx, wanted, new_id("crt", clock=shop.clock))
            cart = cart_of(structs.replace(body, expires_at=at + CART_KEPT))
            if await store.create_cart(tx, cart.session, key, at, at + CART_KEPT):
                return cart
            return cart_of(await self._sessions.answered(tx, key))

    async def update(
        self,
        cart_id: str,
        lines: tuple[WantedLine, ...],
        *,
        codes: tuple[str, ...] = (),
        if_match: int | None = None,
        buyer: Buyer | None = None,
        source: Mapping[str, str] | None = None,
        claims: tuple[str, ...] = (),
        reply: Reply | None = None,
    ) -> Cart:
        """The cart with these lines and codes in place of those before. CartUnknown, SessionWasChanged, IdempotencyKeyWasReused, AlreadyAnswered."""
        shop, at = self._sessions.shop, self._sessions.shop.clock()
        wanted = rules.check_wanted(lines, codes)
        key = self._key("cart.update", cart_id, reply)
        async with shop.database.statements() as tx:
            for _ in range(ATTEMPTS):
                before = await self._read(tx, cart_id, key)
                chosen = structs.replace(
                    before, codes=codes, claims=claims, buyer=buyer or before.buyer, source={**before.source, **(source or {})}
                )
                after = structs.replace(await self._sessions.with_lines(tx, chosen, wanted), expires_at=at + CART_KEPT)
                expected = before.version if if_match is None else if_match
                cart = cart_of(after)
                if await store.change_cart(tx, cart.session, expected, at, key):
                    return cart
                await self._known(tx, key)
                if if_match is not None:  # whoever names no version wants what was sent last to stand
                    break
            raise SessionWasChanged(f"the cart {cart_id} has another version than {expected}", hint="read it again")

    async def get(self, cart_id: str) -> Cart:
        """The cart at today's prices; nothing is written. CartUnknown."""
        async with self._sessions.shop.database.statements() as tx:
            before = await self._read(tx, cart_id)
            lines = tuple(WantedLine(line.offer_id, line.quantity) for line in before.lines)
            return cart_of(structs.replace(await self._sessions.with_lines(tx, before, lines), version=before.version))

    async def cancel(self, cart_id: str, *, reply: Reply | None = None) -> Cart:
        """Forgets the cart; what it held until now. CartUnknown, SessionWasChanged, IdempotencyKeyWasReused, AlreadyAnswered."""
        at, key = self._sessions.shop.clock(), self._key("cart.cancel", cart_id, reply)
        async with self._sessions.shop.database.statements() as tx:
            cart = cart_of(await self._read(tx, cart_id, key))
            if not await store.cancel_cart(tx, cart.session, key, at):
                await self._known(tx, key)
                raise SessionWasChanged(f"the cart {cart_id} was changed meanwhile", hint="read it again")
            return cart

    async def check_out(
        self, cart_id: str, wanted: CreateSession, idempotency_key: str = "", *, reply: Reply | None = None
    ) -> CheckoutSession:
        """A session with the cart's lines, codes and buyer; a second time the same session, as long as it is open. CartUnknown, AlreadyAnswered."""
        at, key = self._sessions.shop.clock(), self._key("cart.check_out", cart_id, reply)
        async with self._sessions.shop.database.statements() as tx:
            await self._known(tx, key)
            cart = await self._read(tx, cart_id, key)
            await store.end_expired_of(tx, cart_id, at)
            known = await self._open(tx, cart_id, key, at)
        if known is not None:
            return known
        lines = tuple(WantedLine(line.offer_id, line.quantity) for line in cart.lines)
        buyer = cart.buyer if cart.buyer != Buyer() else wanted.buyer
        place = wanted.destination
        if place is not None:  # the buyer's name and number stand in for what the address leaves out
            place = replace(place, name=place.name or buyer.name, phone=place.phone or buyer.phone)
        # What the cart knows of its buyer goes before what the request says.
        kept = replace(wanted, buyer=buyer, destination=place, language=cart.language, source={**wanted.source, **_told(cart.source)})
        claims = cart.claims or wanted.claims
        asked = replace(kept, market=cart.market, business=cart.business, lines=lines, codes=cart.codes, claims=claims, cart_id=cart_id)
        try:
            return await self._sessions.create(asked, idempotency_key, reply=reply)
        except store.CartIsCheckedOut:  # by somebody else, in the same moment
            async with self._sessions.shop.database.statements() as tx:
                other = await self._open(tx, cart_id, key, at)
            if other is None:
                raise SessionWasChanged(f"the cart {cart_id} was checked out meanwhile", hint="try again") from None
            return other

    async def _open(self, tx: AsyncTransaction, cart_id: str, key: Key | None, at: datetime) -> CheckoutSession | None:
        """The open session of a cart, kept as the key's answer. AlreadyAnswered."""
        found = await store.open_session_of(tx, cart_id, at)
        if found is not None and key is not None and not await store.keep_answer(tx, found, key, at):
            await self._known(tx, key)
        return found

    async def _read(self, tx: AsyncTransaction, cart_id: str, key: Key | None = None) -> CheckoutSession:
        """The cart, when it is the caller's. CartUnknown, AlreadyAnswered when the key ended it."""
        found = await store.read_cart(tx, cart_id, self._sessions.shop.clock())
        if found is None:
            await self._known(tx, key)
            raise CartUnknown(f'there is no cart "{cart_id}"', hint="create a new one")
        if key is not None and key.reply is not None:
            key.reply.check(found)
        return found

    async def _known(self, tx: AsyncTransaction, key: Key | None) -> None:
        """AlreadyAnswered when the key is known."""
        known = await idempotency.answer_of(tx, key.scope, key.key, key.request_hash) if key is not None else None
        if known is not None:
            again(known)

    def _key(self, kind: str, subject: str, reply: Reply | None) -> Key | None:
        return self._sessions.key(kind, subject, "", {}, reply) if reply is not None else None


def _told(source: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in source.items() if value}


def cart_of(body: CheckoutSession) -> Cart:
    """The cart that is stored as the session that it would become; what only a checkout lacks is not told."""
    messages = tuple(one for one in body.messages if one.code not in _ABOUT_CHECKOUT)
    totals = tuple(one for one in body.totals if one.type != "fulfillment" or one.amount)
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
        totals=totals,
        messages=messages,
        session=structs.replace(body, messages=messages, totals=totals),
    )
