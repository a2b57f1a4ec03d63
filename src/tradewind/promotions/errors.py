"""What can go wrong with promotions.

TradewindError
└── PromotionsAreInvalid  500
"""

from tradewind.kit import TradewindError


class PromotionsAreInvalid(TradewindError):
    """The file of promotions does not have the form it must have."""

    code = "promotions_invalid"
