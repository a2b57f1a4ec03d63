"""What changed since an index was made: a log that every index reads from its own place on.

A change that was noted by a transaction still open is seen later, though its number is lower. Therefore an index remembers below
which transaction everything was visible to it, and reads from there: what it reads twice does no harm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tradewind.db import Transaction

KEEP_HOURS = 48
CHANGES_LIMIT = 200_000
EVERYTHING = None
REBUILD_SHARE = 3
"""When more than one in this many changed, a new index is made faster than the old one is changed."""

_NOTE = """
    INSERT INTO search_change (market, offer_id, noted_at)
    SELECT market, offer_id, %s FROM unnest(%s::text[], %s::text[]) AS noted (market, offer_id)
"""
_HORIZON = (
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS below, pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS top"
)


@dataclass(frozen=True, slots=True)
class Changes:
    """The offers of a market that changed, whether all may have, and from where the next look begins."""

    offer_ids: tuple[str, ...]
    everything: bool
    cursor: int


def note(tx: Transaction, changes: Sequence[tuple[str, str | None]], at: datetime) -> None:
    """In the transaction of the change: these (market, offer id) are to be looked at again; all offers of the market with EVERYTHING."""
    if changes:
        tx.execute(_NOTE, (at, [market for market, _ in changes], [offer_id for _, offer_id in changes]))


def horizon(tx: Transaction) -> int:
    """Everything that older transactions noted is visible now."""
    return _horizon(tx)[0]


def changed(tx: Transaction, market: str, cursor: int) -> Changes:
    """What was noted since `cursor`. Everything, when the log does not reach back so far, or when it is of another server."""
    below, top = _horizon(tx)
    rows = tx.execute(
        "SELECT DISTINCT offer_id FROM search_change WHERE market = %s AND written_by >= %s::text::xid8 LIMIT %s",
        (market, cursor, CHANGES_LIMIT + 1),
    ).fetchall()
    offer_ids = tuple(row["offer_id"] for row in rows if row["offer_id"] is not None)
    forgotten = tx.execute("SELECT 1 FROM search_forgotten WHERE written_by >= %s::text::xid8 LIMIT 1", (cursor,)).fetchone()
    everything = len(offer_ids) != len(rows) or len(rows) > CHANGES_LIMIT or cursor > top or forgotten is not None
    return Changes(() if everything else offer_ids, everything, below)


def prune(tx: Transaction, at: datetime) -> int:
    """Forgets changes older than KEEP_HOURS, and remembers up to where; an index that has not read them is built anew."""
    row = tx.execute(
        "WITH gone AS (DELETE FROM search_change WHERE noted_at < %s RETURNING written_by)"
        " SELECT count(*) AS rows, max(written_by) AS last FROM gone",
        (at - timedelta(hours=KEEP_HOURS),),
    ).fetchone()
    if row is None or not row["rows"]:
        return 0
    tx.execute("DELETE FROM search_forgotten")
    tx.execute("INSERT INTO search_forgotten (written_by) VALUES (%s::text::xid8)", (str(row["last"]),))
    return int(row["rows"])


def _horizon(tx: Transaction) -> tuple[int, int]:
    row = tx.execute(_HORIZON).fetchone()
    return (int(row["below"]), int(row["top"])) if row else (0, 0)
