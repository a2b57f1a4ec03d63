"""How often promotions were used. One statement decides: a counter below its limit grows, or the claim did not happen."""

from collections.abc import Mapping
from datetime import datetime

from tradewind.db import AsyncTransaction
from tradewind.promotions.model import Promotion

# The use is written first: a session that claims again counts once. Both counters grow only below their limits.
_CLAIM = """
WITH fresh AS (
    INSERT INTO promotions_use (promotion_id, session_id, buyer, total_counted, own_counted, claimed_at)
    VALUES (%(promotion)s, %(session)s, %(buyer)s, %(total)s::bigint IS NOT NULL, %(each)s::bigint IS NOT NULL, %(at)s)
    ON CONFLICT (promotion_id, session_id)
    DO UPDATE SET released_at = NULL, buyer = excluded.buyer, total_counted = excluded.total_counted, own_counted = excluded.own_counted,
                  claimed_at = excluded.claimed_at
     WHERE promotions_use.released_at IS NOT NULL
    RETURNING promotion_id
), total AS (
    INSERT INTO promotions_counter AS c (promotion_id, buyer, used)
    SELECT promotion_id, '', 1 FROM fresh WHERE %(total)s::bigint IS NOT NULL
    ON CONFLICT (promotion_id, buyer) DO UPDATE SET used = c.used + 1 WHERE c.used < %(total)s
    RETURNING 1
), own AS (
    INSERT INTO promotions_counter AS c (promotion_id, buyer, used)
    SELECT promotion_id, %(buyer)s, 1 FROM fresh WHERE %(each)s::bigint IS NOT NULL
    ON CONFLICT (promotion_id, buyer) DO UPDATE SET used = c.used + 1 WHERE c.used < %(each)s
    RETURNING 1
)
SELECT NOT EXISTS (SELECT 1 FROM fresh)
       OR ((%(total)s::bigint IS NULL OR EXISTS (SELECT 1 FROM total)) AND (%(each)s::bigint IS NULL OR EXISTS (SELECT 1 FROM own))) AS held
"""
# A limit that was written into the file after a use was claimed never counted it, and is not given it back.
_RELEASE = """
WITH given AS (
    UPDATE promotions_use SET released_at = %(at)s WHERE session_id = %(session)s AND released_at IS NULL
    RETURNING promotion_id, buyer, total_counted, own_counted
)
UPDATE promotions_counter AS c SET used = c.used - 1
  FROM given
 WHERE c.promotion_id = given.promotion_id
   AND ((c.buyer = '' AND given.total_counted) OR (c.buyer = given.buyer AND c.buyer <> '' AND given.own_counted))
"""


async def claim(tx: AsyncTransaction, promotion: Promotion, session_id: str, buyer: str, at: datetime) -> bool:
    """Counts a use by a session, once. False when a limit is reached: the caller then rolls back, for the use was written.

    `buyer` is a digest; a promotion with a limit for each buyer cannot be claimed by nobody ("").
    """
    if promotion.limit_per_buyer is not None and not buyer:
        return False
    values = {
        "promotion": promotion.promotion_id,
        "session": session_id,
        "buyer": buyer,
        "at": at,
        "total": promotion.limit_total,
        "each": promotion.limit_per_buyer,
    }
    row = await (await tx.execute(_CLAIM, values)).fetchone()
    return bool(row and row["held"])


async def release(tx: AsyncTransaction, session_id: str, at: datetime) -> int:
    """Takes the uses of a session back, because it was not completed; how many counters went down."""
    return (await tx.execute(_RELEASE, {"session": session_id, "at": at})).rowcount


async def used(tx: AsyncTransaction) -> Mapping[str, int]:
    """How often each promotion is used now, by completed checkouts and those that are being completed."""
    rows = await tx.execute("SELECT promotion_id, count(*) AS uses FROM promotions_use WHERE released_at IS NULL GROUP BY promotion_id")
    return {row["promotion_id"]: row["uses"] for row in await rows.fetchall()}
