"""`make demo CATALOG=…` on spreadsheets as people keep them: from the file to feeds, without a line written by hand."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import ugly

pytestmark = pytest.mark.slow


def tradewind(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tradewind", *arguments]
    environment = os.environ | {"TRADEWIND_HOME": str(home)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize(
    ("made", "sku", "price_of", "chosen"),
    [
        (ugly.german_csv, "HL-3", ("EUR", 101890), 3),
        (ugly.chinese_workbook, "A-01", ("CNY", 1250), 2),
        (ugly.chinese_csv, "A-01", ("CNY", 1250), 2),
    ],
)
def test_an_ugly_spreadsheet_becomes_chosen_and_left_out_and_why(
    open_folder: Path, made: Callable[[Path], Path], sku: str, price_of: tuple[str, int], chosen: int
) -> None:
    home = open_folder / "var"
    done = tradewind(home, "demo", "--no-serve", "--catalog", str(made(open_folder)), "--markets", "de")
    assert done.returncode == 0, done.stderr
    shown = json.loads(tradewind(home, "catalog", "show", sku, "--json").stdout)
    assert (shown["cost_currency"], shown["cost_minor"]) == price_of
    (market,) = json.loads(tradewind(home, "run", "list", "--json").stdout)[0]["markets"]
    assert (market["chosen"], [reason["code"] for reason in market["left_out"]]) == (chosen, ["missing_cost"])
    assert len((home / "feeds" / "de" / "products.tsv").read_text(encoding="utf-8").splitlines()) == chosen + 1


def test_the_recipe_hands_the_file_on(tmp_path: Path) -> None:
    said = subprocess.run(
        ["make", "-n", "demo", "CATALOG=own.csv"], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert "tradewind demo --catalog own.csv" in said.stdout
