"""Builders: a small CSV and a mapping become a snapshot."""

from pathlib import Path
from typing import Any

import duckdb

from tradewind.adapters.sources import stage
from tradewind.catalog import ImportOutcome, ImportRequest, Snapshot, import_catalog

MAPPINGS = Path(__file__).resolve().parent.parent / "mappings"


def imported(folder: Path, csv: str, mapping: str = "", *, name: str = "goods.csv", **extra: Any) -> ImportOutcome:
    """Imports the CSV text; `mapping` is the text below its two usual lines, none for a known shape."""
    source, rules = folder / name, folder / "goods.mapping.toml"
    source.write_text(csv, encoding="utf-8")
    if mapping:
        rules.write_text(mapping, encoding="utf-8")
    request = ImportRequest(source, folder / "home", rules if mapping else None, memory_limit_mb=512, **extra)
    return import_catalog(request, stage)


def variants(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Every variant, by sku."""
    return rows(f"SELECT * FROM read_parquet('{snapshot.all_products}') ORDER BY sku")


def only(outcome: ImportOutcome) -> dict[str, Any]:
    """The one variant of a snapshot."""
    (variant,) = variants(outcome.snapshot)
    return variant


def rows(query: str) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        found = connection.execute(query)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def quarantine(snapshot: Snapshot, kind: str = "quarantine") -> list[dict[str, Any]]:
    return rows(f"SELECT * FROM read_parquet('{snapshot.folder / kind}.parquet') ORDER BY row, field")


def real(folder: Path, path: Path, mapping: str | None = None, *, salvage: bool = False) -> Snapshot:
    """Imports a catalog of the reference data with its committed mapping."""
    rules = MAPPINGS / f"{mapping}.mapping.toml" if mapping else None
    return import_catalog(ImportRequest(path, folder / "home", rules, salvage=salvage, memory_limit_mb=768), stage).snapshot
