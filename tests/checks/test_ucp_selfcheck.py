"""The self-check against a real server: it finds a good shop good, and says which value of a bad one is wrong."""

import csv
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from bench.checkout_stage import Article, stage

from tradewind.bootstrap.searching import open_search
from tradewind.bootstrap.window import window_parts
from tradewind.checks.ucp import Report, Step, Verdict, Wanted, self_check
from tradewind.db import open_database
from tradewind.settings import Settings
from tradewind.web import create_app, serving

pytestmark = pytest.mark.slow
GOODS = (Article("S1"), Article("S2", kind=1), Article("S3", kind=2))
NEW_YORK = {
    "street_address": "350 5th Ave", "address_locality": "New York", "address_region": "NY", "postal_code": "10118", "address_country": "US"
}  # fmt: skip


@pytest.fixture
def wanted(workspace: Settings, tmp_path: Path) -> Iterator[Wanted]:
    """A running shop with three articles and its feed, and what to ask it for."""
    with serving.listen("127.0.0.1", 0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = workspace.model_copy(update={"public_url": url})
        with open_database(settings) as database:
            stage(database, ("us",), GOODS)
            with database.transaction() as tx:
                tx.execute("UPDATE offers_offer SET text_from = 'supplier', title = 'Quiet thing ' || offer_id, condition = 'new'")
                rows = tx.execute("SELECT offer_id, title, price_minor, currency FROM offers_offer ORDER BY offer_id").fetchall()
            open_search(settings).build(database, "us")
        app = create_app(settings, **window_parts(settings))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        yield Wanted(url, "us", "US", feed(tmp_path / "products.tsv", rows), NEW_YORK, buys=True, seconds=1)
        server.should_exit = True
        thread.join(10)


def feed(path: Path, rows: Any) -> Path:
    with path.open("w", newline="") as file:
        table = csv.writer(file, delimiter="\t")
        table.writerow(("id", "title", "price", "availability"))
        table.writerows((one["offer_id"], one["title"], f"{one['price_minor'] / 100:.2f} {one['currency']}", "in_stock") for one in rows)
    return path


def ended(report: Report, verdict: Verdict) -> list[Step]:
    return [one for one in report.steps if one.verdict is verdict]


def test_a_good_shop_passes_and_what_a_launch_needs_is_named(wanted: Wanted) -> None:
    report = self_check(wanted)
    assert ended(report, Verdict.FAILED) == []
    assert {one.name for one in ended(report, Verdict.OK)} >= {"a good card makes an order", "feed and checkout agree", "a stranger's key"}
    assert {one.name for one in ended(report, Verdict.TO_DO)} == {
        "products take part",
        "policies are linked",
        "Google can pay",
        "the shop is public",
    }
    assert [one.name for one in ended(report, Verdict.UNKNOWN)] == ["told by a signed webhook", "the account"]
    assert [one.name for one in ended(report, Verdict.SKIPPED)] == []


def test_a_price_that_differs_from_the_feed_is_named_with_both_values(wanted: Wanted) -> None:
    lines = wanted.feed.read_text().splitlines()
    wanted.feed.write_text("\n".join([*lines[:-1], "S3\tx\t1.00 USD\tin_stock"]))
    report = self_check(replace(wanted, buys=False))
    wrong = ended(report, Verdict.FAILED)
    assert [one.name for one in wrong] == ["feed and checkout agree"]
    assert "S3" in wrong[0].told
    assert "the feed says USD 1.00" in wrong[0].told


def test_a_server_that_is_away_is_said_once_and_nothing_else_is_tried(wanted: Wanted) -> None:
    report = self_check(replace(wanted, url="http://127.0.0.1:9"))
    assert [(one.name, one.verdict) for one in report.steps] == [("the profile is served", Verdict.FAILED)]
    assert "tradewind serve" in report.steps[0].told


def test_products_that_stay_out_of_google_s_checkout_are_counted(wanted: Wanted) -> None:
    wanted.feed.with_name("supplemental.tsv").write_text("id\tnative_commerce\nS1\ttrue\nS2\ttrue\n")
    told = next(one for one in self_check(replace(wanted, buys=False)).steps if one.name == "products take part")
    assert (told.verdict, told.told[:33]) == (Verdict.OK, "2 offers have native_commerce; 1 ")
    assert told.told.endswith("such as S3")
