"""Home products and variants: normalized, identified, classified, with the provenance of every fact."""

from tradewind.catalog.categories import Category, ancestors, categories

__all__ = ["Category", "ancestors", "categories"]
