"""What the published rows say of offers, for checks that compare it with what other surfaces say."""

from collections.abc import Iterator, Sequence
from typing import Any

from tradewind.db import Transaction


def told(tx: Transaction, market: str, offer_ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """offer_id, price_minor, list_price_minor, currency and availability of the published ones among these."""
    query = (
        "SELECT offer_id, price_minor, list_price_minor, currency, availability FROM offers_offer WHERE market = %s AND offer_id = ANY(%s)"
    )
    yield from tx.execute(query, (market, list(offer_ids))).fetchall()


def count(tx: Transaction, market: str) -> int:
    """How many offers of the market are published."""
    row = tx.execute("SELECT count(*) AS offers FROM offers_offer WHERE market = %s", (market,)).fetchone()
    return int(row["offers"]) if row else 0
