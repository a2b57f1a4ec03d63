"""Home products and variants: normalized, identified, classified, with the provenance of every fact."""

from tradewind.catalog.categories import Category, ancestors, categories
from tradewind.catalog.draft import DraftReading, draft
from tradewind.catalog.model import Counts, ImportOutcome, Snapshot
from tradewind.catalog.ports import ReadOptions, Shape, StagedTable, Staging
from tradewind.catalog.reading import (
    Gap,
    QuarantineEntry,
    first_sku,
    for_search,
    gaps,
    list_quarantine,
    quarantine_reasons,
    show_quarantine,
    show_variant,
    source_row,
    variants_page,
)
from tradewind.catalog.service import ImportRequest, import_catalog, no_steps
from tradewind.catalog.snapshots import list_snapshots, load_snapshot

__all__ = [
    "Category",
    "Counts",
    "DraftReading",
    "Gap",
    "ImportOutcome",
    "ImportRequest",
    "QuarantineEntry",
    "ReadOptions",
    "Shape",
    "Snapshot",
    "StagedTable",
    "Staging",
    "ancestors",
    "categories",
    "draft",
    "first_sku",
    "for_search",
    "gaps",
    "import_catalog",
    "list_quarantine",
    "list_snapshots",
    "load_snapshot",
    "no_steps",
    "quarantine_reasons",
    "show_quarantine",
    "show_variant",
    "source_row",
    "variants_page",
]
