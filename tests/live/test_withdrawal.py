"""A recall leaves every channel at once: the page, lists, feed files, the channel's ledger, and the next run."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Tradewind
from web_builders import NOW, a_window, insert
from web_running import Running, serve

from real_catalog import a_run, import_rows, real_runs, sample_rows, stock_and_rates
from tradewind.adapters.feeds import leave_out
from tradewind.db import Database
from tradewind.listings.sync import Outcome, Result, Target, Urgency, Way, plan
from tradewind.listings.sync.store import claim, settle
from tradewind.pipeline import Runs, listed
from tradewind.pipeline.ports import FeedsFollow, nobody_follows
from tradewind.settings import Settings

TARGET = Target("us", "accounts/1001", "US", "en", "accounts/1001/dataSources/1")
SKU = "HX-4411-BLK"


@pytest.fixture
def shop(workspace: Settings, database: Database) -> Iterator[Running]:
    with database.transaction() as tx:
        insert(tx, a_window(workspace.public_url))
    yield from serve(workspace.model_copy(update={"port": 0}))


def recall(tradewind: Tradewind, name: str = SKU, *more: str) -> None:
    assert tradewind("offer", "withdraw", name, "--reason", "recall 7", "--by", "Ann", *more).code == 0


def hold(database: Database, *wanted: object) -> None:
    """The channel holds what the published window lists."""
    with database.transaction() as tx:
        plan(tx, TARGET.feed, wanted, NOW)  # type: ignore[arg-type]
        sends = claim(tx, TARGET, (Way.API,), NOW, "b", 10_000)
        settle(tx, TARGET.feed, [(Outcome(one.offer_id, one.version, Result.SUCCEEDED), None) for one in sends], NOW)


def urgencies(database: Database) -> dict[str, int | None]:
    with database.transaction() as tx:
        return {row["offer_id"]: row["urgency"] for row in tx.execute("SELECT offer_id, urgency FROM listings_held")}


def test_the_page_of_a_recalled_offer_is_gone_in_every_market_and_says_so(shop: Running, tradewind: Tradewind) -> None:
    assert shop.get(f"/de/p/{SKU}").status_code == 200
    recall(tradewind)
    answer = shop.get(f"/de/p/{SKU}")
    assert (answer.status_code, shop.get(f"/us/p/{SKU}").status_code) == (410, 410)
    assert "Dieser Artikel wird nicht mehr verkauft." in answer.text
    assert "recall 7" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_no_list_shows_what_was_recalled(shop: Running, tradewind: Tradewind) -> None:
    paths = ("/us/", "/us/c/headphones", "/us/p/HX-4411-SND", "/us/c/toys")
    before = [shop.get(path).text for path in paths]
    assert SKU in "".join(before)
    recall(tradewind)
    recall(tradewind, "P-5")
    after = "".join(shop.get(path).text for path in paths if path != "/us/c/toys")
    assert f"/p/{SKU}" not in after
    assert "/p/P-5" not in after
    assert shop.get("/us/c/toys").status_code == 404


def test_a_recall_can_be_taken_back_and_the_trail_keeps_both(shop: Running, tradewind: Tradewind, database: Database) -> None:
    recall(tradewind, SKU, "--market", "us")
    assert (shop.get(f"/us/p/{SKU}").status_code, shop.get(f"/de/p/{SKU}").status_code) == (410, 200)
    shown = tradewind("offer", "list-withdrawn", "--json").out  # behind the log lines of the window, which runs in this process
    found = json.loads(shown[shown.index("[\n") :])
    assert [(one["sku"], one["market"], one["reason"], one["withdrawn_by"]) for one in found] == [(SKU, "us", "recall 7", "Ann")]
    assert "tradewind offer restore HX-4411-BLK --market us" in tradewind("offer", "restore", SKU, "--by", "Bo").err
    assert tradewind("offer", "restore", SKU, "--market", "us", "--by", "Bo").code == 0
    assert shop.get(f"/us/p/{SKU}").status_code == 200
    with database.transaction() as tx:
        trail = [(row["actor"], row["action"]) for row in tx.execute("SELECT actor, action FROM db_audit_entry ORDER BY id")]
    assert trail == [("Ann", "offer.withdraw"), ("Bo", "offer.restore")]


def test_a_name_that_nothing_has_is_refused_unless_it_is_meant_ahead(shop: Running, tradewind: Tradewind) -> None:
    said = tradewind("offer", "withdraw", "HX-TYPO", "--reason", "r", "--by", "Ann")
    assert said.is_two_lines
    assert "--ahead" in said.err
    recall(tradewind, "HX-TYPO", "--ahead")


def a_real_market(settings: Settings, database: Database, feeds_follow: FeedsFollow = nobody_follows) -> Runs:
    rows = sample_rows(every=12)
    stock_and_rates(settings, database, rows)
    import_rows(settings, rows)
    return real_runs(settings, database, leave_out=leave_out, feeds_follow=feeds_follow)


def feed_ids(settings: Settings, name: str = "products.tsv") -> set[str]:
    text = (settings.home / "feeds" / "us" / name).read_text(encoding="utf-8")
    if name.endswith("xml"):
        return {line.split("</g:id>")[0].removeprefix("<item><g:id>") for line in text.splitlines() if line.startswith("<item>")}
    return {line.split("\t")[0] for line in text.splitlines()[1:]}


@pytest.mark.slow
def test_a_recall_leaves_feeds_ledger_and_the_next_run_and_survives_a_rollback(
    workspace: Settings, database: Database, tradewind: Tradewind
) -> None:
    runs = a_real_market(workspace, database)
    first = runs.run(a_run("us")).market("us")
    with database.transaction() as tx:
        wanted = list(listed.wanted(tx, workspace.home, TARGET))
    hold(database, *wanted)
    gone = wanted[0].offer_id
    recall(tradewind, gone)
    assert feed_ids(workspace) == feed_ids(workspace, "products.xml") == {one.offer_id for one in wanted} - {gone}
    assert urgencies(database)[gone] == Urgency.WITHDRAWN
    with database.transaction() as tx:
        assert {one.offer_id for one in listed.wanted(tx, workspace.home, TARGET)} == {one.offer_id for one in wanted} - {gone}
    run = runs.run(a_run("us"))
    second = run.market("us")
    assert (second.left_out.get("withdrawn"), second.chosen, second.computed) == (1, first.chosen - 1, 1)
    if second.state == "waiting":  # one of few offers is a large share
        runs.approve(run.run_id, ("us",), "Ann")
    runs.roll_back("us", "Ann")
    assert gone not in feed_ids(workspace)
    with database.transaction() as tx:
        row = tx.execute("SELECT withdrawn_at FROM offers_offer WHERE offer_id = %s", (gone,)).fetchone()
    assert row
    assert row["withdrawn_at"] is not None


def test_leaving_out_touches_no_other_line(tmp_path: Path) -> None:
    (tmp_path / "products.tsv").write_bytes(b"id\ttitle\nA\tx\nAB\tA\n")
    (tmp_path / "products.xml").write_bytes(b"<rss>\n<item><g:id>A</g:id></item>\n<item><g:id>AB</g:id></item>\n</rss>\n")
    leave_out(tmp_path, frozenset({"A"}))
    assert (tmp_path / "products.tsv").read_bytes() == b"id\ttitle\nAB\tA\n"
    assert (tmp_path / "products.xml").read_bytes() == b"<rss>\n<item><g:id>AB</g:id></item>\n</rss>\n"
