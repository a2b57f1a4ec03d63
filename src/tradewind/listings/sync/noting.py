"""Single changes enter the ledger without a whole plan: what sold out, came back, got another price, or was withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tradewind.db import Transaction
from tradewind.listings.sync.model import Urgency
from tradewind.listings.sync.rules import LAST_URGENT

# rules.urgency in SQL, over a row whose listing is wanted as it was but for price and availability; a test compares.
_NOTE = f"""
    WITH noted AS (
        UPDATE listings_held AS h
        SET wanted_price = n.price_minor, wanted_available = n.available, wanted_at = n.moved_at,
            attempts = 0, next_attempt_at = NULL, result = NULL, reason = NULL, detail = NULL,
            urgency = CASE
                WHEN h.held_hash IS NULL THEN {Urgency.NEW:d}
                WHEN h.held_available AND NOT n.available THEN {Urgency.SOLD_OUT:d}
                WHEN n.price_minor > h.held_price THEN {Urgency.PRICE_RISE:d}
                WHEN n.available AND NOT h.held_available THEN {Urgency.BACK_IN_STOCK:d}
                WHEN n.price_minor < h.held_price THEN {Urgency.PRICE_CUT:d}
                WHEN h.wanted_hash <> h.held_hash THEN {Urgency.CONTENT:d}
                WHEN h.urgency = {Urgency.REFRESH:d} THEN {Urgency.REFRESH:d}
            END
        FROM unnest(%(feeds)s::text[], %(ids)s::text[], %(prices)s::bigint[], %(available)s::boolean[], %(moved)s::timestamptz[])
            AS n (feed, offer_id, price_minor, available, moved_at)
        WHERE h.feed = n.feed AND h.offer_id = n.offer_id AND h.wanted_hash IS NOT NULL
            AND (h.wanted_price, h.wanted_available) IS DISTINCT FROM (n.price_minor, n.available)
        RETURNING h.feed, h.urgency
    )
    SELECT DISTINCT feed FROM noted WHERE urgency <= {LAST_URGENT:d}
"""

_WITHDRAW = f"""
    UPDATE listings_held AS h
    SET wanted_hash = NULL, wanted_price = NULL, wanted_available = NULL, wanted_at = %(at)s, attempts = 0, next_attempt_at = NULL,
        result = NULL, reason = NULL, detail = NULL,
        urgency = CASE WHEN held_hash IS NOT NULL OR sending_version IS NOT NULL THEN {Urgency.WITHDRAWN:d} END
    FROM unnest(%(feeds)s::text[], %(ids)s::text[]) AS n (feed, offer_id)
    WHERE h.feed = n.feed AND h.offer_id = n.offer_id AND h.wanted_hash IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class NotedChange:
    """What a listing of a feed should say from `moved_at` on."""

    feed: str
    offer_id: str
    price_minor: int
    available: bool
    moved_at: datetime


@dataclass(frozen=True, slots=True)
class HeldLag:
    """From a change to the moment the channel held it: how many, and their times in milliseconds."""

    changes: int
    p50_ms: int | None
    p99_ms: int | None


def note(tx: Transaction, changes: Sequence[NotedChange]) -> frozenset[str]:
    """Queues changes of listings that the ledger knows, in the caller's transaction; the feeds in which something urgent waits now.

    A listing that no plan has brought yet is not touched; its plan reads the same offer.
    """
    parameters = {
        "feeds": [one.feed for one in changes],
        "ids": [one.offer_id for one in changes],
        "prices": [one.price_minor for one in changes],
        "available": [one.available for one in changes],
        "moved": [one.moved_at for one in changes],
    }
    return frozenset(row["feed"] for row in tx.execute(_NOTE, parameters))


def note_withdrawn(tx: Transaction, listings: Sequence[tuple[str, str]], at: datetime) -> int:
    """Queues the deletion of (feed, offer id), before everything else; how many the channel holds or may hold."""
    parameters = {"feeds": [feed for feed, _ in listings], "ids": [offer_id for _, offer_id in listings], "at": at}
    return tx.execute(_WITHDRAW, parameters).rowcount


def held_lag(tx: Transaction, feed: str, since: datetime) -> HeldLag:
    """How long listings took from their last change to being held as wanted, of those held after `since`."""
    row = tx.execute(
        "SELECT count(*) AS changes, percentile_disc(0.5) WITHIN GROUP (ORDER BY took) AS p50_ms,"
        " percentile_disc(0.99) WITHIN GROUP (ORDER BY took) AS p99_ms FROM ("
        " SELECT (extract(epoch FROM held_at - wanted_at) * 1000)::bigint AS took FROM listings_held"
        " WHERE feed = %s AND urgency IS NULL AND held_at > %s AND held_at >= wanted_at) AS t",
        (feed, since),
    ).fetchone()
    return HeldLag(**row) if row else HeldLag(0, None, None)


def urgent_waits(tx: Transaction, feed: str) -> bool:
    """Whether something waits that would sell wrongly."""
    found = tx.execute("SELECT 1 FROM listings_held WHERE feed = %s AND urgency <= %s LIMIT 1", (feed, int(LAST_URGENT)))
    return found.fetchone() is not None


def feeds(tx: Transaction) -> list[str]:
    """The feeds that the ledger knows, found by leaps over its index: they are few and its rows are many."""
    rows = tx.execute(
        "WITH RECURSIVE leap AS ("
        " (SELECT feed FROM listings_held ORDER BY feed LIMIT 1)"
        " UNION ALL SELECT (SELECT h.feed FROM listings_held AS h WHERE h.feed > leap.feed ORDER BY h.feed LIMIT 1)"
        " FROM leap WHERE leap.feed IS NOT NULL)"
        " SELECT feed FROM leap WHERE feed IS NOT NULL ORDER BY feed"
    )
    return [row["feed"] for row in rows]
