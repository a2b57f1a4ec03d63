"""The builders of the window and of the command line serve these tests too."""

import sys
from pathlib import Path

import pytest

from tradewind.settings import Settings

for folder in ("cli", "web"):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / folder))

from running import Tradewind  # noqa: E402 - found by the path above


@pytest.fixture
def tradewind(workspace: Settings, database_address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tradewind:
    """The command, in this test's workspace."""
    monkeypatch.setenv("TRADEWIND_HOME", str(workspace.home))
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", database_address)
    return Tradewind(workspace.home, capsys)
