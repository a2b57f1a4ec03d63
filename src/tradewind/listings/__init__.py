"""An offer in a channel's words: Google's attributes, the verdict with its issues, and the hash of what was rendered."""

from tradewind.listings.attribute_book import AttributeBook, attribute_book, checkout_countries
from tradewind.listings.consumer_notices import consumer_notice
from tradewind.listings.errors import RuleIsInvalid
from tradewind.listings.marks import energy_class, energy_entry, has_charger, said_of_marks
from tradewind.listings.model import ATTRIBUTES, CHECKOUT_ATTRIBUTES, Issue, Rule, RuleBook, Verdict
from tradewind.listings.net_contents import Amount, NetContent, is_unit_priced, net_content
from tradewind.listings.rules import resolve
from tradewind.listings.service import ChannelTerms, file_sql, judge, make_listings, product_type, sheet_part

__all__ = [
    "ATTRIBUTES",
    "CHECKOUT_ATTRIBUTES",
    "Amount",
    "AttributeBook",
    "ChannelTerms",
    "Issue",
    "NetContent",
    "Rule",
    "RuleBook",
    "RuleIsInvalid",
    "Verdict",
    "attribute_book",
    "checkout_countries",
    "consumer_notice",
    "energy_class",
    "energy_entry",
    "file_sql",
    "has_charger",
    "is_unit_priced",
    "judge",
    "make_listings",
    "net_content",
    "product_type",
    "resolve",
    "said_of_marks",
    "sheet_part",
]
