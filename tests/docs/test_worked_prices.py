"""The worked prices on the page are what the code computes, in every market that may be launched."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from worked_prices import PAGE, block, names

from tradewind.markets import Level, load_markets

TEXT = PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", names(TEXT))
def test_a_table_of_the_page_is_what_is_computed(name: str) -> None:
    shown = re.search(rf"<!-- worked: {re.escape(name)} -->\n(.*?)<!-- end -->", TEXT, re.DOTALL)
    assert shown is not None
    assert shown[1] == block(name), "write it anew: python -m tests.docs.worked_prices"


def test_every_launchable_market_has_its_example() -> None:
    launchable = {code for code, market in load_markets().items() if market.level is Level.LAUNCHABLE}
    assert launchable <= {name.split()[1] for name in names(TEXT) if name.startswith("price")}


def test_a_wrong_number_would_be_found() -> None:
    assert block("price de 2026-06-30") != block("price de 2026-07-01")
