"""Which promotions of the shop Google can show exactly, and why the others are not sent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tradewind.listings.promoting import PlannedPromotion, plan_promotions
from tradewind.listings.sync import Way
from tradewind.listings.topology import Feed
from tradewind.markets import load_market
from tradewind.promotions import Promotion, PromotionKind

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FEED = Feed("us", "en", "US", ("US",), Way.API)


def a_promotion(**changes: object) -> Promotion:
    """Ten percent off for a week, for everybody."""
    one = Promotion(
        "WEEK10", "10 % off", PromotionKind.PERCENT, rate_ppm=100_000, starts_at=NOW - timedelta(days=1), ends_at=NOW + timedelta(days=6)
    )
    return replace(one, **changes)  # type: ignore[arg-type]


def planned(*promotions: Promotion, market: str = "us") -> tuple[list[PlannedPromotion], list[str]]:
    found, misfits = plan_promotions(promotions, load_market(market), replace(FEED, market=market), NOW)
    return found, [one.message for one in misfits]


def test_a_percentage_with_its_days_is_sent() -> None:
    found, misfits = planned(a_promotion(code="WEEK", minimum={"USD": 5000}, skus=("B", "A")))
    assert misfits == []
    assert [(one.percent, one.code, one.minimum, one.offer_ids, one.country) for one in found] == [(10, "WEEK", 5000, ("A", "B"), "US")]


def test_a_sum_is_sent_in_the_markets_currency() -> None:
    found, misfits = planned(a_promotion(kind=PromotionKind.FIXED, rate_ppm=0, amounts={"USD": 500, "EUR": 450}), market="de")
    assert (misfits, [(one.money_off, one.currency.code) for one in found]) == ([], [(450, "EUR")])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rate_ppm": 125_000}, "a part of a percent"),
        ({"kind": PromotionKind.FREE_SHIPPING}, "costs nothing here anyway"),
        ({"kind": PromotionKind.FIXED, "amounts": {"EUR": 100}}, "not given in USD"),
        ({"minimum": {"EUR": 100}}, "not given in USD"),
        ({"categories": ("toys",)}, "name its skus"),
        ({"ends_at": None}, "Google wants both"),
        ({"limit_total": 100}, "used so often"),
        ({"eligibility": "com.example.student"}, "everybody"),
        ({"promotion_id": "x" * 51}, "more than 50"),
    ],
)
def test_what_google_cannot_say_exactly_is_told_and_not_sent(changes: dict[str, object], said: str) -> None:
    found, misfits = planned(a_promotion(**changes))
    assert found == []
    assert said in misfits[0]


def test_a_country_without_promotions_is_told() -> None:
    assert planned(a_promotion(), market="th") == ([], ["Google takes no promotions in TH"])


def test_what_has_ended_or_is_for_another_market_says_nothing() -> None:
    assert planned(a_promotion(ends_at=NOW), a_promotion(markets=("de",))) == ([], [])
