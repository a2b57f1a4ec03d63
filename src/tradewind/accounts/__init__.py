"""Shoppers: sign-up, sign-in, addresses, and the right to take their data along or have it erased.

What identifies a person is sealed (`db.Sealer`); an address is found by a keyed digest of the e-mail. Nobody can learn from an answer
whether an account exists: what differs is told by mail alone.
"""

from tradewind.accounts.errors import AddressLimitIsReached, CodeIsSpent, PasswordIsWeak, ShopperUnknown, SignInFailed, TooManyAttempts
from tradewind.accounts.model import AddressEntry, CodePurpose, Shopper, ShopperSession, SignedIn
from tradewind.accounts.rules import checked_email, checked_name, checked_password
from tradewind.accounts.service import Accounts, reseal
from tradewind.accounts.store import prune

__all__ = [
    "Accounts",
    "AddressEntry",
    "AddressLimitIsReached",
    "CodeIsSpent",
    "CodePurpose",
    "PasswordIsWeak",
    "Shopper",
    "ShopperSession",
    "ShopperUnknown",
    "SignInFailed",
    "SignedIn",
    "TooManyAttempts",
    "checked_email",
    "checked_name",
    "checked_password",
    "prune",
    "reseal",
]
