"""google.toml held against accounts at (an emulated) Google."""

import asyncio
from collections.abc import Iterator

import grpc
import pytest
from tests.emulators.merchant_center_fixtures import Merchant, a_merchant

from tradewind.adapters.google_merchant.accounts import GoogleAccounts
from tradewind.listings.errors import TopologyIsInvalid
from tradewind.listings.topology import Account, parse_topology

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


def steps(merchant: Merchant, account: Account, *, apply: bool = False) -> list[tuple[str, str]]:
    async def look() -> list[tuple[str, str]]:
        async with grpc.aio.insecure_channel(merchant.running.grpc_address) as channel:
            found = await GoogleAccounts(channel).differences(account)
            for one in found if apply else ():
                await one.apply()
            return [(one.step.what, one.step.name) for one in found]

    return asyncio.run(look())


def test_a_new_account_needs_everything_and_applied_twice_nothing(merchant: Merchant) -> None:
    first = steps(merchant, the_account(), apply=True)
    assert [what for what, _ in first] == ["site", "support", "user", "returns", "automatic item updates", "data source", "data source"]
    assert steps(merchant, the_account()) == []


def test_looking_changes_nothing(merchant: Merchant) -> None:
    assert steps(merchant, the_account()) == steps(merchant, the_account())


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
