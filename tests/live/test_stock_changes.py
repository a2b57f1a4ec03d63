"""A change of stock between runs is on the page, in its data and in the channel's queue when the call returns."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from running import Tradewind
from web_builders import NOW, a_window, insert
from web_running import Running, serve

from tradewind.db import Database
from tradewind.listings.sync import Outcome, Result, Target, Urgency, Wanted, Way, held_lag, note, page_price, plan, urgency
from tradewind.listings.sync.noting import NotedChange
from tradewind.listings.sync.store import claim, settle
from tradewind.network import StockAuthority, load_network, parse_network
from tradewind.pipeline import live
from tradewind.settings import Settings
from tradewind.stock import StockDelta, levels
from tradewind.stock.model import BadRow
from tradewind.stock.rules import checked_delta, decide, sellable
from tradewind.web.api import STOCK_WRITE, issue

SKU = "HX-4411-BLK"
TARGET = Target("us", "accounts/1001", "US", "en", "accounts/1001/dataSources/1")
TERMS = live.terms_of(load_network())


@pytest.fixture
def shop(workspace: Settings, database: Database) -> Iterator[Running]:
    with database.transaction() as tx:
        insert(tx, a_window(workspace.public_url))
    booked(database, on_hand=12)
    yield from serve(workspace.model_copy(update={"port": 0}))


def a_delta(delta_id: str = "first", **given: Any) -> StockDelta:
    return StockDelta(**{"delta_id": delta_id, "sku": SKU, "location_id": "SZX-1", "change": None, "on_hand": None, "expected": None,
                         "moved_at": NOW, **given})  # fmt: skip


def booked(database: Database, delta_id: str = "first", *, at: datetime = NOW, terms: live.LiveTerms = TERMS, **given: Any) -> Any:
    with database.transaction() as tx:
        return live.change_stock(tx, [a_delta(delta_id, **{"moved_at": at} | given)], terms, at)


def held(database: Database, price: int = 5644) -> None:
    """The channel holds the black headphones as available."""
    with database.transaction() as tx:
        plan(tx, "us-en", [Wanted(SKU, "h1", price, available=True)], NOW)
        sends = claim(tx, TARGET, (Way.API,), NOW, "b", 10)
        settle(tx, "us-en", [(Outcome(one.offer_id, one.version, Result.SUCCEEDED), None) for one in sends], NOW)


def one(database: Database, query: str) -> Any:
    with database.transaction() as tx:
        row = tx.execute(query).fetchone()  # type: ignore[call-overload]
    return None if row is None else next(iter(row.values()))


def shown(shop: Running) -> str:
    """What the page's JSON-LD says of the availability."""
    document = html.fromstring(shop.get(f"/us/p/{SKU}").text)
    data = [json.loads(text) for text in document.xpath("//script[@type='application/ld+json']/text()")]
    return str(next(part for part in data if part["@type"] == "Product")["offers"]["availability"]).rsplit("/", 1)[1]


def post(shop: Running, key: str, *changes: dict[str, Any], call: str = "call-1") -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": call}
    return httpx.post(f"{shop.url}/api/v1/stock", json={"changes": list(changes)}, headers=headers, timeout=20)


def a_change(delta_id: str = "c1", **given: Any) -> dict[str, Any]:
    return {"sku": SKU, "location_id": "SZX-1", "delta_id": delta_id, **given}


@pytest.fixture
def key(tradewind: Tradewind) -> str:
    return tradewind("stock", "key", "pos").out.strip().splitlines()[-1]


def test_selling_out_shows_at_once_on_page_and_in_its_data(shop: Running, database: Database) -> None:
    held(database)
    assert shown(shop) == "InStock"
    booked(database, "gone", on_hand=0, expected=12)
    assert shown(shop) == "OutOfStock"
    assert one(database, "SELECT urgency FROM listings_held") == Urgency.SOLD_OUT
    assert one(database, "SELECT args->>'market' FROM db_outbox WHERE task = 'freshness:push_urgent'") == "us"
    booked(database, "back", change=3)
    assert shown(shop) == "InStock"


