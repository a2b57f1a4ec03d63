"""Key rotation: carts, sessions and the answers that are kept for repeated requests are sealed again with the newest key."""

import json
from typing import Any

from tradewind.checkout import codec
from tradewind.db import Sealer, Transaction, idempotency

PAGE = 500
_TABLES = (("checkout_session", "session_id"), ("checkout_cart", "cart_id"))


def reseal(tx: Transaction, keys: Sealer) -> int:
    """Seals again what an older key sealed, and what was written in clear before; how many rows."""
    renewed = 0
    for table, key in _TABLES:
        renewed += sum(_bodies(tx, keys, table, key))
    return renewed + idempotency.reseal(tx, keys, codec.resealed)


def _bodies(tx: Transaction, keys: Sealer, table: str, key: str) -> list[int]:
    renewed, after = [], ""
    while rows := tx.execute(
        f"SELECT {key} AS id, body FROM {table} WHERE {key} > %s ORDER BY {key} LIMIT %s FOR UPDATE", (after, PAGE)
    ).fetchall():
        for row in rows:
            body: dict[str, Any] | None = codec.resealed(row["body"], keys)
            if body is not None:
                tx.execute(f"UPDATE {table} SET body = %s::jsonb WHERE {key} = %s", (json.dumps(body, ensure_ascii=False), row["id"]))
                renewed.append(1)
        after = rows[-1]["id"]
    return renewed
