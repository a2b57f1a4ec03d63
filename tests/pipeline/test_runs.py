"""The run as a service: resume, gate, decisions, publication, rollback, pruning."""

from pathlib import Path

import pytest
from run_builders import a_request, a_snapshot, fake_shard, runs_of, ten_products

from tradewind.db import Database, audit
from tradewind.kit import TransitionNotAllowed
from tradewind.offers import publish
from tradewind.pipeline import reading
from tradewind.pipeline.errors import ApproverMissing, FeedsAreNotWhole, NothingToRollBackTo, RunIsBusy
from tradewind.pipeline.locking import alone
from tradewind.pipeline.manifest import Manifest, Workspace
from tradewind.pipeline.publishing import Publisher
from tradewind.settings import Settings


def state(run: Manifest, market: str = "us") -> str | None:
    return run.market(market).state


def prices(database: Database, market: str = "us") -> dict[str, int]:
    with database.transaction() as tx:
        rows = tx.execute("SELECT offer_id, price_minor FROM offers_offer WHERE market = %s", (market,)).fetchall()
    return {row["offer_id"]: row["price_minor"] for row in rows}


def feed(settings: Settings, market: str = "us") -> str:
    return (settings.home / "feeds" / market / "products.tsv").read_text()


def test_a_first_run_is_published_without_being_asked(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products())
    run = runs_of(workspace, database).run(a_request("us", "de"))
    assert (state(run), state(run, "de")) == ("published", "published")
    assert prices(database) == dict.fromkeys(ten_products(), 2000)
    assert feed(workspace).startswith("us\nSKU-")


def test_texts_arrive_in_the_database_as_they_were(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, {"A": 5})
    runs_of(workspace, database).run(a_request())
    with database.transaction() as tx:
        row = tx.execute("SELECT title, description, images, defaulted, specs, brand, mpn FROM offers_offer").fetchone()
    assert row == {
        "title": 'A "title", with \\ of A',
        "description": "line\nline",
        "images": ['https://x/A.jpg?a="b",\\c'],
        "defaulted": [],
        "specs": {"a": "b"},
        "brand": "",
        "mpn": None,
    }


def partitions(database: Database) -> list[str]:
    with database.transaction() as tx:
        query = "SELECT DISTINCT tableoid::regclass::text AS name, market FROM offers_offer ORDER BY market"
        return [f"{row['market']} {row['name'].rpartition('_')[0]}" for row in tx.execute(query).fetchall()]


def test_a_market_that_changes_as_a_whole_gets_a_new_table_and_one_that_hardly_changes_keeps_its_own(
    workspace: Settings, database: Database
) -> None:
    runs = runs_of(workspace, database)
    a_snapshot(workspace.home, ten_products())
    runs.run(a_request("us", "de"))
    with database.transaction() as tx:
        first = tx.execute("SELECT DISTINCT market, tableoid FROM offers_offer ORDER BY market").fetchall()
    a_snapshot(workspace.home, ten_products() | {"SKU-05": 1001}, name="snap_b")
    runs.run(a_request("de"))
    a_snapshot(workspace.home, ten_products(1001), name="snap_c")
    runs.run(a_request("us"))
    with database.transaction() as tx:
        now = tx.execute("SELECT DISTINCT market, tableoid FROM offers_offer ORDER BY market").fetchall()
    assert partitions(database) == ["de offers_offer_de", "us offers_offer_us"]
    assert (now[0], now[1] != first[1]) == (first[0], True)
    assert (prices(database, "de")["SKU-05"], set(prices(database).values())) == (2002, {2002})


def test_counts_of_the_shards_add_up(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products() | {"FREE-1": 0, "FREE-2": 0})
    run = runs_of(workspace, database).run(a_request())
    (market,) = reading.summary(workspace.home, run.run_id).markets
    assert (market.considered, market.chosen, [(one.code, one.count) for one in market.left_out]) == (12, 10, [("missing_cost", 2)])


def test_a_fen_for_yuan_file_waits_at_the_gate_with_samples(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products(1000))
    runs = runs_of(workspace, database)
    runs.run(a_request())
    a_snapshot(workspace.home, ten_products(100_000), name="snap_b")
    run = runs.run(a_request())
    found = {finding.rule: finding for finding in run.market("us").gate.findings}
    assert state(run) == "waiting"
    assert set(found) == {"median_price", "single_price", "category_cost"}
    assert (found["single_price"].samples[0].before, found["single_price"].samples[0].after) == ("USD 20.00", "USD 2000.00")
    assert prices(database)["SKU-01"] == 2000


