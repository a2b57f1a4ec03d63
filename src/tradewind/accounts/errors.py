"""What can go wrong with a shopper's account. Every class is a sentence.

TradewindError
├── SignInFailed, TooManyAttempts, CodeIsSpent
├── PasswordIsWeak
└── ShopperUnknown, AddressLimitIsReached
"""

from tradewind.kit import NotFound, TradewindError


class SignInFailed(TradewindError):
    """The e-mail and the password do not belong together; which of them is wrong is not told."""

    code = "sign_in_failed"
    http_status = 403


class TooManyAttempts(TradewindError):
    """Somebody tried too often; the next attempt counts after a pause."""

    code = "too_many_attempts"
    http_status = 429


class CodeIsSpent(TradewindError):
    """A link of a mail was used before, is too old, or was changed."""

    code = "code_spent"
    http_status = 410


class PasswordIsWeak(TradewindError):
    """A password is too short, too long, or one that everybody tries first."""

    code = "password_weak"
    http_status = 422


class ShopperUnknown(NotFound):
    """There is no such account, or it was erased."""

    code = "shopper_unknown"


class AddressLimitIsReached(TradewindError):
    """The account holds as many addresses as it may."""

    code = "address_limit_reached"
    http_status = 409
