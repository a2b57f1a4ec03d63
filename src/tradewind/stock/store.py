"""Stock in PostgreSQL: one conditional statement decides, and its ledger row is written by the same statement."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

from tradewind.db import AsyncTransaction, Transaction
from tradewind.network import Location
from tradewind.stock.model import BadRow, StockCount, StockLevel, StockMovement

EXPORT_SECONDS = 600
MOVEMENTS_LIMIT = 100

_LEVEL = "sku, location_id, on_hand, reserved, allocated, unavailable, available, updated_at, counted_at"
_MOVEMENT = "sku, location_id, on_hand, reserved, allocated, unavailable, reason, reference, moved_at"


def set_on_hand(tx: Transaction, counts: Sequence[StockCount], *, reference: str, at: datetime) -> tuple[int, list[BadRow]]:
    """What was counted becomes what is there: how many levels changed, and the counts below what is already promised."""
    tx.execute("CREATE TEMP TABLE counted (row_number bigint, sku text, location_id text, on_hand bigint) ON COMMIT DROP")
    with tx.cursor() as cursor, cursor.copy("COPY counted (row_number, sku, location_id, on_hand) FROM STDIN") as target:
        for count in counts:
            target.write_row((count.row, count.sku, count.location_id, count.on_hand))
    tx.execute(
        "INSERT INTO stock_level (sku, location_id, updated_at) SELECT sku, location_id, %s FROM counted ORDER BY 1, 2"
        " ON CONFLICT DO NOTHING",
        (at,),
    )
    # Locked in one order for everybody, so two imports wait for each other instead of blocking each other.
    refused = [row for row in tx.execute(_LOCK_COUNTED).fetchall() if row["on_hand"] < row["promised"]]
    tx.execute("DELETE FROM counted WHERE row_number = ANY(%s)", ([row["row_number"] for row in refused],))
    changed = tx.execute(_SET_ON_HAND, {"at": at, "reference": reference}).rowcount
    tx.execute("UPDATE stock_level AS l SET counted_at = %s FROM counted AS c WHERE l.sku = c.sku AND l.location_id = c.location_id", (at,))
    tx.execute("DELETE FROM stock_expected AS e USING counted AS c WHERE e.sku = c.sku AND e.location_id = c.location_id AND c.on_hand > 0")
    tx.execute("DROP TABLE counted")
    bad = [
        BadRow(row["row_number"], "on_hand", str(row["on_hand"]), f"{row['promised']} units are already reserved, allocated or unavailable")
        for row in refused
    ]
    return changed, bad


def levels(tx: Transaction, sku: str) -> list[StockLevel]:
    """The sku's levels at every location that counted it."""
    rows = tx.execute(f"SELECT {_LEVEL} FROM stock_level WHERE sku = %s ORDER BY location_id", (sku,))
    return [StockLevel(**row) for row in rows]


def movements(tx: Transaction, sku: str, limit: int = MOVEMENTS_LIMIT) -> list[StockMovement]:
    """The sku's last ledger rows, newest first."""
    rows = tx.execute(f"SELECT {_MOVEMENT} FROM stock_movement WHERE sku = %s ORDER BY movement_id DESC LIMIT %s", (sku, limit))
    return [StockMovement(**row) for row in rows]


def expected(tx: Transaction, sku: str) -> dict[str, date]:
    """When more of the sku is to come, by location."""
    rows = tx.execute("SELECT location_id, expected_on FROM stock_expected WHERE sku = %s ORDER BY location_id", (sku,))
    return {row["location_id"]: row["expected_on"] for row in rows}


async def expected_on(tx: AsyncTransaction, sku: str, location_id: str, today: date) -> date | None:
    """When more of the sku is to come to the location; None when nothing is known, or the day has passed."""
    query = "SELECT expected_on FROM stock_expected WHERE sku = %s AND location_id = %s AND expected_on >= %s"
    row = await (await tx.execute(query, (sku, location_id, today))).fetchone()
    return row["expected_on"] if row else None


def export_sellable(tx: Transaction, target: Path, locations: Iterable[Location], at: datetime) -> int:
    """Writes sku, location_id and the units that may be sold (rules.sellable) of every level as CSV; the number of rows."""
    tx.execute("CREATE TEMP TABLE selling (location_id text PRIMARY KEY, buffer bigint, oldest timestamptz) ON COMMIT DROP")
    with tx.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO selling VALUES (%s, %s, %s)",
            [(one.location_id, one.buffer, at - one.max_age if one.max_age else None) for one in locations],
        )
    with target.open("wb") as file, tx.cursor() as cursor:
        statement = (
            "COPY (SELECT l.sku, l.location_id, CASE WHEN l.counted_at < s.oldest THEN 0"
            " ELSE greatest(l.available - coalesce(s.buffer, 0), 0) END"
            " FROM stock_level AS l LEFT JOIN selling AS s USING (location_id) ORDER BY l.sku, l.location_id) TO STDOUT (FORMAT csv)"
        )
        with cursor.copy(statement) as rows:
            for block in rows:
                file.write(block)
        return cursor.rowcount


_LOCK_COUNTED = """
    SELECT c.row_number, c.on_hand, l.reserved + l.allocated + l.unavailable AS promised
      FROM stock_level AS l JOIN counted AS c USING (sku, location_id)
     ORDER BY l.sku, l.location_id
       FOR UPDATE OF l
"""

# The old and the new count meet in one statement, so the ledger says exactly by how much the level moved.
_SET_ON_HAND = """
    WITH before AS (
        SELECT c.sku, c.location_id, c.on_hand, l.on_hand AS was
          FROM counted AS c JOIN stock_level AS l USING (sku, location_id)
         WHERE c.on_hand <> l.on_hand
    ), written AS (
        UPDATE stock_level AS l SET on_hand = b.on_hand, updated_at = %(at)s
          FROM before AS b WHERE l.sku = b.sku AND l.location_id = b.location_id
        RETURNING l.sku, l.location_id
    )
    INSERT INTO stock_movement (sku, location_id, on_hand, reason, reference, moved_at)
    SELECT w.sku, w.location_id, b.on_hand - b.was, 'count', %(reference)s, %(at)s
      FROM written AS w JOIN before AS b USING (sku, location_id)
"""
