"""Deltas: changes of single levels between counts, each booked once, in the order in which they came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tradewind.db import Transaction
from tradewind.network import Location, StockAuthority
from tradewind.stock.model import BadRow, DeltasDone, StockDelta, StockLevel
from tradewind.stock.rules import NOT_EXPECTED, decide, sellable

KEEP_HOURS = 7 * 24
BATCH = 10_000

_ENSURE = """
    INSERT INTO stock_level (sku, location_id, updated_at, counted_at)
    SELECT DISTINCT sku, location_id, %(at)s::timestamptz, %(at)s::timestamptz
    FROM unnest(%(skus)s::text[], %(locations)s::text[]) AS d (sku, location_id) ORDER BY 1, 2
    ON CONFLICT DO NOTHING
"""
# Locked in one order for everybody, so that two batches wait for each other instead of blocking each other.
_LOCK = """
    SELECT l.sku, l.location_id, l.on_hand, l.reserved + l.allocated + l.unavailable AS promised
    FROM stock_level AS l
    WHERE (l.sku, l.location_id) IN (SELECT * FROM unnest(%(skus)s::text[], %(locations)s::text[]))
    ORDER BY l.sku, l.location_id
    FOR UPDATE
"""
_WRITE = """
    UPDATE stock_level AS l SET on_hand = w.on_hand, updated_at = w.moved_at, counted_at = %(at)s
    FROM unnest(%(skus)s::text[], %(locations)s::text[], %(on_hand)s::bigint[], %(moved)s::timestamptz[])
        AS w (sku, location_id, on_hand, moved_at)
    WHERE l.sku = w.sku AND l.location_id = w.location_id
"""
_BOOK = """
    INSERT INTO stock_movement (sku, location_id, on_hand, reason, reference, moved_at)
    SELECT sku, location_id, units, 'delta', delta_id, moved_at
    FROM unnest(%(skus)s::text[], %(locations)s::text[], %(units)s::bigint[], %(ids)s::text[], %(moved)s::timestamptz[])
        AS d (sku, location_id, units, delta_id, moved_at)
    WHERE units <> 0
"""
# What came in ends an expectation, unless it says a new day itself.
_ARRIVED = "DELETE FROM stock_expected WHERE (sku, location_id) IN (SELECT * FROM unnest(%(skus)s::text[], %(locations)s::text[]))"
_EXPECT = """
    INSERT INTO stock_expected (sku, location_id, expected_on, updated_at)
    SELECT sku, location_id, expected_on, %(at)s
    FROM unnest(%(skus)s::text[], %(locations)s::text[], %(days)s::date[]) AS e (sku, location_id, expected_on) ORDER BY 1, 2
    ON CONFLICT (sku, location_id) DO UPDATE SET expected_on = excluded.expected_on, updated_at = excluded.updated_at
"""
_REMEMBER = """
    INSERT INTO stock_delta (delta_id, sku, location_id, content, applied_at)
    SELECT *, %(at)s FROM unnest(%(ids)s::text[], %(skus)s::text[], %(locations)s::text[], %(contents)s::text[])
"""


@dataclass(slots=True)
class _Batch:
    """What a batch decided so far: each level's on_hand, and the units that each applied delta moved."""

    on_hand: dict[tuple[str, str], int]
    promised: dict[tuple[str, str], int]
    known: dict[str, tuple[str, str, str]]
    moved: list[tuple[StockDelta, int]]
    bad: list[BadRow]
    repeated: int = 0


def apply_deltas(tx: Transaction, deltas: Sequence[StockDelta], locations: Mapping[str, Location], at: datetime) -> DeltasDone:
    """Books what may be booked: a delta that came before is counted, not booked again; the others are refused with their reason."""
    batch = _Batch({}, {}, {}, [], [])
    placed = [delta for delta in deltas if _is_placed(delta, locations, batch)]
    _read_known(tx, placed, batch)
    # A level that begins at nothing would hide what the catalog brought: only a figure that will hold makes one.
    begun = [one for one in placed if one.on_hand is not None and not one.expected and one.delta_id not in batch.known]
    tx.execute(_ENSURE, {**_places(begun), "at": at})
    for row in tx.execute(_LOCK, _places(placed)):
        key = (row["sku"], row["location_id"])
        batch.on_hand[key], batch.promised[key] = row["on_hand"], row["promised"]
    _read_known(tx, placed, batch)  # again: whoever held the levels may have booked the same delta
    for delta in placed:
        _take(delta, locations[delta.location_id].stock_authority, batch)
    _write(tx, batch, at)
    # What only expects moves no level: an article that nobody has counted keeps what the catalog brought.
    skus = tuple(dict.fromkeys(delta.sku for delta, _ in batch.moved if not delta.only_expects))
    return DeltasDone(len(batch.moved), batch.repeated, tuple(sorted(batch.bad, key=lambda one: one.row)), skus)


def sellable_levels(tx: Transaction, skus: Sequence[str], locations: Mapping[str, Location], at: datetime) -> list[tuple[StockLevel, int]]:
    """Every level of the skus with the units that may be sold of it now (buffer and age taken off)."""
    rows = tx.execute(
        "SELECT sku, location_id, on_hand, reserved, allocated, unavailable, available, updated_at, counted_at"
        " FROM stock_level WHERE sku = ANY(%s) ORDER BY sku, location_id",
        (list(skus),),
    )
    levels = [StockLevel(**row) for row in rows]
    return [(level, sellable(level.available, level.counted_at, locations.get(level.location_id), at)) for level in levels]


