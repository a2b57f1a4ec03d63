"""A purchase from its first line to the moment of paying: create, change, read, cancel. Completing stands in completing.py."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from msgspec import structs

from tradewind import stock
from tradewind.checkout import rules, store
from tradewind.checkout.codec import session_from
from tradewind.checkout.errors import AlreadyAnswered, SessionIsFinished, SessionUnknown, SessionWasChanged
from tradewind.checkout.holding import write_holding
from tradewind.checkout.model import (
    OPEN,
    CheckoutSession,
    CheckoutStatus,
    CreateSession,
    Message,
    Total,
    UpdateSession,
    WantedLine,
)
from tradewind.checkout.ports import Desks, Discounts, MarketDesk, NoDiscounts
from tradewind.checkout.reflecting import reflect
from tradewind.checkout.store import Key, Reply
from tradewind.db import AsyncDatabase, AsyncTransaction, idempotency, sealer_of
from tradewind.kit import Clock, new_id
from tradewind.offers import live
from tradewind.offers.live import SellingOffer
from tradewind.pricing import TaxPort

SESSION_HOURS = 6
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shop:
    """What every step of a checkout works with; made once a process."""

    database: AsyncDatabase
    desks: Desks
    clock: Clock
    tax: TaxPort | None = None
    # A provider on the network must not block the loop that serves everybody.
    tax_is_remote: bool = False
    discounts: Discounts = field(default_factory=NoDiscounts)


class Sessions:
    """Creates, changes and reads checkout sessions."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    async def create(self, wanted: CreateSession, idempotency_key: str = "", *, reply: Reply | None = None) -> CheckoutSession:
        """A new session, or the one that the key made before. CheckoutInputIsInvalid, MarketIsNotOpen, IdempotencyKeyWasReused, AlreadyAnswered."""
        lines, at = rules.check_wanted(wanted.lines, wanted.codes), self.shop.clock()
        desk = self.shop.desks(wanted.market, at.date())
        key = self._key("create", wanted.business, idempotency_key, wanted, reply)
        async with self.shop.database.statements() as tx:
            fresh = _fresh(wanted, desk, at)
            session = await self._priced(tx, fresh, fresh, lines, desk)
            if not desk.market.hold_minutes:
                return session if await store.create(tx, session, key, at) else await self.answered(tx, key)
        made = await write_holding(self.shop.database, lambda tx, one: store.create(tx, one, key, at), fresh, session, desk=desk, at=at)
        if made is not None:
            return made
        async with self.shop.database.statements() as tx:
            return await self.answered(tx, key)

    async def estimate(self, wanted: CreateSession) -> CheckoutSession:
        """What a session would say, of which nothing is kept: for a cart. CheckoutInputIsInvalid, MarketIsNotOpen."""
        lines, at = rules.check_wanted(wanted.lines, wanted.codes), self.shop.clock()
        desk = self.shop.desks(wanted.market, at.date())
        async with self.shop.database.statements() as tx:
            fresh = _fresh(wanted, desk, at)
            return await self._priced(tx, fresh, fresh, lines, desk)

    async def update(
        self,
        session_id: str,
        wanted: UpdateSession,
        *,
        if_match: int | None = None,
        idempotency_key: str | None = None,
        reply: Reply | None = None,
    ) -> CheckoutSession:
        """The session with all that the buyer chose, in place of what was chosen before.

        SessionUnknown, SessionWasChanged, SessionIsFinished, IdempotencyKeyWasReused, AlreadyAnswered.
        """
        lines, at = rules.check_wanted(wanted.lines, wanted.codes), self.shop.clock()
        key = self._key("update", session_id, idempotency_key or new_id("key", clock=self.shop.clock), wanted, reply)
        async with self.shop.database.statements() as tx:
            before, offers = await self.read_with_offers(tx, session_id, [line.offer_id for line in lines])
            if reply is not None:
                reply.check(before)
            if before.status not in OPEN or before.expires_at <= at or if_match not in {None, before.version}:
                return await self._refuse(tx, before, key, if_match, at)
            desk = self.shop.desks(before.market, at.date())
            after = await self._priced(tx, before, _chosen(before, wanted), lines, desk, offers=offers)
            if not desk.market.hold_minutes:
                if await store.change(tx, before, after, key, at):
                    await reflect(tx, before, after, lines, priced=self.with_lines, at=at)
                    return after
                return await self._refuse(tx, await self.read(tx, session_id), key, before.version, at)
        changed = await write_holding(
            self.shop.database, lambda tx, one: store.change(tx, before, one, key, at), before, after, desk=desk, at=at
        )
        if changed is not None and changed.cart_id is None:
            return changed
        async with self.shop.database.statements() as tx:
            if changed is not None:
                await reflect(tx, before, changed, lines, priced=self.with_lines, at=at)
                return changed
            return await self._refuse(tx, await self.read(tx, session_id), key, before.version, at)

    async def get(self, session_id: str) -> CheckoutSession:
        """The session as it stands; one whose time is over reads as canceled. SessionUnknown."""
        async with self.shop.database.statements() as tx:
            return _seen(await self.read(tx, session_id), self.shop.clock())

    async def read(self, tx: AsyncTransaction, session_id: str, *, lock: bool = False) -> CheckoutSession:
        """The session as it is stored. SessionUnknown."""
        return _known(session_id, await store.read(tx, session_id, lock=lock))

    async def read_with_offers(
        self, tx: AsyncTransaction, session_id: str, offer_ids: Sequence[str] | None = None
    ) -> tuple[CheckoutSession, Mapping[str, SellingOffer]]:
        """The same with the offers of these ids, else of its own lines, as they are sold now. SessionUnknown."""
        return _known(session_id, await store.read_with_offers(tx, session_id, offer_ids))

    async def reprice(
        self, tx: AsyncTransaction, before: CheckoutSession, offers: Mapping[str, SellingOffer], at: datetime
    ) -> CheckoutSession:
        """The next version of the session: at today's prices, for what the buyer chose already."""
        lines = tuple(WantedLine(line.offer_id, line.quantity) for line in before.lines)
        return await self._priced(tx, before, before, lines, self.shop.desks(before.market, at.date()), offers=offers)

    async def cart_body(self, tx: AsyncTransaction, wanted: CreateSession, cart_id: str) -> CheckoutSession:
        """What a session of these lines would cost now, under the id of a cart; nothing is written."""
        lines, at = rules.check_wanted(wanted.lines, wanted.codes), self.shop.clock()
        desk = self.shop.desks(wanted.market, at.date())
        fresh = structs.replace(_fresh(wanted, desk, at), session_id=cart_id)
        return await self._priced(tx, fresh, fresh, lines, desk)

    async def with_lines(self, tx: AsyncTransaction, before: CheckoutSession, lines: Sequence[WantedLine]) -> CheckoutSession:
        """The same once more, with these lines."""
        # A cart quotes nothing: its lines cost what they cost today.
        plain = structs.replace(before, lines=())
        return await self._priced(tx, plain, plain, lines, self.shop.desks(before.market, self.shop.clock().date()))

    async def answered(self, tx: AsyncTransaction, key: Key) -> CheckoutSession:
        """What was answered to a key that is known. IdempotencyKeyWasReused when another request came with it, AlreadyAnswered."""
        found = await idempotency.answer_of(tx, key.scope, key.key, key.request_hash)
        if found is not None:
            again(found)
        if found is None or found.http_status == idempotency.IN_PROGRESS:
            raise SessionIsFinished("the request with this key is being worked on", hint="ask for the session in a moment")
        session = session_from(found.response, sealer_of(tx))
        if key.reply is not None:
            # Its holder died and somebody else found the end: what is told of it now is the answer from here on.
            status, body = key.reply.answer(session)
            if not await idempotency.give_async(tx, key.scope, key.key, idempotency.StoredResponse(status, None, body)):
                return await self.answered(tx, key)
        return session

    def key(self, kind: str, subject: str, key: str, request: object, reply: Reply | None = None) -> Key:
        """The idempotency key of a request."""
        return self._key(kind, subject, key, request, reply)

    async def _refuse(
        self, tx: AsyncTransaction, session: CheckoutSession, key: Key, if_match: int | None, at: datetime
    ) -> CheckoutSession:
        """What a change that cannot be made is answered: what the same key was answered before, else why not."""
        known = await idempotency.answer_of(tx, key.scope, key.key, key.request_hash)
        if known is not None:
            again(known)
            return session_from(known.response, sealer_of(tx))
        if session.status not in OPEN or session.expires_at <= at:
            state = "expired" if session.status in OPEN else session.status
            raise SessionIsFinished(f"the checkout session {session.session_id} is {state}", hint="create a new session")
        raise SessionWasChanged(
            f"the checkout session {session.session_id} has the version {session.version}, not {if_match}",
            hint="read it again, and repeat the change on what it says now",
        )

    async def _priced(
        self,
        tx: AsyncTransaction,
        was: CheckoutSession,
        session: CheckoutSession,
        lines: Sequence[WantedLine],
        desk: MarketDesk,
        *,
        offers: Mapping[str, SellingOffer] | None = None,
    ) -> CheckoutSession:
        at = self.shop.clock()
        if offers is None:
            offers = await live.selling(tx, session.market, [line.offer_id for line in lines])
        confirmed = await self._confirmed(tx, lines, offers, desk, at, own=session.session_id)
        around = rules.Surroundings(desk, offers, confirmed, self.shop.discounts, self.shop.tax, at)
        if self.shop.tax_is_remote:
            return await asyncio.to_thread(rules.priced, was, session, lines, around)
        return rules.priced(was, session, lines, around)

    async def _confirmed(
        self,
        tx: AsyncTransaction,
        lines: Sequence[WantedLine],
        offers: Mapping[str, SellingOffer],
        desk: MarketDesk,
        at: datetime,
        *,
        own: str,
    ) -> dict[str, int]:
        """What stock itself says of the offers that seem to be short: their own figure may be a moment old."""
        doubtful = rules.short_offers(lines, offers)
        if not doubtful:
            return {}
        asked = [stock.wanted_of(one.sku, one.location_id, 1, desk.locations, at) for one in doubtful]
        units = await stock.free_units(tx, asked, at, own=own)
        return {one.offer_id: units.get((one.sku, one.location_id), 0) for one in doubtful}

    def _key(self, kind: str, subject: str, key: str, request: object, reply: Reply | None = None) -> Key:
        if reply is not None:
            return Key(reply.scope, reply.key, reply.request_hash, reply)
        return Key(f"checkout.{kind}/{subject}", key, idempotency.request_hash(request))


