"""Discounts by code and automatic ones: what they take off which line, and limits that hold under concurrency."""

from tradewind.promotions.errors import PromotionsAreInvalid
from tradewind.promotions.files import FILE, PromotionBook, load_promotions, parse_promotions
from tradewind.promotions.model import Applied, Basket, Decision, DiscountLine, Promotion, PromotionKind, Rejection
from tradewind.promotions.rules import apply, is_proved, plain_code
from tradewind.promotions.store import claim, release, used

__all__ = [
    "FILE",
    "Applied",
    "Basket",
    "Decision",
    "DiscountLine",
    "Promotion",
    "PromotionBook",
    "PromotionKind",
    "PromotionsAreInvalid",
    "Rejection",
    "apply",
    "claim",
    "is_proved",
    "load_promotions",
    "parse_promotions",
    "plain_code",
    "release",
    "used",
]
