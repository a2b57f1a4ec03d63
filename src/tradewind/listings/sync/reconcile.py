"""What is intended against what the channel shows: missing, stale, overtaken, changed, unexpected, disapproved. In PostgreSQL, block by block."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tradewind.db import Transaction
from tradewind.listings.sync.model import Difference, IssueGroup, Processed, Target, Urgency

SAMPLES = 5
GROUPS_LIMIT = 200

_PROCESSED = """
    CREATE TEMP TABLE IF NOT EXISTS processed (
        offer_id text PRIMARY KEY, version bigint, price_micros bigint, available boolean, refused boolean
    ) ON COMMIT DROP
"""

# A send that the channel may still be processing is no difference yet.
_KINDS = {
    "missing": "h.held_hash IS NOT NULL AND p.offer_id IS NULL AND h.held_at <= %(settled)s AND h.sending_version IS NULL",
    "stale": "p.version < h.held_version AND h.held_at <= %(settled)s AND h.sending_version IS NULL",
    "overtaken": "p.version > h.held_version AND h.sending_version IS NULL",
    # A report tells no version, and the price before a reduction: only a lower one is surely another.
    "changed": "h.held_hash IS NOT NULL AND CASE WHEN p.version IS NULL"
    " THEN h.held_at <= %(settled)s AND h.sending_version IS NULL"
    " AND (p.price_micros < h.held_price * %(micros)s OR p.available <> h.held_available)"
    " ELSE p.version = h.held_version AND (p.price_micros <> h.held_price * %(micros)s OR p.available <> h.held_available) END",
    "unexpected": "h.offer_id IS NULL OR (h.held_hash IS NULL AND h.wanted_hash IS NULL AND p.offer_id IS NOT NULL)",
    "disapproved": "p.refused",
}

_FIND = """
    SELECT count(*) AS number, (array_agg(coalesce(p.offer_id, h.offer_id) ORDER BY 1))[1:{samples}] AS samples
    FROM (SELECT * FROM listings_held WHERE feed = %(feed)s) AS h FULL JOIN processed AS p USING (offer_id)
    WHERE {condition}
"""

_REPAIR_MISSING = f"""
    UPDATE listings_held AS h
    SET held_hash = NULL, held_price = NULL, held_available = NULL, held_at = NULL, expires_at = NULL,
        urgency = CASE WHEN wanted_hash IS NOT NULL THEN {Urgency.NEW:d} END
    WHERE h.feed = %(feed)s AND h.held_hash IS NOT NULL AND h.held_at <= %(settled)s AND h.sending_version IS NULL
        AND NOT EXISTS (SELECT FROM processed AS p WHERE p.offer_id = h.offer_id)
"""

_REPAIR_STALE = f"""
    UPDATE listings_held AS h
    SET urgency = coalesce(h.urgency, {Urgency.CONTENT:d}), held_hash = 'stale'
    FROM processed AS p
    WHERE h.feed = %(feed)s AND p.offer_id = h.offer_id AND p.version < h.held_version AND h.held_at <= %(settled)s
        AND h.sending_version IS NULL AND h.wanted_hash IS NOT NULL
"""

# Somebody else sent a higher version: ours would be refused as older until it is above theirs.
_REPAIR_OVERTAKEN = f"""
    UPDATE listings_held AS h
    SET urgency = coalesce(h.urgency, {Urgency.CONTENT:d}), held_hash = 'overtaken', held_version = p.version
    FROM processed AS p
    WHERE h.feed = %(feed)s AND p.offer_id = h.offer_id AND p.version > h.held_version AND h.sending_version IS NULL
        AND h.wanted_hash IS NOT NULL
"""

_REPAIR_UNEXPECTED = f"""
    INSERT INTO listings_held (feed, offer_id, wanted_at, urgency, held_hash, held_price, held_available, held_version, held_at)
    SELECT %(feed)s, p.offer_id, %(at)s, {Urgency.WITHDRAWN:d}, 'unexpected', 0, p.available, coalesce(p.version, 0), %(at)s
    FROM processed AS p
    WHERE NOT EXISTS (SELECT FROM listings_held AS h WHERE h.feed = %(feed)s AND h.offer_id = p.offer_id)
