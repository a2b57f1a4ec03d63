"""The desk's page on channels: what waits, what was refused and why, and what is withdrawn."""

from collections.abc import Iterator

import pytest
from lxml import html
from test_desk import enter
from web_builders import a_troubled_channel
from web_running import Running

from tradewind.db import open_database


@pytest.fixture
def troubled(shop: Running) -> Iterator[Running]:
    tables = "listings_held, listings_issue, listings_account, offers_withdrawn"
    with open_database(shop.settings) as database:
        with database.transaction() as tx:
            tx.execute(f"TRUNCATE {tables}")
            a_troubled_channel(tx)
        yield shop
        with database.transaction() as tx:
            tx.execute(f"TRUNCATE {tables}")


def told(shop: Running, role: str = "viewer") -> str:
    with enter(shop, role) as browser:
        return " ".join(html.fromstring(browser.get("/desk/channels").text).text_content().split())


def test_only_who_entered_sees_it(shop: Running) -> None:
    assert shop.get("/desk/channels").status_code in {303, 401, 403}


def test_it_tells_what_waits_and_what_to_do_about_what_was_refused(troubled: Running) -> None:
    text = told(troubled)
    for said in (
        "Channels", "us-en", "1 sold out", "1 content", "calls of today are used up", "tradewind google advise --market us",
        "Missing shipping", "missing_shipping", "such as a",
    ):  # fmt: skip
        assert said in text


def test_it_tells_of_stopped_accounts_and_withdrawn_articles(troubled: Running) -> None:
    text = told(troubled)
    for said in (
        "accounts/1001 is frozen",
        "Misrepresentation <of self>",
        "tradewind google thaw accounts/1001",
        "HX-1",
        "recall 7",
        "everywhere",
    ):
        assert said in text


def test_without_anything_it_says_where_to_begin(shop: Running) -> None:
    with open_database(shop.settings) as database, database.transaction() as tx:
        tx.execute("TRUNCATE listings_held, listings_issue, listings_account, offers_withdrawn")
    text = told(shop)
    assert "No channel holds anything yet" in text
    assert "Nothing is withdrawn" in text
