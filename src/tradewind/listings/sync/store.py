"""The ledger in PostgreSQL: wanted beside held, and every send written down before it leaves."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from tradewind.db import Transaction
from tradewind.listings.sync.model import (
    EXPIRY,
    REFRESH_AFTER,
    Outcome,
    Result,
    Send,
    SyncCounts,
    Target,
    Urgency,
    Wanted,
    Way,
)
from tradewind.listings.sync.rules import DAY, LAST_URGENT, QUOTA, way_of

PLAN_SECONDS = 600
_EXPIRING = EXPIRY - REFRESH_AFTER

# rules.urgency in SQL. w: wanted, h: the ledger's row.
_URGENCY = f"""
    CASE
        WHEN h.held_hash IS NULL THEN {Urgency.NEW:d}
        WHEN h.held_available AND NOT w.available THEN {Urgency.SOLD_OUT:d}
        WHEN w.price_minor > h.held_price THEN {Urgency.PRICE_RISE:d}
        WHEN w.available AND NOT h.held_available THEN {Urgency.BACK_IN_STOCK:d}
        WHEN w.price_minor < h.held_price THEN {Urgency.PRICE_CUT:d}
        WHEN w.content_hash <> h.held_hash THEN {Urgency.CONTENT:d}
    END"""

_PLAN = f"""
    INSERT INTO listings_held AS h (feed, offer_id, wanted_hash, wanted_price, wanted_available, wanted_at, urgency)
    SELECT %(feed)s, offer_id, content_hash, price_minor, available, %(at)s, {Urgency.NEW:d}
    FROM wanted AS w
    WHERE NOT EXISTS (
        SELECT FROM listings_held AS k
        WHERE k.feed = %(feed)s AND k.offer_id = w.offer_id AND k.wanted_hash = w.content_hash
            AND k.wanted_price = w.price_minor AND k.wanted_available = w.available
    )
    ON CONFLICT (feed, offer_id) DO UPDATE
    SET wanted_hash = excluded.wanted_hash, wanted_price = excluded.wanted_price, wanted_available = excluded.wanted_available,
        wanted_at = excluded.wanted_at, attempts = 0, next_attempt_at = NULL, result = NULL, reason = NULL, detail = NULL,
        urgency = (SELECT {_URGENCY} FROM wanted AS w WHERE w.offer_id = h.offer_id)
"""

_GONE = f"""
    UPDATE listings_held AS h
    SET wanted_hash = NULL, wanted_price = NULL, wanted_available = NULL, wanted_at = %(at)s, attempts = 0, next_attempt_at = NULL,
        urgency = CASE WHEN held_hash IS NOT NULL OR sending_version IS NOT NULL THEN {Urgency.WITHDRAWN:d} END
    WHERE feed = %(feed)s AND wanted_hash IS NOT NULL
        AND NOT EXISTS (SELECT FROM wanted AS w WHERE w.offer_id = h.offer_id)
"""

_AGING = f"""
    UPDATE listings_held SET urgency = {Urgency.REFRESH:d}, wanted_at = %(at)s
    WHERE feed = %(feed)s AND urgency IS NULL AND wanted_hash IS NOT NULL AND held_at <= %(before)s
"""

_DUE = f"""
        SELECT feed, offer_id FROM listings_held
        WHERE feed = %(feed)s AND urgency IS NOT NULL AND urgency = ANY(%(urgencies)s) AND sending_version IS NULL
            AND result IS DISTINCT FROM 'failed' AND (next_attempt_at IS NULL OR next_attempt_at <= %(at)s)
            AND (urgency = {Urgency.WITHDRAWN:d}
                OR coalesce(CASE WHEN urgency <= {LAST_URGENT:d} THEN updated_before ELSE updated_at END <= %(yesterday)s, true))
        ORDER BY urgency, wanted_at, offer_id
        LIMIT %(limit)s"""

_CLAIM = f"""
    WITH due AS (
        {_DUE}
        FOR UPDATE SKIP LOCKED
    )
    UPDATE listings_held AS h
    SET sending_version = greatest(coalesce(h.held_version, 0) + 1, %(version)s), sending_hash = h.wanted_hash,
        sending_price = h.wanted_price, sending_available = h.wanted_available, sending_urgency = h.urgency, batch_id = %(batch)s,
        sending_at = %(at)s
    FROM due
    WHERE h.feed = due.feed AND h.offer_id = due.offer_id
    RETURNING h.offer_id, h.sending_version, h.sending_urgency, h.sending_hash, h.sending_price, h.sending_available