"""


def begin(tx: Transaction, feed: str) -> None:
    """An empty table for what the channel shows, and an empty inbox for the feed."""
    tx.execute(_PROCESSED)
    tx.execute("DELETE FROM listings_issue WHERE feed = %s", (feed,))


def add(tx: Transaction, feed: str, shown: Sequence[Processed], at: datetime) -> None:
    """One block of what the channel shows."""
    with tx.cursor() as cursor:
        with cursor.copy("COPY processed FROM STDIN") as rows:
            for one in shown:
                refused = any(issue.severity == "disapproved" for issue in one.issues)
                rows.write_row((one.offer_id, one.version, one.price_micros, one.available, refused))
        _write_issues(cursor, feed, shown, at)


def note_one(tx: Transaction, feed: str, offer_id: str, shown: Processed | None, at: datetime) -> int:
    """The inbox learns of one listing between two reconciles; how many issues it has now."""
    tx.execute("DELETE FROM listings_issue WHERE feed = %s AND offer_id = %s", (feed, offer_id))
    with tx.cursor() as cursor:
        _write_issues(cursor, feed, [] if shown is None else [shown], at)
    return 0 if shown is None else len(shown.issues)


def _write_issues(cursor: Any, feed: str, shown: Sequence[Processed], at: datetime) -> None:
    with cursor.copy("COPY listings_issue (feed, offer_id, code, attribute, severity, countries, detail, seen_at) FROM STDIN") as rows:
        for one in shown:
            for issue in {(issue.code, issue.attribute): issue for issue in one.issues}.values():
                rows.write_row((feed, one.offer_id, issue.code, issue.attribute, issue.severity, list(issue.countries), issue.detail, at))


def differences(tx: Transaction, target: Target, digits: int, settled_before: datetime) -> list[Difference]:
    """Every kind that was found. `digits` are the decimals of the market's currency; a later send may still be in processing."""
    parameters = {"feed": target.feed, "settled": settled_before, "micros": 10 ** (6 - digits)}
    found = []
    for kind, condition in _KINDS.items():
        row = tx.execute(_FIND.format(samples=SAMPLES, condition=condition), parameters).fetchone()
        if row is not None and row["number"]:
            found.append(Difference(kind, row["number"], tuple(row["samples"])))
    return found


def repair(tx: Transaction, target: Target, at: datetime, processing: timedelta) -> dict[str, int]:
    """The ledger learns what the channel really holds, so that the next push mends it; how many rows of each kind."""
    parameters = {"feed": target.feed, "at": at, "settled": at - processing}
    return {
        "missing": tx.execute(_REPAIR_MISSING, parameters).rowcount,
        "stale": tx.execute(_REPAIR_STALE, parameters).rowcount,
        "overtaken": tx.execute(_REPAIR_OVERTAKEN, parameters).rowcount,
        "unexpected": tx.execute(_REPAIR_UNEXPECTED, parameters).rowcount,
    }


def issues(tx: Transaction, feed: str) -> list[IssueGroup]:
    """The inbox: causes, the ones that refuse most listings first."""
    rows = tx.execute(
        "SELECT code, attribute, severity, count(*) AS number, min(detail) AS detail,"
        " (array_agg(offer_id ORDER BY offer_id))[1:%s] AS samples,"
        " array(SELECT DISTINCT unnest(countries) FROM listings_issue AS i WHERE i.feed = %s AND i.code = o.code ORDER BY 1) AS countries"
        " FROM listings_issue AS o WHERE feed = %s GROUP BY code, attribute, severity"
        " ORDER BY severity <> 'disapproved', 4 DESC, code LIMIT %s",
        (SAMPLES, feed, feed, GROUPS_LIMIT),
    )
    return [
        IssueGroup(
            row["code"], row["attribute"], row["severity"], row["number"], tuple(row["countries"]), row["detail"], tuple(row["samples"])
        )
        for row in rows
    ]
