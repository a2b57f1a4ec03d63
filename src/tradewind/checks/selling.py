"""What is bought by and what agents are told, for the mismatch prover: the checkout's own quote, of which nothing is kept, and UCP's item."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from tradewind.bootstrap.selling import close_till, make_till
from tradewind.bootstrap.ucp import make_counter
from tradewind.checkout import CreateSession, Sessions, WantedLine
from tradewind.checks.parity import ABSENT, ORDER_LINE, Told
from tradewind.db import open_async_database
from tradewind.kit import Clock, Currency, Money, system_clock
from tradewind.offers import Offer, searching
from tradewind.settings import Settings
from tradewind.ucp import Counter
from tradewind.ucp.choosing import options_of
from tradewind.ucp.v2026_04_08.catalog import Shelf, variant_entry

CONNECTIONS = 2
_SHORT = frozenset(("out_of_stock", "item_unavailable"))

Surface = Callable[[str, str], Told | None]
"""What a surface tells of an offer (market, offer id); None when it does not know it."""


@contextmanager
def selling_surfaces(settings: Settings, clock: Clock = system_clock) -> Iterator[Mapping[str, Surface]]:
    """The order line and the UCP item of this workspace, by their names."""
    with asyncio.Runner() as runner:
        opening = open_async_database(settings, connections=CONNECTIONS)
        database = runner.run(opening.__aenter__())
        till = make_till(settings, database, clock)
        counter = make_counter(settings, database, till, clock)
        try:
            yield {
                ORDER_LINE: lambda market, offer_id: runner.run(_ordered(till.sessions, market, offer_id)),
                "ucp item": lambda market, offer_id: runner.run(_told_to_agents(counter, market, offer_id)),
            }
        finally:
            close_till(till)
            runner.run(opening.__aexit__(None, None, None))


async def _ordered(sessions: Sessions, market: str, offer_id: str) -> Told | None:
    session = await sessions.estimate(CreateSession(market, (WantedLine(offer_id, 1),)))
    if not session.lines:
        return None
    (line,) = session.lines
    short = any(message.code in _SHORT for message in session.messages)
    price = Money(line.unit_price, Currency(session.currency)).plain()
    return Told(line.offer_id, price, session.currency, "out_of_stock" if short else "in_stock")


async def _told_to_agents(counter: Counter, market: str, offer_id: str) -> Told | None:
    async with counter.database.statements() as tx:
        found = await searching.named(tx, market, [offer_id])
    variants: list[Offer] = [one for product in found.values() for one in product]
    known, disclosing = counter.markets[market], counter.disclosing
    offer = next((one for one in variants if one.offer_id == offer_id), None)
    if offer is None or disclosing is None:
        return None
    words = counter.speech(known.languages[0], known.country)
    shelf = Shelf(known, words, counter.public_url, counter.store_name, (), disclosing, counter.clock().date())
    entry = variant_entry(shelf, offer, options_of([one for one in variants if one.product_id == offer.product_id]))
    currency = Currency(entry["price"]["currency"])
    before = Money(entry["list_price"]["amount"], currency).plain() if "list_price" in entry else ABSENT
    return Told(entry["id"], Money(entry["price"]["amount"], currency).plain(), currency.code, entry["availability"]["status"], before)
