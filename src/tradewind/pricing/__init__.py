"""The landed price of a product in a market: a scalar form for one quote and a SQL form for millions, proven equal."""

from tradewind.pricing.model import DutyRate, ExplainedLine, FxRate, Landed, LaneTerms, Margin, PriceBook, PriceInput

__all__ = ["DutyRate", "ExplainedLine", "FxRate", "Landed", "LaneTerms", "Margin", "PriceBook", "PriceInput"]
