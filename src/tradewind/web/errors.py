"""What can go wrong in the window: pages that are not there, forms that are not ours, and the desk's refusals.

TradewindError
├── PageNotFound         404
├── CheckoutIsNotYours   404
├── OfferIsWithdrawn     410
├── RequestTooLarge      413
├── FormIsForeign        403
├── ShopDoesNotSell      503
├── PortIsTaken          (when starting)
└── DeskRefused          403
    ├── LoginNeeded      401
    └── KeyIsSpent       403
"""

from tradewind.kit import NotFound, TradewindError


class PageNotFound(NotFound):
    """No page has this address."""

    code = "page_not_found"


class OfferIsWithdrawn(TradewindError):
    """The article was sold here and has been withdrawn from sale, for instance by a recall."""

    code = "offer_withdrawn"
    http_status = 410


class RequestTooLarge(TradewindError):
    """A request's body is larger than the window accepts."""

    code = "request_too_large"
    http_status = 413


class PortIsTaken(TradewindError):
    """Another program listens on the wanted port."""

    code = "port_taken"


class DeskRefused(TradewindError):
    """The desk does not do this for this person, or for this page."""

    code = "desk_refused"
    http_status = 403


class LoginNeeded(DeskRefused):
    """Nobody has entered the desk from this browser, or the visit has run out."""

    code = "login_needed"
    http_status = 401


class KeyIsSpent(DeskRefused):
    """The key of the link was used before, or is too old, or never was one."""

    code = "key_spent"


class FormIsForeign(TradewindError):
    """A form came from another site, or from no page at all."""

    code = "form_foreign"
    http_status = 403


class CheckoutIsNotYours(NotFound):
    """This browser did not begin the checkout, and has no link to it."""

    code = "checkout_not_yours"


class ShopDoesNotSell(TradewindError):
    """The window only shows: nothing that takes orders runs behind it."""

    code = "shop_does_not_sell"
    http_status = 503
