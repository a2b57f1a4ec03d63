"""The shop's promotions in the words of Merchant Center, and what its form cannot say. Pure.

Google shows a promotion beside a listing; the checkout decides. What Google cannot say exactly is not sent: a promise that the checkout
does not keep costs the account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tradewind.kit import Currency
from tradewind.listings.shipping import Misfit
from tradewind.listings.topology import Feed
from tradewind.markets import Market
from tradewind.offers import public_id
from tradewind.promotions import Promotion, PromotionKind

PPM_PER_PERCENT = 10_000
ID_LENGTH = 50
# Countries that take promotions (a list of 2024; Google's help gives the list of the day).
COUNTRIES = frozenset({"AU", "BR", "CA", "DE", "ES", "FR", "GB", "IN", "IT", "JP", "NL", "KR", "US"})


@dataclass(frozen=True, slots=True)
class PlannedPromotion:
    """One promotion for one country and language: `percent` or `money_off`, in minor units of the currency."""

    promotion_id: str
    country: str
    language: str
    currency: Currency
    title: str
    code: str | None
    percent: int | None
    money_off: int | None
    minimum: int | None
    at_most: int | None
    offer_ids: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime


def plan_promotions(
    promotions: Sequence[Promotion], market: Market, feed: Feed, now: datetime
) -> tuple[list[PlannedPromotion], list[Misfit]]:
    """Those that Google can show in the feed's market now or later, and why the others cannot be sent."""
    planned, misfits = list[PlannedPromotion](), list[Misfit]()
    for one in promotions:
        if one.markets and market.code not in one.markets:
            continue
        if one.ends_at is not None and one.ends_at <= now:
            continue
        problem = _problem(one, market)
        if problem is not None:
            misfits.append(Misfit(market.code, one.promotion_id, problem, at_item=False))
        elif one.starts_at is not None and one.ends_at is not None:
            planned.append(_planned(one, market, feed, one.starts_at, one.ends_at))
    return planned, misfits


def _problem(one: Promotion, market: Market) -> str | None:
    currency = market.currency.code
    amounts = ((one.amounts, one.kind is PromotionKind.FIXED), (one.minimum, bool(one.minimum)), (one.at_most, bool(one.at_most)))
    reasons = (
        (market.country not in COUNTRIES, f"Google takes no promotions in {market.country}"),
        (len(one.promotion_id) > ID_LENGTH, f"its id has more than {ID_LENGTH} characters"),
        (one.starts_at is None or one.ends_at is None, "it has no start or no end, and Google wants both"),
        (one.kind is PromotionKind.FREE_SHIPPING, "shipping costs nothing here anyway: freight is part of every price"),
        (one.kind is PromotionKind.PERCENT and one.rate_ppm % PPM_PER_PERCENT != 0, "it takes off a part of a percent"),
        (any(wanted and currency not in sums for sums, wanted in amounts), f"one of its sums is not given in {currency}"),
        (one.eligibility is not None, "it is for those who claim a benefit, and Google would show it to everybody"),
        (bool(one.categories), "it is limited to categories of ours, which Google does not know; name its skus"),
        (one.limit_total is not None, "it ends when it was used so often, which Google cannot know"),
    )
    return next((told for is_so, told in reasons if is_so), None)


def _planned(one: Promotion, market: Market, feed: Feed, starts_at: datetime, ends_at: datetime) -> PlannedPromotion:
    currency = market.currency.code
    return PlannedPromotion(
        promotion_id=one.promotion_id,
        country=market.country,
        language=feed.language,
        currency=market.currency,
        title=one.title,
        code=one.code,
        percent=one.rate_ppm // PPM_PER_PERCENT if one.kind is PromotionKind.PERCENT else None,
        money_off=one.amounts.get(currency) if one.kind is PromotionKind.FIXED else None,
        minimum=one.minimum.get(currency),
        at_most=one.at_most.get(currency),
        offer_ids=tuple(sorted(public_id(sku) for sku in one.skus)),
        starts_at=starts_at,
        ends_at=ends_at,
    )
