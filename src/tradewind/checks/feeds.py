"""The feeds of a published market by language, because a data source holds one: primary files, their parts and copies, supplemental."""

import tempfile
from pathlib import Path

from tradewind.adapters.feeds import GoogleFragments, assemble_market
from tradewind.adapters.feeds.splitting import SIZE_LIMIT, split, zipped
from tradewind.catalog import categories
from tradewind.checks.published import PublishedFiles
from tradewind.db import duck
from tradewind.listings import ATTRIBUTES
from tradewind.listings.conditions import quoted

# Where Google opens its checkout for products; others get no supplemental feed.
CHECKOUT_COUNTRIES = frozenset(("US",))
SUPPLEMENTAL = "supplemental.tsv"
_MEMORY_MB = 512


def languages(files: PublishedFiles) -> list[str]:
    """The languages of a market's offers."""
    with duck.connect(threads=1, memory_limit_mb=_MEMORY_MB) as connection:
        rows = connection.execute(f"SELECT DISTINCT language FROM {duck.parquet(files.offers)} ORDER BY 1").fetchall()
    return [str(row[0]) for row in rows]


def write_feeds(files: PublishedFiles, language: str, country: str, folder: Path, *, link: str, limit: int = SIZE_LIMIT) -> list[Path]:
    """Make the files of one language in `folder`, shard by shard; every file that Google may fetch."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".feeds-", dir=folder.parent) as name:
        work = Path(name)
        shards = []
        for number, (listings, offers) in enumerate(zip(files.listings, files.offers, strict=True)):
            shards.append(work / f"{number:05d}")
            shards[-1].mkdir()
            _fragments(listings, offers, language, shards[-1])
        whole = work / "whole"
        assemble_market(shards, whole, f"{files.market} {language}", link)
        made = [part for source in (whole / "products.tsv", whole / "products.xml") for part in split(source, folder, limit=limit)]
    if country in CHECKOUT_COUNTRIES:
        _supplemental(files, language, folder / SUPPLEMENTAL)
        made.append(folder / SUPPLEMENTAL)
    return [*made, *[zipped(path) for path in made]]


def _fragments(listings: Path, offers: Path, language: str, folder: Path) -> None:
    with duck.connect(threads=1, memory_limit_mb=_MEMORY_MB, preserve_insertion_order=True) as connection:
        connection.execute(
            f"CREATE TEMP VIEW listings AS SELECT {', '.join(ATTRIBUTES)} FROM {duck.parquet([listings])} WHERE offer_id IN"
            f" (SELECT offer_id FROM {duck.parquet([offers])} WHERE language = {quoted(language)}) ORDER BY id"
        )
        GoogleFragments().write(connection, folder)


def _supplemental(files: PublishedFiles, language: str, target: Path) -> None:
    """Eligible: new, not refused by the rules, and of no category that carriers, customs or Google restrict. A notice is not known yet."""
    closed = [quoted(slug) for slug, one in categories().items() if one.restricted] or ["''"]
    scratch = target.with_name(f".{target.name}.part")
    with duck.connect(threads=1, memory_limit_mb=_MEMORY_MB, preserve_insertion_order=True) as connection:
        connection.execute(
            f"COPY (SELECT offer_id AS id, 'true' AS native_commerce, NULL AS consumer_notice,"
            f" CASE WHEN sku <> offer_id THEN sku END AS merchant_item_id FROM {duck.parquet(files.offers)}"
            f" WHERE language = {quoted(language)} AND verdict <> 'disapproved' AND condition = 'new'"
            f" AND coalesce(category, '') NOT IN ({', '.join(closed)}) ORDER BY id)"
            f" TO {quoted(str(scratch))} (FORMAT csv, HEADER true, DELIMITER e'\\t')"
        )
    scratch.replace(target)