def _known(session_id: str, found: T | None) -> T:
    if found is None:
        raise SessionUnknown(f'there is no checkout session "{session_id}"', hint="create a new one")
    return found


def again(known: idempotency.StoredResponse) -> None:
    """AlreadyAnswered when the answer was kept byte for byte."""
    if known.answer is not None:
        raise AlreadyAnswered(known.http_status, bytes(known.answer))


def _fresh(wanted: CreateSession, desk: MarketDesk, at: datetime) -> CheckoutSession:
    return CheckoutSession(
        session_id=new_id("chk", clock=lambda: at),
        business=wanted.business,
        market=wanted.market,
        language=wanted.language or desk.market.languages[0],
        currency=desk.book.currency,
        version=0,
        status=CheckoutStatus.INCOMPLETE,
        lines=(),
        buyer=wanted.buyer,
        destination=wanted.destination,
        options=(),
        selected_option=wanted.selected_option,
        codes=wanted.codes,
        applied=(),
        totals=(Total("total", 0),),
        messages=(),
        tax_included=desk.book.tax_included,
        created_at=at,
        expires_at=at + timedelta(hours=SESSION_HOURS),
        cart_id=wanted.cart_id,
        source=wanted.source,
        claims=wanted.claims,
    )


def _chosen(before: CheckoutSession, wanted: UpdateSession) -> CheckoutSession:
    return structs.replace(
        before,
        buyer=wanted.buyer,
        destination=wanted.destination,
        selected_option=wanted.selected_option,
        codes=wanted.codes,
        language=wanted.language or before.language,
        source={**before.source, **wanted.source},
        claims=before.claims if wanted.claims is None else wanted.claims,
    )


def _seen(session: CheckoutSession, at: datetime) -> CheckoutSession:
    if session.status not in OPEN or session.expires_at > at:
        return session
    return structs.replace(session, status=CheckoutStatus.CANCELED, messages=(Message("info", "session_expired", "$"),))
