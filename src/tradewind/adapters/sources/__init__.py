"""Reads any catalog file into one staged Parquet table: streamed, in bounded memory, everything broken named with its place."""

from tradewind.adapters.sources.detection import FORMATS, detect
from tradewind.adapters.sources.encodings import probable_encoding
from tradewind.adapters.sources.staging import stage

__all__ = ["FORMATS", "detect", "probable_encoding", "stage"]