def moved_since(tx: Transaction, since: datetime, limit: int) -> list[str]:
    """The skus whose levels moved, or of which a delta was booked, after `since`."""
    rows = tx.execute(
        "SELECT sku FROM stock_level WHERE updated_at >= %s UNION SELECT sku FROM stock_delta WHERE applied_at >= %s LIMIT %s",
        (since, since, limit),
    )
    return [row["sku"] for row in rows]


def grown_old(tx: Transaction, location: Location, at: datetime, within: timedelta, limit: int) -> list[str]:
    """The skus whose count at the location became too old during the last `within`."""
    if location.max_age is None:
        return []
    end = at - location.max_age
    rows = tx.execute(
        "SELECT sku FROM stock_level WHERE location_id = %s AND counted_at > %s AND counted_at <= %s ORDER BY sku LIMIT %s",
        (location.location_id, end - within, end, limit),
    )
    return [row["sku"] for row in rows]


def prune_deltas(tx: Transaction, at: datetime) -> int:
    """Forgets the ids of deltas older than KEEP_HOURS; a source repeats itself for days at most."""
    return tx.execute("DELETE FROM stock_delta WHERE applied_at < %s", (at - timedelta(hours=KEEP_HOURS),)).rowcount


def _is_placed(delta: StockDelta, locations: Mapping[str, Location], batch: _Batch) -> bool:
    location = locations.get(delta.location_id)
    if location is None:
        batch.bad.append(BadRow(delta.row, "location_id", delta.location_id, f"the network has {', '.join(sorted(locations))}"))
    elif location.stock_authority is StockAuthority.RETAILER and delta.change is not None:
        reason = f"the retailer's own system keeps the stock of {delta.location_id}: give on_hand as it says it"
        batch.bad.append(BadRow(delta.row, "change", str(delta.change), reason))
    else:
        return True
    return False


def _places(deltas: Sequence[StockDelta]) -> dict[str, Any]:
    return {"skus": [one.sku for one in deltas], "locations": [one.location_id for one in deltas]}


def _read_known(tx: Transaction, deltas: Sequence[StockDelta], batch: _Batch) -> None:
    rows = tx.execute(
        "SELECT delta_id, sku, location_id, content FROM stock_delta WHERE delta_id = ANY(%s)", ([one.delta_id for one in deltas],)
    )
    batch.known = {row["delta_id"]: (row["sku"], row["location_id"], row["content"]) for row in rows}


def _take(delta: StockDelta, authority: StockAuthority, batch: _Batch) -> None:
    key, said = (delta.sku, delta.location_id), (delta.sku, delta.location_id, delta.content)
    before = batch.known.setdefault(delta.delta_id, said)
    if before is not said:
        if before == said:
            batch.repeated += 1
        else:
            batch.bad.append(BadRow(delta.row, "delta_id", delta.delta_id, "another change came with this id before"))
        return
    if delta.only_expects:
        batch.moved.append((delta, 0))
        return
    if key not in batch.on_hand:
        del batch.known[delta.delta_id]
        batch.bad.append(BadRow(delta.row, "sku", delta.sku, f"nobody has counted it at {delta.location_id} yet: give on_hand first"))
        return
    found = decide(delta, batch.on_hand[key], batch.promised[key], authority)
    if isinstance(found, BadRow):
        del batch.known[delta.delta_id]  # a refused delta may come again
        batch.bad.append(replace(found, row=delta.row))
        return
    batch.moved.append((delta, found - batch.on_hand[key]))
    batch.on_hand[key] = found


def _write(tx: Transaction, batch: _Batch, at: datetime) -> None:
    if not batch.moved:
        return
    last = {(delta.sku, delta.location_id): delta.moved_at for delta, _ in batch.moved if not delta.only_expects}
    levels: dict[str, Any] = {
        "skus": [sku for sku, _ in last],
        "locations": [location for _, location in last],
        "on_hand": [batch.on_hand[key] for key in last],
        "moved": list(last.values()),
        "at": at,
    }
    tx.execute(_WRITE, levels)
    applied: dict[str, Any] = {
        "ids": [delta.delta_id for delta, _ in batch.moved],
        "skus": [delta.sku for delta, _ in batch.moved],
        "locations": [delta.location_id for delta, _ in batch.moved],
        "units": [units for _, units in batch.moved],
        "moved": [delta.moved_at for delta, _ in batch.moved],
        "contents": [delta.content for delta, _ in batch.moved],
        "at": at,
    }
    tx.execute(_BOOK, applied)
    tx.execute(_REMEMBER, applied)
    _expect(tx, batch, at)


def _expect(tx: Transaction, batch: _Batch, at: datetime) -> None:
    """The last word of the batch on each level: a day, or that nothing is expected (any more)."""
    said: dict[tuple[str, str], str] = {}
    for delta, units in batch.moved:
        if delta.expected_on or units > 0:
            said[delta.sku, delta.location_id] = delta.expected_on or NOT_EXPECTED
    ended = [key for key, day in said.items() if day == NOT_EXPECTED]
    days = {key: day for key, day in said.items() if day != NOT_EXPECTED}
    if ended:
        tx.execute(_ARRIVED, {"skus": [sku for sku, _ in ended], "locations": [location for _, location in ended]})
    if days:
        places = {"skus": [sku for sku, _ in days], "locations": [location for _, location in days]}
        tx.execute(_EXPECT, {**places, "days": list(days.values()), "at": at})
