"""The counter of these tests."""

from collections.abc import Iterator

import pytest
from counter import Counter, open_counter

from tradewind.settings import Settings


@pytest.fixture
def counter(workspace: Settings) -> Iterator[Counter]:
    """A shop with three articles, a hundred units each, in the United States and Germany."""
    with open_counter(workspace) as opened:
        yield opened
