"""The push to Google: ledger in real PostgreSQL, the official client, and a Merchant Center emulator on real sockets."""

import asyncio
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from tests.emulators.merchant_center_fixtures import NOON, Merchant, a_merchant

from tradewind.adapters.google_merchant import connect
from tradewind.adapters.google_merchant.rendering import overlay_input, product_input
from tradewind.db import Database
from tradewind.emulators.merchant_center import CenterConfig, Fault, FaultKind
from tradewind.kit import InputIsInvalid, fixed_clock
from tradewind.listings.sync import (
    AccountIsFrozen,
    ListingRows,
    Pusher,
    PushReport,
    PushTerms,
    Result,
    Send,
    SyncCounts,
    Target,
    Urgency,
    Wanted,
    Way,
    counts,
    freeze,
    plan,
)

ACCOUNT = "accounts/1001"
PUSHER_SECONDS = 60


def a_row(offer_id: str = "o1", **changes: str | None) -> dict[str, str | None]:
    return {
        "id": offer_id,
        "title": f"Bottle {offer_id}",
        "description": "Keeps drinks warm.",
        "link": f"https://shop.example/us/p/{offer_id}",
        "image_link": "https://shop.example/media/1.jpg",
        "additional_image_link": "https://shop.example/media/2.jpg,https://shop.example/media/3.jpg",
        "availability": "in_stock",
        "price": "19.99 USD",
        "gtin": "4006381333931",
        "condition": "new",
        "shipping": "US:::0.00 USD",
        "shipping_weight": "450 g",
        "ships_from_country": "CN",
        **changes,
    }


def rows(_target: Target, offer_ids: Sequence[str]) -> Mapping[str, Mapping[str, str | None]]:
    return {offer_id: a_row(offer_id) for offer_id in offer_ids}


def wanted(number: int, text: str = "h1", price: int = 1999, *, available: bool = True) -> list[Wanted]:
    return [Wanted(f"o{at}", text, price, available) for at in range(number)]


def planned(database: Database, listings: Sequence[Wanted], at: datetime = NOON) -> None:
    with database.transaction() as tx:
        plan(tx, "us-en", listings, at)


def pushed(
    database: Database,
    merchant: Merchant,
    target: Target,
    at: datetime = NOON,
    terms: PushTerms | None = None,
    *,
    rendered: ListingRows = rows,
) -> PushReport:
    async def push() -> PushReport:
        async with connect({"us": "USD"}, None, merchant.running.grpc_address) as port:
            pusher = Pusher(database, port, rendered, fixed_clock(at), random.Random(1), terms or PushTerms(lost_after=timedelta()))
            return await pusher.push(target)

    return asyncio.run(push())


def ledger(database: Database) -> SyncCounts:
    with database.transaction() as tx:
        return counts(tx, "us-en", NOON)


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    with a_merchant() as found:
        yield found


def the_target(merchant: Merchant, primary: Way = Way.API) -> Target:
    return Target("us", ACCOUNT, "US", "en", merchant.primary() if primary is Way.API else merchant.supplemental(), primary)


def test_a_plan_is_pushed_and_google_shows_it(database: Database, merchant: Merchant) -> None:
    target = the_target(merchant)
    planned(database, wanted(30))
    report = pushed(database, merchant, target)
    found = merchant.get("en~US~o7")
    assert report.results == {Result.SUCCEEDED: 30}
    assert (found.product_attributes.price.amount_micros, found.product_attributes.title) == (19_990_000, "Bottle o7")
    assert [custom.name for custom in found.custom_attributes] == ["ships from country"]
    assert ledger(database).held == 30


def test_a_second_push_sends_nothing(database: Database, merchant: Merchant) -> None:
    target = the_target(merchant)
    planned(database, wanted(3))
    pushed(database, merchant, target)
    assert pushed(database, merchant, target).sent == 0
    assert merchant.center.report()["calls"]["InsertProductInput"] == 3


