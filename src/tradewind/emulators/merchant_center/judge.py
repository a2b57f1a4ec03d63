"""A second opinion on an item, by country and day: what Google's specification refuses without looking at page or policy.

Written apart from Tradewind's own listing rules on purpose, so that the two can contradict each other. Codes follow Google's where a
public one is known (Merchant Center help, answers 7052112, 6324350, 6324484, 6324371, 6324470); the rest are this emulator's.
"""

from collections.abc import Sequence
from datetime import date

from google.shopping import merchant_products_v1 as products
from google.shopping.merchant_products_v1.types import Availability

from tradewind.emulators.merchant_center.model import Issue
from tradewind.kit import gtin_problem

MAX_TITLE, MAX_DESCRIPTION, MAX_LINK = 150, 5000, 2000
# Help, answer 6324484: the countries in which a shipping cost must be given.
SHIPPING_REQUIRED = frozenset(
    ("AU", "AT", "BE", "BR", "CA", "CZ", "DK", "FI", "FR", "DE", "GR", "HU", "IN", "IE", "IL", "IT", "JP", "NZ", "NL", "NO", "PL", "PT", "RO",
     "SK", "KR", "ES", "SE", "CH", "GB", "US")
)  # fmt: skip
CURRENCIES = {
    "US": "USD", "CA": "CAD", "GB": "GBP", "AU": "AUD", "NZ": "NZD", "JP": "JPY", "SG": "SGD", "TH": "THB", "VN": "VND", "MY": "MYR",
    "ID": "IDR", "PH": "PHP", "CH": "CHF", "SE": "SEK", "PL": "PLN", "DE": "EUR", "AT": "EUR", "FR": "EUR", "IT": "EUR", "ES": "EUR",
    "NL": "EUR", "BE": "EUR", "IE": "EUR", "KR": "KRW",
}  # fmt: skip
ENERGY_LABEL_COUNTRIES = frozenset(
    ("AT", "BE", "DE", "ES", "FR", "IE", "IT", "NL", "PL", "SE")
)  # EPREL code instead of the class since 2025-04-08
CERTIFICATION_SINCE = date(2025, 4, 8)
DISAPPROVED, DEMOTED = "DISAPPROVED", "DEMOTED"


def judge(item: products.ProductInput, countries: Sequence[str], account_ships_to: frozenset[str], day: date) -> list[Issue]:
    """Every issue of one item in the countries its data source targets."""
    attributes, everywhere = item.product_attributes, tuple(countries)
    found = [*_texts(attributes, everywhere), *_identifiers(attributes, everywhere), *_terms(attributes, everywhere)]
    found += _shipping(attributes, everywhere, account_ships_to)
    if day >= CERTIFICATION_SINCE:
        found += _energy(attributes, everywhere)
    return [issue for issue in found if issue.countries]


def _texts(attributes: products.ProductAttributes, countries: tuple[str, ...]) -> list[Issue]:
    title = attributes.title or attributes.structured_title.content
    description = attributes.description or attributes.structured_description.content
    found = []
    for name, text, limit in (("title", title, MAX_TITLE), ("description", description, MAX_DESCRIPTION)):
        if not text:
            found.append(_missing(name, countries))
        elif len(text) > limit:
            found.append(Issue(f"{name}_too_long", DEMOTED, name, f"{len(text)} characters; the rest after {limit} is cut", countries))
    for name, link in (("link", attributes.link), ("image_link", attributes.image_link)):
        if not link:
            found.append(_missing(name, countries))
        elif not link.startswith(("http://", "https://")) or len(link) > MAX_LINK or " " in link:
            found.append(Issue(f"invalid_{name}", DISAPPROVED, name, f"not a usable address: {link[:80]!r}", countries))
    return found


def _identifiers(attributes: products.ProductAttributes, countries: tuple[str, ...]) -> list[Issue]:
    found = []
    for gtin in attributes.gtins:
        problem = gtin_problem(gtin)
        if problem:
            found.append(Issue("item_invalid_gtin", DISAPPROVED, "gtin", f"{gtin}: {problem}", countries))
    has_any = attributes.gtins or attributes.mpn
    if "identifier_exists" in attributes and not attributes.identifier_exists and has_any:
        found.append(Issue("identifier_exists_false_misuse", DEMOTED, "identifier_exists", "an identifier is given", countries))
    if not has_any and not ("identifier_exists" in attributes and not attributes.identifier_exists):
        found.append(Issue("missing_item_attribute_for_product_type", DEMOTED, "gtin", "no GTIN, and no brand with MPN", countries))
    return found


def _terms(attributes: products.ProductAttributes, countries: tuple[str, ...]) -> list[Issue]:
    found = []
    if not attributes.price.currency_code or attributes.price.amount_micros <= 0:
        found.append(_missing("price", countries))
    else:
        other = tuple(one for one in countries if CURRENCIES.get(one, attributes.price.currency_code) != attributes.price.currency_code)
        text = f"{attributes.price.currency_code} is converted, or refused, in these countries"
        found.append(Issue("unsupported_currency", DEMOTED, "price", text, other))
    sale = attributes.sale_price
    if sale.amount_micros and sale.amount_micros >= attributes.price.amount_micros:
        found.append(Issue("sale_price_above_price", DEMOTED, "sale_price", "a sale price is lower than the price", countries))
    if attributes.availability == Availability.AVAILABILITY_UNSPECIFIED:
        found.append(_missing("availability", countries))
    waits = attributes.availability in {Availability.PREORDER, Availability.BACKORDER}
    if waits and "availability_date" not in attributes:
        found.append(_missing("availability_date", countries))
    return found


def _shipping(attributes: products.ProductAttributes, countries: tuple[str, ...], account_ships_to: frozenset[str]) -> list[Issue]:
    ships_to = {shipping.country for shipping in attributes.shipping} | account_ships_to
    without = tuple(one for one in countries if one in SHIPPING_REQUIRED and one not in ships_to)
    return [Issue("missing_shipping", DISAPPROVED, "shipping", "no shipping cost on the item or in the account", without)]


def _energy(attributes: products.ProductAttributes, countries: tuple[str, ...]) -> list[Issue]:
    has_class = attributes.energy_efficiency_class != 0
    has_code = any(str(one.certification_name).upper().endswith("EPREL") for one in attributes.certifications)
    labeled = tuple(one for one in countries if one in ENERGY_LABEL_COUNTRIES)
    if has_class and not has_code:
        text = "the EPREL code replaces the class since 2025-04-08"
        return [Issue("missing_certification", DEMOTED, "certification", text, labeled)]
    return []


def _missing(attribute: str, countries: tuple[str, ...]) -> Issue:
    return Issue("item_missing_required_attribute", DISAPPROVED, attribute, f"the required attribute {attribute} is missing", countries)
