"""Between runs: what stock says now becomes what offers say, with the time of the change beside the time of the writing.

A run writes the same columns from the stock that it pinned; whoever publishes it refreshes `changed_skus` afterwards.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from tradewind.db import AsyncTransaction, Transaction
from tradewind.offers.model import Availability
from tradewind.offers.rules import public_id

KEEP_HOURS = 48
OUTDATED_LIMIT = 1_000_000

_MINE = "market = ANY(ARRAY(SELECT market FROM offers_publication)) AND offer_id = ANY(%(ids)s)"
# In one order for everybody, so that two changes wait for each other instead of blocking each other.
_LOCK = f"SELECT 1 FROM offers_offer WHERE {_MINE} ORDER BY market, offer_id FOR NO KEY UPDATE"

_REFRESH = f"""
    WITH level AS (
        SELECT * FROM unnest(%(skus)s::text[], %(locations)s::text[], %(units)s::bigint[], %(moved)s::timestamptz[])
            AS l (sku, location_id, units, moved_at)
    ), lane AS (
        SELECT * FROM unnest(%(lanes)s::text[], %(least)s::bigint[]) AS l (lane_id, least)
    ), now AS (
        SELECT o.market, o.offer_id, level.moved_at, o.availability = '{Availability.IN_STOCK}' AS was_available,
            CASE WHEN level.units >= greatest(coalesce(lane.least, 1), 1) THEN level.units ELSE 0 END AS quantity
        FROM offers_offer AS o
        JOIN level ON level.sku = o.sku AND level.location_id = o.location_id
        LEFT JOIN lane ON lane.lane_id = o.lane_id
        WHERE {_MINE}
    ), changed AS (
        UPDATE offers_offer AS o
        SET quantity = now.quantity, changed_at = %(at)s,
            availability = CASE WHEN now.quantity > 0 THEN '{Availability.IN_STOCK}' ELSE '{Availability.OUT_OF_STOCK}' END
        FROM now
        WHERE o.market = now.market AND o.offer_id = now.offer_id AND o.quantity <> now.quantity
        RETURNING o.market, o.offer_id, o.sku, o.language, o.price_minor, o.quantity, o.withdrawn_at IS NOT NULL AS withdrawn,
            now.was_available, now.moved_at
    ), written AS (
        INSERT INTO offers_change (market, offer_id, moved_at, written_at)
        SELECT market, offer_id, moved_at, %(at)s FROM changed
    )
    SELECT * FROM changed ORDER BY market, offer_id
"""

_SELLING = """
    SELECT offer_id, sku, product_id, title, language, images[1] AS image, category, price_minor, currency, tax_included, quantity,
           location_id, lane_id, weight_g, hs_code, certainty, return_days
      FROM offers_offer WHERE market = {market} AND offer_id = ANY({ids}) AND withdrawn_at IS NULL
"""

_WHERE_SOLD = """
    SELECT market FROM offers_offer
     WHERE offer_id = ANY(%(ids)s) AND withdrawn_at IS NULL AND market = ANY(ARRAY(SELECT market FROM offers_publication))
     GROUP BY market ORDER BY count(*) DESC, market
"""

_LAG = """
    SELECT count(*) AS changes, percentile_disc(0.5) WITHIN GROUP (ORDER BY took) AS p50_ms,
        percentile_disc(0.99) WITHIN GROUP (ORDER BY took) AS p99_ms
    FROM (SELECT (extract(epoch FROM written_at - moved_at) * 1000)::bigint AS took FROM offers_change WHERE written_at > %s) AS t