def test_the_price_sent_is_the_ledgers_which_may_be_newer_than_the_row(database: Database, merchant: Merchant) -> None:
    planned(database, wanted(1, price=2499, available=False))
    pushed(database, merchant, the_target(merchant))
    found = merchant.get("en~US~o0").product_attributes
    assert (found.price.amount_micros, found.availability.name) == (24_990_000, "OUT_OF_STOCK")


def test_what_is_gone_is_deleted(database: Database, merchant: Merchant) -> None:
    target = the_target(merchant)
    planned(database, wanted(2))
    pushed(database, merchant, target)
    planned(database, wanted(1))
    pushed(database, merchant, target)
    assert [product.offer_id for product in merchant.products().list_products(parent=ACCOUNT)] == ["o0"]
    assert ledger(database).held == 1


def test_a_lost_answer_is_asked_after_and_not_sent_twice(database: Database, merchant: Merchant) -> None:
    target = the_target(merchant)
    planned(database, wanted(5))
    merchant.center.faults.add(Fault(FaultKind.DROP_AFTER, "Insert*", times=5))
    first = pushed(database, merchant, target)
    second = pushed(database, merchant, target)
    assert first.results == {Result.UNKNOWN: 5}
    assert second.recovered == {Result.SUCCEEDED: 5}
    assert merchant.center.report()["calls"]["InsertProductInput"] == 5


def test_a_send_that_never_arrived_is_sent_again_after_the_processing_time(database: Database, merchant: Merchant) -> None:
    target = the_target(merchant)
    planned(database, wanted(2))
    merchant.center.faults.add(Fault(FaultKind.DROP_BEFORE, "Insert*", times=2))
    pushed(database, merchant, target)
    assert pushed(database, merchant, target).sent == 0  # it may still be in processing
    assert pushed(database, merchant, target, NOON + timedelta(hours=1)).sent == 2


def test_a_minute_quota_is_kept_to(database: Database) -> None:
    with a_merchant(CenterConfig(quota_per_minute=6000, quota_per_day=100_000)) as merchant:
        planned(database, wanted(40))
        target = the_target(merchant)
        merchant.insert_one(target)
        assert pushed(database, merchant, target).sent == 40
        assert merchant.center.report()["quota_refusals"] == 0


def test_the_end_of_the_daily_quota_is_kept_for_what_sells_wrongly(database: Database) -> None:
    with a_merchant(CenterConfig(quota_per_day=20)) as merchant:
        target = the_target(merchant)
        merchant.insert_one(target)
        planned(database, wanted(40))
        report = pushed(database, merchant, target, terms=PushTerms(batch=4, lost_after=timedelta()))
        assert report.sent == 16
        assert "kept for selling out" in report.stopped
        planned(database, [*wanted(16, text="h2", price=2999), *wanted(40)[16:]], NOON + timedelta(seconds=1))
        assert pushed(database, merchant, target, NOON + timedelta(seconds=1), PushTerms(batch=4, lost_after=timedelta())).sent == 3
        assert merchant.center.report()["quota_refusals"] == 0


def test_a_refused_listing_tells_googles_reason_and_is_not_tried_again(database: Database, merchant: Merchant) -> None:
    target = Target("us", ACCOUNT, "small", "en", merchant.primary())
    planned(database, wanted(1))
    report = pushed(database, merchant, target)
    assert report.results == {Result.FAILED: 1}
    assert ledger(database).failed == {"invalid": 1}
    assert pushed(database, merchant, target).results == {}


def test_an_outage_is_tried_again_later(database: Database, merchant: Merchant) -> None:
    target = the_target(merchant)
    planned(database, wanted(3))
    merchant.center.faults.add(Fault(FaultKind.MINUTE_QUOTA, "Insert*", times=3))
    assert pushed(database, merchant, target).results == {Result.RETRY: 3}
    assert pushed(database, merchant, target).results == {}
    assert pushed(database, merchant, target, NOON + timedelta(hours=1)).sent == 3


