"""Composes the shop's core: sessions, completing, orders, and the jobs that end what was left in the middle."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradewind.bootstrap.paying import close_payments, deliver_fake_webhooks, make_payments
from tradewind.settings import Settings

if TYPE_CHECKING:
    from datetime import date

    from tradewind.checkout import Carts, Completing, MarketDesk, RegionalTerms, Sessions
    from tradewind.checkout.desks import KeptDesks
    from tradewind.db import AsyncDatabase, Database
    from tradewind.kit import Clock
    from tradewind.orders import Orders
    from tradewind.payments import Payments
    from tradewind.worker import ShopWork

CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class Till:
    """All that a surface needs to sell: web pages, UCP and the API render what it answers."""

    sessions: "Sessions"
    carts: "Carts"
    completing: "Completing"
    orders: "Orders"
    payments: "Payments"


def market_desks(settings: Settings) -> "KeptDesks":
    """The desks of every market, priced by the same rules and rates as the runs."""
    from tradewind.bootstrap import pricing_rates
    from tradewind.checkout.desks import KeptDesks, desk_of
    from tradewind.markets import load_confirmations, load_market, load_seller
    from tradewind.network import load_network
    from tradewind.pipeline.planning import CONFIRMATIONS
    from tradewind.pricing import load_margins, price_book

    def made(code: str, day: "date") -> "MarketDesk":
        folder = settings.own_rules
        market, network = load_market(code, folder), load_network(folder)
        confirmations = load_confirmations(settings.home / CONFIRMATIONS)
        rates, margins = pricing_rates(settings), load_margins(folder)
        book = price_book(market, day, network, rates, margins, confirmations, load_seller(folder))
        return desk_of(market, book, network, regional_terms(settings, code))

    return KeptDesks(made)


def regional_terms(settings: Settings, market: str) -> "dict[str, list[RegionalTerms]]":
    """What regions.toml says of the market's offers; the lowest price where two languages say different ones."""
    from tradewind.checkout import RegionalTerms
    from tradewind.listings.regions import load_regions

    book = load_regions(settings.rules_folder)
    places = {one.region_id: one.postcodes for one in book.regions}
    found: dict[str, list[RegionalTerms]] = {}
    for one in book.offers:
        if one.market == market:
            found.setdefault(one.offer_id, []).append(RegionalTerms(places[one.region_id], one.price_minor, one.available is not False))
    return found


def make_till(settings: Settings, database: "AsyncDatabase", clock: "Clock") -> Till:
    """The till on an open database; `close_till` closes what its providers hold."""
    from tradewind.bootstrap import tax_port
    from tradewind.bootstrap.discounting import promotion_discounts
    from tradewind.checkout import Carts, Completing, Sessions, Shop, forget_buyers
    from tradewind.orders import Orders

    payments, is_remote = make_payments(settings, database, clock), settings.tax_provider != "rate_file"
    discounts = promotion_discounts(settings, clock)
    shop = Shop(database, market_desks(settings), clock, tax_port(settings, clock), tax_is_remote=is_remote, discounts=discounts)
    sessions = Sessions(shop)
    hold = max(settings.hold_seconds, 2 * settings.payment_seconds)
    orders = Orders(database, payments, clock, forget_sessions=forget_buyers)
    return Till(sessions, Carts(sessions), Completing(sessions, payments, hold_seconds=hold), orders, payments)


def close_till(till: Till) -> None:
    """Closes what the till's providers hold open."""
    close_payments(till.payments)


@asynccontextmanager
async def open_till(settings: Settings, clock: "Clock") -> AsyncIterator[Till]:
    """The till with a database of its own, for jobs and commands."""
    from tradewind.db import open_async_database

    async with open_async_database(settings, connections=CONNECTIONS) as database:
        till = make_till(settings, database, clock)
        try:
            yield till
        finally:
            close_till(till)


def shop_work() -> "ShopWork":
    """What the worker does for the shop."""
    import asyncio

    from tradewind.bootstrap.notifying import mail_about_order
    from tradewind.bootstrap.webhooks import tell_order
    from tradewind.kit import system_clock
    from tradewind.network import load_network
    from tradewind.pipeline import live
    from tradewind.worker import ShopWork

    async def follow(settings: Settings, payment_id: str) -> None:
        async with open_till(settings, system_clock) as till:
            await follow_payment(till, payment_id)

    async def ends(settings: Settings) -> None:
        from tradewind.checkout import settle_waiting
        from tradewind.payments import reconcile

        async with open_till(settings, system_clock) as till:
            await deliver_fake_webhooks(settings, till.payments)
            await reconcile(till.payments)
            await settle_waiting(till.completing)
            await till.orders.follow_up()

    def stock_moved(settings: Settings, database: "Database", skus: Sequence[str]) -> int:
        with database.transaction() as tx:
            return len(live.refresh(tx, skus, live.terms_of(load_network(settings.own_rules)), system_clock()))

    def sweep(settings: Settings, database: "Database") -> int:
        with database.transaction() as tx:
            return len(live.sweep(tx, live.terms_of(load_network(settings.own_rules)), system_clock()))

    return ShopWork(
        payment_changed=lambda settings, payment_id, _event: asyncio.run(follow(settings, payment_id)),
        reconcile=lambda settings: asyncio.run(ends(settings)),
        stock_moved=stock_moved,
        sweep=sweep,
        order_listeners=(tell_order, mail_about_order),
    )


async def follow_payment(till: Till, payment_id: str) -> None:
    """A payment has changed: the session that waits for it ends, and what a person decided about it happens to its order."""
    from tradewind.checkout import payment_changed
    from tradewind.payments import Verdict

    await payment_changed(till.completing, payment_id)
    payment = await till.payments.payment(payment_id)
    if payment.order_id is None:
        return
    order = (await till.orders.find(payment.order_id)).order
    if order.hold is None or order.status != "open":
        return
    if payment.verdict is Verdict.ACCEPT:
        await till.orders.release(order.order_id, "risk review")
    elif payment.verdict is Verdict.REFUSE:
        await till.orders.cancel(order.order_id, "refused after a review", "risk review")
