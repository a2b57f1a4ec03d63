"""What the published runs list, for channels: the wanted state of every listing, and rendered listings by id."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tradewind.db import Transaction, duck
from tradewind.listings import ATTRIBUTES, CHECKOUT_ATTRIBUTES
from tradewind.listings.sync import Target, Wanted
from tradewind.offers import Availability, live, public_id, withdrawal
from tradewind.offers.publish import publications
from tradewind.pipeline.manifest import Workspace
from tradewind.pipeline.published import rendered
from tradewind.pipeline.rows import Rows

_BLOCK = 10_000
_MEMORY_MB = 512


def wanted(tx: Transaction, home: Path, target: Target) -> Iterator[Wanted]:
    """Every listing of the published run in the target's language, with the price and availability that it says.

    What changed since the run has the price and availability of now. A listing that the channel would refuse, or that was withdrawn,
    is not wanted. Nothing when the market is not published.
    """
    # Asked here and not while reading: the reader stands inside a COPY on the same connection.
    listings, offers = (_published(tx, home, target.market, name) for name in ("listings.parquet", "offers.parquet"))
    now, gone = live.live_offers(tx, target.market), {public_id(sku) for sku in withdrawal.withdrawn_skus(tx, target.market)}
    return (
        replace(one, price_minor=now[one.offer_id][0], available=now[one.offer_id][1]) if one.offer_id in now else one
        for one in _read(listings, offers, target.language)
        if one.offer_id not in gone
    )


def _read(listings: Rows, offers: Rows, language: str) -> Iterator[Wanted]:
    if not listings:
        return
    with duck.connect(threads=1, memory_limit_mb=_MEMORY_MB) as connection:
        connection.execute(
            f"SELECT l.offer_id, l.content_hash, o.price_minor, o.availability FROM {listings.sql} AS l"
            f" JOIN {offers.sql} AS o USING (offer_id) WHERE o.language = ? AND l.verdict <> 'disapproved'",
            [language],
        )
        while rows := connection.fetchmany(_BLOCK):
            for offer_id, content_hash, price_minor, availability in rows:
                yield Wanted(offer_id, content_hash, price_minor, availability == Availability.IN_STOCK)


def rows(tx: Transaction, home: Path, target: Target, offer_ids: Sequence[str]) -> Mapping[str, Mapping[str, str | None]]:
    """Rendered listings of the published run with their content hash, by offer id; those it does not have are not in the answer."""
    listings = _published(tx, home, target.market, "listings.parquet")
    if not listings:
        return {}
    columns = ("content_hash", *ATTRIBUTES, *CHECKOUT_ATTRIBUTES)
    with duck.connect(threads=1, memory_limit_mb=_MEMORY_MB) as connection:
        found = connection.execute(
            f"SELECT offer_id, {', '.join(columns)} FROM {rendered(listings)} WHERE offer_id IN (SELECT unnest(?::VARCHAR[]))",
            [list(offer_ids)],
        ).fetchall()
    return {offer_id: dict(zip(columns, values, strict=True)) for offer_id, *values in found}


def _published(tx: Transaction, home: Path, market: str, name: str) -> Rows:
    shown = publications(tx).get(market)
    return Workspace(home).rows(shown.run_id, market, name) if shown is not None else Rows(())
