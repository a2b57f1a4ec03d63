"""What is published, as files: the listings of a market's published run with what the catalog knows of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tradewind.db import Database, duck
from tradewind.kit import NotFound
from tradewind.listings import ATTRIBUTES, CHECKOUT_ATTRIBUTES
from tradewind.offers.publish import publications
from tradewind.pipeline import manifest
from tradewind.pipeline.manifest import Workspace
from tradewind.pipeline.rows import Rows


class NothingIsPublished(NotFound):
    """A market was named that shows nothing yet."""

    code = "nothing_published"


@dataclass(frozen=True, slots=True)
class PublishedFiles:
    """The rows of a market's published run, and of the snapshot it was made from."""

    market: str
    listings: Rows
    offers: Rows
    products: tuple[Path, ...]

    @property
    def rendered(self) -> str:
        """The listings as a table; an attribute that the release which wrote them did not know is NULL."""
        return rendered(self.listings)

    @property
    def count(self) -> int:
        """How many listings there are."""
        with duck.connect(threads=1, memory_limit_mb=256) as connection:
            row = connection.execute(f"SELECT count(*) FROM {self.listings.sql}").fetchone()
        return int(row[0]) if row else 0

    @property
    def query(self) -> str:
        """A row for each listing, as check.prepare wants it."""
        attributes = ", ".join(_judged(name) for name in (*ATTRIBUTES, *CHECKOUT_ATTRIBUTES))
        return (
            f"SELECT l.offer_id, {attributes}, p.image_width, p.image_height, list_transform(l.issues, lambda issue: issue.rule) AS recorded,"
            f" o.price_minor, p.sold_count AS sold FROM {self.rendered} AS l"
            f" JOIN (SELECT offer_id, sku, price_minor FROM {self.offers.sql}) AS o USING (offer_id)"
            f" LEFT JOIN (SELECT sku, image_width, image_height, sold_count FROM {duck.parquet(self.products)}) AS p USING (sku)"
        )


def rendered(listings: Rows) -> str:
    """Listings as a table with every attribute of today; one that the release which wrote them did not know is NULL."""
    today = ", ".join(f"NULL::VARCHAR AS {name}" for name in (*ATTRIBUTES, *CHECKOUT_ATTRIBUTES))
    return f"(FROM {listings.sql} UNION ALL BY NAME SELECT {today} WHERE false)"


def _judged(name: str) -> str:
    """The column as a feed would write it: with commas and colons between what the file keeps apart by marks."""
    if name in {"product_highlight", "product_detail"}:
        return f"replace(replace(l.{name}, chr(31), ','), chr(30), ':') AS {name}"
    return f"l.{name}"


def published_runs(database: Database) -> Mapping[str, str]:
    """The run that every market shows."""
    with database.transaction() as tx:
        return {market: shown.run_id for market, shown in publications(tx).items()}


def published_files(home: Path, runs: Mapping[str, str], market: str) -> PublishedFiles:
    """The files behind a published market; NothingIsPublished without a publication."""
    if market not in runs:
        raise NothingIsPublished(f'the market "{market}" has nothing published', hint=f"tradewind run --markets {market}")
    workspace, run_id = Workspace(home), runs[market]
    snapshot = manifest.load(workspace, run_id).snapshot_id
    listings, offers = (workspace.rows(run_id, market, name) for name in ("listings.parquet", "offers.parquet"))
    return PublishedFiles(market, listings, offers, tuple(workspace.products(snapshot)))
