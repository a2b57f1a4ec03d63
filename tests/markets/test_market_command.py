"""`tradewind market`: levels, gaps, rules on a day, findings, and a person's word."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tradewind.cli.market import app

DAY = "2026-11-23"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path))
    monkeypatch.delenv("TRADEWIND_MARKET_FOLDER", raising=False)
    return tmp_path


def called(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def told(*words: str) -> Any:
    return json.loads(called(*words, "--json").stdout)


@pytest.mark.usefixtures("home")
def test_the_list_tells_level_and_gaps() -> None:
    rows = {row["market"]: row for row in told("list", "--as-of", DAY)}
    assert (rows["us"]["level"], rows["fr"]["level"]) == ("launchable", "priceable")
    assert any("levy" in gap for gap in rows["fr"]["gaps"])
    assert rows["fr"]["issues"] == 1
    assert "launchable" in called("list").stdout


@pytest.mark.usefixtures("home")
def test_every_line_of_the_list_fits_a_narrow_window() -> None:
    assert max(len(line) for line in called("list", "--as-of", DAY).stdout.splitlines()) <= 100


@pytest.mark.usefixtures("home")
def test_a_market_shows_its_gaps_thresholds_and_the_areas_it_does_not_serve() -> None:
    shown = called("show", "id", "--as-of", DAY).stdout
    assert "gap: Whether VAT is due to USD 3 is told differently by two sources" in shown
    assert "above USD 3.00 up to USD 1500.00" in shown
    assert "35, 38\n    other_tax_area: the Canaries" in called("show", "es").stdout
    assert "zone balearics" in called("show", "es").stdout


@pytest.mark.usefixtures("home")
def test_a_market_is_shown_as_of_a_day() -> None:
    before, after = (told("show", "de", "--as-of", day)["rules"] for day in ("2026-06-30", "2026-07-01"))
    ids = [{row["id"] for row in rows} for rows in (before, after)]
    assert "EU.duty.relief_150" in ids[0] - ids[1]
    assert "EU.duty.flat_per_line" in ids[1] - ids[0]


@pytest.mark.usefixtures("home")
def test_the_check_ends_with_three_while_there_is_something_to_look_at() -> None:
    found = called("check", "th", "--as-of", DAY)
    assert found.exit_code == 3
    assert "TH.vat.decreed ran out on 2026-09-30" in found.stdout
    assert called("check", "au", "--as-of", "2026-10-30").exit_code == 0


def test_a_confirmation_takes_the_finding_away(home: Path) -> None:
    assert called("confirm", "TH.vat.decreed", "--until", "2027-09-30", "--by", "Mei").exit_code == 0
    assert [path.name for path in home.rglob("*.toml")] == ["TH.vat.decreed.toml"]
    rules = [row["rule"] for row in told("check", "th", "--as-of", DAY)]
    assert "TH.vat.decreed" not in rules


@pytest.mark.usefixtures("home")
def test_a_rule_that_nobody_wrote_cannot_be_confirmed() -> None:
    assert "no market has a rule" in str(called("confirm", "XX.moon", "--until", "2027-01-01", "--by", "Mei").exception)


@pytest.mark.usefixtures("home")
def test_a_day_that_is_none_is_a_usage_error() -> None:
    assert called("list", "--as-of", "yesterday").exit_code == 2


@pytest.mark.usefixtures("home")
def test_what_an_article_must_show_is_told_with_what_is_missing(home: Path) -> None:
    said = called("notices", "de", "--hs", "8518.30", "--battery", "contained", "--brand", "Lumio")
    assert said.exit_code == 0
    assert all(words in said.stdout for words in ("withdrawal  on account, offer", "UN 3481", "shows: ", "legal_guarantee"))
    folder = home / "markets"
    folder.mkdir()
    (folder / "seller.toml").write_text('invented = false\nsigned_by = "Mei"\n[seller]\nname = "A"\ncountry = "CN"\n', encoding="utf-8")
    assert called("notices", "de", "--hs", "851830", "--json").exit_code == 3
    assert "not an HS code" in str(called("notices", "de", "--hs", "85").exception)
