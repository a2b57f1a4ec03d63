"""Between runs the worker sends what would sell wrongly; a run that is published later does not undo what is fresher."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from running import Tradewind
from tests.cli.test_google_commands import TOPOLOGY
from tests.emulators.merchant_center_fixtures import Merchant, a_merchant

from real_catalog import a_run, import_rows, real_runs, sample_rows, stock_and_rates
from tradewind import bootstrap
from tradewind.db import Database
from tradewind.listings.sync import Target
from tradewind.network import load_network
from tradewind.pipeline import Runs, listed, live
from tradewind.settings import Settings
from tradewind.stock import StockDelta
from tradewind.worker import freshness_jobs, run_worker

pytestmark = pytest.mark.slow
TARGET = Target("us", "accounts/1001", "US", "en", "accounts/1001/dataSources/1")
TERMS = live.terms_of(load_network())


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    with a_merchant() as found:
        yield found


@pytest.fixture
def runs(workspace: Settings, database: Database) -> Runs:
    rows = sample_rows(every=12)
    stock_and_rates(workspace, database, rows)
    import_rows(workspace, rows)
    return real_runs(workspace, database, publishing={"terms": TERMS})


def an_offer(database: Database) -> tuple[str, str]:
    """An offer that is in stock: its id and its sku."""
    with database.transaction() as tx:
        row = tx.execute("SELECT offer_id, sku FROM offers_offer WHERE availability = 'in_stock' AND verdict = 'ok' ORDER BY 1").fetchone()
    assert row
    return row["offer_id"], row["sku"]


def sold_out(database: Database, sku: str, on_hand: int = 0) -> None:
    now = datetime.now(UTC)
    with database.transaction() as tx:
        done = live.change_stock(tx, [StockDelta(f"d{on_hand}", sku, "SZX-1", None, on_hand, None, now)], TERMS, now)
    assert done.applied == 1


def said(database: Database, offer_id: str) -> tuple[str, int]:
    with database.transaction() as tx:
        row = tx.execute("SELECT availability, quantity FROM offers_offer WHERE offer_id = %s", (offer_id,)).fetchone()
    assert row
    return row["availability"], row["quantity"]


def test_a_sale_while_a_market_is_built_aside_is_not_lost(runs: Runs, database: Database) -> None:
    runs.run(a_run("us"))
    offer_id, sku = an_offer(database)
    with database.transaction() as tx:
        tx.execute("DELETE FROM offers_offer WHERE market = 'us' AND offer_id <> %s", (offer_id,))  # so it is published as a whole again
    sales = {"copied": lambda: sold_out(database, sku)}
    publisher = replace(runs.publisher, checkpoint=lambda name: sales.pop(name, lambda: None)())
    replace(runs, publisher=publisher).run(replace(a_run("us"), fresh=True))
    assert not sales
    assert said(database, offer_id) == ("out_of_stock", 0)


def test_a_run_computed_before_a_sale_does_not_bring_the_stock_back(runs: Runs, database: Database) -> None:
    runs.run(a_run("us"))
    offer_id, sku = an_offer(database)
    waiting = runs.run(a_run("us", publish=False))
    sold_out(database, sku)
    assert said(database, offer_id) == ("out_of_stock", 0)
    runs.approve(waiting.run_id, ("us",), "Ann")
    assert said(database, offer_id) == ("out_of_stock", 0)
    sold_out(database, sku, on_hand=7)
    runs.roll_back("us", "Ann")
    assert said(database, offer_id) == ("in_stock", 7)


def test_the_next_plan_and_the_next_run_see_the_same_figures(runs: Runs, database: Database) -> None:
    runs.run(a_run("us"))
    offer_id, sku = an_offer(database)
    sold_out(database, sku)
    with database.transaction() as tx:
        planned = {one.offer_id: one.available for one in listed.wanted(tx, runs.settings.home, TARGET)}
    assert planned[offer_id] is False
    sold_out(database, sku, on_hand=7)
    runs.run(a_run("us"))
    assert said(database, offer_id) == ("in_stock", 7)


def test_a_worker_sends_what_sold_out_and_only_that(
    runs: Runs, database: Database, workspace: Settings, merchant: Merchant, tradewind: Tradewind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADEWIND_GOOGLE_EMULATOR", merchant.running.grpc_address)
    workspace.rules_folder.mkdir(parents=True, exist_ok=True)
    (workspace.rules_folder / "google.toml").write_text(TOPOLOGY, encoding="utf-8")
    runs.run(a_run("us"))
    assert tradewind("google", "setup").code == 0
    assert tradewind("google", "push", "--market", "us", "--unchecked", "a rehearsal").code == 0
    offer_id, sku = an_offer(database)
    sold_out(database, sku)
    settings = workspace.model_copy(update={"google_emulator": merchant.running.grpc_address})
    run_worker(settings, blueprints={"freshness": freshness_jobs(bootstrap.freshness_work())}, once=True)
    with database.transaction() as tx:
        row = tx.execute("SELECT urgency, held_available FROM listings_held WHERE offer_id = %s", (offer_id,)).fetchone()
    assert row == {"urgency": None, "held_available": False}
    assert "last hour:" in tradewind("google", "status", "--market", "us").out