def test_beside_a_file_only_the_overlay_is_sent(database: Database, merchant: Merchant) -> None:
    primary = the_target(merchant)
    merchant.insert_one(primary, "o0")
    target = the_target(merchant, Way.FILE)
    planned(database, wanted(1))
    with database.transaction() as tx:
        tx.execute("UPDATE listings_held SET held_hash = 'h1', held_price = 1999, held_available = true, urgency = NULL")
    planned(database, wanted(1, text="h2", available=False))
    pushed(database, merchant, target)
    found = merchant.get("en~US~o0").product_attributes
    assert (found.title, found.availability.name) == ("Steel bottle", "OUT_OF_STOCK")


def test_another_text_than_was_planned_is_not_sent(database: Database, merchant: Merchant) -> None:
    planned(database, wanted(2))

    def newer(target: Target, offer_ids: Sequence[str]) -> Mapping[str, Mapping[str, str | None]]:
        return {offer_id: {**row, "content_hash": "h2" if offer_id == "o1" else "h1"} for offer_id, row in rows(target, offer_ids).items()}

    report = pushed(database, merchant, the_target(merchant), rendered=newer)
    assert (report.results, dict(report.reasons)) == ({Result.SUCCEEDED: 1, Result.RETRY: 1}, {"listing_not_rendered": 1})


def test_a_frozen_account_is_not_pushed(database: Database, merchant: Merchant) -> None:
    with database.transaction() as tx:
        freeze(tx, ACCOUNT, "misrepresentation", NOON)
    with pytest.raises(AccountIsFrozen, match="misrepresentation"):
        pushed(database, merchant, the_target(merchant))


@pytest.mark.parametrize(
    "change",
    [
        {"price": "cheap"},
        {"condition": "ancient"},
        {"shipping": "US:::free"},
        {"shipping_weight": "much"},
        {"sale_price_effective_date": "soon", "sale_price": "1.50 USD", "price": "9.00 USD"},
    ],
)
def test_a_text_that_has_no_type_is_refused_with_its_value(change: dict[str, str]) -> None:
    send = Send("o1", 1, Urgency.NEW, "h", 100, available=True)
    with pytest.raises(InputIsInvalid, match=next(iter(change.values())).rsplit(":", 1)[-1]):
        product_input(Target("us", ACCOUNT, "US", "en", "x"), send, a_row(**change))


DATES = "2026-11-20T00:00+0000/2026-11-30T23:59+0000"


@pytest.mark.parametrize(
    ("asked", "price", "sale"), [(1599, 19_990_000, 15_990_000), (1499, 19_990_000, 14_990_000), (1999, 19_990_000, 0)]
)
def test_a_reduction_is_a_sale_price_below_the_regular_one(asked: int, price: int, sale: int) -> None:
    send = Send("o1", 1, Urgency.PRICE_CUT, "h", asked, available=True)
    row = a_row(price="19.99 USD", sale_price="15.99 USD", sale_price_effective_date=DATES)
    found = product_input(Target("us", ACCOUNT, "US", "en", "x"), send, row).product_attributes
    assert (found.price.amount_micros, found.sale_price.amount_micros) == (price, sale)
    dates = found.sale_price_effective_date
    started, ended = dates.start_time.seconds, dates.end_time.seconds
    assert not sale or (started, ended - started) == (1_795_132_800, 11 * 86_400 - 60)


def test_an_overlay_keeps_a_reduction_that_the_listing_announces() -> None:
    send = Send("o1", 1, Urgency.PRICE_CUT, "h", 1599, available=True)
    target = Target("us", ACCOUNT, "US", "en", "x", Way.FILE)
    row = a_row(sale_price="15.99 USD", sale_price_effective_date=DATES)
    alone, reduced = (overlay_input(target, send, "USD", one).product_attributes for one in (a_row(), row))
    assert (alone.price.amount_micros, alone.sale_price.amount_micros) == (15_990_000, 0)
    assert (reduced.price.amount_micros, reduced.sale_price.amount_micros) == (19_990_000, 15_990_000)


