"""Units on their way to a shopper: held for a checkout, bound to an order, handed over. One statement decides each step (law 6).

Every level is locked in one order for everybody, so two baskets with the same goods wait for each other instead of blocking each other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tradewind.db import AsyncTransaction, Rows, Step, Transaction
from tradewind.network import Location
from tradewind.stock.model import Held, Wanted

SWEEP_BATCH = 500

_UNITS = """
    unit AS (
        SELECT * FROM unnest(%(skus)s::text[], %(locations)s::text[], %(quantities)s::bigint[], %(spares)s::bigint[], %(oldest)s::timestamptz[])
            AS u (sku, location_id, quantity, spare, oldest)
    ), wanted AS (
        SELECT sku, location_id, sum(quantity)::bigint AS quantity, max(spare) AS spare, max(oldest) AS oldest FROM unit GROUP BY 1, 2
    )
"""
# The condition stands in the UPDATE itself: whoever waited for the row decides by what the one before left, not by what he once read.
_MOVED = """
    locked AS (
        SELECT l.sku, l.location_id FROM stock_level AS l JOIN wanted AS w USING (sku, location_id)
        ORDER BY l.sku, l.location_id FOR UPDATE OF l
    ), moved AS (
        UPDATE stock_level AS l
        SET on_hand = l.on_hand + w.quantity * {on_hand}, reserved = l.reserved + w.quantity * {reserved},
            allocated = l.allocated + w.quantity * {allocated}, updated_at = %(at)s
        FROM wanted AS w JOIN locked USING (sku, location_id)
        WHERE l.sku = w.sku AND l.location_id = w.location_id AND {condition}
        RETURNING l.sku, l.location_id, w.quantity
    )
"""
_BOOKED = """
    booked AS (
        INSERT INTO stock_movement (sku, location_id, on_hand, reserved, allocated, reason, reference, moved_at)
        SELECT sku, location_id, quantity * {on_hand}, quantity * {reserved}, quantity * {allocated}, '{reason}', %(reference)s, %(at)s
        FROM moved
    )
"""
_FREE = "l.on_hand - l.reserved - l.allocated - l.unavailable - w.spare >= w.quantity AND (w.oldest IS NULL OR l.counted_at >= w.oldest)"
_SHORT = "SELECT w.sku, w.location_id FROM wanted AS w WHERE NOT EXISTS (SELECT FROM moved AS m WHERE (m.sku, m.location_id) = (w.sku, w.location_id))"


def _step(reason: str, condition: str, *, on_hand: int = 0, reserved: int = 0, allocated: int = 0) -> str:
    moves: Mapping[str, Any] = {"on_hand": on_hand, "reserved": reserved, "allocated": allocated}
    return _MOVED.format(condition=condition, **moves) + "," + _BOOKED.format(reason=reason, **moves)


_RESERVE = f"""
    WITH {_UNITS}, {_step("reserve", _FREE, reserved=1)}, held AS (
        INSERT INTO stock_reservation (reference, sku, location_id, quantity, made_at, expires_at)
        SELECT %(reference)s, sku, location_id, quantity, %(at)s, %(until)s FROM moved
    ) {_SHORT}
"""
_TAKE = f"WITH {_UNITS}, {_step('allocate', _FREE, allocated=1)} {_SHORT}"
_HELD = "wanted AS (DELETE FROM stock_reservation WHERE reference = %(reference)s RETURNING sku, location_id, quantity)"
_ALLOCATE = (
    f"WITH {_HELD}, {_step('allocate', 'l.reserved >= w.quantity', reserved=-1, allocated=1)} SELECT sku, location_id, quantity FROM moved"
)
_RELEASE = f"WITH {_HELD}, {_step('release', 'l.reserved >= w.quantity', reserved=-1)} SELECT sku, location_id, quantity FROM moved"
_SHIP = f"WITH {_UNITS}, {_step('ship', 'l.allocated >= w.quantity', on_hand=-1, allocated=-1)} {_SHORT}"
_DEALLOCATE = f"WITH {_UNITS}, {_step('cancel', 'l.allocated >= w.quantity', allocated=-1)} {_SHORT}"
# The sweep leaves alone what is being allocated or returned at this moment; a buyer waits for it, because the units may be the ones he needs.
_EXPIRE = f"""
    WITH gone AS (
        DELETE FROM stock_reservation WHERE (reference, sku, location_id) IN (
            SELECT reference, sku, location_id FROM stock_reservation
            WHERE expires_at <= %(at)s AND (%(skus)s::text[] IS NULL OR sku = ANY(%(skus)s))
            ORDER BY expires_at, reference, sku, location_id LIMIT %(limit)s FOR UPDATE{{waiting}})
        RETURNING reference, sku, location_id, quantity
    ), wanted AS (
        SELECT sku, location_id, sum(quantity)::bigint AS quantity FROM gone GROUP BY 1, 2
    ), {_MOVED.format(on_hand=0, reserved=-1, allocated=0, condition="l.reserved >= w.quantity")}, booked AS (
        INSERT INTO stock_movement (sku, location_id, reserved, reason, reference, moved_at)
        SELECT g.sku, g.location_id, -g.quantity, 'expire', g.reference, %(at)s FROM gone AS g JOIN moved USING (sku, location_id)
    )
    SELECT reference, sku, location_id, quantity FROM gone
