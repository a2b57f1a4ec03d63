"""The real run over real parts, again and again: what did not change is not judged anew."""

from collections import Counter

import pytest

from real_catalog import PRODUCT, Row, a_run, costing, import_rows, real_runs, sample_rows, stock_and_rates
from tradewind.db import Database
from tradewind.pipeline import Runs
from tradewind.pipeline.manifest import Manifest
from tradewind.settings import Settings

pytestmark = pytest.mark.slow
MARKETS = ("us", "de", "th")


@pytest.fixture
def rows() -> list[Row]:
    return sample_rows(every=8)


@pytest.fixture
def runs(workspace: Settings, database: Database, rows: list[Row]) -> Runs:
    settings = workspace.model_copy(update={"shard_rows": 100})
    stock_and_rates(settings, database, rows)
    return real_runs(settings, database)


def run_over(runs: Runs, rows: list[Row]) -> Manifest:
    import_rows(runs.settings, rows)
    return runs.run(a_run(*MARKETS))


def computed(run: Manifest) -> dict[str, int]:
    return {part.market: part.computed for part in run.markets}


def feeds(runs: Runs, run: Manifest) -> list[bytes]:
    folders = [runs.workspace.run_feeds(run.run_id, market) for market in MARKETS]
    return [(folder / name).read_bytes() for folder in folders for name in ("products.tsv", "products.xml")]


def test_a_run_in_which_nothing_changed_judges_no_row_anew_and_leaves_equal_feeds(runs: Runs, rows: list[Row]) -> None:
    first, second = run_over(runs, rows), run_over(runs, rows)
    assert computed(first) == dict.fromkeys(MARKETS, len(rows))
    assert computed(second) == dict.fromkeys(MARKETS, 0)
    assert all(part.state == "published" and part.unchanged == part.chosen > 0 for part in second.markets)
    assert feeds(runs, second) == feeds(runs, first)


def test_one_changed_product_computes_only_its_variants_in_every_market(runs: Runs, rows: list[Row]) -> None:
    run_over(runs, rows)
    product, variants = Counter(row[PRODUCT] for row in rows).most_common(1)[0]
    later = run_over(runs, costing(rows, "1.1", product))
    assert 1 < variants < len(rows)
    assert computed(later) == dict.fromkeys(MARKETS, variants)
    assert all((part.new, part.gone) == (0, 0) and 0 < part.changed <= variants for part in later.markets)


def test_a_new_and_a_vanished_product_leave_all_others_alone(runs: Runs, rows: list[Row]) -> None:
    old, new, *_ = dict.fromkeys(row[PRODUCT] for row in rows)
    run_over(runs, [row for row in rows if row[PRODUCT] != new])
    later = run_over(runs, [row for row in rows if row[PRODUCT] != old])
    assert computed(later) == dict.fromkeys(MARKETS, sum(row[PRODUCT] == new for row in rows))
    assert all(part.new > 0 and part.gone > 0 and part.changed == 0 for part in later.markets)
