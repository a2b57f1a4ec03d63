"""`tradewind catalog`: every command with what it is for, and with something broken."""

import json
from pathlib import Path

import pytest
from running import Tradewind

import ugly

CSV = "sku,title,cost,weight_g,gtin\nA-1,Cup,4.20,180,4006381333931\nA-2,Mug,3.10,about 200,4006381333932\nA-3,,1.00,90,\n"


@pytest.fixture
def tradewind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tradewind:
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)
    return Tradewind(tmp_path / "var", capsys)


@pytest.fixture
def imported(tradewind: Tradewind, tmp_path: Path) -> Tradewind:
    (tmp_path / "own.csv").write_text(CSV, encoding="utf-8")
    assert tradewind("catalog", "import", "own.csv").code == 0
    return tradewind


def test_map_writes_a_draft_that_imports_the_file(tradewind: Tradewind, tmp_path: Path) -> None:
    path = ugly.german_csv(tmp_path)
    said = tradewind("catalog", "map", path, "--output", "own.mapping.toml")
    assert said.out == ""
    assert "tradewind catalog import" in said.err
    done = json.loads(tradewind("catalog", "import", path, "--mapping", "own.mapping.toml", "--json").out)
    assert (done["counts"]["rows_read"], done["counts"]["rows_quarantined"]) == (5, 1)


def test_map_prints_without_output_and_takes_currency_and_language(tradewind: Tradewind, tmp_path: Path) -> None:
    said = tradewind("catalog", "map", ugly.german_csv(tmp_path), "--currency", "chf", "--language", "de")
    assert 'currency = "CHF"' in said.out


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        (b"", [], "own.csv"),
        (b"a,a\n1,2\n", [], '"a"'),
        (b"a;b\n1;2\n", ["--encoding", "klingon"], "klingon"),
        (b"a;b\n1;2\n", ["--currency", "QQQ"], "QQQ"),
        (b"%PDF-1.4 no table", [], "PDF"),
    ],
)
def test_a_draft_that_fails_leaves_no_file_behind(
    tradewind: Tradewind, tmp_path: Path, content: bytes, options: list[str], told: str
) -> None:
    (tmp_path / "own.csv").write_bytes(content)
    said = tradewind("catalog", "map", "own.csv", "--output", "own.mapping.toml", *options)
    assert said.is_two_lines
    assert told in said.err
    assert not (tmp_path / "own.mapping.toml").exists()


def test_map_keeps_a_mapping_that_is_there(tradewind: Tradewind, tmp_path: Path) -> None:
    (tmp_path / "own.mapping.toml").write_text("mine", encoding="utf-8")
    path = ugly.german_csv(tmp_path)
    assert tradewind("catalog", "map", path, "--output", "own.mapping.toml").is_two_lines
    assert (tmp_path / "own.mapping.toml").read_text(encoding="utf-8") == "mine"
    assert tradewind("catalog", "map", path, "--output", "own.mapping.toml", "--force").code == 0


@pytest.mark.parametrize(
    "arguments", [["map", "none.csv"], ["map", "."], ["import", "none.csv"], ["import", "own.csv", "--mapping", "none.toml"]]
)
def test_a_path_that_is_not_there_is_told(tradewind: Tradewind, arguments: list[str]) -> None:
    assert tradewind("catalog", *arguments).is_two_lines


def test_an_unknown_shape_names_the_columns_and_the_way_to_a_draft(tradewind: Tradewind, tmp_path: Path) -> None:
    said = tradewind("catalog", "import", ugly.chinese_csv(tmp_path))
    assert said.is_two_lines
    assert "进价(元)" in said.err
    assert "--output baojia.mapping.toml" in said.err


def test_import_counts_every_row_once_and_is_a_no_op_again(imported: Tradewind) -> None:
    (snapshot,) = json.loads(imported("catalog", "snapshots", "--json").out)
    assert (snapshot["counts"]["rows_accepted"], snapshot["counts"]["rows_quarantined"]) == (2, 1)
    assert "nothing to do" in imported("catalog", "import", "own.csv").out


def test_show_prints_facts_with_where_they_come_from(imported: Tradewind) -> None:
    said = imported("catalog", "show", "A-1").out
    assert "(supplier)" in next(line for line in said.splitlines() if line.startswith("gtin"))
    assert json.loads(imported("catalog", "show", "A-1", "--json").out)["weight_g"] == 180


def test_an_unknown_sku_names_the_nearest(imported: Tradewind) -> None:
    said = imported("catalog", "show", "A-9")
    assert said.is_two_lines
    assert "A-1" in said.err


def test_gaps_rank_what_is_missing_with_texts_by_language(imported: Tradewind) -> None:
    said = imported("catalog", "gaps").out
    assert "no freight can be quoted" in said
    assert "title th" in said
    assert {"fact", "state", "effect"} <= set(json.loads(imported("catalog", "gaps", "--json").out)[0])


def test_quarantine_lists_reasons_and_exits_with_three(imported: Tradewind) -> None:
    said = imported("catalog", "quarantine", "list")
    assert (said.code, "the row has no title" in said.out, "None" in said.out) == (3, True, False)
    (entry,) = json.loads(imported("catalog", "quarantine", "list", "--json").out)
    assert "sku: A-3" in imported("catalog", "quarantine", "show", entry["quarantine_id"]).out


def test_issues_are_listed_apart(imported: Tradewind) -> None:
    said = imported("catalog", "quarantine", "list", "--issues").out
    assert 'weight = "about 200"' in said
    assert 'gtin = "4006381333932"' in said


def test_a_row_that_could_not_be_read_has_no_field(tradewind: Tradewind, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("sku,title,cost\nA-1,Cup,4.20\nA-2,Mug,3.10,surplus,cells\n", encoding="utf-8")
    assert tradewind("catalog", "import", "own.csv").code == 0
    said = tradewind("catalog", "quarantine", "list")
    assert (said.code, "None" in said.out) == (3, False)


def test_an_entry_that_is_not_there_is_told(imported: Tradewind) -> None:
    assert imported("catalog", "quarantine", "show", "zzzz").is_two_lines


@pytest.mark.parametrize("arguments", [["gaps"], ["show", "A-1"], ["quarantine", "list"], ["gaps", "--snapshot", "snap_none"]])
def test_without_a_snapshot_each_command_says_how_to_make_one(tradewind: Tradewind, arguments: list[str]) -> None:
    assert tradewind("catalog", *arguments).is_two_lines


def test_an_empty_list_of_snapshots_is_no_error(tradewind: Tradewind) -> None:
    said = tradewind("catalog", "snapshots")
    assert (said.code, said.out) == (0, "")


@pytest.mark.parametrize("arguments", [["run", "--markets", ""], ["run", "--markets", " , "], ["demo", "--markets", ""]])
def test_no_market_is_a_usage_error(tradewind: Tradewind, arguments: list[str]) -> None:
    said = tradewind(*arguments)
    assert said.code == 2
    assert "at least one market" in said.err


def test_explaining_an_unknown_market_names_those_that_exist(tradewind: Tradewind) -> None:
    said = tradewind("explain", "A-1", "--market", "xx")
    assert said.is_two_lines
    assert "us" in said.err
    assert "run --markets xx" not in said.err
