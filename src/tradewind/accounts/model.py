"""A shopper, the addresses and the visits that belong to one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CodePurpose(StrEnum):
    """What a link sent by mail is good for."""

    CONFIRM = "confirm"  # the address belongs to whoever signed up
    RESET = "reset"  # a new password


@dataclass(frozen=True, slots=True)
class Shopper:
    """Somebody with an account. `confirmed_at` is empty until the e-mail's link was opened."""

    shopper_id: str
    email: str
    name: str
    language: str
    market: str
    marketing: bool
    created_at: datetime
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShopperSession:
    """A visit of a signed-in shopper; the token itself is never stored."""

    shopper_id: str
    form_token: str  # the secret that this visit's forms carry
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new visit: `token` goes into the cookie, once."""

    token: str
    session: ShopperSession


@dataclass(frozen=True, slots=True)
class AddressEntry:
    """An address as the shopper keeps it; `region` is the state or province where the country has one."""

    address_id: str
    name: str
    country: str
    postcode: str
    region: str
    city: str
    lines: tuple[str, ...]
    phone: str
    is_default: bool = False
