"""What Google's product report and its counts say, read with the official clients from an emulated Merchant Center."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import grpc
import pytest
from tests.adapters.test_google_merchant import planned, pushed, the_target, wanted
from tests.emulators.merchant_center_fixtures import ACCOUNT, NOON, Merchant, a_merchant, an_input

from tradewind.adapters.google_merchant import GoogleReports
from tradewind.db import Database
from tradewind.kit import InputIsInvalid, fixed_clock
from tradewind.listings.sync import CountryStatus, Difference, Processed, Target
from tradewind.pipeline.channel import Channel


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    with a_merchant() as found:
        yield found


def listed(merchant: Merchant, target: Target, page: int = 100) -> list[Processed]:
    async def read() -> list[Processed]:
        async with grpc.aio.insecure_channel(merchant.running.grpc_address) as channel:
            return [one async for one in GoogleReports(channel, page).processed(target)]

    return asyncio.run(read())


def statuses(merchant: Merchant) -> list[CountryStatus]:
    async def read() -> list[CountryStatus]:
        async with grpc.aio.insecure_channel(merchant.running.grpc_address) as channel:
            return await GoogleReports(channel).statuses(ACCOUNT)

    return asyncio.run(read())


def reconciled(database: Database, merchant: Merchant, target: Target) -> list[Difference]:
    later = fixed_clock(NOON + timedelta(hours=1))

    async def read() -> list[Difference]:
        async with grpc.aio.insecure_channel(merchant.running.grpc_address) as wire:
            return await Channel(database, Path(), later).reconcile(GoogleReports(wire), target, 2)

    return asyncio.run(read())


def test_a_report_tells_listings_of_one_label_and_language_page_by_page(merchant: Merchant) -> None:
    source = merchant.primary()
    for number in range(5):
        merchant.insert(an_input(f"o{number}", availability="OUT_OF_STOCK" if number else "IN_STOCK"), source)
    merchant.insert(an_input("other", label="DE", language="de"), merchant.primary(("DE",), "DE", "de"))
    found = listed(merchant, the_target(merchant), page=2)
    assert [(one.offer_id, one.available) for one in found] == [("o0", True), *((f"o{number}", False) for number in range(1, 5))]
    assert {(one.version, one.price_micros, one.currency) for one in found} == {(None, 19_990_000, "USD")}


def test_causes_come_with_their_countries_and_how_many_listings_they_touch(merchant: Merchant) -> None:
    source = merchant.primary()
    merchant.insert(an_input("good"), source)
    for number in range(2):
        merchant.insert(an_input(f"bad{number}", gtins=["4006381333932"]), source)
    (issue,) = {issue for one in listed(merchant, the_target(merchant)) for issue in one.issues}
    assert (issue.code, issue.severity, issue.countries) == ("item_invalid_gtin", "disapproved", ("US",))
    ads = next(one for one in statuses(merchant) if one.context == "shopping_ads")
    assert (ads.country, ads.active, ads.disapproved) == ("US", 1, 2)
    assert [(one.code, one.severity, one.count) for one in ads.issues] == [("item_invalid_gtin", "disapproved", 2)]


def test_a_reconcile_by_report_finds_what_is_missing_changed_and_unexpected(database: Database, merchant: Merchant) -> None:
    target = the_target(merchant)
    planned(database, wanted(4))
    pushed(database, merchant, target)
    assert reconciled(database, merchant, target) == []
    keys = [key for key, _ in merchant.center.shelf.processed(1001)]
    merchant.insert(an_input("ours-not"), target.source)
    merchant.insert(an_input(keys[0].offer_id, availability="OUT_OF_STOCK", version=10**13), target.source)
    found = {one.kind: one.samples for one in reconciled(database, merchant, target)}
    assert found == {"changed": (keys[0].offer_id,), "unexpected": ("ours-not",)}


def test_a_label_that_cannot_stand_in_a_query_is_refused(merchant: Merchant) -> None:
    with pytest.raises(InputIsInvalid, match="cannot stand in a query"):
        listed(merchant, Target("us", ACCOUNT, "US' OR 'a", "en", ""))
