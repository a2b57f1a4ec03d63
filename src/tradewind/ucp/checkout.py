"""The five operations on a checkout, for every version: read what is asked, let the core do it, tell what it says."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

import msgspec

from tradewind.checkout import (
    AlreadyAnswered,
    CartUnknown,
    CheckoutSession,
    CheckoutStatus,
    CreateSession,
    MarketIsNotOpen,
    PaymentInstrument,
    Reply,
    SessionIsFinished,
    SessionIsNotReady,
    SessionUnknown,
    SessionWasChanged,
    UpdateSession,
    settle,
)
from tradewind.kit import TradewindError
from tradewind.ucp import wire
from tradewind.ucp.asking import PLATFORM, SURFACE, VERSION, WEBHOOK, Asked, asked_of
from tradewind.ucp.capabilities import CART, CONSENT, DISCOUNT, FULFILLMENT
from tradewind.ucp.codecs import Codec, codec_of
from tradewind.ucp.counter import Counter
from tradewind.ucp.errors import BusinessIsAway, RequestIsInvalid
from tradewind.ucp.model import V2026_01_23, Answer, Call, Negotiated, Operation
from tradewind.ucp.placing import language_of, market_of, spoken
from tradewind.ucp.policy import CREATED, OK
from tradewind.ucp.v2026_04_08.checkout import all_gone
from tradewind.ucp.wire import AskedCheckout, AskedInstrument

MOST_UNITS = 999
TOO_MANY = f"At most {MOST_UNITS} units of an item can be bought at once."
ATTEMPTS = 3
"""A change that somebody else's overtook is made again so often, where the platform named no version."""
_INSTRUMENTS, _BUYER_IP = "$.payment.instruments", "dev.ucp.buyer_ip"
_Work: TypeAlias = Callable[[Reply], Awaitable[CheckoutSession]]
_ENDED = {
    Operation.UPDATE_CHECKOUT: ("not_modifiable", "The checkout is {}: it can no longer be changed."),
    Operation.CANCEL_CHECKOUT: ("not_cancelable", "The checkout is {}: it can no longer be canceled."),
    Operation.COMPLETE_CHECKOUT: ("not_completable", "The checkout is {}: it can no longer be completed."),
}
_PAYMENT_REFUSALS = frozenset({"card_number_given", "payment_method_not_offered", "cash_above_cap", "another_payment_open"})


async def create(call: Call, counter: Counter) -> Answer:
    """A new session: 201. Where nothing of it can be bought, why not: 200."""
    codec, body = codec_of(call, counter), wire.read(wire.CHECKOUT, call.raw)
    too_many = too_many_at(body)
    if too_many is not None:
        return codec.refusal("quantity_invalid_limit_exceeded", TOO_MANY, too_many)
    asked = asked_by(body, call.negotiated)
    await counter.learn([line.offer_id for line in asked.lines])
    if body.cart_id and call.negotiated.has(CART):
        return await _of_cart(call, counter, codec, asked, body.cart_id)
    place = asked.destination
    countries = (place.country if place else "", body.context.address_country)
    market = await market_of(counter, countries, body.context.currency, [line.offer_id for line in asked.lines])
    wanted = CreateSession(
        market,
        asked.lines,
        language_of(counter.markets[market], body.context.language, call.accept_language) if market in counter.markets else "",
        buyer=asked.buyer,
        destination=asked.destination,
        selected_option=asked.option,
        codes=asked.codes,
        source=source_of(call, asked),
        claims=asked.claims,
    )

    def render(session: CheckoutSession) -> tuple[int, bytes]:
        gone = all_gone(session)
        if not gone:
            return CREATED, codec.checkout(session)
        code = "out_of_stock" if any(one.code == "out_of_stock" for one in gone) else "item_unavailable"
        return OK, codec.error(code, codec.sentence(gone[0], session), market=session.market, path="$.line_items")

    reply = call.reply(render, counter.clock)
    try:
        session = await counter.sessions.create(wanted, reply=reply)
    except AlreadyAnswered as known:
        return Answer(known.status, known.body)
    except MarketIsNotOpen as error:
        return codec.refusal("item_unavailable", error.message)
    return _answer(reply, session)


