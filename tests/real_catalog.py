"""A small workspace of real parts: rows of the sample catalog, its mapping, and its stock."""

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

from tests.pipeline.run_builders import InlinePlacement

from tradewind import bootstrap
from tradewind.adapters.demo import SEED
from tradewind.adapters.demo.maker import COLUMNS, make_products
from tradewind.catalog import Snapshot
from tradewind.db import Database
from tradewind.markets import FX_RULE, Confirmation, write_confirmation
from tradewind.pipeline import RunRequest, Runs, silent
from tradewind.pipeline.manifest import Workspace
from tradewind.pipeline.publishing import Publisher
from tradewind.settings import Settings
from tradewind.stock import import_counts

AS_OF = date(2026, 9, 15)  # a day on which every rule of the package is in force
COST, PRODUCT, SKU = "采购价", "款号", "商品编码"
Row = dict[str, str]


def sample_rows(every: int = 4) -> list[Row]:
    """The variants of every n-th product of the sample catalog, so that many categories are met."""
    made = [entry.row for entry in make_products(SEED)]
    products = set(list(dict.fromkeys(row[PRODUCT] for row in made))[::every])
    return [row for row in made if row[PRODUCT] in products]


def costing(rows: Iterable[Row], factor: str, product: str | None = None) -> list[Row]:
    """The rows with the cost of one product (of all of them when none is named) multiplied."""
    return [row | {COST: f"{Decimal(row[COST]) * Decimal(factor):.2f}"} if product in {None, row[PRODUCT]} else row for row in rows]


def import_rows(settings: Settings, rows: Sequence[Row]) -> Snapshot:
    """Imports the rows as the retailer's newest catalog."""
    catalog, mapping = settings.home / "spring.csv", settings.home / "spring.mapping.toml"
    mapping.write_bytes(resources.files("tradewind.adapters.demo").joinpath("data/spring.mapping.toml").read_bytes())
    _write(catalog, COLUMNS, rows)
    return bootstrap.import_catalog(settings, catalog, mapping).snapshot


def stock_and_rates(settings: Settings, database: Database, rows: Sequence[Row]) -> None:
    """Twenty pieces of everything lie in Shenzhen, and a person says that the exchange rates hold."""
    counts = settings.home / "stock.csv"
    _write(counts, ("sku", "location_id", "on_hand"), [{"sku": row[SKU], "location_id": "SZX-1", "on_hand": "20"} for row in rows])
    import_counts(database, counts, at=datetime.now(UTC))
    write_confirmation(settings.home / "confirmations", Confirmation(FX_RULE, date(2027, 12, 31), "Anna", AS_OF))


def real_runs(settings: Settings, database: Database, *, publishing: dict[str, Any] | None = None, **changes: Any) -> Runs:
    """The runs of a workspace with the real planner, shards and feeds, computed in this process; `publishing` goes to its publisher."""
    parts: dict[str, Any] = {
        "settings": settings,
        "publisher": Publisher(Workspace(settings.home), database, **publishing or {}),
        "planner": bootstrap.planner(settings),
        "placement": InlinePlacement(),
        "shard_function": bootstrap.run_shard,
        "assemble": bootstrap.assemble_feeds(settings),
        "progress": silent,
        "say": lambda _line: None,
    }
    return Runs(**parts | changes)


def a_run(*markets: str, publish: bool = True) -> RunRequest:
    """A run for the markets (us when none is named)."""
    return RunRequest(markets=markets or ("us",), as_of=AS_OF, by="Anna", publish=publish)


def _write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
