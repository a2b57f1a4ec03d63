"""What the checkout would write into an order line, for the mismatch prover: the very quote of a session, of which nothing is kept."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tradewind.bootstrap.selling import close_till, make_till
from tradewind.checkout import CreateSession, WantedLine
from tradewind.checks.parity import Told
from tradewind.db import open_async_database
from tradewind.kit import Clock, Currency, Money, system_clock
from tradewind.settings import Settings

CONNECTIONS = 2
_SHORT = frozenset(("out_of_stock", "item_unavailable"))

Quote = Callable[[str, str], Told | None]
"""What one unit of an offer (market, offer id) would be bought for; None when the checkout does not know it."""


@contextmanager
def checkout_quote(settings: Settings, clock: Clock = system_clock) -> Iterator[Quote]:
    """The checkout of this workspace as a surface."""
    with asyncio.Runner() as runner:
        opening = open_async_database(settings, connections=CONNECTIONS)
        database = runner.run(opening.__aenter__())
        till = make_till(settings, database, clock)

        def quoted(market: str, offer_id: str) -> Told | None:
            session = runner.run(till.sessions.estimate(CreateSession(market, (WantedLine(offer_id, 1),))))
            if not session.lines:
                return None
            (line,) = session.lines
            short = any(message.code in _SHORT for message in session.messages)
            price = Money(line.unit_price, Currency(session.currency)).plain()
            return Told(line.offer_id, price, session.currency, "out_of_stock" if short else "in_stock")

        try:
            yield quoted
        finally:
            close_till(till)
            runner.run(opening.__aexit__(None, None, None))
