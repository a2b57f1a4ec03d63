"""What can go wrong with published offers.

TradewindError
├── OfferUnknown         404
└── OfferIsNotWithdrawn  404
"""

from tradewind.kit import NotFound


class OfferUnknown(NotFound):
    """No market sells an offer of this name."""

    code = "offer_unknown"


class OfferIsNotWithdrawn(NotFound):
    """Nobody has withdrawn it there, so it cannot be restored there."""

    code = "offer_not_withdrawn"
