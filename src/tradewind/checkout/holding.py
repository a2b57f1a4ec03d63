"""Units held while a shopper looks at the sum: from the moment a session is ready, where the market asks for it.

The market's `hold_minutes` begin anew with each change, up to HOLDS_LONGEST times in all, so that nobody keeps goods from others by changing a
comma now and then. A session that becomes incomplete gives its units back; an expired hold is returned by the sweep, as every other.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from msgspec import structs

from tradewind import stock
from tradewind.checkout import rules
from tradewind.checkout.model import CHECKOUT, CheckoutSession, CheckoutStatus
from tradewind.checkout.ports import MarketDesk
from tradewind.db import AsyncDatabase, AsyncTransaction

HOLDS_LONGEST = 6
Write = Callable[[AsyncTransaction, CheckoutSession], Awaitable[bool]]
"""Writes the session with the answer to its key; False when it is another's turn."""


class Short(Exception):
    """Units are gone: raised inside a transaction, so that nothing of it stays."""

    def __init__(self, levels: Sequence[tuple[str, str]]) -> None:
        super().__init__(f"{len(levels)} levels")
        self.levels = levels


async def write_holding(
    database: AsyncDatabase, write: Write, was: CheckoutSession, session: CheckoutSession, *, desk: MarketDesk, at: datetime
) -> CheckoutSession | None:
    """The session as it was written, with its units held when it is ready; one whose units are gone says so. None when nothing was written."""
    gone: Short | None = None
    for _ in range(2):
        try:
            async with database.transaction() as tx:
                if not await write(tx, session):
                    return None
                await _hold(tx, session, desk, at)
                return session
        except Short as short:
            gone = short
            # Units of sessions that are over count as free, so they are returned before anybody is told that there are none.
            async with database.transaction() as tx:
                await stock.expire_async(tx, sorted({sku for sku, _ in short.levels}), at=at)
    told = structs.replace(session, messages=(*session.messages, *rules.availability_messages(session.lines, gone.levels if gone else ())))
    told = structs.replace(told, status=CheckoutStatus(CHECKOUT.fire(was.status, "change", told)))
    async with database.transaction() as tx:
        if not await write(tx, told):
            return None
        await stock.release_held(tx, reference=session.session_id, at=at)
        return told


def held_until(session: CheckoutSession, desk: MarketDesk, at: datetime) -> datetime | None:
    """Until when the units of a session are held that is ready now; None where they are not."""
    minutes = desk.market.hold_minutes
    if not minutes or session.status is not CheckoutStatus.READY_FOR_COMPLETE:
        return None
    until = min(at + timedelta(minutes=minutes), session.created_at + timedelta(minutes=HOLDS_LONGEST * minutes), session.expires_at)
    return until if until > at else None


async def _hold(tx: AsyncTransaction, session: CheckoutSession, desk: MarketDesk, at: datetime) -> None:
    await stock.release_held(tx, reference=session.session_id, at=at)
    until = held_until(session, desk, at)
    if until is None:
        return
    wants = [stock.wanted_of(line.sku, line.location_id, line.quantity, desk.locations, at) for line in session.lines]
    short = await stock.reserve_all(tx, wants, reference=session.session_id, at=at, until=until)
    if short:
        raise Short(short)
