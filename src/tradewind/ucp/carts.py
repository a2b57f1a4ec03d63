"""The four operations on a cart: what a buyer gathers before anything is decided. Whoever made a cart may see and change it."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import msgspec

from tradewind.checkout import (
    AlreadyAnswered,
    Cart,
    CartUnknown,
    CheckoutSession,
    CreateSession,
    MarketIsNotOpen,
    Reply,
    SessionUnknown,
    cart_of,
)
from tradewind.ucp import wire
from tradewind.ucp.checkout import TOO_MANY, asked_by, check_owner, source_of, too_many_at, version_of
from tradewind.ucp.codecs import Codec, codec_of
from tradewind.ucp.counter import Counter
from tradewind.ucp.model import Answer, Call
from tradewind.ucp.placing import language_of, market_of
from tradewind.ucp.policy import CREATED, OK
from tradewind.ucp.v2026_04_08.cart import cart_entity
from tradewind.ucp.v2026_04_08.checkout import all_gone

_encode = msgspec.json.Encoder().encode
_Work: TypeAlias = Callable[[Reply], Awaitable[Cart]]


async def create(call: Call, counter: Counter) -> Answer:
    """A new cart: 201. Where nothing of it can be bought, why not: 200."""
    codec, body = codec_of(call, counter), wire.read(wire.CHECKOUT, call.raw)
    too_many = too_many_at(body)
    if too_many is not None:
        return codec.refusal("quantity_invalid_limit_exceeded", TOO_MANY, too_many)
    asked = asked_by(body, call.negotiated)
    ids = [line.offer_id for line in asked.lines]
    await counter.learn(ids)
    market = await market_of(counter, (body.context.address_country,), body.context.currency, ids)
    language = language_of(counter.markets[market], body.context.language, call.accept_language) if market in counter.markets else ""
    wanted = CreateSession(
        market, asked.lines, language, buyer=asked.buyer, codes=asked.codes, source=source_of(call, asked), claims=asked.claims
    )

    def render(session: CheckoutSession) -> tuple[int, bytes]:
        gone = all_gone(session)
        if not gone:
            return CREATED, told(codec, cart_of(session))
        code = "out_of_stock" if any(one.code == "out_of_stock" for one in gone) else "item_unavailable"
        return OK, codec.error(code, codec.sentence(gone[0], session), market=session.market, path="$.line_items")

    reply = call.reply(render, counter.clock)
    try:
        return _answer(reply, await counter.carts.create(wanted, reply=reply))
    except AlreadyAnswered as known:
        return Answer(known.status, known.body)
    except MarketIsNotOpen as error:
        return codec.refusal("item_unavailable", error.message)


async def get(call: Call, counter: Counter) -> Answer:
    """The cart at the prices of this moment."""
    codec = codec_of(call, counter)
    try:
        cart = await counter.carts.get(call.resource_id)
        check_owner(cart.session, call.negotiated)
    except (CartUnknown, SessionUnknown):
        return codec.not_found("cart")
    await counter.learn([line.offer_id for line in cart.lines])
    return Answer(OK, told(codec, cart), {"ETag": f'"{cart.version}"'})


async def update(call: Call, counter: Counter) -> Answer:
    """The cart with everything that the request holds, in place of what was there; its market stays."""
    codec, body = codec_of(call, counter), wire.read(wire.CHECKOUT, call.raw)
    too_many = too_many_at(body)
    if too_many is not None:
        return codec.refusal("quantity_invalid_limit_exceeded", TOO_MANY, too_many)
    asked = asked_by(body, call.negotiated)
    await counter.learn([line.offer_id for line in asked.lines])

    async def work(reply: Reply) -> Cart:
        return await counter.carts.update(
            call.resource_id,
            asked.lines,
            codes=asked.codes,
            if_match=version_of(call),
            buyer=asked.buyer,
            source=asked.remembered,
            claims=asked.claims,
            reply=reply,
        )

    return await _changed(call, counter, codec, work)


async def cancel(call: Call, counter: Counter) -> Answer:
    """The cart as it was, which is forgotten now."""

    async def work(reply: Reply) -> Cart:
        return await counter.carts.cancel(call.resource_id, reply=reply)

    return await _changed(call, counter, codec_of(call, counter), work)


def told(codec: Codec, cart: Cart) -> bytes:
    """The cart as JSON."""
    return _encode(cart_entity(cart, codec.telling))


async def _changed(call: Call, counter: Counter, codec: Codec, work: _Work) -> Answer:
    def render(session: CheckoutSession) -> tuple[int, bytes]:
        return OK, told(codec, cart_of(session))

    reply = call.reply(render, counter.clock, lambda session: check_owner(session, call.negotiated))
    try:
        return _answer(reply, await work(reply))
    except AlreadyAnswered as known:
        return Answer(known.status, known.body)
    except (CartUnknown, SessionUnknown):
        return codec.not_found("cart")


def _answer(reply: Reply, cart: Cart) -> Answer:
    status, body = reply.rendered(cart.session)
    return Answer(status, body, {"ETag": f'"{cart.version}"'})
