"""google.toml held against accounts at (an emulated) Google."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

import grpc
import pytest
from google.api_core import exceptions
from google.shopping import merchant_accounts_v1 as accounts
from google.shopping.merchant_accounts_v1.services.shipping_settings_service.transports import ShippingSettingsServiceGrpcTransport
from tests.emulators.merchant_center_fixtures import NOON, Merchant, a_merchant

from tradewind.adapters.google_merchant.accounts import GoogleAccounts
from tradewind.adapters.google_merchant.returning import promised, return_policy
from tradewind.listings.errors import TopologyIsInvalid
from tradewind.listings.shipping import ServicePlan, compile_shipping
from tradewind.listings.topology import Account, parse_topology
from tradewind.markets import load_market
from tradewind.network import load_network

FILE = """
advanced_account = 1000
[[account]]
number = 1001
site = "https://shop.example"
support = { email = "help@shop.example", page = "https://shop.example/contact" }
users = [{ email = "ann@shop.example", rights = ["admin"] }]
returns = [{ label = "default", countries = ["US"], days = 30, page = "https://shop.example/us/returns" }]
[[account.feed]]
market = "us"
language = "en"
[[account.feed]]
market = "de"
language = "de"
countries = ["DE", "AT"]
primary = "file"
"""


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    with a_merchant() as found:
        yield found


def the_account() -> Account:
    return parse_topology(FILE).accounts[0]


def steps(
    merchant: Merchant, account: Account, services: Sequence[ServicePlan] | None = None, *, apply: bool = False
) -> list[tuple[str, str]]:
    async def look() -> list[tuple[str, str]]:
        async with grpc.aio.insecure_channel(merchant.running.grpc_address) as channel:
            found = await GoogleAccounts(channel).differences(account, services)
            for one in found if apply else ():
                await one.apply()
            return [(one.step.what, one.step.name) for one in found]

    return asyncio.run(look())


def test_a_new_account_needs_everything_and_applied_twice_nothing(merchant: Merchant) -> None:
    first = steps(merchant, the_account(), apply=True)
    assert [what for what, _ in first] == ["site", "support", "user", "returns", "automatic item updates", *["data source"] * 3]
    assert steps(merchant, the_account()) == []


def test_looking_changes_nothing(merchant: Merchant) -> None:
    assert steps(merchant, the_account()) == steps(merchant, the_account())


def test_fees_of_a_return_and_a_second_label_are_told_in_words(merchant: Merchant) -> None:
    more = FILE.replace(
        "days = 30,", 'days = 30, shipping_fee = "4.99 USD", restocking_percent = 15, label_from = "print", refund_days = 10,'
    ).replace('us/returns" }]', 'us/returns" }, { label = "heavy", countries = ["US"], days = 14, shipping_fee = "actual", used = true }]')
    account = parse_topology(more).accounts[0]
    first, second = (promised(return_policy(terms)) for terms in account.returns)
    assert first.endswith(
        "/us/returns, sending back costs 4.99 USD, restocking costs 15 percent, label download_and_print, refunded within 10 days"
    )
    assert second == "14 days in US, label heavy, the buyer pays the carrier, also used"
    steps(merchant, the_account(), apply=True)
    assert [name for what, name in steps(merchant, account, apply=True) if what == "returns"] == ["default", "heavy"]
    assert steps(merchant, account) == []


def test_a_policy_of_two_countries_makes_room_for_one_each(merchant: Merchant) -> None:
    steps(merchant, parse_topology(FILE.replace('countries = ["US"], days', 'countries = ["US", "DE"], days')).accounts[0], apply=True)
    apart = parse_topology(FILE.replace('us/returns" }]', 'us/returns" }, { countries = ["DE"], days = 14 }]')).accounts[0]
    assert [what for what, _ in steps(merchant, apart, apply=True)] == ["returns", "returns"]
    assert steps(merchant, apart) == []


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ('shipping_fee = "free of charge"', "shipping_fee is"),
        ("restocking_percent = 101", "101 percent"),
        ('restocking_percent = 5, restocking_fee = "1.00 USD"', "5 percent"),
        ('label_from = "pigeon"', 'comes from "pigeon"'),
        ("refund_days = -1", "refunds take -1 days"),
    ],
)
def test_return_terms_that_cannot_be_are_refused(key: str, said: str) -> None:
    with pytest.raises(TopologyIsInvalid, match=said):
        parse_topology(FILE.replace("days = 30,", f"days = 30, {key},"))


def test_a_label_stands_once_in_a_country() -> None:
    twice = FILE.replace('us/returns" }]', 'us/returns" }, { countries = ["US"], days = 14 }]')
    with pytest.raises(TopologyIsInvalid, match="return policy default in US of 1001 stands there twice"):
        parse_topology(twice)
    assert parse_topology(twice.replace('{ countries = ["US"]', '{ countries = ["DE"]')).accounts[0].return_days == {"US": 30, "DE": 14}


def test_a_shorter_return_window_is_one_step(merchant: Merchant) -> None:
    steps(merchant, the_account(), apply=True)
    shorter = parse_topology(FILE.replace("days = 30", "days = 14")).accounts[0]
    assert steps(merchant, shorter, apply=True) == [("returns", "default")]
    assert steps(merchant, shorter) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("advanced_account = 1000", "", "advanced_account is None"),
        ('site = "https://shop.example"', 'site = "shop.example"', 'the site is "shop.example"'),
        ('rights = ["admin"]', 'rights = ["owner"]', 'a user has "owner"'),
        ("days = 30", "days = -1", "not -1"),
        ('language = "en"', 'language = "english"', "cannot be"),
        ('primary = "file"', 'primary = "mail"', "cannot be"),
        ("number = 1001", 'number = 1001\ncolor = "red"', 'unknown key "color"'),
        ('market = "de"\nlanguage = "de"', 'market = "us"\nlanguage = "en"', "stands there twice"),
        ("[[account]]", "[account]", "must be a list"),
        ("advanced_account = 1000", "advanced_account =", "google.toml"),
    ],
)
def test_what_cannot_be_is_said_with_its_value(old: str, new: str, said: str) -> None:
    with pytest.raises(TopologyIsInvalid, match=said):
        parse_topology(FILE.replace(old, new, 1))


def test_a_market_without_a_feed_is_said() -> None:
    with pytest.raises(TopologyIsInvalid, match='no feed for the market "th"'):
        parse_topology(FILE).feeds_of("th")


SERVICES = compile_shipping([load_market("us"), load_market("de")], load_network(), date(2026, 11, 23)).services


def settings_client(merchant: Merchant) -> accounts.ShippingSettingsServiceClient:
    return accounts.ShippingSettingsServiceClient(transport=ShippingSettingsServiceGrpcTransport(channel=merchant.channel))


def test_compiled_shipping_is_set_once_and_leaves_the_services_of_others(merchant: Merchant) -> None:
    theirs = accounts.Service(service_name="by hand", active=True, delivery_countries=["US"], currency_code="USD")
    settings_client(merchant).insert_shipping_settings(
        request={"parent": "accounts/1001", "shipping_setting": accounts.ShippingSettings(services=[theirs])}
    )
    assert ("shipping", "services") in steps(merchant, the_account(), SERVICES, apply=True)
    assert steps(merchant, the_account(), SERVICES) == []
    found = settings_client(merchant).get_shipping_settings(name="accounts/1001/shippingSettings").services
    assert [one.service_name for one in found] == ["by hand", "tradewind us", "tradewind de"]


def test_a_slower_lane_is_one_step(merchant: Merchant) -> None:
    steps(merchant, the_account(), SERVICES, apply=True)
    slower = [replace(SERVICES[0], transit_days=(9, 19)), *SERVICES[1:]]
    assert steps(merchant, the_account(), slower, apply=True) == [("shipping", "services")]
    assert steps(merchant, the_account(), slower) == []


def a_service(name: str = "s", **changes: object) -> accounts.Service:
    return accounts.Service(**{"service_name": name, "delivery_countries": ["US"], "currency_code": "USD", **changes})


@pytest.mark.parametrize(
    "services",
    [
        [a_service(f"s{number}") for number in range(21)],
        [a_service(), a_service()],
        [a_service(delivery_countries=[])],
        [a_service(rate_groups=[accounts.RateGroup(name="g") for _ in range(21)])],
        [a_service(rate_groups=[accounts.RateGroup(applicable_shipping_labels=[f"l{number}" for number in range(31)])])],
        [a_service(rate_groups=[accounts.RateGroup(main_table=accounts.Table(rows=[accounts.Row(), accounts.Row()]))])],
    ],
)
def test_the_emulator_refuses_settings_beyond_googles_limits(merchant: Merchant, services: list[accounts.Service]) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        settings_client(merchant).insert_shipping_settings(
            request={"parent": "accounts/1001", "shipping_setting": accounts.ShippingSettings(services=services)}
        )


def test_a_file_feed_is_fetched_daily_below_what_the_api_overlays(merchant: Merchant) -> None:
    steps(merchant, the_account(), apply=True)
    sources = {one.display_name: one for one in merchant.sources().list_data_sources(parent="accounts/1001")}
    file, overlay = sources["tradewind de de file"], sources["tradewind de de"]
    rule = [one.supplemental_data_source_name or one.self_ for one in file.primary_product_data_source.default_rule.take_from_data_sources]
    assert rule == [overlay.name, True]
    assert file.file_input.fetch_settings.fetch_uri == "https://shop.example/feeds/de/de/products.tsv"


def test_when_google_read_the_file_is_known_after_it_did(merchant: Merchant) -> None:
    async def fetched() -> datetime | None:
        async with grpc.aio.insecure_channel(merchant.running.grpc_address) as channel:
            return await GoogleAccounts(channel).fetched_at(the_account(), the_account().feeds[1])

    assert asyncio.run(fetched()) is None
    steps(merchant, the_account(), apply=True)
    assert asyncio.run(fetched()) is None
    name = next(one.name for one in merchant.sources().list_data_sources(parent="accounts/1001") if one.display_name.endswith("file"))
    merchant.sources().fetch_data_source(request={"name": name})
    assert asyncio.run(fetched()) == NOON


def test_services_by_label_are_set_and_the_common_one_leaves_their_listings_alone(merchant: Merchant) -> None:
    slow, fast = (replace(SERVICES[0], name=f"tradewind us {label}", label=label) for label in ("slow", "fast"))
    services = [replace(SERVICES[0], other_labels=("fast", "slow")), slow, fast]
    assert [what for what, _ in steps(merchant, the_account(), services, apply=True) if what == "shipping"] == ["shipping"]
    assert steps(merchant, the_account(), services) == []
    held = settings_client(merchant).get_shipping_settings(name=f"{the_account().resource}/shippingSettings").services
    groups = {one.service_name: [list(group.applicable_shipping_labels) for group in one.rate_groups] for one in held}
    assert groups == {"tradewind us": [["fast", "slow"], []], "tradewind us slow": [["slow"]], "tradewind us fast": [["fast"]]}


def test_each_part_of_a_split_file_has_a_source_and_the_file_as_a_whole_has_none_any_more(merchant: Merchant) -> None:
    async def brought(*parts: str) -> list[tuple[str, str]]:
        async with grpc.aio.insecure_channel(merchant.running.grpc_address) as channel:
            found = await GoogleAccounts(channel).differences(the_account(), files={("de", "de"): parts})
            for one in found:
                await one.apply()
            return [(one.step.name, one.step.wanted) for one in found if one.step.what == "data source"]

    asyncio.run(brought())
    base = "fetched daily from https://shop.example/feeds/de/de/products"
    assert asyncio.run(brought("products-001.tsv", "products-002.tsv")) == [
        ("tradewind de de file 001", f"{base}-001.tsv"),
        ("tradewind de de file 002", f"{base}-002.tsv"),
        ("tradewind de de file", "deleted"),
    ]
    assert asyncio.run(brought("products-001.tsv", "products-002.tsv")) == []
    assert [wanted for _, wanted in asyncio.run(brought())] == [f"{base}.tsv", "deleted", "deleted"]


def test_a_split_file_is_read_when_its_last_part_is(merchant: Merchant) -> None:
    async def fetched() -> datetime | None:
        async with grpc.aio.insecure_channel(merchant.running.grpc_address) as channel:
            accounts_there = GoogleAccounts(channel)
            for one in await accounts_there.differences(the_account(), files={("de", "de"): ("products-001.tsv", "products-002.tsv")}):
                await one.apply()
            return await accounts_there.fetched_at(the_account(), the_account().feeds[1])

    assert asyncio.run(fetched()) is None
    parts = [one.name for one in merchant.sources().list_data_sources(parent="accounts/1001") if " file 00" in one.display_name]
    merchant.sources().fetch_data_source(request={"name": parts[0]})
    assert asyncio.run(fetched()) is None
    merchant.sources().fetch_data_source(request={"name": parts[1]})
    assert asyncio.run(fetched()) == NOON
