"""Freshness between runs: a change of stock becomes what pages read and what channels must hear, in the transaction of the change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tradewind import search, stock
from tradewind.db import Transaction, audit, outbox
from tradewind.listings.sync import HeldLag, NotedChange, feeds, held_lag, note, note_withdrawn
from tradewind.network import Location, Network
from tradewind.offers import live, withdrawal
from tradewind.offers.live import OfferChange, Units
from tradewind.offers.withdrawal import EVERYWHERE, AffectedOffer, Withdrawal

PUSH_TASK = "freshness:push_urgent"
FEEDS_TASK = "freshness:renew_feeds"
SEARCH_TASK = "freshness:follow_search"
MOVED_LIMIT = 1_000_000
BLOCK = 5_000
GROWN_OLD_WITHIN = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class LiveTerms:
    """What decides how much of a level may be sold: the locations with their buffers and ages, and the least that a lane carries."""

    locations: Mapping[str, Location]
    least: Mapping[str, int]


NO_TERMS = LiveTerms({}, {})
"""Everything that is available may be sold, one unit at a time."""


def terms_of(network: Network) -> LiveTerms:
    """The terms of a network."""
    return LiveTerms(
        {location.location_id: location for location in network.locations}, {lane.lane_id: lane.min_quantity for lane in network.lanes}
    )


def change_stock(tx: Transaction, deltas: Sequence[stock.StockDelta], terms: LiveTerms, at: datetime) -> stock.DeltasDone:
    """Books deltas, and lets pages and channels know in the same transaction."""
    done = stock.apply_deltas(tx, deltas, terms.locations, at)
    if done.skus:
        refresh(tx, done.skus, terms, at)
    return done


def refresh(tx: Transaction, skus: Sequence[str], terms: LiveTerms, at: datetime) -> list[OfferChange]:
    """The published offers of these skus say what stock says now; every difference enters the ledger of each channel as well."""
    changes: list[OfferChange] = []
    for start in range(0, len(skus), BLOCK):
        block = skus[start : start + BLOCK]
        live.lock_offers(tx, block)
        levels = [
            Units(level.sku, level.location_id, units, min(level.updated_at, at))
            for level, units in stock.sellable_levels(tx, block, terms.locations, at)
        ]
        changes += live.refresh(tx, levels, terms.least, at)
    _tell_channels(tx, changes)
    # Search holds whether an offer can be bought, not how often.
    tell_search(tx, [(one.market, one.offer_id) for one in changes if one.available != one.was_available and not one.withdrawn], at)
    return changes


def sweep(tx: Transaction, terms: LiveTerms, at: datetime) -> list[stock.Held]:
    """Returns the units of reservations whose time is over, a batch at most, and lets pages and channels know."""
    released = stock.expire(tx, at=at)
    if released:
        refresh(tx, sorted({one.sku for one in released}), terms, at)
    return released


def refresh_published(tx: Transaction, changed: Iterable[str], terms: LiveTerms, *, since: datetime, at: datetime) -> int:
    """After publishing a run whose stock was pinned at `since`: what moved later, and what was `changed` live before, is written again."""
    skus = sorted({*changed, *stock.moved_since(tx, since, MOVED_LIMIT)})
    return len(refresh(tx, skus, terms, at)) if skus else 0


def refresh_grown_old(tx: Transaction, terms: LiveTerms, at: datetime) -> int:
    """Stock whose count has become too old since the last look is out of stock; how many offers changed."""
    skus = [sku for location in terms.locations.values() for sku in stock.grown_old(tx, location, at, GROWN_OLD_WITHIN, MOVED_LIMIT)]
    return len(refresh(tx, sorted(set(skus)), terms, at)) if skus else 0


def withdraw(tx: Transaction, request: Withdrawal) -> list[AffectedOffer]:
    """Takes a sku out of every channel of its market at once; the offers that it takes along."""
    affected = withdrawal.withdraw(tx, request)
    queued = note_withdrawn(tx, [(f"{one.market}-{one.language}", one.offer_id) for one in affected], request.withdrawn_at)
    audit.record(
        tx,
        request.withdrawn_by,
        "offer.withdraw",
        request.sku,
        {"market": request.market, "reason": request.reason, "offers": len(affected), "queued": queued},
    )
    tell_search(tx, [(one.market, one.offer_id) for one in affected], request.withdrawn_at)
    _wake(tx, sorted({one.market for one in affected}), FEEDS_TASK)
    if queued:
        _wake(tx, sorted({one.market for one in affected}), PUSH_TASK)
    return affected


def restore(tx: Transaction, sku: str, market: str, by: str, at: datetime) -> list[AffectedOffer]:
    """Takes a withdrawal back: pages show the offer again, feeds and channels follow with their next assembly and plan."""
    affected = withdrawal.restore(tx, sku, market)
    tell_search(tx, [(one.market, one.offer_id) for one in affected], at)
    audit.record(tx, by, "offer.restore", sku, {"market": market, "offers": len(affected)})
    _wake(tx, sorted({one.market for one in affected}), FEEDS_TASK)
    return affected


def lags(tx: Transaction, at: datetime, *, hours: int) -> dict[str, live.Lag | HeldLag]:
    """From a change to the row that pages read ("pages"), and to being held by the channel (by feed), over the last `hours`."""
    since = at - timedelta(hours=hours)
    return {"pages": live.lag(tx, since)} | {feed: held_lag(tx, feed, since) for feed in feeds(tx)}


def _tell_channels(tx: Transaction, changes: Sequence[OfferChange]) -> None:
    told = [change for change in changes if not change.withdrawn]
    if not told:
        return
    noted = [NotedChange(f"{one.market}-{one.language}", one.offer_id, one.price_minor, one.available, one.moved_at) for one in told]
    urgent = note(tx, noted)
    _wake(tx, sorted({one.market for one in told if f"{one.market}-{one.language}" in urgent}), PUSH_TASK)


def tell_search(tx: Transaction, changes: Sequence[tuple[str, str | None]], at: datetime) -> None:
    """The search indexes of these markets look at the offers again (at all for None), as soon as a worker runs."""
    search.store.note(tx, changes, at)
    _wake(tx, sorted({market for market, _ in changes}), SEARCH_TASK)


def _wake(tx: Transaction, markets: Sequence[str], task: str) -> None:
    for market in markets:
        outbox.put_once(tx, task, {"market": market}, lock=f"{task} {market}")


__all__ = [
    "EVERYWHERE",
    "FEEDS_TASK",
    "NO_TERMS",
    "PUSH_TASK",
    "SEARCH_TASK",
    "LiveTerms",
    "change_stock",
    "lags",
    "refresh",
    "refresh_grown_old",
    "refresh_published",
    "restore",
    "sweep",
    "tell_search",
    "terms_of",
    "withdraw",
]
