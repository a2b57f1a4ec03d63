"""Levels and movements as programs read them: asynchronous, in pages that an index serves."""

from tradewind.db import AsyncTransaction
from tradewind.stock.errors import StockUnknown
from tradewind.stock.model import StockLevel, StockMovement

PAGE_LIMIT = 201  # one more than a caller may ask for, to know whether more follow

_LEVEL = "sku, location_id, on_hand, reserved, allocated, unavailable, available, updated_at, counted_at"
_MOVEMENT = "sku, location_id, on_hand, reserved, allocated, unavailable, reason, reference, moved_at"


async def levels_page(
    tx: AsyncTransaction, *, location_id: str | None = None, after: tuple[str, str] | None = None, limit: int = PAGE_LIMIT
) -> list[StockLevel]:
    """Levels by sku and location, behind the pair `after`; of one location when it is named."""
    asked = ["(sku, location_id) > (%(sku)s, %(location)s)"] if after else []
    asked += ["location_id = %(location_id)s"] if location_id is not None else []
    sku, location = after or ("", "")
    rows = await tx.execute(
        f"SELECT {_LEVEL} FROM stock_level{' WHERE ' if asked else ''}{' AND '.join(asked)} ORDER BY sku, location_id LIMIT %(limit)s",
        {"sku": sku, "location": location, "location_id": location_id, "limit": min(limit, PAGE_LIMIT)},
    )
    return [StockLevel(**row) for row in await rows.fetchall()]


async def story(tx: AsyncTransaction, sku: str, movements: int) -> tuple[list[StockLevel], list[StockMovement]]:
    """A sku's levels, and its last ledger rows, newest first. StockUnknown."""
    levels = await tx.execute(f"SELECT {_LEVEL} FROM stock_level WHERE sku = %s ORDER BY location_id", (sku,))
    found = [StockLevel(**row) for row in await levels.fetchall()]
    if not found:
        raise StockUnknown(f'nobody has counted the sku "{sku}"', hint="tradewind stock import counted.csv")
    moved = await tx.execute(f"SELECT {_MOVEMENT} FROM stock_movement WHERE sku = %s ORDER BY movement_id DESC LIMIT %s", (sku, movements))
    return found, [StockMovement(**row) for row in await moved.fetchall()]
