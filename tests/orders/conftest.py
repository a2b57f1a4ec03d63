"""Orders come from the counter of the checkout tests."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "checkout"))

from counter import Counter, open_counter

from tradewind.settings import Settings


@pytest.fixture
def counter(workspace: Settings) -> Iterator[Counter]:
    """A shop with three articles, a hundred units each."""
    with open_counter(workspace) as opened:
        yield opened
