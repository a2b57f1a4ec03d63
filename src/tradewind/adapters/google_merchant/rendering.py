"""A rendered listing in the types of the Merchant API: the texts of the feed columns become typed attributes."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from google.shopping import merchant_products_v1 as products
from google.shopping.merchant_products_v1 import types
from google.shopping.type.types import CustomAttribute, Price
from google.type.interval_pb2 import Interval

from tradewind.adapters.google_merchant.errors import ListingIsNotRenderable
from tradewind.adapters.google_merchant.further import fill_further, member
from tradewind.kit import Currency
from tradewind.listings.sync import Send, Target

MICROS: Final = 1_000_000
_PRICE = re.compile(r"^(\d+)(?:\.(\d{1,6}))? ([A-Z]{3})$")
_WEIGHT = re.compile(r"^(\d+(?:\.\d+)?) (g|kg|oz|lb)$")
MAX_IMAGES = 10

_TEXTS = (
    "title", "description", "link", "mobile_link", "canonical_link", "image_link", "brand", "mpn", "google_product_category",
    "item_group_id", "color", "size", "material", "pattern", "custom_label_0", "custom_label_1", "custom_label_2", "custom_label_3",
    "custom_label_4", "short_title", "shipping_label", "return_policy_label", "external_seller_id", "ads_redirect",
)  # fmt: skip
_ENUMS: dict[str, Any] = {
    "availability": types.Availability,
    "condition": types.Condition,
    "gender": types.Gender,
    "age_group": types.AgeGroup,
}
# These have no field of their own in the client library: they travel as custom attributes, as its documentation allows.
_GENERIC = ("ships_from_country", "native_commerce", "consumer_notice", "merchant_item_id")


def product_input(target: Target, send: Send, row: Mapping[str, str | None]) -> products.ProductInput:
    """The whole listing as `send.version`; price and availability are those of `send`, which may be newer than the row."""
    attributes = products.ProductAttributes(**{name: row[name] for name in _TEXTS if row.get(name)})
    for name, kind in _ENUMS.items():
        text = row.get(name)
        if text:
            setattr(attributes, name, member(kind, name, text))
    for name, fill in _SPECIAL.items():
        text = row.get(name)
        if text:
            fill(attributes, text)
    fill_further(attributes, row)
    _sell(attributes, send, row.get("price") or "")
    _reduce(attributes, row)
    return products.ProductInput(
        offer_id=send.offer_id,
        content_language=target.language,
        feed_label=target.label,
        version_number=send.version,
        product_attributes=attributes,
        custom_attributes=[CustomAttribute(name=name.replace("_", " "), value=row[name]) for name in _GENERIC if row.get(name)],
    )


def overlay_input(target: Target, send: Send, currency: str, row: Mapping[str, str | None] | None = None) -> products.ProductInput:
    """Price and availability alone, for a supplemental data source; with both prices of a reduction that the listing announces."""
    attributes = products.ProductAttributes()
    _sell(attributes, send, f"0 {currency}")
    if row is not None and send.price_minor is not None:
        _reduce(attributes, row)
    return _bare(target, send, attributes)


def withdrawal_input(target: Target, send: Send) -> products.ProductInput:
    """Out of stock and shown nowhere, for a product whose primary data is a file that still names it."""
    attributes = products.ProductAttributes(availability=types.Availability.OUT_OF_STOCK, excluded_destinations=_EVERYWHERE)
    return _bare(target, send, attributes)


def price(minor: int, currency: Currency) -> Price:
    """Minor units as the micros that the API counts in."""
    return Price(amount_micros=minor * MICROS // currency.scale, currency_code=currency.code)


_EVERYWHERE = ["SHOPPING_ADS", "DISPLAY_ADS", "FREE_LISTINGS"]


def _bare(target: Target, send: Send, attributes: products.ProductAttributes) -> products.ProductInput:
    return products.ProductInput(
        offer_id=send.offer_id, content_language=target.language, feed_label=target.label, product_attributes=attributes
    )


def _sell(attributes: products.ProductAttributes, send: Send, priced: str) -> None:
    code = priced.rsplit(" ", 1)[-1]
    if send.price_minor is not None:
        attributes.price = price(send.price_minor, Currency(code))
    if send.available is not None:
        attributes.availability = types.Availability.IN_STOCK if send.available else types.Availability.OUT_OF_STOCK


def _reduce(attributes: products.ProductAttributes, row: Mapping[str, str | None]) -> None:
    """An announced reduction: what is asked, which may be newer than the row, becomes the sale price below the row's regular one."""
    sale, regular = row.get("sale_price"), row.get("price")
    if not sale or not regular:
        return
    asked, before = attributes.price, _amount("price", regular)
    if asked.amount_micros >= before.amount_micros:
        return
    attributes.sale_price, attributes.price = asked, before
    dates = row.get("sale_price_effective_date")
    if dates:
        start, _, end = dates.partition("/")
        attributes.sale_price_effective_date = Interval(start_time=_moment(start), end_time=_moment(end))


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M%z")
    except ValueError:
        raise ListingIsNotRenderable(
            f'sale_price_effective_date has "{text}", which is no moment such as 2026-12-01T00:00+0000', hint="run the market again"
        ) from None


def _amount(name: str, text: str) -> Price:
    found = _PRICE.match(text)
    if found is None:
        raise ListingIsNotRenderable(f'{name} "{text}" is not an amount with a currency, such as 12.99 USD', hint="run the market again")
    return Price(amount_micros=int(found[1]) * MICROS + int((found[2] or "").ljust(6, "0")), currency_code=found[3])


def _fill_images(attributes: products.ProductAttributes, text: str) -> None:
    attributes.additional_image_links = text.split(",")[:MAX_IMAGES]


def _fill_gtin(attributes: products.ProductAttributes, text: str) -> None:
    attributes.gtins = text.split(",")


def _fill_identifier(attributes: products.ProductAttributes, text: str) -> None:
    attributes.identifier_exists = text not in {"no", "false"}


def _fill_type(attributes: products.ProductAttributes, text: str) -> None:
    attributes.product_types = [text]


def _fill_shipping(attributes: products.ProductAttributes, text: str) -> None:
    shippings = []
    for one in text.split(","):
        country, region, service, cost = [*one.split(":", 3), "", "", ""][:4]
        shippings.append(types.Shipping(country=country, region=region, service=service, price=_amount("shipping", cost)))
    attributes.shipping = shippings


def _fill_weight(attributes: products.ProductAttributes, text: str) -> None:
    found = _WEIGHT.match(text)
    if found is None:
        raise ListingIsNotRenderable(f'shipping_weight "{text}" is not a weight such as 450 g', hint="run the market again")
    attributes.shipping_weight = types.ShippingWeight(value=float(found[1]), unit=found[2])


_SPECIAL: dict[str, Callable[[products.ProductAttributes, str], None]] = {
    "additional_image_link": _fill_images,
    "gtin": _fill_gtin,
    "identifier_exists": _fill_identifier,
    "product_type": _fill_type,
    "shipping": _fill_shipping,
    "shipping_weight": _fill_weight,
}