"""

_CLOSE = """, sending_version = NULL, sending_hash = NULL, sending_price = NULL, sending_available = NULL, sending_urgency = NULL,
        batch_id = NULL, sending_at = NULL"""
_SAME_SEND = "h.feed = %(feed)s AND h.offer_id = done.offer_id AND h.sending_version = done.version"

_SUCCEEDED = f"""
    UPDATE listings_held AS h
    SET held_hash = h.sending_hash, held_price = h.sending_price, held_available = h.sending_available, held_version = h.sending_version,
        held_at = %(at)s, expires_at = %(expires)s, attempts = 0, next_attempt_at = NULL, result = 'succeeded', reason = NULL, detail = NULL,
        updated_before = CASE WHEN h.sending_hash IS NULL THEN h.updated_before ELSE h.updated_at END,
        updated_at = CASE WHEN h.sending_hash IS NULL THEN h.updated_at ELSE %(at)s END,
        urgency = CASE
            WHEN h.wanted_hash IS NULL THEN CASE WHEN h.sending_hash IS NOT NULL THEN {Urgency.WITHDRAWN:d} END
            WHEN h.sending_hash IS NULL THEN {Urgency.NEW:d}
            WHEN h.sending_available AND NOT h.wanted_available THEN {Urgency.SOLD_OUT:d}
            WHEN h.wanted_price > h.sending_price THEN {Urgency.PRICE_RISE:d}
            WHEN h.wanted_available AND NOT h.sending_available THEN {Urgency.BACK_IN_STOCK:d}
            WHEN h.wanted_price < h.sending_price THEN {Urgency.PRICE_CUT:d}
            WHEN h.wanted_hash <> h.sending_hash THEN {Urgency.CONTENT:d}
        END {_CLOSE}
    FROM unnest(%(ids)s::text[], %(versions)s::bigint[]) AS done (offer_id, version)
    WHERE {_SAME_SEND}
"""

_NOT_SUCCEEDED = f"""
    UPDATE listings_held AS h
    SET attempts = h.attempts + done.counts::int, result = done.result, reason = done.reason, detail = done.detail, next_attempt_at = done.next_at {_CLOSE}
    FROM unnest(%(ids)s::text[], %(versions)s::bigint[], %(results)s::text[], %(reasons)s::text[], %(details)s::text[],
        %(next)s::timestamptz[], %(counts)s::boolean[]) AS done (offer_id, version, result, reason, detail, next_at, counts)
    WHERE {_SAME_SEND}
"""

_LOST = """
    SELECT sending_at, offer_id, sending_version, sending_urgency, sending_hash, sending_price, sending_available
    FROM listings_held
    WHERE feed = %(feed)s AND sending_version IS NOT NULL AND sending_at <= %(before)s
    ORDER BY offer_id LIMIT %(limit)s
