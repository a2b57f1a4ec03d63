"""A market is one TOML and one golden file: what it says on two days. Written anew by `python -m tests.markets.golden_markets`."""

import json
from importlib import resources
from time import process_time

import pytest
from tests.markets.golden_markets import FOLDER, golden

from tradewind.markets import load_market, load_markets

MARKETS = sorted(load_markets())
LOADING_SECONDS = 1.0  # of processor time; the figure to hold is 0.3 with the tariff of the United States


@pytest.mark.parametrize("code", MARKETS)
def test_a_market_says_what_its_golden_file_says(code: str) -> None:
    written = json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(golden(load_market(code)), default=str)) == written


def test_a_market_is_one_file_and_one_golden_file() -> None:
    data = {entry.name.removesuffix(".toml") for entry in resources.files("tradewind.markets").joinpath("data").iterdir()}
    assert {path.stem for path in FOLDER.iterdir()} == set(MARKETS)
    assert {name for name in data if "." not in name} - set(MARKETS) == {"eu", "seller"}


def test_loading_every_market_is_quick() -> None:
    began = process_time()
    load_markets()
    assert process_time() - began < LOADING_SECONDS
