"""Orders come from the counter of the checkout tests, and are told to a platform stand-in on loopback."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "checkout"))

from counter import open_counter
from webhook_post import Post, open_post

from tradewind.settings import Settings


@pytest.fixture
def post(workspace: Settings) -> Iterator[Post]:
    """A shop whose orders a platform hears of."""
    with open_counter(workspace) as counter, open_post(workspace, counter) as opened:
        yield opened
