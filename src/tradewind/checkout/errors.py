"""What can go wrong with a cart or a checkout session. What a buyer can mend stands in the session's messages instead.

TradewindError
├── SessionUnknown, CartUnknown (not found)
├── SessionWasChanged (412)      somebody changed it since the caller read it
├── SessionIsFinished (409)      completed, canceled, expired, or being completed
├── SessionIsNotReady (409)      something is missing before it can be completed
├── MarketIsNotOpen (409)        the market sells nothing
├── AlreadyAnswered (200)        no error: a repeated key, with the bytes that were answered
└── CheckoutInputIsInvalid (input)  too many lines, an impossible quantity, a text that is too long
"""

from tradewind.kit import InputIsInvalid, NotFound, TradewindError


class SessionUnknown(NotFound):
    """There is no checkout session of this id."""

    code = "session_unknown"


class CartUnknown(NotFound):
    """There is no cart of this id, or it has expired."""

    code = "cart_unknown"


class SessionWasChanged(TradewindError):
    """The session has another version than the caller named."""

    code = "session_was_changed"
    http_status = 412


class SessionIsFinished(TradewindError):
    """The session can no longer be changed."""

    code = "session_finished"
    http_status = 409


class SessionIsNotReady(TradewindError):
    """The session cannot be completed yet; its messages say what is missing."""

    code = "session_not_ready"
    http_status = 409


class MarketIsNotOpen(TradewindError):
    """No rules or no lanes for the market on this day."""

    code = "market_not_open"
    http_status = 409


class AlreadyAnswered(TradewindError):
    """The key came before with the same request: this is what was answered then."""

    code = "already_answered"
    http_status = 200

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__("the request was answered before")
        self.status, self.body = status, body


class CheckoutInputIsInvalid(InputIsInvalid):
    """A cart or session was asked for something that no shop can do."""

    code = "checkout_input_invalid"
