"""Regions and regional inventories at (an emulated) Google, brought to what regions.toml says."""

import asyncio
from collections.abc import Iterator

import grpc
import httpx
import pytest
from tests.adapters.test_google_promotions import TOPOLOGY
from tests.emulators.merchant_center_fixtures import ACCOUNT, Merchant, a_merchant

from tradewind.adapters.google_merchant import GoogleRegions
from tradewind.listings.errors import TopologyIsInvalid
from tradewind.listings.regions import parse_regions
from tradewind.listings.topology import parse_topology

BOOK = """
[[region]]
id = "us_hawaii"
name = "Hawaii"
country = "US"
postcodes = ["967*", "968*"]
[[offer]]
market = "us"
language = "en"
offer_id = "o1"
region = "us_hawaii"
price_minor = 2999
"""


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    with a_merchant() as found:
        yield found


def brought(merchant: Merchant, text: str) -> list[tuple[str, str]]:
    async def bring() -> list[tuple[str, str]]:
        async with grpc.aio.insecure_channel(merchant.running.grpc_address) as channel:
            account = parse_topology(TOPOLOGY).accounts[0]
            found = await GoogleRegions(channel, {"us": "USD"}).differences(account, parse_regions(text))
            for one in found:
                await one.apply()
            return [(one.step.what, one.step.wanted) for one in found]

    return asyncio.run(bring())


def test_a_region_and_its_price_are_set_once(merchant: Merchant) -> None:
    assert brought(merchant, BOOK) == [("region", "US 967*, 968*"), ("regional inventory", "price 2999")]
    assert brought(merchant, BOOK) == []
    there = httpx.get(f"{merchant.running.rest_url}/accounts/v1/{ACCOUNT}/regions/us_hawaii").json()
    assert there["displayName"] == "Hawaii"


def test_a_change_is_one_step_and_what_is_named_no_more_goes(merchant: Merchant) -> None:
    brought(merchant, BOOK)
    assert brought(merchant, BOOK.replace("price_minor = 2999", "available = false")) == [
        ("regional inventory", "price None, available False")
    ]
    moved = BOOK.replace("967*", "969*")
    assert brought(merchant, moved)[0] == ("region", "US 969*, 968*")
    other = (
        BOOK.replace('region = "us_hawaii"', 'region = "us_alaska"')
        + '[[region]]\nid = "us_alaska"\ncountry = "US"\npostcodes = ["995*"]\n'
    )
    assert ("regional inventory", "deleted") in brought(merchant, other)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('postcodes = ["967*", "968*"]', "postcodes = []", "cannot be"),
        ('"967*"', '"96?7"', 'region "96.7" cannot be'),
        ("price_minor = 2999", "price_minor = 29.99", "costs 29.99"),
        ("price_minor = 2999", "", "costs None"),
        ('region = "us_hawaii"', 'region = "moon"', 'is in the region "moon"'),
        ('name = "Hawaii"', 'color = "red"', 'unknown key "color"'),
        ("[[region]]", "[[region", "regions.toml"),
    ],
)
def test_what_cannot_be_is_said_with_its_value(old: str, new: str, said: str) -> None:
    with pytest.raises(TopologyIsInvalid, match=said):
        parse_regions(BOOK.replace(old, new, 1))
