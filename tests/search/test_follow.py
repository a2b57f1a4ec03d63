"""Indexes follow what is published: by publication, by stock, by recall; only what changed is written again."""

from pathlib import Path

import pytest
from running import Tradewind
from search_builders import LANGUAGES, RELEVANCE, ask, ids
from web_builders import NOW, a_window, insert

from tradewind.adapters.search import TantivyIndex
from tradewind.bootstrap import freshness_work
from tradewind.db import Database, Transaction
from tradewind.network import Location, StockAuthority
from tradewind.offers.withdrawal import EVERYWHERE, Withdrawal
from tradewind.pipeline import live
from tradewind.pipeline.live import LiveTerms
from tradewind.search import Filters, Search, load_synonyms, store
from tradewind.settings import Settings
from tradewind.stock import StockDelta
from tradewind.worker import freshness_jobs, run_worker

SKU = "HX-4411-BLK"


@pytest.fixture
def search(workspace: Settings, database: Database) -> Search:
    """The published window, indexed."""
    with database.transaction() as tx:
        insert(tx, a_window(workspace.public_url))
    found = Search(TantivyIndex(workspace.home / "search", RELEVANCE), RELEVANCE, load_synonyms(), LANGUAGES)
    for market in ("us", "de", "th"):
        found.build(database, market)
    return found


@pytest.fixture
def tradewind(workspace: Settings, database_address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tradewind:
    """The command, in this test's workspace."""
    monkeypatch.setenv("TRADEWIND_HOME", str(workspace.home))
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", database_address)
    return Tradewind(workspace.home, capsys)


def retitled(tx: Transaction, title: str, *, noted: bool = True) -> None:
    tx.execute("UPDATE offers_offer SET title = %s WHERE market = 'us' AND offer_id = 'P-1'", (title,))
    if noted:
        store.note(tx, [("us", "P-1")], NOW)


def test_a_built_index_has_each_product_once(search: Search, database: Database) -> None:
    assert ask(search, "headphones").total == 1
    assert ids(ask(search, "Funk-Kopfhörer", "de")) == ["HX-4411"]
    assert search.follow(database, "us") is None


def test_only_what_was_noted_is_written_again(search: Search, database: Database) -> None:
    with database.transaction() as tx:
        retitled(tx, "Folding bicycle")
    done = search.follow(database, "us")
    assert done is not None
    assert (done.whole, done.products, ids(ask(search, "bicycle"))) == (False, 1, ["P-1"])
    assert search.follow(database, "us") is None


def test_a_change_of_a_transaction_that_was_open_meanwhile_is_not_missed(search: Search, database: Database) -> None:
    with database.connection() as slow:
        slow.execute("BEGIN")
        slow.execute("INSERT INTO search_change (market, offer_id, noted_at) VALUES ('us', 'P-1', now())")
        slow.execute("UPDATE offers_offer SET title = 'Folding bicycle' WHERE market = 'us' AND offer_id = 'P-1'")
        with database.transaction() as tx:
            store.note(tx, [("us", "P-2")], NOW)
        search.follow(database, "us")
        assert ids(ask(search, "bicycle")) == []
        slow.execute("COMMIT")
    search.follow(database, "us")
    assert ids(ask(search, "bicycle")) == ["P-1"]


def test_a_publication_of_everything_makes_a_new_generation(search: Search, database: Database) -> None:
    with database.transaction() as tx:
        retitled(tx, "Folding bicycle", noted=False)
        store.note(tx, [("us", store.EVERYTHING)], NOW)
    done = search.follow(database, "us")
    assert done is not None
    assert (done.whole, ids(ask(search, "bicycle"))) == (True, ["P-1"])


def test_another_publication_that_noted_nothing_is_looked_at_as_a_whole(search: Search, database: Database) -> None:
    with database.transaction() as tx:
        retitled(tx, "Folding bicycle", noted=False)
        tx.execute("UPDATE offers_publication SET run_id = 'run_2' WHERE market = 'us'")
    search.follow(database, "us")
    assert ids(ask(search, "bicycle")) == ["P-1"]


def test_an_index_that_the_log_has_forgotten_is_made_anew(search: Search, database: Database) -> None:
    with database.transaction() as tx:
        retitled(tx, "Folding bicycle")
    with database.transaction() as tx:
        assert store.prune(tx, NOW.replace(year=2027)) == 1
    done = search.follow(database, "us")
    assert done is not None
    assert (done.whole, ids(ask(search, "bicycle"))) == (True, ["P-1"])


def test_a_recalled_product_leaves_and_returns(search: Search, database: Database) -> None:
    for sku in (SKU, "HX-4411-SND"):
        with database.transaction() as tx:
            live.withdraw(tx, Withdrawal(sku, EVERYWHERE, "recall 7", "Ann", NOW))
        search.follow(database, "us")
    assert ask(search, "headphones").total == 0
    with database.transaction() as tx:
        live.restore(tx, SKU, EVERYWHERE, "Ann", NOW)
    search.follow(database, "us")
    assert ids(ask(search, "headphones")) == ["HX-4411"]


def test_sold_out_products_are_no_longer_in_stock(search: Search, database: Database) -> None:
    terms = LiveTerms({"SZX-1": Location("SZX-1", "Shenzhen", "CN", None, "Asia/Shanghai", StockAuthority.OURS)}, {})
    with database.transaction() as tx:
        live.change_stock(tx, [StockDelta("d1", "P-4", "SZX-1", None, 0, None, NOW)], terms, NOW)
    search.follow(database, "us")
    assert ask(search, "rain jacket").total == 1
    assert ask(search, "rain jacket", filters=Filters(in_stock=True)).total == 0


def test_a_market_that_is_no_longer_published_has_no_index(search: Search, database: Database) -> None:
    with database.transaction() as tx:
        tx.execute("DELETE FROM offers_publication WHERE market = 'us'")
    search.follow(database, "us")
    assert search.index.open("us") is None


def test_the_worker_carries_a_recall_into_the_index(search: Search, database: Database, workspace: Settings) -> None:
    with database.transaction() as tx:
        live.withdraw(tx, Withdrawal("P-1", EVERYWHERE, "recall 7", "Ann", NOW))
    run_worker(workspace, blueprints={"freshness": freshness_jobs(freshness_work())}, once=True)
    assert "P-1" not in ids(ask(search, "paper lantern"))


def test_the_command_builds_asks_and_measures(search: Search, tradewind: Tradewind, tmp_path: Path) -> None:
    assert "8 products of 9 variants" in tradewind("search", "build", "--market", "us").out
    told = tradewind("search", "query", "papr lantren", "--market", "us").out
    assert "searched for: paper lantern" in told
    assert "P-1" in told
    judged = tmp_path / "judgments.csv"
    judged.write_text("query,product_id,grade\npaper lantern,P-1,3\nkettle,P-3,3\n", encoding="utf-8")
    assert "NDCG@10 1.000, Recall@100 1.000 over 2 queries" in tradewind("search", "eval", judged, "--market", "us").out


def test_the_command_says_what_to_do_without_an_index(tradewind: Tradewind) -> None:
    said = tradewind("search", "query", "lamp", "--market", "us")
    assert said.is_two_lines
    assert "tradewind search build --market us" in said.err
    assert tradewind("search", "query", "lamp").code == 2