"""


@dataclass(frozen=True, slots=True)
class Units:
    """What may be sold of a sku from a location now, and when that changed last."""

    sku: str
    location_id: str
    units: int
    moved_at: datetime


@dataclass(frozen=True, slots=True)
class OfferChange:
    """An offer that says something else than a moment ago."""

    market: str
    offer_id: str
    sku: str
    language: str
    price_minor: int
    quantity: int
    withdrawn: bool
    was_available: bool
    moved_at: datetime

    @property
    def available(self) -> bool:
        return self.quantity > 0


@dataclass(frozen=True, slots=True)
class Lag:
    """From the change of stock to the row that pages read: how many changes, and their times in milliseconds."""

    changes: int
    p50_ms: int | None
    p99_ms: int | None


class SellingOffer(Struct, frozen=True):
    """What a checkout needs of an offer, as it is sold at this moment. `quantity` may be a moment old: only a reservation is sure."""

    offer_id: str
    sku: str
    product_id: str
    title: str
    language: str
    image: str | None
    category: str
    price_minor: int
    currency: str
    tax_included: bool
    quantity: int
    location_id: str
    lane_id: str
    weight_g: int
    hs_code: str | None
    certainty: str
    return_days: int


async def markets_that_sell(tx: AsyncTransaction, offer_ids: Sequence[str]) -> list[str]:
    """The published markets in which these offers are sold, those with most of them first."""
    rows = await tx.execute(_WHERE_SOLD, {"ids": list(offer_ids)})
    return [row["market"] for row in await rows.fetchall()]


async def selling(tx: AsyncTransaction, market: str, offer_ids: Sequence[str]) -> dict[str, SellingOffer]:
    """The market's offers of these ids that are sold, by id; what was withdrawn or never published is missing."""
    rows = await tx.execute(_SELLING.format(market="%(market)s", ids="%(ids)s"), {"market": market, "ids": list(offer_ids)})
    return selling_from(await rows.fetchall())


def selling_part(market: str, ids: str) -> str:
    """A part of a room's own statement (`WITH offer AS (…)`): the same rows, of the market and ids that these expressions give."""
    return _SELLING.format(market=market, ids=ids)


def selling_from(rows: Iterable[Mapping[str, Any]]) -> dict[str, SellingOffer]:
    """The offers that such rows hold, by id."""
    return {row["offer_id"]: SellingOffer(**row) for row in rows}


def lock_offers(tx: Transaction, skus: Sequence[str]) -> None:
    """Keeps everybody else from refreshing these offers until the transaction ends; read the levels after it, not before."""
    tx.execute(_LOCK, {"ids": [public_id(sku) for sku in skus]})


def refresh(tx: Transaction, levels: Sequence[Units], least: Mapping[str, int], at: datetime) -> list[OfferChange]:
    """Writes what differs: an offer has the units of the location that serves it, none below what its lane needs (`least`, by lane)."""
    parameters = {
        "ids": [public_id(one.sku) for one in levels],
        "skus": [one.sku for one in levels],
        "locations": [one.location_id for one in levels],
        "units": [one.units for one in levels],
        "moved": [one.moved_at for one in levels],
        "lanes": list(least),
        "least": list(least.values()),
        "at": at,
    }
    return [OfferChange(**row) for row in tx.execute(_REFRESH, parameters)]


def changed_skus(tx: Transaction, market: str) -> list[str]:
    """The skus whose offers were changed between runs: a publication may have brought older figures for them."""
    rows = tx.execute(
        "SELECT sku FROM offers_offer WHERE market = %s AND changed_at IS NOT NULL ORDER BY sku LIMIT %s", (market, OUTDATED_LIMIT)
    )
    return [row["sku"] for row in rows]


def live_offers(tx: Transaction, market: str) -> dict[str, tuple[int, bool]]:
    """Price and availability of the market's offers that changed since their run, by offer id."""
    rows = tx.execute(
        "SELECT offer_id, price_minor, availability FROM offers_offer WHERE market = %s AND changed_at IS NOT NULL", (market,)
    )
    return {row["offer_id"]: (row["price_minor"], row["availability"] == Availability.IN_STOCK) for row in rows}


async def lag_async(tx: AsyncTransaction, since: datetime) -> Lag:
    """The same in an asynchronous transaction."""
    row = await (await tx.execute(_LAG, (since,))).fetchone()
    return Lag(**row) if row else Lag(0, None, None)


def lag(tx: Transaction, since: datetime) -> Lag:
    """How long changes took to their row, of those written after `since`."""
    row = tx.execute(_LAG, (since,)).fetchone()
    return Lag(**row) if row else Lag(0, None, None)


def prune(tx: Transaction, at: datetime) -> int:
    """Forgets how long changes took that are older than KEEP_HOURS."""
    return tx.execute("DELETE FROM offers_change WHERE written_at < %s", (at - timedelta(hours=KEEP_HOURS),)).rowcount