async def get(call: Call, counter: Counter) -> Answer:
    """The session as it stands; one that waits for a payment's end is asked for it."""
    codec = codec_of(call, counter)
    try:
        session = await counter.sessions.get(call.resource_id)
        check_owner(session, call.negotiated)
        if session.status is CheckoutStatus.COMPLETE_IN_PROGRESS:
            session = await settle(counter.completing, session.session_id)
    except SessionUnknown:
        return codec.not_found("checkout")
    await counter.learn([line.offer_id for line in session.lines])
    return Answer(OK, codec.checkout(session), {"ETag": f'"{session.version}"'})


async def update(call: Call, counter: Counter) -> Answer:
    """The session with everything that the request holds, in place of what was there."""
    codec, body = codec_of(call, counter), wire.read(wire.CHECKOUT, call.raw)
    too_many = too_many_at(body)
    if too_many is not None:
        return await _as_it_was(call, counter, codec, code="quantity_invalid_limit_exceeded", content=TOO_MANY, path=too_many)
    await counter.learn([line.item.id for line in body.line_items])
    asked, language = asked_by(body, call.negotiated), spoken(counter.markets, body.context.language)
    wanted = UpdateSession(asked.lines, asked.buyer, asked.destination, asked.option, asked.codes, language, asked.remembered, asked.claims)

    async def work(reply: Reply) -> CheckoutSession:
        return await counter.sessions.update(call.resource_id, wanted, if_match=version_of(call), reply=reply)

    return await _changed(call, counter, codec, work)


async def complete(call: Call, counter: Counter) -> Answer:
    """The session with its order, or what keeps it from one. The credential goes to the payment port unopened."""
    codec, body = codec_of(call, counter), wire.read(wire.COMPLETE, call.raw)
    instrument = _selected(body.payment.instruments)
    handler = counter.handlers.named(instrument.handler_id, call.negotiated.handlers)
    if handler is None:
        told = f'The payment handler "{instrument.handler_id[:80]}" is not offered here.'
        return await _as_it_was(call, counter, codec, code="invalid_handler_id", content=told, path=_INSTRUMENTS)
    credential = instrument.credential
    if isinstance(credential, msgspec.UnsetType) or credential.type != handler.credential_type or not credential.token:
        told = f"The handler takes a token of the type {handler.credential_type}, and nothing else."
        return await _as_it_was(call, counter, codec, code="invalid_credential", content=told, path=_INSTRUMENTS)
    paying = PaymentInstrument(
        handler.method,
        credential.token,
        counter.links.checkout_return(call.resource_id),
        network=str(body.signals.get(_BUYER_IP, "")),
        accepts_shown=True,
        keeps_claims=True,
    )

    async def work(reply: Reply) -> CheckoutSession:
        return await counter.completing.complete(call.resource_id, paying, if_match=version_of(call), reply=reply)

    return await _changed(call, counter, codec, work)


async def cancel(call: Call, counter: Counter) -> Answer:
    """The session, ended without an order."""

    async def work(reply: Reply) -> CheckoutSession:
        return await counter.completing.cancel(call.resource_id, if_match=version_of(call), reply=reply)

    return await _changed(call, counter, codec_of(call, counter), work)


async def _of_cart(call: Call, counter: Counter, codec: Codec, asked: Asked, cart_id: str) -> Answer:
    """The checkout of a cart: its lines, codes and buyer stand in place of the request's; a second time the same checkout, while it is open."""
    wanted = CreateSession(
        "",
        (),
        buyer=asked.buyer,
        destination=asked.destination,
        selected_option=asked.option,
        source=source_of(call, asked),
        claims=asked.claims,
    )

    def render(session: CheckoutSession) -> tuple[int, bytes]:
        return CREATED if session.version == 1 else OK, codec.checkout(session)

    reply = call.reply(render, counter.clock, lambda session: check_owner(session, call.negotiated))
    try:
        return _answer(reply, await counter.carts.check_out(cart_id, wanted, reply=reply))
    except AlreadyAnswered as known:
        return Answer(known.status, known.body)
    except (CartUnknown, SessionUnknown):
        return codec.not_found("cart", "$.cart_id")


def check_owner(session: CheckoutSession, negotiated: Negotiated) -> None:
    """SessionUnknown when another platform, or the shop's own pages, made the session."""
    if session.source.get(PLATFORM) != negotiated.platform.url:
        raise SessionUnknown(f'there is no checkout session "{session.session_id}" of this platform')


