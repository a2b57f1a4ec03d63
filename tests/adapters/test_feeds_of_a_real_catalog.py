"""From a real catalog to feeds with the commands of a retailer, and back by parsers that know nothing of ours."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

MAPPING = Path(__file__).resolve().parents[1] / "mappings" / "dummyjson.mapping.toml"
PREFIX = "{http://base.google.com/ns/1.0}"


def tradewind(home: Path, *words: str) -> Any:
    """What a command prints as JSON."""
    outside = {key: value for key, value in os.environ.items() if not key.startswith("TRADEWIND_")}
    command = [sys.executable, "-m", "tradewind", *words, "--json"]
    done = subprocess.run(command, env={**outside, "TRADEWIND_HOME": str(home)}, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 3), done.stderr[-2000:]
    return json.loads(done.stdout)


def table(path: Path) -> list[tuple[str | None, ...]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["id"], row["price"], row["title"]) for row in csv.DictReader(file, delimiter="\t", strict=True)]


def items(path: Path) -> list[tuple[str | None, ...]]:
    found = etree.parse(path).iterfind("channel/item")
    return [(item.findtext(f"{PREFIX}id"), item.findtext(f"{PREFIX}price"), item.findtext("title")) for item in found]


@pytest.mark.slow
def test_dummyjson_becomes_feeds_for_three_markets_that_read_back_alike(tmp_path, shared_data):
    source = shared_data / "data/catalogs/dummyjson/products.json.gz"
    assert tradewind(tmp_path, "catalog", "import", str(source), "--mapping", str(MAPPING))["counts"]["variants"] == 194
    run = tradewind(tmp_path, "run", "--markets", "us,de,th", "--no-publish", "--by", "test")
    for market in run["markets"]:
        folder = tmp_path / "runs" / run["run_id"] / "feeds" / market["market"]
        read = table(folder / "products.tsv")
        assert read == items(folder / "products.xml")
        assert len({identity for identity, *_ in read}) == market["offers"] > 100
        assert all(str(price).endswith(f" {market['currency']}") for _, price, _ in read)
    assert not (tmp_path / "feeds").exists()
