"""Recalls and takedowns: an offer's row stays, marked, and no surface shows it until it is restored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradewind.db import Transaction
from tradewind.offers.errors import OfferIsNotWithdrawn, OfferUnknown
from tradewind.offers.rules import public_id

EVERYWHERE = "*"
"""The market of a withdrawal that holds in all of them, those too that open later."""
LIST_LIMIT = 10_000

_COVERED = "EXISTS (SELECT FROM offers_withdrawn AS w WHERE w.sku = o.sku AND w.market IN (o.market, '*'))"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What is withdrawn where, since when, by whom and why. The reason is for the house, not for shoppers."""

    sku: str
    market: str
    reason: str
    withdrawn_by: str
    withdrawn_at: datetime


@dataclass(frozen=True, slots=True)
class AffectedOffer:
    """A published offer that a withdrawal or a return touched."""

    market: str
    offer_id: str
    language: str


def find_sku(tx: Transaction, name: str, *, ahead: bool = False) -> str:
    """The sku that a sku or an offer id stands for. One that is neither sold nor withdrawn is OfferUnknown, unless it is meant `ahead`."""
    found = tx.execute(
        "SELECT sku FROM offers_offer WHERE market = ANY(ARRAY(SELECT market FROM offers_publication))"
        " AND offer_id = ANY(%s) AND (offer_id = %s OR sku = %s) LIMIT 1",
        ([name, public_id(name)], name, name),
    ).fetchone()
    if found is None:
        found = tx.execute("SELECT sku FROM offers_withdrawn WHERE sku = %s LIMIT 1", (name,)).fetchone()
    if found is None and not ahead:
        raise OfferUnknown(
            f'no market sells "{name}"', hint="give a SKU or the id in the page's address; for a SKU that is not on sale yet add --ahead"
        )
    return str(found["sku"]) if found else name


def withdraw(tx: Transaction, withdrawal: Withdrawal) -> list[AffectedOffer]:
    """Takes the sku out of its market (of all, for EVERYWHERE); the published offers that it takes along. Doing it twice changes nothing."""
    tx.execute(
        "INSERT INTO offers_withdrawn (sku, market, reason, withdrawn_by, withdrawn_at) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (sku, market) DO NOTHING",
        (withdrawal.sku, withdrawal.market, withdrawal.reason, withdrawal.withdrawn_by, withdrawal.withdrawn_at),
    )
    return _mark(tx, withdrawal.sku)


def restore(tx: Transaction, sku: str, market: str) -> list[AffectedOffer]:
    """Takes a withdrawal back; the offers that return. OfferIsNotWithdrawn."""
    if tx.execute("DELETE FROM offers_withdrawn WHERE sku = %s AND market = %s", (sku, market)).rowcount == 0:
        others = [one.market for one in withdrawals(tx) if one.sku == sku]
        place = "everywhere" if market == EVERYWHERE else f"in {market}"
        hint = "without --market" if EVERYWHERE in others else f"--market {others[0]}" if others else ""
        raise OfferIsNotWithdrawn(
            f'"{sku}" is not withdrawn {place}',
            hint=f"tradewind offer restore {sku} {hint}".strip() if hint else "see what is: tradewind offer list-withdrawn",
        )
    rows = tx.execute(
        "UPDATE offers_offer AS o SET withdrawn_at = NULL WHERE market = ANY(ARRAY(SELECT market FROM offers_publication))"
        f" AND offer_id = %s AND withdrawn_at IS NOT NULL AND NOT {_COVERED} RETURNING market, offer_id, language",
        (public_id(sku),),
    )
    return _noted(tx, rows.fetchall())


def withdrawals(tx: Transaction, limit: int = LIST_LIMIT) -> list[Withdrawal]:
    """Everything that is withdrawn, the newest first."""
    rows = tx.execute(
        "SELECT sku, market, reason, withdrawn_by, withdrawn_at FROM offers_withdrawn ORDER BY withdrawn_at DESC, sku, market LIMIT %s",
        (limit,),
    )
    return [Withdrawal(**row) for row in rows]


def withdrawn_skus(tx: Transaction, market: str) -> frozenset[str]:
    """The skus that may not be sold in the market."""
    rows = tx.execute("SELECT DISTINCT sku FROM offers_withdrawn WHERE market IN (%s, %s)", (market, EVERYWHERE))
    return frozenset(row["sku"] for row in rows)


def keep_withdrawn(tx: Transaction, market: str) -> int:
    """After publishing: rows of a run that was computed before a withdrawal are marked again. How many."""
    # By id, which has an index: everybody waits for this transaction.
    ids = [public_id(sku) for sku in withdrawn_skus(tx, market)]
    return tx.execute(
        "UPDATE offers_offer AS o SET withdrawn_at = w.since FROM ("
        " SELECT sku, min(withdrawn_at) AS since FROM offers_withdrawn WHERE market IN (%(market)s, '*') GROUP BY sku) AS w"
        " WHERE o.market = %(market)s AND o.offer_id = ANY(%(ids)s) AND o.sku = w.sku AND o.withdrawn_at IS NULL",
        {"market": market, "ids": ids},
    ).rowcount


def _mark(tx: Transaction, sku: str) -> list[AffectedOffer]:
    rows = tx.execute(
        "UPDATE offers_offer AS o SET withdrawn_at = coalesce(o.withdrawn_at,"
        " (SELECT min(w.withdrawn_at) FROM offers_withdrawn AS w WHERE w.sku = o.sku AND w.market IN (o.market, '*')))"
        f" WHERE market = ANY(ARRAY(SELECT market FROM offers_publication)) AND offer_id = %s AND {_COVERED}"
        " RETURNING market, offer_id, language",
        (public_id(sku),),
    )
    return _noted(tx, rows.fetchall())


def _noted(tx: Transaction, rows: Sequence[dict[str, Any]]) -> list[AffectedOffer]:
    affected = [AffectedOffer(**row) for row in rows]
    tx.execute("UPDATE offers_publication SET withdrawals = withdrawals + 1 WHERE market = ANY(%s)", ([one.market for one in affected],))
    return affected
