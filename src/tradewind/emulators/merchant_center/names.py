"""Resource names: `accounts/{account}/…/{id}`, and the key of a product in its plain and its base64url form."""

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import unquote

from tradewind.emulators.merchant_center.errors import invalid

_ACCOUNT = re.compile(r"^accounts/(\d{1,19})(?:/(.*))?$")
_LABEL = re.compile(r"^[A-Z0-9_-]{1,20}$")
_LANGUAGE = re.compile(r"^[a-z]{2}$")
MAX_OFFER_ID = 50


@dataclass(frozen=True, slots=True)
class ProductKey:
    """Content language, feed label and offer id: what makes a product one product within an account."""

    language: str
    label: str
    offer_id: str

    def __str__(self) -> str:
        return f"{self.language}~{self.label}~{self.offer_id}"

    @property
    def encoded(self) -> str:
        """The unpadded base64url form, safe in a path whatever the offer id holds."""
        return base64.urlsafe_b64encode(str(self).encode()).decode().rstrip("=")


def account_of(name: str, field: str = "name") -> int:
    """The account that a resource name begins with."""
    found = _ACCOUNT.match(name)
    if found is None:
        raise invalid(field, name, "a resource name begins with accounts/{account}")
    return int(found[1])


def segment(name: str, collection: str) -> str:
    """The last segment of `accounts/{account}/{collection}/{segment}`."""
    start = f"accounts/{account_of(name)}/{collection}/"
    if not name.startswith(start) or len(name) == len(start):
        raise invalid("name", name, f"the form is accounts/{{account}}/{collection}/{{id}}")
    return name[len(start) :]


def product_key(name: str, collection: str) -> ProductKey:
    """The key in a product's name; a segment without "~" is its base64url form."""
    part = unquote(segment(name, collection))
    if "~" not in part:
        try:
            part = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            raise invalid("name", name, "neither language~label~id nor its base64url form") from None
    parts = part.split("~", 2)
    if len(parts) != 3:
        raise invalid("name", name, "a product is language~label~id")
    return checked_key(*parts)


def checked_key(language: str, label: str, offer_id: str) -> ProductKey:
    """A key whose three parts have the form that Google asks for; blanks in the id are folded."""
    folded = " ".join(offer_id.split())
    if not _LANGUAGE.match(language):
        raise invalid("content_language", language, "two letters of ISO 639-1 are required")
    if not _LABEL.match(label):
        raise invalid("feed_label", label, "1 to 20 characters of A-Z, 0-9, - and _ are required")
    if not 0 < len(folded) <= MAX_OFFER_ID:
        raise invalid("offer_id", offer_id, f"1 to {MAX_OFFER_ID} characters are required")
    return ProductKey(language, label, folded)
