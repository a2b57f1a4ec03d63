"""A publication and a rollback bring the search index along before the command ends."""

import pytest
from search_builders import LANGUAGES, RELEVANCE, ask

from real_catalog import Row, a_run, costing, import_rows, real_runs, sample_rows, stock_and_rates
from tradewind.adapters.feeds import leave_out
from tradewind.adapters.search import TantivyIndex
from tradewind.db import Database
from tradewind.pipeline import Runs
from tradewind.search import Search, Sorting, load_synonyms
from tradewind.settings import Settings


def the_runs(settings: Settings, database: Database, search: Search) -> Runs:
    """The runs of a workspace whose publications search follows."""
    follow = {"follow": lambda market: search.follow(database, market)}
    return real_runs(settings, database, publishing=follow, leave_out=leave_out)


def dearest(search: Search) -> str:
    """The product that costs most, as the index has it."""
    return ask(search, "", sorting=Sorting.PRICE_DOWN).hits[0].product_id


@pytest.mark.slow
def test_search_shows_what_is_published_and_after_a_rollback_what_was(workspace: Settings, database: Database) -> None:
    rows: list[Row] = sample_rows(every=12)
    stock_and_rates(workspace, database, rows)
    import_rows(workspace, rows)
    search = Search(TantivyIndex(workspace.home / "search", RELEVANCE), RELEVANCE, load_synonyms(), LANGUAGES)
    runs = the_runs(workspace, database, search)
    runs.run(a_run("us"))
    before, opened = dearest(search), search.opened("us")
    cheap = ask(search, "", sorting=Sorting.PRICE).hits[0].product_id
    import_rows(workspace, costing(rows, "60", cheap))
    run = runs.run(a_run("us"))
    if run.market("us").state == "waiting":  # one price of few moved far
        runs.approve(run.run_id, ("us",), "Ann")
    assert dearest(search) == cheap
    assert search.opened("us").stamp.source == f"run:{run.run_id}"
    runs.roll_back("us", "Ann")
    assert dearest(search) == before
    assert opened.products == search.opened("us").products
