"""The attributes beyond price, stock and texts in the types of the Merchant API: groups, enumerations and repeated values."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from google.shopping import merchant_products_v1 as products
from google.shopping.merchant_products_v1 import types
from google.shopping.type.types import Destination

from tradewind.adapters.google_merchant.errors import ListingIsNotRenderable

# Between the values of a repeated attribute, and between the parts of one value, in a rendered listing.
ITEM_MARK: Final = "\x1f"
PART_MARK: Final = "\x1e"
_MEASURE = re.compile(r"^(\d+(?:\.\d+)?) ?([a-z]+)$")
_TRUE = frozenset(("yes", "true"))
# The file feed and the API call one place by two names.
_DESTINATIONS: Mapping[str, str] = {"YOUTUBE_MERCHANDISE": "YOUTUBE_SHOPPING"}


def fill_further(attributes: products.ProductAttributes, row: Mapping[str, str | None]) -> None:
    """Fills what the row says of them; ListingIsNotRenderable names a value that Google's types do not know."""
    for name, fill in _FILLS.items():
        text = row.get(name)
        if text:
            fill(attributes, text)


def member(kind: Any, name: str, text: str) -> Any:
    """The value of an enumeration by its name."""
    try:
        return kind[text.upper()]
    except KeyError:
        raise ListingIsNotRenderable(
            f'{name} "{text}" is not a value that Google knows', hint="see docs/reference/google-attributes.md"
        ) from None


def _measure(kind: Any, name: str, text: str, number: Callable[[str], int | float]) -> Any:
    found = _MEASURE.match(text)
    if found is None:
        raise ListingIsNotRenderable(f'{name} "{text}" is not a measure such as 500 ml', hint="see docs/how-to/set-listing-attributes.md")
    return kind(value=number(found[1]), unit=found[2])


def _structured(kind: Any, text: str) -> Any:
    source, _, content = text.partition(":")
    return kind(digital_source_type=member(types.DigitalSourceType, "digital_source_type", source), content=content)


def _structured_title(attributes: products.ProductAttributes, text: str) -> None:
    attributes.structured_title = _structured(types.StructuredTitle, text)


def _structured_description(attributes: products.ProductAttributes, text: str) -> None:
    attributes.structured_description = _structured(types.StructuredDescription, text)


def _unit_measure(attributes: products.ProductAttributes, text: str) -> None:
    attributes.unit_pricing_measure = _measure(types.UnitPricingMeasure, "unit_pricing_measure", text, float)


def _unit_base(attributes: products.ProductAttributes, text: str) -> None:
    attributes.unit_pricing_base_measure = _measure(types.UnitPricingBaseMeasure, "unit_pricing_base_measure", text, int)


def _certification(attributes: products.ProductAttributes, text: str) -> None:
    authority, name, code = [*text.split(":", 2), "", ""][:3]
    attributes.certifications = [
        types.ProductCertification(
            certification_authority=member(
                types.CertificationAuthority, "certification", "EC" if authority == "European_Commission" else authority
            ),
            certification_name=member(types.CertificationName, "certification", name),
            certification_code=code,
        )
    ]


def _details(attributes: products.ProductAttributes, text: str) -> None:
    found = []
    for one in text.split(ITEM_MARK):
        section, name, value = [*one.split(PART_MARK, 2), "", ""][:3]
        found.append(types.ProductDetail(section_name=section, attribute_name=name, attribute_value=value))
    attributes.product_details = found


def _highlights(attributes: products.ProductAttributes, text: str) -> None:
    attributes.product_highlights = text.split(ITEM_MARK)


def _energy(field: str) -> Callable[[products.ProductAttributes, str], None]:
    def fill(attributes: products.ProductAttributes, text: str) -> None:
        setattr(attributes, field, member(types.EnergyEfficiencyClass, field, text.replace("+", "P")))

    return fill


def _truth(field: str) -> Callable[[products.ProductAttributes, str], None]:
    def fill(attributes: products.ProductAttributes, text: str) -> None:
        setattr(attributes, field, text.lower() in _TRUE)

    return fill


def _multipack(attributes: products.ProductAttributes, text: str) -> None:
    attributes.multipack = int(text)


def _size_types(attributes: products.ProductAttributes, text: str) -> None:
    attributes.size_types = [member(types.SizeType, "size_type", one) for one in text.split(",")]


def _size_system(attributes: products.ProductAttributes, text: str) -> None:
    attributes.size_system = member(types.SizeSystem, "size_system", text)


def _destinations(attributes: products.ProductAttributes, text: str) -> None:
    names = [_DESTINATIONS.get(one.upper(), one) for one in text.split(",")]
    attributes.excluded_destinations = [member(Destination.DestinationEnum, "excluded_destination", one) for one in names]


def _excluded_countries(attributes: products.ProductAttributes, text: str) -> None:
    attributes.shopping_ads_excluded_countries = text.split(",")


def _promotions(attributes: products.ProductAttributes, text: str) -> None:
    attributes.promotion_ids = text.split(",")


_FILLS: dict[str, Callable[[products.ProductAttributes, str], None]] = {
    "structured_title": _structured_title,
    "structured_description": _structured_description,
    "unit_pricing_measure": _unit_measure,
    "unit_pricing_base_measure": _unit_base,
    "certification": _certification,
    "product_detail": _details,
    "product_highlight": _highlights,
    "energy_efficiency_class": _energy("energy_efficiency_class"),
    "min_energy_efficiency_class": _energy("min_energy_efficiency_class"),
    "max_energy_efficiency_class": _energy("max_energy_efficiency_class"),
    "adult": _truth("adult"),
    "is_bundle": _truth("is_bundle"),
    "multipack": _multipack,
    "size_type": _size_types,
    "size_system": _size_system,
    "excluded_destination": _destinations,
    "shopping_ads_excluded_country": _excluded_countries,
    "promotion_id": _promotions,
}
