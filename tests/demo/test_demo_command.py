"""`tradewind demo`: from nothing to feeds, again without harm, and with a catalog of one's own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tradewind.markets import load_confirmations

pytestmark = pytest.mark.slow
OWN = "Name,Description,Brand,Purchase Price,Weight,Category\nMug,A mug of enameled steel.,Hafenlicht,4.20,180,Kitchen\n"


def demo(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tradewind", "demo", "--no-serve", *arguments]
    environment = os.environ | {"TRADEWIND_HOME": str(home)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def home(open_folders: Callable[[], Path]) -> Path:
    folder = open_folders()
    done = demo(folder, "--markets", "us,th")
    assert done.returncode == 0, done.stderr
    return folder


def test_feeds_and_pictures_lie_in_the_workspace(home: Path) -> None:
    lines = (home / "feeds" / "us" / "products.tsv").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 300
    assert (home / "feeds" / "th" / "products.xml").stat().st_size > 100_000
    assert len(list((home / "media" / "demo").glob("*.webp"))) > 200


def test_rules_that_ran_out_are_confirmed_in_the_name_of_demo(home: Path) -> None:
    confirmed = load_confirmations(home / "confirmations")
    assert {one.by for one in confirmed.values()} <= {"demo"}


def test_a_second_call_changes_nothing(home: Path) -> None:
    done = demo(home, "--markets", "us,th")
    assert done.returncode == 0, done.stderr
    assert "0 new, 0 changed, 0 gone" in done.stderr


def test_a_catalog_of_ones_own_without_a_mapping_gets_a_draft(open_folder: Path) -> None:
    (open_folder / "own.csv").write_text(OWN, encoding="utf-8")
    done = demo(open_folder / "var", "--catalog", str(open_folder / "own.csv"), "--markets", "us")
    assert done.returncode == 0, done.stderr
    assert "drafted into" in done.stderr
    assert (open_folder / "var" / "demo" / "own.mapping.toml").exists()


def test_a_catalog_that_is_not_there_is_told(open_folder: Path) -> None:
    done = demo(open_folder / "var", "--catalog", str(open_folder / "none.csv"))
    assert done.returncode == 1
    assert "next:" in done.stderr
