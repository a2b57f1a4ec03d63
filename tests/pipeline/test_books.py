"""A run keeps the rules that priced it: they come back the same, and a book that was tampered with is refused."""

import json
from datetime import date
from pathlib import Path

import pytest

from tradewind.adapters.fx import EcbHistory
from tradewind.markets import load_market
from tradewind.network import load_network
from tradewind.pipeline import books
from tradewind.pipeline.errors import ManifestIsBroken
from tradewind.pipeline.manifest import Workspace
from tradewind.pricing import PriceBook, load_margins, price_book


def a_book(market: str) -> PriceBook:
    return price_book(load_market(market), date(2026, 9, 15), load_network(), EcbHistory(), load_margins(), {})


@pytest.mark.parametrize("market", ["us", "de"])
def test_a_book_comes_back_as_it_was_kept(tmp_path: Path, market: str) -> None:
    kept = a_book(market)
    books.save(Workspace(tmp_path), "run_1", kept)
    found = books.load(Workspace(tmp_path), "run_1", market)
    assert found is not None
    assert found.digest == kept.digest
    assert tuple(found.duties) == tuple(kept.duties)
    assert books.load(Workspace(tmp_path), "run_1", market) is found


def test_a_book_that_was_not_kept_is_none(tmp_path: Path) -> None:
    assert books.load(Workspace(tmp_path), "run_1", "us") is None


def test_a_table_of_another_book_is_refused(tmp_path: Path) -> None:
    books.save(Workspace(tmp_path), "run_1", a_book("us"))
    path = tmp_path / "runs" / "run_1" / "book-us.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"duties": "0"}), encoding="utf-8")
    with pytest.raises(ManifestIsBroken):
        books.load(Workspace(tmp_path), "run_1", "us")