def test_a_call_of_the_api_changes_pages_and_can_be_repeated(shop: Running, database: Database, key: str) -> None:
    first = post(shop, key, a_change(on_hand=0, expected=12), a_change("c2", change=-1))
    assert first.status_code == 200
    assert (first.json()["applied"], [(bad["index"], bad["field"]) for bad in first.json()["refused"]]) == (1, [(1, "change")])
    assert shown(shop) == "OutOfStock"
    assert post(shop, key, a_change(on_hand=0, expected=12), a_change("c2", change=-1)).json() == first.json()
    again = post(shop, key, a_change(on_hand=0, expected=12), call="call-2")
    assert (again.json()["applied"], again.json()["repeated"]) == (0, 1)


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"Authorization": "Bearer twk_wrong", "Idempotency-Key": "k"}, {"changes": [a_change(change=1)]}, 401, "api_key_missing"),
        ({}, {"changes": [a_change(change=1)]}, 400, "idempotency_key_missing"),
        ({"Idempotency-Key": "k"}, {"changes": []}, 400, "body_not_json"),
        ({"Idempotency-Key": "k"}, {"changes": [a_change(change="a")]}, 400, "body_not_json"),
    ],
)
def test_a_call_that_is_not_right_is_refused_in_json(
    shop: Running, database: Database, headers: dict[str, str], body: Any, status: int, code: str
) -> None:
    with database.transaction() as tx:
        headers = {"Authorization": f"Bearer {issue(tx, 'till', [STOCK_WRITE], NOW)}"} | headers
    answer = httpx.post(f"{shop.url}/api/v1/stock", json=body, headers=headers, timeout=20)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_api_describes_itself_and_keeps_a_pace(shop: Running, key: str) -> None:
    described = httpx.get(f"{shop.url}/api/v1/openapi.json").json()
    assert "/stock" in described["paths"]
    answers = [post(shop, key, a_change(f"p{number}", on_hand=5), call=f"p{number}").status_code for number in range(3)]
    assert answers == [200, 200, 200]


def test_a_file_of_changes_is_booked_once_and_says_what_it_refused(tradewind: Tradewind, database: Database, tmp_path: Path) -> None:
    booked(database, on_hand=12)
    file = tmp_path / "changes.csv"
    file.write_text(f"sku,location_id,change,on_hand,expected\n{SKU},SZX-1,-2,,\n{SKU},SZX-1,,7,99\nNEW,SZX-1,1,,\n{SKU},MARS,1,,\n")
    first, second = (json.loads(tradewind("stock", "delta", file, "--json").out) for _ in range(2))
    assert (first["applied"], first["repeated"], [bad["field"] for bad in first["bad"]]) == (1, 0, ["expected", "sku", "location_id"])
    assert (second["applied"], second["repeated"]) == (0, 1)
    with database.transaction() as tx:
        assert [level.on_hand for level in levels(tx, SKU)] == [10]
    assert one(database, "SELECT sum(on_hand) FROM stock_movement") == 10


def test_the_buffer_is_never_sold_and_an_old_count_sells_nothing(database: Database) -> None:
    text = '[[location]]\nid = "L"\nname = "n"\ncountry = "CN"\ntimezone = "Asia/Shanghai"\nstock_authority = "retailer"\nbuffer = 2\n'
    place = parse_network(text).locations[0]
    assert (sellable(5, NOW, place, NOW), sellable(1, NOW, place, NOW)) == (3, 0)
    assert sellable(5, NOW, place, NOW + timedelta(hours=49)) == 0


def test_stock_that_has_grown_too_old_leaves_the_page(shop: Running, database: Database) -> None:
    with database.transaction() as tx:
        tx.execute("UPDATE offers_offer SET location_id = 'LAX-1'")
    booked(database, "lax", location_id="LAX-1", on_hand=4)
    assert shown(shop) == "InStock"
    with database.transaction() as tx:
        assert live.refresh_grown_old(tx, TERMS, NOW + timedelta(hours=721)) == 3
    assert shown(shop) == "OutOfStock"


UNITS = st.integers(min_value=0, max_value=30)


@given(st.integers(min_value=-30, max_value=30), UNITS, UNITS, UNITS, st.none() | UNITS, st.sampled_from(StockAuthority))
def test_no_delta_makes_a_level_promise_more_than_it_holds(
    change: int, on_hand: int, spare: int, counted: int, expected: int | None, authority: StockAuthority
) -> None:
    promised = max(on_hand - spare, 0)
    for delta in (a_delta(change=change), a_delta(on_hand=counted, expected=expected)):
        found = decide(delta, on_hand, promised, authority)
        assert isinstance(found, BadRow) or found >= promised
        assert isinstance(found, BadRow) or delta.expected in {None, on_hand}


@given(st.integers(min_value=1), st.none() | st.integers(min_value=1))
def test_a_page_never_asks_more_than_the_channel_shows(wanted: int, held_price: int | None) -> None:
    price = page_price(wanted, held_price)
    assert price <= wanted
    assert held_price is None or price <= held_price
    assert price in {wanted, held_price}


