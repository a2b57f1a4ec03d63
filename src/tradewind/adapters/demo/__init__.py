"""The project's own sample catalog: an invented retailer with products, stock and pictures, made anew from a seed."""

from tradewind.adapters.demo.sample import SEED, SampleCatalog, build_sample_catalog

__all__ = ["SEED", "SampleCatalog", "build_sample_catalog"]
