"""What stands in the way of a first push: every subject blocks when it is missing, and a complete shop is let through."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest

from tradewind.checks.launch import AccountState, Launch, State, Subject, blocked, check_launch
from tradewind.db import duck
from tradewind.listings.topology import Topology, parse_topology
from tradewind.pipeline.published import PublishedFiles
from tradewind.pipeline.rows import Rows
from tradewind.settings import Settings

TODAY = date(2026, 11, 23)
READY = AccountState((), ())
GOOGLE = """
advanced_account = 1000
[[account]]
number = 1001
site = "https://shop.example"
support = { email = "help@shop.example" }
returns = [{ countries = ["US"], days = 30, page = "https://shop.example/us/about/returns" }]
[[account.feed]]
market = "us"
language = "en"
"""


def listings(folder: Path, verdict: str = "ok", shipping: str = "US:::0.00 USD", label: str = "") -> PublishedFiles:
    """A published market with one listing."""
    path = folder / f"{verdict}-{len(shipping)}-{label}.parquet"
    row = f"SELECT 'o1' AS offer_id, '{verdict}' AS verdict, '{shipping}' AS shipping, '{label}' AS return_policy_label"
    with duck.connect(threads=1, memory_limit_mb=256) as connection:
        connection.execute(f"COPY ({row}) TO '{path}'")
    return PublishedFiles("us", Rows((path,)), Rows((path,)), ())


def a_launch(folder: Path, topology: Topology | None = None, **changes: object) -> Launch:
    found = topology or parse_topology(GOOGLE)
    settings = Settings(
        home=folder, public_url="https://shop.example", contact_email="help@shop.example", seller_address="Nanyang | 1 Road | Shenzhen"
    )
    account = found.accounts[0]
    launch = Launch(
        settings, "us", account, account.feeds, listings(folder), {}, TODAY, READY, tested_at=datetime(2026, 11, 20, tzinfo=UTC)
    )
    return replace(launch, **changes)


def page(path: str) -> tuple[int, str]:
    """A shop that has every page."""
    return 200, "User-agent: *\nDisallow: /desk\n" if path == "/robots.txt" else "<html></html>"


def blocks(found: Sequence[Subject], name: str) -> list[str]:
    return [one.message for one in found if one.state is State.BLOCKS and one.name == name]


def test_a_complete_shop_is_only_held_back_by_what_the_package_invented(tmp_path: Path) -> None:
    found = blocked(check_launch(a_launch(tmp_path), page))
    assert {one.name.split(":")[0] for one in found} == {"rules", "shipping"}
    assert all("invented" in one.message for one in found if one.name == "shipping")


@pytest.mark.parametrize(
    ("old", "new", "name", "said"),
    [
        ('countries = ["US"], days', 'countries = ["CA"], days', "returns", "no return policy covers US"),
        ('support = { email = "help@shop.example" }', "", "contact", "no support contact"),
        ('site = "https://shop.example"', 'site = "https://other.example"', "site", "the claimed site is https://other.example"),
    ],
)
def test_what_google_toml_lacks_blocks(tmp_path: Path, old: str, new: str, name: str, said: str) -> None:
    found = check_launch(a_launch(tmp_path, parse_topology(GOOGLE.replace(old, new))), page)
    assert any(said in message for message in blocks(found, name))


def test_an_order_must_have_come_to_its_end_within_ninety_days(tmp_path: Path) -> None:
    never = check_launch(a_launch(tmp_path, tested_at=None), page)
    assert blocks(never, "test order") == ["no order in us was ever carried to its end: paid, and delivered or refunded"]
    old = check_launch(a_launch(tmp_path, tested_at=datetime(2026, 8, 24, tzinfo=UTC)), page)
    assert "is of 2026-08-24, older than 90 days" in blocks(old, "test order")[0]


def test_a_return_policy_that_listings_name_and_the_account_lacks_blocks(tmp_path: Path) -> None:
    found = check_launch(a_launch(tmp_path, files=listings(tmp_path, label="heavy")), page)
    assert blocks(found, "returns") == ['1 listings name the return policy "heavy", which the account does not have in US']


def test_a_page_that_does_not_answer_blocks(tmp_path: Path) -> None:
    found = check_launch(a_launch(tmp_path), lambda path: (404, "") if "returns" in path else page(path))
    assert blocks(found, "pages") == ["/us/about/returns answers 404"]


def test_pages_that_google_may_not_read_block(tmp_path: Path) -> None:
    found = check_launch(a_launch(tmp_path), lambda path: (200, "User-agent: *\nDisallow: /us/p/\n") if "robots" in path else page(path))
    assert blocks(found, "pages") == ["robots.txt keeps Googlebot from /us/p/o1"]


def test_a_shop_that_does_not_answer_blocks_instead_of_failing(tmp_path: Path) -> None:
    def dead(_path: str) -> tuple[int, str]:
        raise httpx.ConnectError("refused")

    assert blocks(check_launch(a_launch(tmp_path), dead), "pages") == ["the shop does not answer: ConnectError"]


def test_listings_that_cannot_be_sent_block(tmp_path: Path) -> None:
    assert blocks(check_launch(a_launch(tmp_path, files=None), page), "listings") == ['the market "us" has nothing published']
    refused = listings(tmp_path, verdict="disapproved")
    assert blocks(check_launch(a_launch(tmp_path, files=refused), page), "listings") == ["none of 1 listings may be sent"]
    silent = listings(tmp_path, shipping="")
    assert blocks(check_launch(a_launch(tmp_path, files=silent), page), "listings") == ["1 listings say nothing of shipping"]


def test_open_steps_and_issues_of_the_account_block_and_not_asking_is_unknown(tmp_path: Path) -> None:
    asked = check_launch(a_launch(tmp_path, at_google=AccountState(("site: not there",), ("critical: misrepresentation",))), page)
    assert blocks(asked, "account") == ["site: not there", "critical: misrepresentation"]
    unasked = check_launch(a_launch(tmp_path, at_google=None), page)
    assert [one.state for one in unasked if one.name == "account"] == [State.UNKNOWN]


def test_a_market_without_a_lane_or_with_an_old_card_blocks(tmp_path: Path) -> None:
    old = check_launch(a_launch(tmp_path, day=date(2020, 1, 1)), page)
    assert any("has no rate card on 2020-01-01" in message for message in blocks(old, "shipping"))