def test_vanishing_offers_wait_and_say_why_they_vanish(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products())
    runs = runs_of(workspace, database)
    runs.run(a_request())
    a_snapshot(workspace.home, ten_products() | {"SKU-00": 0}, name="snap_b")
    (finding,) = runs.run(a_request()).market("us").gate.findings
    assert (finding.rule, finding.count, finding.samples[0].after) == ("vanished", 1, "missing_cost")


def a_waiting_run(workspace: Settings, database: Database, **parts: object):
    a_snapshot(workspace.home, ten_products())
    runs = runs_of(workspace, database, **parts)
    first = runs.run(a_request("us", "de"))
    a_snapshot(workspace.home, ten_products(1500), name="snap_b")
    return runs, first, runs.run(a_request("us", "de"))


def test_one_market_is_approved_by_name_and_the_other_keeps_waiting(workspace: Settings, database: Database) -> None:
    runs, first, waiting = a_waiting_run(workspace, database)
    run = runs.approve(waiting.run_id, ["us"], "Anna")
    assert (state(run), state(run, "de")) == ("published", "waiting")
    assert (prices(database)["SKU-01"], prices(database, "de")["SKU-01"]) == (3000, 2000)
    with database.transaction() as tx:
        entry = audit.entries(tx, subject=waiting.run_id)[0]
        assert publish.publications(tx)["us"].previous_run_id == first.run_id
    assert (entry.actor, entry.action, entry.detail["market"]) == ("Anna", "run.approve", "us")


def test_a_rejected_market_stays_as_it_is_and_cannot_be_approved_later(workspace: Settings, database: Database) -> None:
    runs, _, waiting = a_waiting_run(workspace, database)
    assert state(runs.reject(waiting.run_id, ["us"], "Anna")) == "rejected"
    with pytest.raises(TransitionNotAllowed):
        runs.approve(waiting.run_id, ["us"], "Bo")
    assert prices(database)["SKU-01"] == 2000


def test_a_decision_needs_a_name(workspace: Settings, database: Database) -> None:
    runs, _, waiting = a_waiting_run(workspace, database)
    with pytest.raises(ApproverMissing):
        runs.approve(waiting.run_id, ["us"], " ")


def test_a_newer_proposal_supersedes_the_one_that_waits(workspace: Settings, database: Database) -> None:
    runs, _, waiting = a_waiting_run(workspace, database)
    runs.run(a_request("us", "de"))
    states = {run.run_id: run.markets[0].state for run in reading.runs(workspace.home)}
    assert states[waiting.run_id] == "superseded"


def test_a_rollback_restores_pages_and_feeds(workspace: Settings, database: Database) -> None:
    runs, first, waiting = a_waiting_run(workspace, database)
    before = feed(workspace)
    runs.approve(waiting.run_id, ["us"], "Anna")
    assert feed(workspace) != before
    assert runs.roll_back("us", "Bo").run_id == first.run_id
    assert (feed(workspace), prices(database)["SKU-01"]) == (before, 2000)
    states = {run.run_id: run.markets[0].state for run in reading.runs(workspace.home)}
    assert states == {first.run_id: "published", waiting.run_id: "rolled_back"}


def test_search_follows_small_changes_at_once_and_large_ones_by_its_job(workspace: Settings, database: Database) -> None:
    followed, said = list[str](), list[str]()
    publisher = Publisher(Workspace(workspace.home), database, follow=followed.append, say=said.append, followed_at_once=5)
    runs, first, waiting = a_waiting_run(workspace, database, publisher=publisher)
    assert (followed, said) == (["us", "de"], [])  # a first publication has no index that could find meanwhile
    runs.approve(waiting.run_id, ["us"], "Anna")
    runs.roll_back("us", "Bo")
    assert followed == ["us", "de"]
    assert [line.split(":")[0] for line in said] == ["us", "us"]
    assert publisher.current()["us"].run_id == first.run_id


def test_a_first_publication_has_nothing_to_roll_back_to(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products())
    runs = runs_of(workspace, database)
    runs.run(a_request())
    with pytest.raises(NothingToRollBackTo):
        runs.roll_back("us", "Bo")


def test_only_changed_offers_are_written(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products())
    runs = runs_of(workspace, database)
    first = runs.run(a_request())
    a_snapshot(workspace.home, ten_products() | {"SKU-03": 1010}, name="snap_b")
    runs.run(a_request())
    with database.transaction() as tx:
        rows = tx.execute("SELECT run_id, count(*) AS offers FROM offers_offer GROUP BY 1").fetchall()
    assert sorted(row["offers"] for row in rows) == [1, 9]
    assert {row["offers"] for row in rows if row["run_id"] == first.run_id} == {9}


