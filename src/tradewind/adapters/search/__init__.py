"""Search on tantivy: `TantivyIndex` keeps the indexes of a workspace in a folder, one generation beside the next."""

from tradewind.adapters.search.index import TantivyIndex

__all__ = ["TantivyIndex"]