"""


def plan(tx: Transaction, feed: str, wanted: Iterable[Wanted], at: datetime) -> dict[Urgency, int]:
    """The whole set of a feed's wanted listings becomes the ledger's: what waits, by urgency. Unchanged rows are not touched."""
    tx.execute(
        "CREATE TEMP TABLE wanted (offer_id text PRIMARY KEY, content_hash text, price_minor bigint, available boolean) ON COMMIT DROP"
    )
    with tx.cursor() as cursor, cursor.copy("COPY wanted FROM STDIN") as target:
        for one in wanted:
            target.write_row((one.offer_id, one.content_hash, one.price_minor, one.available))
    tx.execute("ANALYZE wanted")
    parameters = {"feed": feed, "at": at, "before": at - REFRESH_AFTER}
    for statement in (_PLAN, _GONE, _AGING):
        tx.execute(statement, parameters)
    tx.execute("DROP TABLE wanted")
    return _waiting(tx, feed)


def claim(  # noqa: PLR0917 - what limits a claim
    tx: Transaction, target: Target, ways: Sequence[Way], at: datetime, batch_id: str, limit: int, *, last: Urgency = Urgency.REFRESH
) -> list[Send]:
    """Takes the most urgent changes (up to `last`) that may go now, each with its version; written down before anything is sent."""
    parameters = _due(target, ways, at, limit, last) | {"version": int(at.timestamp() * 1000), "batch": batch_id}
    rows = tx.execute(_CLAIM, parameters).fetchall()
    return sorted((_send(row) for row in rows), key=lambda send: (send.urgency, send.offer_id))


def upcoming(tx: Transaction, target: Target, at: datetime, limit: int, last: Urgency) -> list[str]:
    """The offers whose whole listing is claimed next; nothing is taken. A deletion needs no listing."""
    found = tx.execute(_DUE, _due(target, (Way.API,), at, limit, last))
    return [row["offer_id"] for row in found]


def _due(target: Target, ways: Sequence[Way], at: datetime, limit: int, last: Urgency) -> dict[str, Any]:
    urgencies = [int(reason) for reason in Urgency if reason <= last and way_of(reason, target) in ways]
    return {"feed": target.feed, "urgencies": urgencies, "at": at, "yesterday": at - DAY, "limit": limit}


def lost(tx: Transaction, feed: str, before: datetime, limit: int) -> list[tuple[Send, datetime]]:
    """Sends that were written down and never ended, and since when: their process died, or their answer was lost."""
    return [(_send(row), row["sending_at"]) for row in tx.execute(_LOST, {"feed": feed, "before": before, "limit": limit})]


def attempts(tx: Transaction, feed: str, offer_ids: Sequence[str]) -> dict[str, int]:
    """How often each has failed since it last changed or succeeded."""
    rows = tx.execute("SELECT offer_id, attempts FROM listings_held WHERE feed = %s AND offer_id = ANY(%s)", (feed, list(offer_ids)))
    return {row["offer_id"]: row["attempts"] for row in rows}


def settle(tx: Transaction, feed: str, outcomes: Sequence[tuple[Outcome, datetime | None]], at: datetime) -> None:
    """Writes how sends ended, each with the time before which it is not tried again; an unknown one stays open until it is asked after."""
    good = [outcome for outcome, _ in outcomes if outcome.result is Result.SUCCEEDED]
    bad = [(outcome, next_at) for outcome, next_at in outcomes if outcome.result in {Result.FAILED, Result.RETRY}]
    common = {"feed": feed, "at": at, "yesterday": at - DAY, "expires": at + EXPIRY}
    if good:
        tx.execute(_SUCCEEDED, {**common, "ids": [outcome.offer_id for outcome in good], "versions": [outcome.version for outcome in good]})
        tx.execute(
            "DELETE FROM listings_held WHERE feed = %s AND offer_id = ANY(%s) AND wanted_hash IS NULL AND held_hash IS NULL",
            (feed, [outcome.offer_id for outcome in good]),
        )
    if bad:
        columns: dict[str, Any] = {
            "ids": [outcome.offer_id for outcome, _ in bad],
            "versions": [outcome.version for outcome, _ in bad],
            "results": [outcome.result.value for outcome, _ in bad],
            "reasons": [outcome.reason for outcome, _ in bad],
            "details": [outcome.detail for outcome, _ in bad],
            "next": [next_at for _, next_at in bad],
            "counts": [not outcome.reason.startswith(QUOTA) for outcome, _ in bad],
        }
        tx.execute(_NOT_SUCCEEDED, {**common, **columns})


def mark_fetched(tx: Transaction, target: Target, at: datetime) -> int:
    """The channel has read the file at that time: what had waited for it is held now. How many."""
    waiting = [int(reason) for reason in Urgency if way_of(reason, target) is Way.FILE]
    # A file refreshes all that it holds, also what did not change.
    tx.execute(
        "UPDATE listings_held SET expires_at = %s WHERE feed = %s AND held_hash IS NOT NULL AND wanted_hash IS NOT NULL AND expires_at < %s",
        (at + EXPIRY, target.feed, at + EXPIRY),
    )
    return tx.execute(
        "UPDATE listings_held SET held_hash = wanted_hash, held_price = wanted_price, held_available = wanted_available, held_at = %s,"
        " expires_at = %s, urgency = NULL, result = 'succeeded'"
        " WHERE feed = %s AND urgency = ANY(%s) AND sending_version IS NULL AND wanted_at <= %s",
        (at, at + EXPIRY, target.feed, waiting, at),
    ).rowcount


def counts(tx: Transaction, feed: str, at: datetime) -> SyncCounts:
    """The ledger of a feed in numbers."""
    row = tx.execute(
        "SELECT count(*) FILTER (WHERE held_hash IS NOT NULL) AS held, count(*) FILTER (WHERE sending_version IS NOT NULL) AS sending,"
        " count(*) FILTER (WHERE expires_at <= %s) AS expiring,"
        " coalesce(extract(epoch FROM %s - min(wanted_at) FILTER (WHERE urgency IS NOT NULL)), 0) AS oldest"
        " FROM listings_held WHERE feed = %s",
        (at + _EXPIRING, at, feed),
    ).fetchone()
    failed = tx.execute(
        "SELECT reason, count(*) AS number FROM listings_held WHERE feed = %s AND result = 'failed' GROUP BY reason ORDER BY 2 DESC, 1",
        (feed,),
    )
    if row is None:
        raise LookupError("an aggregate without a row")
    return SyncCounts(
        held=row["held"],
        waiting=_waiting(tx, feed),
        sending=row["sending"],
        failed={str(one["reason"]): int(one["number"]) for one in failed},
        expiring=row["expiring"],
        oldest_wait_seconds=int(row["oldest"]),
    )


def _waiting(tx: Transaction, feed: str) -> dict[Urgency, int]:
    rows = tx.execute(
        "SELECT urgency, count(*) AS number FROM listings_held WHERE feed = %s AND urgency IS NOT NULL GROUP BY urgency ORDER BY urgency",
        (feed,),
    )
    return {Urgency(row["urgency"]): int(row["number"]) for row in rows}


def _send(row: dict[str, Any]) -> Send:
    return Send(
        offer_id=row["offer_id"],
        version=row["sending_version"],
        urgency=Urgency(row["sending_urgency"]),
        content_hash=row["sending_hash"],
        price_minor=row["sending_price"],
        available=row["sending_available"],
    )
