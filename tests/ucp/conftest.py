"""The protocol's schemas and a counter at which platforms buy."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "checkout"))

from ucp_shop import UcpShop, open_shop
from wire_schemas import VERSION, Wire, wire

from tradewind.settings import Settings


@pytest.fixture
def schemas(shared_data: Path) -> Wire:
    """The schemas of the newest version that is served; skipped, and counted, when they are absent."""
    return wire(shared_data / "reference" / "ucp" / VERSION)


@pytest.fixture
def shop(workspace: Settings, shared_data: Path) -> Iterator[UcpShop]:
    """A shop with three articles in the United States and Germany, behind its window; every answer is validated against the schemas."""
    with open_shop(workspace, shared_data / "reference" / "ucp") as opened:
        yield opened
