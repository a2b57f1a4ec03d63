"""Promotions at (an emulated) Google: inserted, changed and ended, and those of others left alone."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from google.api_core import exceptions
from google.shopping import merchant_datasources_v1 as datasources
from google.shopping import merchant_promotions_v1 as promotions
from google.shopping.merchant_promotions_v1.services.promotions_service.transports import PromotionsServiceGrpcTransport
from tests.emulators.merchant_center_fixtures import ACCOUNT, Merchant, a_merchant

from tradewind.adapters.google_merchant import GooglePromotions
from tradewind.adapters.google_merchant.promoting import to_promotion
from tradewind.kit import Currency
from tradewind.listings.promoting import PlannedPromotion
from tradewind.listings.topology import parse_topology

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TOPOLOGY = """
advanced_account = 1000
[[account]]
number = 1001
site = "https://shop.example"
[[account.feed]]
market = "us"
language = "en"
"""
WEEK = PlannedPromotion(
    "WEEK10",
    "US",
    "en",
    Currency("USD"),
    "10 % off",
    "WEEK",
    10,
    None,
    5000,
    None,
    ("A",),
    NOW - timedelta(days=1),
    NOW + timedelta(days=6),
)


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    with a_merchant() as found:
        yield found


def brought(merchant: Merchant, planned: Sequence[PlannedPromotion], at: datetime = NOW) -> list[tuple[str, str]]:
    async def bring() -> list[tuple[str, str]]:
        async with grpc.aio.insecure_channel(merchant.running.grpc_address) as channel:
            found = await GooglePromotions(channel).differences(parse_topology(TOPOLOGY).accounts[0], planned, at)
            for one in found:
                await one.apply()
            return [(one.step.name, one.step.wanted) for one in found]

    return asyncio.run(bring())


def client(merchant: Merchant) -> promotions.PromotionsServiceClient:
    return promotions.PromotionsServiceClient(transport=PromotionsServiceGrpcTransport(channel=merchant.channel))


def shown(merchant: Merchant) -> promotions.Promotion:
    return client(merchant).get_promotion(name=f"{ACCOUNT}/promotions/en~US~WEEK10")


def test_a_promotion_is_sent_once(merchant: Merchant) -> None:
    assert brought(merchant, [WEEK]) == [("WEEK10 US en", "10 % off, until 2026-11-29")]
    assert brought(merchant, [WEEK]) == []
    found = shown(merchant).attributes
    assert (found.percent_off, found.generic_redemption_code, found.minimum_purchase_amount.amount_micros) == (10, "WEEK", 50_000_000)
    assert list(found.item_id_inclusion) == ["A"]


def test_a_change_is_sent_with_a_higher_version(merchant: Merchant) -> None:
    brought(merchant, [WEEK])
    before = shown(merchant).version_number
    assert len(brought(merchant, [replace(WEEK, percent=15)], NOW + timedelta(hours=1))) == 1
    assert (shown(merchant).attributes.percent_off, shown(merchant).version_number > before) == (15, True)


def test_what_the_shop_no_longer_grants_is_ended(merchant: Merchant) -> None:
    brought(merchant, [WEEK])
    assert brought(merchant, [], NOW + timedelta(hours=1)) == [("WEEK10", "ended")]
    assert shown(merchant).attributes.promotion_effective_time_period.end_time.ToDatetime(UTC) == NOW + timedelta(hours=1)
    assert brought(merchant, [], NOW + timedelta(hours=2)) == []


def test_a_promotion_of_somebody_else_is_left_alone(merchant: Merchant) -> None:
    kind = datasources.PromotionDataSource(target_country="US", content_language="en")
    source = merchant.sources().create_data_source(
        parent=ACCOUNT, data_source=datasources.DataSource(display_name="by hand", promotion_data_source=kind)
    )
    request = promotions.InsertPromotionRequest(parent=ACCOUNT, promotion=to_promotion(WEEK, NOW), data_source=source.name)
    client(merchant).insert_promotion(request=request)
    assert brought(merchant, []) == []


def test_the_emulator_refuses_an_older_version_and_a_wrong_source(merchant: Merchant) -> None:
    brought(merchant, [WEEK])
    source = shown(merchant).data_source
    older = promotions.InsertPromotionRequest(parent=ACCOUNT, promotion=to_promotion(WEEK, NOW - timedelta(days=1)), data_source=source)
    with pytest.raises(exceptions.Aborted):
        client(merchant).insert_promotion(request=older)
    wrong = promotions.InsertPromotionRequest(parent=ACCOUNT, promotion=to_promotion(WEEK, NOW), data_source=merchant.primary())
    with pytest.raises(exceptions.InvalidArgument):
        client(merchant).insert_promotion(request=wrong)