async def _changed(call: Call, counter: Counter, codec: Codec, work: _Work) -> Answer:
    """What a change made, or the session as it was and why it stayed so."""

    def render(session: CheckoutSession) -> tuple[int, bytes]:
        return OK, codec.checkout(session)

    for _ in range(ATTEMPTS):
        reply = call.reply(render, counter.clock, lambda session: check_owner(session, call.negotiated))
        try:
            return _answer(reply, await work(reply))
        except AlreadyAnswered as known:
            return Answer(known.status, known.body)
        except SessionUnknown:
            return codec.not_found("checkout")
        except (SessionIsFinished, SessionIsNotReady):
            return await _ended(call, counter, codec)
        except SessionWasChanged:
            if call.if_match:
                raise
        except TradewindError as error:
            if error.code not in _PAYMENT_REFUSALS:
                raise
            return await _as_it_was(
                call, counter, codec, code=codec.telling.policy.code("payment_declined"), content=error.message, path=_INSTRUMENTS
            )
    raise BusinessIsAway("the checkout is being changed by many at once", hint="try again in a moment")


async def _ended(call: Call, counter: Counter, codec: Codec) -> Answer:
    """A session that is over, or that waits for its payment, does not change: it says so, unless that is what was wanted anyway."""
    session = await counter.sessions.get(call.resource_id)
    is_wanted = call.operation is Operation.COMPLETE_CHECKOUT and session.status is CheckoutStatus.COMPLETED
    if is_wanted or session.status not in {CheckoutStatus.COMPLETED, CheckoutStatus.CANCELED}:
        return codec.unchanged(session)
    code, content = _ENDED[call.operation]
    return codec.unchanged(session, code, content.format(session.status.value))


async def _as_it_was(call: Call, counter: Counter, codec: Codec, *, code: str, content: str, path: str) -> Answer:
    """The session without the change that was refused."""
    try:
        session = await counter.sessions.get(call.resource_id)
        check_owner(session, call.negotiated)
    except SessionUnknown:
        return codec.not_found("checkout")
    return codec.unchanged(session, code, content, path)


def _answer(reply: Reply, session: CheckoutSession) -> Answer:
    status, body = reply.rendered(session)
    return Answer(status, body, {"ETag": f'"{session.version}"'})


def asked_by(body: AskedCheckout, negotiated: Negotiated) -> Asked:
    """What a body asks for; what was not negotiated is ignored."""
    with_discounts = negotiated.has(DISCOUNT)
    return asked_of(
        body,
        with_fulfillment=negotiated.has(FULFILLMENT),
        with_discounts=with_discounts,
        with_consent=negotiated.has(CONSENT),
        # A claim's effect must be told as a provisional discount, which only that extension can, and which the version before did not know.
        with_claims=with_discounts and negotiated.version != V2026_01_23,
    )


def source_of(call: Call, asked: Asked) -> dict[str, str]:
    """What a session or cart remembers of the wire and of who made it: orders tell it to webhooks."""
    return _source(call.negotiated) | dict(asked.remembered)


def _source(negotiated: Negotiated) -> dict[str, str]:
    found = {SURFACE: "ucp", PLATFORM: negotiated.platform.url, VERSION: negotiated.version}
    return found | ({WEBHOOK: negotiated.webhook_url} if negotiated.webhook_url else {})


def _selected(instruments: Sequence[AskedInstrument]) -> AskedInstrument:
    """The one instrument that pays. RequestIsInvalid."""
    chosen = [one for one in instruments if one.selected] or list(instruments)
    if len(chosen) != 1:
        raise RequestIsInvalid(f"{len(chosen)} payment instruments are selected", hint="select one", path=_INSTRUMENTS)
    return chosen[0]


def too_many_at(body: AskedCheckout) -> str | None:
    """Where more units are wanted than anybody may buy at once."""
    return next((f"$.line_items[{place}].quantity" for place, one in enumerate(body.line_items) if one.quantity > MOST_UNITS), None)


def version_of(call: Call) -> int | None:
    """The version of an If-Match header, an addition of ours that the protocol does not know."""
    text = call.if_match.strip().removeprefix("W/").strip('"')
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
