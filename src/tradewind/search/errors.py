"""What can go wrong in search.

TradewindError
├── SearchIsNotBuilt
├── RelevanceIsInvalid
└── JudgmentsAreInvalid
"""

from tradewind.kit import TradewindError


class SearchIsNotBuilt(TradewindError):
    """A collection has no index yet."""

    code = "search_not_built"
    http_status = 503


class RelevanceIsInvalid(TradewindError):
    """The weights or the synonyms cannot be read, or miss what they must say."""

    code = "relevance_invalid"


class JudgmentsAreInvalid(TradewindError):
    """A file of judgments has other columns, or a grade that is none."""

    code = "judgments_invalid"
