"""The protocol's schemas and a counter at which platforms buy."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "checkout"))

from wire_schemas import VERSION, Wire, wire


@pytest.fixture
def schemas(shared_data: Path) -> Wire:
    """The schemas of the newest version that is served; skipped, and counted, when they are absent."""
    return wire(shared_data / "reference" / "ucp" / VERSION)
