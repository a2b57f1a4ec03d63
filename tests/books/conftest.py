"""Invoices come from the counter of the checkout tests."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "checkout"), str(Path(__file__).parent)]

from counter import Counter, open_counter  # noqa: E402 - found by the paths above

from tradewind.settings import Settings  # noqa: E402


@pytest.fixture
def counter(workspace: Settings) -> Iterator[Counter]:
    """A shop with three articles, a hundred units each, in the United States and Germany."""
    with open_counter(workspace) as opened:
        yield opened
