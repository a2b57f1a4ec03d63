"""Shared by every test: no network beyond this machine, the reference data when it is there, and a counted notice when not."""

import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

pytest_plugins = ["db_fixtures"]

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("TRADEWIND_SHARED", REPOSITORY.parent / "shared"))

settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))

# A traceback with the values of all its frames takes up to a minute, and no test reads it.
structlog.configure(processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])
_absent: list[str] = []
_LOCAL = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "")


class NetworkIsClosed(RuntimeError):
    """A test tried to reach a machine other than this one."""


@pytest.fixture(autouse=True)
def _only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in _LOCAL and not str(address[0]).startswith("127."):
            raise NetworkIsClosed(f"a test tried to connect to {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def open_folders() -> Iterator[Callable[[], Path]]:
    """Makes folders that every user may enter: as root, the embedded server runs as another user and pytest's own folders are closed."""
    made: list[Path] = []

    def folder() -> Path:
        made.append(Path(tempfile.mkdtemp(prefix="tradewind-test-")))
        made[-1].chmod(0o755)
        return made[-1]

    yield folder
    for path in made:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def open_folder(open_folders: Callable[[], Path]) -> Path:
    """One such folder for one test."""
    return open_folders()


@pytest.fixture
def shared_data(request: pytest.FixtureRequest) -> Path:
    """The folder of reference data beside the checkout; a test that needs it is skipped, and counted, when it is absent."""
    if not (SHARED / "data").is_dir():
        _absent.append(request.node.nodeid)
        if os.environ.get("CI"):
            pytest.fail(f"the reference data is not at {SHARED}: a check that cannot run fails in CI")
        pytest.skip("reference data is absent")
    return SHARED


def pytest_terminal_summary(terminalreporter: Any) -> Iterator[None] | None:
    skipped = len(terminalreporter.stats.get("skipped", []))
    if skipped:
        terminalreporter.write_line(f"notice: {skipped} checks did not run (reference data, browser or Ray absent)")
    return None
