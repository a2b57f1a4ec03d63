"""Permalinks: an address that holds what somebody may want to buy, in the form of UCP's later permalink capability. Pure.

`/us/buy/S1:2,S2:1?discounts/codes/0=SAVE&buyer/email=…&continue_to=/…`. Everything in it is untrusted; opening one never buys.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urljoin, urlsplit

from tradewind.checkout import Buyer, Destination, WantedLine

ITEMS, UNITS, TEXT = 40, 99, 200
_RAW = re.compile(r"[A-Za-z0-9._-]{1,200}", re.ASCII)
_ENCODED = re.compile(r"~[A-Za-z0-9_-]{1,300}", re.ASCII)
_QUANTITY = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")
_CODE = re.compile(r"/discounts/codes/([0-9])")
_ORIGIN = "https://shop.invalid"


@dataclass(frozen=True, slots=True)
class Permalink:
    """What a link asks for. `is_ambiguous`: it says something twice, so nothing of it counts."""

    lines: tuple[WantedLine, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    continue_to: str = ""
    is_ambiguous: bool = False

    @property
    def buyer(self) -> Buyer:
        """Who buys, as far as the link says."""
        said = self._said
        name = " ".join(part for part in (said("/buyer/first_name"), said("/buyer/last_name")) if part)
        return Buyer(said("/buyer/email"), name, said("/buyer/phone_number"))

    @property
    def codes(self) -> tuple[str, ...]:
        """The discount codes, in their order."""
        found = sorted((int(match[1]), value) for name, value in self.fields.items() if (match := _CODE.fullmatch(name)))
        return tuple(value for _, value in found if value)

    @property
    def attribution(self) -> dict[str, str]:
        """Where the buyer came from."""
        return {
            name.removeprefix("/attribution/"): value for name, value in self.fields.items() if name.startswith("/attribution/") and value
        }

    def destination(self, country: str) -> Destination | None:
        """Where the goods would go, as far as the link says: a region and a postcode of the market's country."""
        said = self._said
        if said("/context/address_country").upper() not in {"", country} or not said("/context/postal_code"):
            return None
        return Destination(country, said("/context/address_region").upper(), said("/context/postal_code"))

    def _said(self, name: str) -> str:
        return " ".join(self.fields.get(name, "").split())


def read_permalink(items: str, query: Sequence[tuple[str, str]]) -> Permalink:
    """What the path and the query of a link ask for; items that are none are left out."""
    fields: dict[str, str] = {}
    wanted = [value for name, value in query if name == "continue_to"]
    twice = False
    for name, value in query:
        pointer = f"/{name.removeprefix('/')}"
        if name != "continue_to":
            twice |= pointer in fields
            fields[pointer] = value.replace("\0", "")[:TEXT]
    place = checked_path(wanted[0]) if len(wanted) == 1 else ""
    if twice or len(wanted) > 1:
        return Permalink(continue_to=place, is_ambiguous=True)
    return Permalink(_lines(items), fields, place)


def checked_path(text: str) -> str:
    """The path on this very shop that a link wants to lead to, rewritten; empty for anything else."""
    plain = unquote(text)
    if not plain.startswith("/") or plain.startswith("//") or _CONTROL.search(plain) or len(plain) > 10 * TEXT:
        return ""
    parts = urlsplit(urljoin(f"{_ORIGIN}/", plain))
    if f"{parts.scheme}://{parts.netloc}" != _ORIGIN or parts.path.startswith("//"):
        return ""
    query = quote(parts.query, safe="=&/,:")
    return quote(parts.path, safe="/:,~") + (f"?{query}" if query else "")


def _lines(items: str) -> tuple[WantedLine, ...]:
    found: dict[str, int] = {}
    for pair in items.split(",")[:ITEMS]:
        token, _, units = pair.rpartition(":")
        name = _item_id(token)
        if name and _QUANTITY.fullmatch(units):
            found[name] = min(found.get(name, 0) + int(units), UNITS)
    return tuple(WantedLine(name, units) for name, units in found.items())


def _item_id(token: str) -> str:
    """The id that a token stands for; empty when it is not written as the rules want."""
    if not _ENCODED.fullmatch(token):
        return token if _RAW.fullmatch(token) else ""
    body = token[1:]
    try:
        plain = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    canonical = base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=") == body
    return plain if canonical and plain.isprintable() and len(plain) <= TEXT else ""
