"""The consumer notice of one offer, as its feed says it: for answers that are given offer by offer. Pure.

The same words and rules as `attribute_sql`, which renders whole feeds; a test holds the two together.
"""

import re
from typing import Final

from tradewind.catalog import ancestors
from tradewind.listings.attribute_book import VERBATIM, AttributeBook, fold
from tradewind.listings.attribute_sql import PPM_OF_PERCENT
from tradewind.listings.facts_of_products import NOTICE_LENGTH, TYPED_NOTICE
from tradewind.listings.own_attributes import SetRule
from tradewind.offers import Offer

NOTICE: Final = "consumer_notice"
_TYPED = re.compile(TYPED_NOTICE)
_LONGEST_TYPE = len("legal_disclaimer:")


def consumer_notice(book: AttributeBook, offer: Offer) -> str:
    """The notice with its type before a colon (prop_65, safety_warning, legal_disclaimer); empty where nothing asks for one."""
    said = {fold(name): value.strip() for name, value in offer.specs.items() if value.strip()}
    words = book.names[NOTICE]
    for name in (*(f"{word}_{offer.language}" for word in words), *words):
        told = _typed(said.get(name, ""), name)
        if told:
            return told
    return next((rule.value for rule in book.rules if rule.attribute == NOTICE and _holds(rule, offer)), "")


def _typed(value: str, name: str) -> str:
    """A notice that says its type, or the warning of an entry that is named for Proposition 65."""
    if _TYPED.match(value):
        return value[: NOTICE_LENGTH + _LONGEST_TYPE]
    return "" if not value or name.startswith(VERBATIM) else f"prop_65:{value[:NOTICE_LENGTH]}"


def _holds(rule: SetRule, offer: Offer) -> bool:
    """Whether the offer meets every condition of a rule of the retailer."""
    of_lists = (
        (rule.categories, set(ancestors(offer.category or "")) & set(rule.categories)),
        (rule.brands, (offer.brand or "").lower() in {brand.lower() for brand in rule.brands}),
        (rule.skus, offer.sku in rule.skus),
        (rule.conditions, offer.condition in rule.conditions),
        (rule.text_from, offer.text_from in rule.text_from),
        (rule.ships_from, offer.ships_from in rule.ships_from),
    )
    low, high = rule.price_at_least, rule.price_below
    least, most = rule.margin_percent_at_least, rule.margin_percent_below
    margin = offer.price_lines.margin_ppm
    return (
        all(met for asked, met in of_lists if asked)
        and (low is None or offer.price_minor >= low.minor)
        and (high is None or offer.price_minor < high.minor)
        and (least is None or margin >= least * PPM_OF_PERCENT)
        and (most is None or margin < most * PPM_OF_PERCENT)
    )
