"""schema.org data of a page, made from the same Offer that the page shows (rules: Google's merchant listing guide)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from tradewind.kit import Money
from tradewind.listings import Amount, is_unit_priced, net_content
from tradewind.offers import Availability, Offer
from tradewind.web.storefront.shop import Shop

_SCHEMA = "https://schema.org/"
_AVAILABILITY = {Availability.IN_STOCK: "InStock", Availability.OUT_OF_STOCK: "OutOfStock"}
_CONDITION = {"new": "NewCondition", "refurbished": "RefurbishedCondition", "used": "UsedCondition"}
_VARIES = ("color", "size", "material", "pattern")


def product(shop: Shop, offer: Offer, variants: Sequence[Offer], expected: date | None = None) -> dict[str, Any]:
    """The product of a page; the other variants of its group are named with their addresses. Sold out, it may be `expected` on a day."""
    data: dict[str, Any] = {
        "@context": _SCHEMA,
        "@type": "Product",
        "@id": shop.absolute(f"/p/{offer.offer_id}") + "#product",
        "url": shop.absolute(f"/p/{offer.offer_id}"),
        "name": offer.title,
        "description": offer.description,
        "inLanguage": offer.language,
        "image": list(offer.images),
        "sku": offer.sku,
        "productID": offer.offer_id,
        "offers": terms_of(shop, offer) | ({"availabilityStarts": expected.isoformat()} if expected else {}),
    }
    for key, value in (("mpn", offer.mpn), ("color", offer.color), ("size", offer.size), ("material", offer.material)):
        data |= {key: value} if value else {}
    data |= {"brand": {"@type": "Brand", "name": offer.brand}} if offer.brand else {}
    data |= {"gtin": offer.gtin} if offer.gtin else {}
    data |= {"category": shop.category_path(offer.category)} if offer.category else {}
    if len(variants) > 1:
        data["isVariantOf"] = {
            "@type": "ProductGroup",
            "productGroupID": offer.product_id,
            "name": offer.title,
            "variesBy": [_SCHEMA + name for name in _VARIES if len({getattr(one, name) for one in variants}) > 1],
            "hasVariant": [
                {"@type": "Product", "url": shop.absolute(f"/p/{one.offer_id}")} for one in variants if one.offer_id != offer.offer_id
            ],
        }
    return data


def terms_of(shop: Shop, offer: Offer) -> dict[str, Any]:
    """The schema.org Offer: price, availability, delivery and return."""
    return {
        "@type": "Offer",
        "url": shop.absolute(f"/p/{offer.offer_id}"),
        "price": offer.price.plain(),
        "priceCurrency": offer.currency,
        "availability": _SCHEMA + _AVAILABILITY[offer.availability],
        "itemCondition": _SCHEMA + _CONDITION.get(offer.condition, "NewCondition"),
        "seller": {"@type": "Organization", "name": shop.name},
        "shippingDetails": {
            "@type": "OfferShippingDetails",
            "shippingRate": {"@type": "MonetaryAmount", "value": Money(0, offer.price.currency).plain(), "currency": offer.currency},
            "shippingDestination": {"@type": "DefinedRegion", "addressCountry": shop.market.country},
            "deliveryTime": {"@type": "ShippingDeliveryTime", "transitTime": _days(offer.min_days, offer.max_days)},
        },
        "hasMerchantReturnPolicy": return_policy(shop, offer.return_days),
    } | _specified(shop, offer)


def _specified(shop: Shop, offer: Offer) -> dict[str, Any]:
    """What is told beside the price in force: the unit that it is compared by, and the price that an announced reduction is struck from."""
    found, more = list[dict[str, Any]](), dict[str, Any]()
    content = net_content(offer.specs, offer.category, offer.size) if is_unit_priced(shop.market.country) else None
    if content is not None:
        quantity = _quantity(content.measure) | {"valueReference": _quantity(content.base)}
        found.append(_price(offer.price.plain(), offer.currency) | {"referenceQuantity": quantity})
    sale = offer.sale_on(shop.today)
    if sale is not None:
        found.append(_price(sale.list_price.plain(), offer.currency) | {"priceType": _SCHEMA + "StrikethroughPrice"})
        more["priceValidUntil"] = sale.ends.isoformat()
    return more | ({"priceSpecification": found if len(found) > 1 else found[0]} if found else {})


def _price(amount: str, currency: str) -> dict[str, Any]:
    return {"@type": "UnitPriceSpecification", "price": amount, "priceCurrency": currency}


def _quantity(amount: Amount) -> dict[str, Any]:
    return {"@type": "QuantitativeValue", "value": amount.number, "unitCode": amount.code}


def return_policy(shop: Shop, days: int) -> dict[str, Any]:
    """How long a shopper may send something back."""
    policy: dict[str, Any] = {"@type": "MerchantReturnPolicy", "applicableCountry": shop.market.country}
    if days <= 0:
        return policy | {"returnPolicyCategory": _SCHEMA + "MerchantReturnNotPermitted"}
    return policy | {
        "returnPolicyCategory": _SCHEMA + "MerchantReturnFiniteReturnWindow",
        "merchantReturnDays": days,
        "returnMethod": _SCHEMA + "ReturnByMail",
    }


def breadcrumbs(shop: Shop, steps: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The way from the market's home to the page; a step is (name, path below the market)."""
    return {
        "@context": _SCHEMA,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": shop.absolute(path)}
            for position, (name, path) in enumerate(steps, start=1)
        ],
    }


def store(shop: Shop, return_days: int | None) -> dict[str, Any]:
    """The shop itself."""
    data: dict[str, Any] = {"@context": _SCHEMA, "@type": "OnlineStore", "name": shop.name, "url": shop.absolute("/")}
    return data | ({"hasMerchantReturnPolicy": return_policy(shop, return_days)} if return_days is not None else {})


def _days(fewest: int, most: int) -> dict[str, Any]:
    return {"@type": "QuantitativeValue", "minValue": fewest, "maxValue": most, "unitCode": "DAY"}
