"""Shared GTINs: which variant is listed, and why the others are not."""

import json
from pathlib import Path

import pytest
from running import Tradewind

CATALOG = """sku,product_id,title_en,gtin,cost,cost_currency,rating,brand
A-1,A-1,Acme kettle,4006381333931,10.00,USD,4.1,
B-1,B-1,Acme kettle again,4006381333931,10.00,USD,4.8,
C-1,C-1,Kettle of Acme,4006381333931,10.00,USD,4.8,Acme
D-1,D-1,Acme mug,0036000291452,3.00,USD,,
"""


@pytest.fixture
def tradewind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tradewind:
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path / "var"))
    return Tradewind(tmp_path / "var", capsys)


def test_each_rival_of_a_shared_gtin_is_told_with_its_reason(tradewind: Tradewind, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(CATALOG, encoding="utf-8")
    assert tradewind("catalog", "import", tmp_path / "own.csv").code == 0
    told = json.loads(tradewind("listings", "duplicates", "--json").out)
    (gtin,) = told["gtins"]
    assert (told["shared"], gtin["gtin"], gtin["sku"], gtin["title"]) == (1, "4006381333931", "C-1", "Kettle of Acme")
    assert [rival["sku"] for rival in gtin["rivals"]] == ["A-1", "B-1"]
    assert all("C-1 has more facts" in rival["reason"] for rival in gtin["rivals"])
    assert "not B-1: C-1 has more facts" in tradewind("listings", "duplicates").out
