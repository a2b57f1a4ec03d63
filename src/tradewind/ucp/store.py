"""What a call needs of the offers before there is a session."""

from collections.abc import Sequence

from tradewind.db import AsyncTransaction

_WHERE_SOLD = """
    SELECT market FROM offers_offer
     WHERE offer_id = ANY(%(ids)s) AND withdrawn_at IS NULL AND market = ANY(ARRAY(SELECT market FROM offers_publication))
     GROUP BY market ORDER BY count(*) DESC, market
"""


async def markets_that_sell(tx: AsyncTransaction, offer_ids: Sequence[str]) -> list[str]:
    """The published markets in which these offers are sold, those with most of them first."""
    rows = await tx.execute(_WHERE_SOLD, {"ids": list(offer_ids)})
    return [row["market"] for row in await rows.fetchall()]
