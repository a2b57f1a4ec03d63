"""GTINs that several variants carry: which one is listed, which stay at home, and why, for every one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tradewind.db import duck

_MEMORY_MB = 512


@dataclass(frozen=True, slots=True)
class Rival:
    """A variant that lost its GTIN, and the reason."""

    sku: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class SharedGtin:
    """A GTIN with the variant that is listed under it."""

    gtin: str
    sku: str
    title: str
    rivals: tuple[Rival, ...]


def shared_gtins(products: Sequence[Path], limit: int) -> tuple[int, list[SharedGtin]]:
    """How many GTINs of a snapshot's products were decided, and the first `limit` of them with their rivals, by GTIN."""
    rivals = f"SELECT * FROM {duck.parquet(products)} WHERE gtin_duplicate_of IS NOT NULL"
    title = "coalesce(titles[language], list_extract(map_values(titles), 1), '')"
    with duck.connect(threads=1, memory_limit_mb=_MEMORY_MB) as connection:
        total = connection.execute(f"SELECT count(DISTINCT gtin_duplicate_of) FROM {duck.parquet(products)}").fetchone()
        rows = connection.execute(
            f"SELECT w.gtin, w.sku, {title.replace('titles', 'w.titles').replace('language', 'w.language')} AS kept,"
            f" list({{'sku': r.sku, 'title': r.title, 'reason': r.gtin_reason}} ORDER BY r.sku)"
            f" FROM (SELECT *, {title} AS title FROM ({rivals})) AS r"
            f" JOIN {duck.parquet(products)} AS w ON w.sku = r.gtin_duplicate_of GROUP BY ALL ORDER BY w.gtin, w.sku LIMIT {int(limit)}"
        ).fetchall()
    found = [SharedGtin(gtin, sku, kept, tuple(Rival(**rival) for rival in losers)) for gtin, sku, kept, losers in rows]
    return (int(total[0]) if total else 0), found