_PUSHER = """
import asyncio, json, random, sys
from datetime import timedelta
from pydantic import SecretStr
from tests.adapters.test_google_merchant import rows
from tradewind.adapters.google_merchant import connect
from tradewind.db import open_database
from tradewind.kit import system_clock
from tradewind.listings.sync import Pusher, PushTerms, Target
from tradewind.settings import Settings
address, grpc, source = sys.argv[1:]
async def main():
    with open_database(Settings(database_url=SecretStr(address))) as database:
        async with connect({"us": "USD"}, None, grpc) as port:
            terms = PushTerms(batch=50, lost_after=timedelta(), processing=timedelta())
            report = await Pusher(database, port, rows, system_clock, random.Random(1), terms).push(Target("us", "accounts/1001", "US", "en", source))
            print(json.dumps({key.value: number for key, number in report.results.items()}))
asyncio.run(main())
"""


def wait_for_inserts(merchant: Merchant, count: int) -> None:
    """Until Google has been called so often: a pusher is surely in the middle of its work."""
    deadline = time.monotonic() + PUSHER_SECONDS
    while merchant.center.calls.get("InsertProductInput", 0) < count:
        assert time.monotonic() < deadline, "the pusher sends nothing"
        time.sleep(0.01)


@pytest.mark.slow
def test_pushers_killed_at_random_moments_lose_and_double_nothing(database: Database, database_address: str, merchant: Merchant) -> None:
    target = the_target(merchant)
    planned(database, wanted(600), datetime.now(UTC))
    command = [sys.executable, "-c", _PUSHER, database_address, merchant.running.grpc_address, target.source]
    merchant.center.faults.add(Fault(FaultKind.SLOW, "Insert*", seconds=0.03))
    for kill in range(1, 5):
        process = subprocess.Popen(command)
        wait_for_inserts(merchant, kill * 90)
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["succeeded"] > 0
    assert ledger(database).held == merchant.center.report()["products"]["1001"] == 600
    assert merchant.center.report()["update_policy_violations"] == 0


def test_further_attributes_become_the_types_of_the_client() -> None:
    row = a_row(
        title=None, structured_title="trained_algorithmic_media:Bottle: blue", unit_pricing_measure="0.75 l", unit_pricing_base_measure="1 l",
        certification="EC:EPREL:1234567", energy_efficiency_class="A++", product_highlight="Light\x1fLeakproof",
        product_detail="Specifications\x1eLid\x1esteel: matt", excluded_destination="Display_ads,Youtube_merchandise", size_type="tall",
        adult="no", multipack="3", native_commerce="true", consumer_notice="prop_65:Lead.",
    )  # fmt: skip
    found = product_input(Target("us", ACCOUNT, "US", "en", "s"), Send("o1", 1, Urgency.NEW, "h", 1999, True), row)
    told = found.product_attributes
    assert (told.structured_title.content, told.title) == ("Bottle: blue", "")
    assert (told.unit_pricing_measure.value, told.unit_pricing_base_measure.unit) == (0.75, "l")
    assert (told.certifications[0].certification_name.name, told.certifications[0].certification_code) == ("EPREL", "1234567")
    assert (told.energy_efficiency_class.name, list(told.product_highlights)) == ("APP", ["Light", "Leakproof"])
    assert (told.product_details[0].attribute_name, told.product_details[0].attribute_value) == ("Lid", "steel: matt")
    assert [one.name for one in told.excluded_destinations] == ["DISPLAY_ADS", "YOUTUBE_SHOPPING"]
    assert {one.name: one.value for one in found.custom_attributes if one.name != "ships from country"} == {
        "native commerce": "true", "consumer notice": "prop_65:Lead.",
    }  # fmt: skip
