"""The history of published prices in PostgreSQL: appended when a market is published, never changed."""

from collections.abc import Sequence
from datetime import datetime

from psycopg import sql

from tradewind.db import Transaction
from tradewind.pricing.history import PublishedPrice

HISTORY_LIMIT = 1_000
OFFERS_LIMIT = 10_000

_LAST = """
    SELECT DISTINCT ON (offer_id) offer_id, price_minor, currency
      FROM pricing_history WHERE market = %(market)s ORDER BY offer_id, entry DESC
"""
# One statement: what is published now beside what was noted last; only differences are appended, and what is gone ends with a null price.
_RECORD = """
    INSERT INTO pricing_history (market, offer_id, since, price_minor, currency, run_id)
    SELECT %(market)s, offer_id, %(at)s, shown.price_minor, coalesce(shown.currency, last.currency), %(run)s
      FROM ({last}) AS last
      FULL JOIN (SELECT offer_id, price_minor, currency FROM {published} WHERE market = %(market)s) AS shown USING (offer_id)
     WHERE shown.price_minor IS DISTINCT FROM last.price_minor OR shown.currency <> last.currency
     ORDER BY offer_id
"""


def record_prices(tx: Transaction, market: str, run_id: str, at: datetime, *, published: str) -> int:
    """Append every price of the market that is not the one noted last; how many were. Call it in the transaction that publishes.

    `published` names the caller's table of published offers: it must have market, offer_id, price_minor and currency.
    """
    statement = sql.SQL(_RECORD).format(last=sql.SQL(_LAST), published=sql.Identifier(published))
    return int(tx.execute(statement, {"market": market, "run": run_id, "at": at}).rowcount)


def price_history(tx: Transaction, market: str, offer_id: str, limit: int = HISTORY_LIMIT) -> tuple[PublishedPrice, ...]:
    """The offer's newest `limit` published prices, oldest first; empty when it was never published."""
    rows = tx.execute(
        "SELECT since, price_minor, currency, run_id FROM pricing_history WHERE market = %s AND offer_id = %s ORDER BY entry DESC LIMIT %s",
        (market, offer_id, min(limit, HISTORY_LIMIT)),
    ).fetchall()
    return tuple(PublishedPrice(**row) for row in reversed(rows))


def price_histories(tx: Transaction, market: str, offer_ids: Sequence[str]) -> dict[str, tuple[PublishedPrice, ...]]:
    """The histories of at most OFFERS_LIMIT offers by id, oldest first, each as long as HISTORY_LIMIT."""
    rows = tx.execute(
        "SELECT wanted.offer_id, entry.since, entry.price_minor, entry.currency, entry.run_id"
        " FROM unnest(%s::text[]) AS wanted(offer_id) CROSS JOIN LATERAL ("
        "   SELECT * FROM pricing_history AS kept WHERE kept.market = %s AND kept.offer_id = wanted.offer_id"
        "   ORDER BY kept.entry DESC LIMIT %s) AS entry ORDER BY wanted.offer_id, entry.entry",
        (list(offer_ids)[:OFFERS_LIMIT], market, HISTORY_LIMIT),
    ).fetchall()
    found: dict[str, list[PublishedPrice]] = {}
    for row in rows:
        found.setdefault(row["offer_id"], []).append(PublishedPrice(row["since"], row["price_minor"], row["currency"], row["run_id"]))
    return {offer_id: tuple(prices) for offer_id, prices in found.items()}
