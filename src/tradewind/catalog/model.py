"""The catalog's values: a mapping as read, and a snapshot as written."""

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

SCHEMA_VERSION = 2  # part of every snapshot id: raise it when the same source would give other facts
PROVENANCES = ("measured", "supplier", "person", "derived", "category_default", "missing")


@dataclass(frozen=True, slots=True)
class Source:
    """Where one attribute comes from: a column, a constant, a template over columns, or an id made of columns."""

    column: str | None = None
    value: str | None = None
    template: str | None = None
    fields: tuple[str, ...] = ()
    prefix: str = ""
    unit: str | None = None
    currency: str | None = None
    minor: bool = False
    decimal: str = "."
    language: str | None = None
    split: str | None = None
    words: MappingOf[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()  # endings that are cut off
    provenance: str = "supplier"
    location: str | None = None
    basis: str | None = None  # `from` in the file: another fact that this one is derived from
    times: str | None = None
    shape: str | None = None
    names: str | None = None
    table: str | None = None
    keys: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class TableRule:
    """One file of the source, and how its rows meet those of the primary table."""

    name: str
    file: str | None = None
    of: str | None = None  # the rows of another table, read again
    primary: bool = False
    on: tuple[tuple[str, str], ...] = ()  # (own column, "table.column")
    many: bool = False
    collect: tuple[str, str] | None = None  # (key column, value column): the rows of one parent become one map
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    items: str | None = None


@dataclass(frozen=True, slots=True)
class CatalogMapping:
    """A mapping file, checked for form; whether its columns exist is checked against the staged tables."""

    name: str
    language: str
    currency: str | None
    country: str | None
    tables: tuple[TableRule, ...]
    attributes: MappingOf[str, tuple[Source, ...]]
    stock: tuple[Source, ...]
    categories: MappingOf[str, str]
    defaults: Path | None
    facts: Path | None
    path: Path | None
    digest: str

    @property
    def primary(self) -> TableRule:
        return next(table for table in self.tables if table.primary)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that a snapshot was made from."""

    table: str
    name: str
    sha256: str
    size: int
    rows: int
    rejected: int
    format: str
    encoding: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows. rows_read = rows_accepted + rows_quarantined, always."""

    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    variants: int
    products: int
    stock_rows: int
    quarantine_entries: int
    issues: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An immutable picture of the home catalog. `folder` holds the files of docs/reference/batch-contract.md."""

    snapshot_id: str
    folder: Path
    created_at: datetime
    mapping: str
    language: str
    sources: tuple[SourceFile, ...]
    counts: Counts
    shard_count: int
    seconds: int

    def products(self, shard: int) -> Path:
        """The variants of one shard."""
        return self.folder / f"products-{shard:05d}.parquet"

    def stock(self, shard: int) -> Path:
        """The stock of one shard's variants."""
        return self.folder / f"stock-{shard:05d}.parquet"

    @property
    def all_products(self) -> str:
        """A glob over the variants of every shard."""
        return str(self.folder / "products-*.parquet")

    @property
    def all_stock(self) -> str:
        """A glob over the stock of every shard."""
        return str(self.folder / "stock-*.parquet")


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """The snapshot, and whether it had been imported before."""

    snapshot: Snapshot
    already_known: bool
