"""The feeds of a published market by language, because a data source holds one: primary files, their parts and copies, supplemental."""

import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import duckdb

from tradewind.adapters.feeds.google import GoogleFragments, assemble_market, rss_item, write_rss
from tradewind.adapters.feeds.splitting import SIZE_LIMIT, split, zipped
from tradewind.db import duck
from tradewind.listings import ATTRIBUTES, CHECKOUT_ATTRIBUTES, checkout_countries
from tradewind.listings.conditions import quoted
from tradewind.pipeline.published import PublishedFiles, rendered
from tradewind.pipeline.rows import Rows

SUPPLEMENTAL: Final = "supplemental"
_MEMORY_MB = 512


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """One language of a market's feeds: where they go, what no surface may name any more, and how large a file may be."""

    language: str
    country: str
    folder: Path
    link: str
    day: date
    withdrawn: Collection[str] = frozenset()
    limit: int = SIZE_LIMIT


def languages(files: PublishedFiles) -> list[str]:
    """The languages of a market's offers."""
    with duck.connect(threads=1, memory_limit_mb=_MEMORY_MB) as connection:
        rows = connection.execute(f"SELECT DISTINCT language FROM {files.offers.sql} ORDER BY 1").fetchall()
    return [str(row[0]) for row in rows]


def write_feeds(files: PublishedFiles, wanted: FeedRequest) -> list[Path]:
    """Make the files of one language, shard by shard; every file that Google may fetch."""
    folder = wanted.folder
    folder.mkdir(parents=True, exist_ok=True)
    title = f"{files.market} {wanted.language}"
    with tempfile.TemporaryDirectory(prefix=".feeds-", dir=folder.parent) as name:
        work = Path(name)
        shards = []
        for number, (listings, offers) in enumerate(zip(files.listings.by_shard(), files.offers.by_shard(), strict=True)):
            shards.append(work / f"{number:05d}")
            shards[-1].mkdir()
            _fragments(listings, offers, wanted, shards[-1])
        whole = work / "whole"
        assemble_market(shards, whole, title, wanted.link)
        sources = [whole / "products.tsv", whole / "products.xml"]
        if wanted.country in checkout_countries(wanted.day):
            sources += _supplemental(files, wanted, title, whole)
        made = [part for source in sources for part in split(source, folder, limit=wanted.limit)]
    return [*made, *[zipped(path) for path in made]]


def _connected() -> duckdb.DuckDBPyConnection:
    return duck.connect(threads=1, memory_limit_mb=_MEMORY_MB, preserve_insertion_order=True)


def _without(connection: duckdb.DuckDBPyConnection, withdrawn: Collection[str]) -> None:
    connection.execute("CREATE TEMP TABLE withdrawn AS SELECT unnest(?::VARCHAR[]) AS offer_id", [sorted(withdrawn)])


def _fragments(listings: Rows, offers: Rows, wanted: FeedRequest, folder: Path) -> None:
    with _connected() as connection:
        _without(connection, wanted.withdrawn)
        connection.execute(
            f"CREATE TEMP VIEW listings AS SELECT {', '.join(ATTRIBUTES)} FROM {rendered(listings)} WHERE offer_id IN"
            f" (SELECT offer_id FROM {offers.sql} WHERE language = {quoted(wanted.language)})"
            " AND offer_id NOT IN (FROM withdrawn) ORDER BY id"
        )
        GoogleFragments().write(connection, folder)


def _supplemental(files: PublishedFiles, wanted: FeedRequest, title: str, folder: Path) -> list[Path]:
    """What the run found eligible for Google's own checkout; empty while the retailer has not opened it."""
    tsv, xml = folder / f"{SUPPLEMENTAL}.tsv", folder / f"{SUPPLEMENTAL}.xml"
    names = ("id", *CHECKOUT_ATTRIBUTES)
    with _connected() as connection:
        _without(connection, wanted.withdrawn)
        connection.execute(
            f"CREATE TEMP TABLE supplemental AS SELECT {', '.join(names)} FROM {files.rendered} WHERE native_commerce IS NOT NULL"
            f" AND offer_id IN (SELECT offer_id FROM {files.offers.sql} WHERE language = {quoted(wanted.language)})"
            " AND offer_id NOT IN (FROM withdrawn) ORDER BY id"
        )
        connection.execute(f"COPY supplemental TO {quoted(str(tsv))} (FORMAT csv, HEADER true, DELIMITER e'\\t')")
        write_rss(connection, f"SELECT {rss_item(names)} FROM supplemental", xml, title, wanted.link)
    return [tsv, xml]
