"""The API before a counter that sells: real PostgreSQL, the fake bank, and keys."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

for folder in ("checkout", "web", "webhooks", "cli"):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / folder))
sys.path.insert(0, str(Path(__file__).parent))

from api_desk import ApiDesk, open_desk  # noqa: E402 - found by the paths above

from tradewind.settings import Settings  # noqa: E402


@pytest.fixture
def desk(workspace: Settings) -> Iterator[ApiDesk]:
    """A shop with three articles, a hundred units each, and a program with every scope."""
    with open_desk(workspace) as opened:
        yield opened