@pytest.mark.parametrize("available", [True, False])
@pytest.mark.parametrize("price", [5000, 5644, 6000])
def test_a_noted_change_is_as_urgent_as_a_planned_one(database: Database, price: int, *, available: bool) -> None:
    held(database)
    with database.transaction() as tx:
        note(tx, [NotedChange("us-en", SKU, price, available, NOW)])
    expected = urgency(Wanted(SKU, "h1", price, available), Wanted(SKU, "h1", 5644, available=True))
    assert one(database, "SELECT urgency FROM listings_held") == expected


def test_the_lag_is_counted_from_the_change_to_the_page_and_to_the_channel(shop: Running, database: Database) -> None:
    held(database)
    late = NOW + timedelta(days=2)
    booked(database, "gone", on_hand=0, at=late, moved_at=late - timedelta(seconds=2))
    with database.transaction() as tx:
        sends = claim(tx, TARGET, (Way.API,), late, "b", 10)
        settle(tx, "us-en", [(Outcome(sent.offer_id, sent.version, Result.SUCCEEDED), None) for sent in sends], late + timedelta(seconds=5))
        found = live.lags(tx, late + timedelta(minutes=1), hours=1)
        assert held_lag(tx, "us-en", late).p99_ms == 7000
    assert (found["pages"].changes, found["pages"].p50_ms) == (3, 2000)


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from tradewind.db import open_database
from tradewind.network import load_network
from tradewind.pipeline import live
from tradewind.settings import load_settings
from tradewind.stock import StockDelta
now = datetime.now(UTC)
delta = StockDelta("killed", "HX-4411-BLK", "SZX-1", None, 0, None, now)
with open_database(load_settings()) as database:
    with database.transaction() as tx:
        live.change_stock(tx, [delta], live.terms_of(load_network()), now)
        if sys.argv[1] == "before":
            os.kill(os.getpid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("moment", "expected"), [("before", ("InStock", None, 0)), ("after", ("OutOfStock", Urgency.SOLD_OUT, 1))])
def test_a_kill_leaves_page_queue_and_outbox_together(
    shop: Running, database: Database, tradewind: Tradewind, moment: str, expected: tuple[str, int | None, int]
) -> None:
    held(database)
    done = subprocess.run([sys.executable, "-c", KILLED, moment], env=os.environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    queued = one(database, "SELECT count(*) FROM db_outbox WHERE task = 'freshness:push_urgent'")
    assert (shown(shop), one(database, "SELECT urgency FROM listings_held"), queued) == expected


def page_of(shop: Running) -> tuple[str, Any]:
    """What the page says beside "out of stock", and its JSON-LD's offer."""
    document = html.fromstring(shop.get(f"/us/p/{SKU}").text)
    data = [json.loads(text) for text in document.xpath("//script[@type='application/ld+json']/text()")]
    said = "".join(document.xpath("//span[contains(@class, 'expected')]/text()"))
    return said, next(part for part in data if part["@type"] == "Product")["offers"]


def test_a_sold_out_article_says_when_more_is_expected_and_stock_ends_it(shop: Running, database: Database) -> None:
    booked(database, "second", on_hand=0, expected_on="2026-12-07")
    said, offer = page_of(shop)
    assert ("Dec 7" in said, offer["availabilityStarts"], offer["availability"].rsplit("/", 1)[1]) == (True, "2026-12-07", "OutOfStock")
    booked(database, "third", change=3)
    booked(database, "fourth", on_hand=0)
    said, offer = page_of(shop)
    assert (said, "availabilityStarts" in offer) == ("", False)


def test_what_is_expected_may_be_told_alone_and_taken_back_once_each(database: Database, shop: Running) -> None:
    assert booked(database, "second", expected_on="2026-12-07").applied == 1
    assert booked(database, "second", expected_on="2026-12-07").repeated == 1
    assert one(database, "SELECT expected_on::text FROM stock_expected") == "2026-12-07"
    assert one(database, f"SELECT quantity FROM offers_offer WHERE market = 'us' AND sku = '{SKU}'") == 12
    booked(database, "third", expected_on="none")
    assert one(database, "SELECT count(*) FROM stock_expected") == 0


@pytest.mark.parametrize(
    ("day", "good"),
    [("2026-11-23", True), ("2027-11-23", True), ("2027-11-24", False), ("2026-11-22", False), ("soon", False), ("none", True)],
)
def test_a_day_lies_at_most_a_year_ahead(day: str, good: bool) -> None:
    found = checked_delta(2, {"sku": "A", "location_id": "SZX-1", "expected_on": day}, "x", NOW.replace(year=2026, month=11, day=23))
    assert isinstance(found, StockDelta) is good
