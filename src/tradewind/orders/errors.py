"""What can go wrong with an order.

TradewindError
├── OrderUnknown (not found)
├── OrderCannotBeCanceled, OrderIsOnHold, OrderIsFinished (conflict)
├── OrderWasChanged (precondition)
├── OrderLineUnknown, QuantityIsNotOpen (input)  more units than the order still owes, or a line that it does not have
└── PaymentDidNotFollow  the provider did not do what the order needed; the order is unchanged
"""

from tradewind.kit import InputIsInvalid, NotFound, TradewindError


class OrderUnknown(NotFound):
    """There is no order of this id or number."""

    code = "order_unknown"


class OrderCannotBeCanceled(TradewindError):
    """Units of the order have left the house: they come back as a return."""

    code = "order_cannot_be_canceled"
    http_status = 409


class OrderIsOnHold(TradewindError):
    """A person must look at the order's payment first."""

    code = "order_on_hold"
    http_status = 409


class OrderIsFinished(TradewindError):
    """The order is canceled or closed."""

    code = "order_finished"
    http_status = 409


class OrderLineUnknown(InputIsInvalid):
    """The order has no line of this id."""

    code = "order_line_unknown"


class QuantityIsNotOpen(InputIsInvalid):
    """More units than are left to ship, to return or to cancel."""

    code = "quantity_not_open"


class PaymentDidNotFollow(TradewindError):
    """A capture, void or refund did not succeed; its end is not known or it failed."""

    code = "payment_did_not_follow"
    http_status = 409


class OrderWasChanged(TradewindError):
    """Somebody changed the order since the caller looked at it."""

    code = "order_changed"
    http_status = 412