"""
_EXTEND = "UPDATE stock_reservation SET expires_at = greatest(expires_at, %s) WHERE reference = %s"


def wanted_of(sku: str, location_id: str, quantity: int, locations: Mapping[str, Location], at: datetime) -> Wanted:
    """So many units of a sku from a location, with what the location never sells: its buffer, and what was counted too long ago."""
    location = locations.get(location_id)
    if location is None:
        return Wanted(sku, location_id, quantity)
    return Wanted(sku, location_id, quantity, location.buffer, at - location.max_age if location.max_age is not None else None)


def reserving(wants: Sequence[Wanted], *, reference: str, at: datetime, until: datetime) -> Step[list[tuple[str, str]]]:
    """Holds the units until `until`. What is short, as (sku, location): then some are held and some are not, so roll back."""
    return Step(_RESERVE, _units(wants) | {"reference": reference, "at": at, "until": until}, lambda rows: _levels(rows.all()))


def allocating(*, reference: str, at: datetime) -> Step[dict[tuple[str, str], int]]:
    """Binds what is still held for the reference; the units by (sku, location). What has expired is missing."""
    return Step(_ALLOCATE, {"reference": reference, "at": at}, _quantities)


def extending(*, reference: str, until: datetime) -> Step[int]:
    """Holds longer what is held; how many levels."""
    return Step(_EXTEND, (until, reference), lambda rows: rows.rowcount)


async def reserve_all(
    tx: AsyncTransaction, wants: Sequence[Wanted], *, reference: str, at: datetime, until: datetime
) -> list[tuple[str, str]]:
    """The step `reserving` alone."""
    return await tx.run(reserving(wants, reference=reference, at=at, until=until))


async def allocate_held(tx: AsyncTransaction, *, reference: str, at: datetime) -> dict[tuple[str, str], int]:
    """The step `allocating` alone."""
    return await tx.run(allocating(reference=reference, at=at))


async def allocate_free(tx: AsyncTransaction, wants: Sequence[Wanted], *, reference: str, at: datetime) -> list[tuple[str, str]]:
    """Binds units that nobody holds, for a reservation that has expired. What is short: then roll back."""
    rows = await tx.execute(_TAKE, _units(wants) | {"reference": reference, "at": at})
    return _levels(await rows.fetchall())


async def release_held(tx: AsyncTransaction, *, reference: str, at: datetime) -> list[str]:
    """Gives up what is held for the reference; the skus."""
    rows = await tx.execute(_RELEASE, {"reference": reference, "at": at})
    return [row["sku"] for row in await rows.fetchall()]


async def extend_held(tx: AsyncTransaction, *, reference: str, until: datetime) -> None:
    """The step `extending` alone."""
    await tx.run(extending(reference=reference, until=until))


async def expire_async(tx: AsyncTransaction, skus: Sequence[str], *, at: datetime) -> list[Held]:
    """Returns the expired units of these skus now, without waiting for the sweep."""
    rows = await tx.execute(_EXPIRE.format(waiting=""), {"at": at, "skus": list(skus), "limit": SWEEP_BATCH})
    return [Held(**row) for row in await rows.fetchall()]


def expire(tx: Transaction, *, at: datetime, limit: int = SWEEP_BATCH) -> list[Held]:
    """Returns the units of at most `limit` reservations whose time is over."""
    return [Held(**row) for row in tx.execute(_EXPIRE.format(waiting=" SKIP LOCKED"), {"at": at, "skus": None, "limit": limit})]


async def ship_units(tx: AsyncTransaction, wants: Sequence[Wanted], *, reference: str, at: datetime) -> list[tuple[str, str]]:
    """Allocated units leave the house. What is short: then roll back."""
    rows = await tx.execute(_SHIP, _units(wants) | {"reference": reference, "at": at})
    return _levels(await rows.fetchall())


async def deallocate(tx: AsyncTransaction, wants: Sequence[Wanted], *, reference: str, at: datetime) -> list[tuple[str, str]]:
    """Allocated units become available again. What is short: then roll back."""
    rows = await tx.execute(_DEALLOCATE, _units(wants) | {"reference": reference, "at": at})
    return _levels(await rows.fetchall())


async def free_units(tx: AsyncTransaction, wants: Sequence[Wanted], at: datetime, *, own: str = "") -> dict[tuple[str, str], int]:
    """The units that can be had at this moment, by (sku, location); those whose hold has expired count, for they return when asked for.

    So do the units that are held for the reference `own` itself.
    """
    rows = await tx.execute(
        f"WITH {_UNITS}, expired AS (SELECT sku, location_id, sum(quantity)::bigint AS quantity FROM stock_reservation"
        " WHERE sku = ANY(%(skus)s) AND (expires_at <= %(at)s OR reference = %(own)s) GROUP BY 1, 2)"
        " SELECT w.sku, w.location_id, CASE WHEN w.oldest IS NULL OR l.counted_at >= w.oldest"
        " THEN greatest(l.available + coalesce(e.quantity, 0) - w.spare, 0) ELSE 0 END AS units"
        " FROM wanted AS w JOIN stock_level AS l USING (sku, location_id) LEFT JOIN expired AS e USING (sku, location_id)",
        _units(wants) | {"at": at, "own": own},
    )
    return {(row["sku"], row["location_id"]): row["units"] for row in await rows.fetchall()}


def _units(wants: Sequence[Wanted]) -> dict[str, Any]:
    return {
        "skus": [one.sku for one in wants],
        "locations": [one.location_id for one in wants],
        "quantities": [one.quantity for one in wants],
        "spares": [one.spare for one in wants],
        "oldest": [one.oldest for one in wants],
    }


def _quantities(rows: Rows) -> dict[tuple[str, str], int]:
    return {(row["sku"], row["location_id"]): row["quantity"] for row in rows.all()}


def _levels(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(row["sku"], row["location_id"]) for row in rows]