def test_a_table_that_lost_rows_is_filled_again(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products())
    runs = runs_of(workspace, database)
    runs.run(a_request())
    with database.transaction() as tx:
        tx.execute("DELETE FROM offers_offer WHERE offer_id = 'SKU-05'")
    runs.run(a_request())
    assert len(prices(database)) == 10


def test_nothing_is_published_when_one_only_wants_to_see(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products())
    runs = runs_of(workspace, database)
    run = runs.run(a_request(publish=False))
    assert (state(run), prices(database)) == ("computed", {})
    assert state(runs.approve(run.run_id, [], "Anna")) == "published"


def test_feeds_that_a_power_cut_left_short_are_made_again_before_they_are_shown(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products())
    runs = runs_of(workspace, database)
    run = runs.run(a_request(publish=False))
    made = runs.workspace.run_feeds(run.run_id, "us") / "products.tsv"
    whole = made.read_text()
    made.write_text(whole[:20])
    runs.approve(run.run_id, ["us"], "Anna")
    assert feed(workspace) == whole


def test_feeds_whose_parts_are_short_too_are_not_shown(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products())
    runs = runs_of(workspace, database)
    run = runs.run(a_request(publish=False))
    (runs.workspace.run_feeds(run.run_id, "us") / "products.tsv").write_text("")
    (runs.workspace.shard(run.run_id, 0) / "us" / "products.tsv.part").write_text("")
    with pytest.raises(FeedsAreNotWhole, match="shorter"):
        runs.approve(run.run_id, ["us"], "Anna")
    assert prices(database) == {}


class StopsAfter:
    """A shard function that fails after some shards."""

    def __init__(self, shards: int) -> None:
        self.left = shards

    def __call__(self, spec):
        if not self.left:
            raise RuntimeError("the lights went out")
        self.left -= 1
        return fake_shard(spec)


def test_an_interrupted_run_goes_on_at_the_first_missing_shard(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products(), shards=4)
    with pytest.raises(RuntimeError):
        runs_of(workspace, database, shard_function=StopsAfter(3)).run(a_request())
    said: list[str] = []
    run = runs_of(workspace, database, shard_function=StopsAfter(1), say=said.append).run(a_request())
    assert state(run) == "published"
    assert "3 of 4 shards are done" in said[0]
    assert len(reading.runs(workspace.home)) == 1


def test_an_interrupted_run_on_an_older_catalog_gives_way_to_a_new_one(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products())
    with pytest.raises(RuntimeError):
        runs_of(workspace, database, shard_function=StopsAfter(1)).run(a_request())
    a_snapshot(workspace.home, ten_products(1001), name="snap_b")
    runs_of(workspace, database).run(a_request())
    assert [run.state for run in reading.runs(workspace.home)] == ["computed"]


def test_two_runs_cannot_work_on_one_workspace(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products())
    with alone(Workspace(workspace.home)), pytest.raises(RunIsBusy):
        runs_of(workspace, database).run(a_request())


def test_old_runs_leave_but_never_what_is_shown_or_would_be_rolled_back_to(workspace: Settings, database: Database) -> None:
    few = workspace.model_copy(update={"keep_runs": 2})
    a_snapshot(few.home, ten_products())
    runs = runs_of(few, database)
    first, second = runs.run(a_request("us")), runs.run(a_request("us"))
    for _ in range(3):
        runs.run(a_request("de"))
    kept = {run.run_id for run in reading.runs(few.home)}
    assert {first.run_id, second.run_id} < kept
    assert len(kept) == 4
    assert not list(Path(few.home / "runs").glob(".trash-*"))


def test_another_number_of_shards_is_compared_as_a_whole(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products(), shards=2)
    runs = runs_of(workspace, database)
    runs.run(a_request())
    a_snapshot(workspace.home, ten_products() | {"SKU-01": 1001}, name="snap_b", shards=3)
    part = runs.run(a_request()).market("us")
    assert (part.new, part.changed, part.gone, part.unchanged) == (0, 1, 0, 9)


def test_decisions_come_page_by_page_with_reasons_in_words(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, ten_products() | {"FREE": 0})
    run = runs_of(workspace, database).run(a_request())
    page = reading.decisions(workspace.home, run.run_id, "us", limit=4)
    rest = reading.decisions(workspace.home, run.run_id, "us", after=page[-1].sku)
    assert [one.sku for one in page + rest] == ["FREE", *sorted(ten_products())]
    assert (page[0].reasons[0].code, page[0].title, page[1].price_minor) == ("missing_cost", "Title of FREE", 2000)
    assert [one.sku for one in reading.decisions(workspace.home, run.run_id, "us", reason="missing_cost")] == ["FREE"]
    assert len(reading.decisions(workspace.home, run.run_id, "us", chosen=True)) == 10
