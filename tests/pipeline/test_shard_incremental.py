"""A run that computes only what changed leaves the same rows and the same bytes as one that computes everything."""

import csv
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shard_builders import a_plan, a_spec, a_variant, compute, rows

from tradewind.adapters.feeds import assemble_market
from tradewind.offers.publish import COLUMNS
from tradewind.pipeline import incremental
from tradewind.pipeline.compare import Sides, changes
from tradewind.pipeline.model import ShardSpec
from tradewind.pipeline.rows import Rows

pytestmark = pytest.mark.slow

SKUS = [f"S-{number}" for number in range(9)] + ["Ü 1", "a", "Z"]
EDITS: dict[str, dict[str, Any]] = {
    "same": {},
    "heavier": {"weight_g": 800},
    "left out": {"cost_minor": None},
    "renamed": {"titles": {"de": "Anderer & neuer\nName"}},
}
edits = st.dictionaries(st.sampled_from(SKUS), st.sampled_from([*EDITS, "absent"]), max_size=8)
stocks = st.dictionaries(st.sampled_from(SKUS), st.integers(0, 3), max_size=3)


def _spec(folder: Path, run: str, edit: dict[str, str], stock: dict[str, int], **changes: Any) -> ShardSpec:
    variants = [a_variant(sku, **EDITS[edit.get(sku, "same")]) for sku in SKUS if edit.get(sku) != "absent"]
    levels = [(sku, "SZX-1", stock.get(sku, 5)) for sku in SKUS]
    return a_spec(folder, variants, run, stock_rows=levels, **changes)


def _content(spec: ShardSpec, market: str = "de") -> dict[str, Any]:
    """The rows that stand, and the feeds that are made of them."""
    folder = spec.target / market
    names = ("selection", "offers", "listings", *(["diff"] if spec.published else []))
    tables = {name: [_without_run(row) for row in rows(folder / f"{name}.parquet")] for name in names}
    assemble_market([folder], folder.parent / "feeds", "Shop", "http://shop.example")
    return tables | {path.name: path.read_bytes() for path in (folder.parent / "feeds").iterdir()}


def _to_publish(folder: Path, before: ShardSpec | None, after: ShardSpec) -> tuple[tuple[str, ...], int, list[list[str]]]:
    """What publishing the one over the other would write and take away."""
    pair = Sides("de", *(Rows.of([spec.target / "de"] if spec else [], "offers.parquet") for spec in (before, after)))
    found = changes(pair, folder / "offers.csv", threads=1, memory_limit_mb=256)
    with found.csv.open(encoding="utf-8", newline="") as file:
        written = sorted([value for name, value in zip(COLUMNS, row, strict=True) if name != "run_id"] for row in csv.reader(file))
    return tuple(sorted(found.gone)), found.offers_count, written


def _without_run(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "run_id"}


@settings(max_examples=5)
@given(edits_of_runs=st.lists(st.tuples(edits, stocks), min_size=2, max_size=4))
def test_runs_upon_runs_that_keep_rows_equal_computing_it_all(edits_of_runs: list[tuple[dict[str, str], dict[str, int]]]) -> None:
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        # So few products would be written anew at every change.
        patch.setattr(incremental, "FOLD_FROM_ONE_IN", 2)
        folder = Path(name)
        kept, shown, before = {}, {}, None
        for number, (edit, stock) in enumerate(edits_of_runs):
            full = _spec(folder, f"full_{number}", edit, stock, published=shown)
            part = _spec(folder, f"part_{number}", edit, stock, published=shown, reusable=kept)
            everything, some = compute(full).markets[0], compute(part).markets[0]
            assert _content(part) == _content(full)
            assert replace(some, computed=0) == replace(everything, computed=0)
            assert _to_publish(folder, before, part) == _to_publish(folder, before, full)
            before = part
            kept = {"de": part.target / "de"}
            shown = {"de": (part.target / "de",)} if number % 2 else shown


def test_only_what_changed_is_computed(tmp_path: Path) -> None:
    first = _spec(tmp_path, "run_1", {}, {})
    compute(first)
    later = _spec(tmp_path, "run_2", {"S-1": "heavier", "S-2": "absent"}, {"S-3": 1}, reusable={"de": first.target / "de"})
    assert compute(later).markets[0].computed == 2
    by_run = {row["offer_id"]: row["run_id"] for row in rows(later.target / "de" / "offers.parquet")}
    assert {offer for offer, run in by_run.items() if run == "run_2"} == {"S-1", "S-3"}


def test_a_shard_in_which_nothing_changed_shares_its_files_with_the_earlier_run(tmp_path: Path) -> None:
    first = _spec(tmp_path, "run_1", {}, {})
    compute(first)
    later = _spec(tmp_path, "run_2", {}, {}, reusable={"de": first.target / "de"}, published={"de": (first.target / "de",)})
    market = compute(later).markets[0]
    assert (market.computed, market.new, market.changed, market.gone, market.unchanged) == (0, 0, 0, 0, len(SKUS))
    assert (later.target / "de" / "offers.parquet").samefile(first.target / "de" / "offers.parquet")


def test_a_market_whose_rules_changed_is_computed_beside_one_that_is_carried_over(tmp_path: Path) -> None:
    plans = (a_plan("de"), a_plan("us"))
    first = _spec(tmp_path, "run_1", {}, {}, plans=plans)
    compute(first)
    later = _spec(tmp_path, "run_2", {"S-1": "heavier"}, {}, plans=plans, reusable={"us": first.target / "us"})
    full = _spec(tmp_path, "run_3", {"S-1": "heavier"}, {}, plans=plans)
    de, us = compute(later).markets
    compute(full)
    assert (de.computed, us.computed) == (len(SKUS), 1)
    assert all(_content(later, market) == _content(full, market) for market in ("de", "us"))
