"""Runs every catalog and feed of the reference data for real: `python -m bench.real_catalogs --data ../shared/data`.

Each is imported into a fresh workspace with the commands a retailer types, run for three markets, and its feeds are read back by
parsers that know nothing of the code that wrote them. Prints Markdown for docs/explanation/real-catalogs.md.
"""

import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from lxml import etree

from tradewind.pipeline.manifest import Workspace

MARKETS = ("us", "de", "th")
MAPPINGS = Path(__file__).resolve().parent.parent / "tests" / "mappings"
ICECAT_OFFERS = 5_000  # at least so many in each market
REASONS_SHOWN = 3
FOUND_ISSUES = 3
_G = "{http://base.google.com/ns/1.0}"


@dataclass(frozen=True, slots=True)
class Catalog:
    """One input: its name on the page, its path below the data folder, its mapping, and how it is imported."""

    name: str
    path: str
    mapping: str | None = None
    salvage: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one catalog; `refused` is the error when the import took nothing."""

    catalog: Catalog
    counts: dict[str, int]
    import_seconds: float
    run_seconds: float
    markets: tuple[dict[str, Any], ...]
    verdicts: dict[str, Counter[str]]
    refused: str = ""


CATALOGS = (
    Catalog("icecat", "catalogs/icecat/products.jsonl.gz", "icecat"),
    Catalog("bestbuy3k", "catalogs/bestbuy3k/ecommerce.json.gz", "bestbuy3k"),
    Catalog("retail_demo_store", "catalogs/retail_demo_store/products.yaml.gz", "retail_demo_store"),
    Catalog("dummyjson", "catalogs/dummyjson/products.json.gz", "dummyjson"),
    Catalog("zh_litemall", "catalogs/zh_litemall", "zh_litemall"),
    Catalog("zh_pms", "catalogs/zh_pms", "zh_pms"),
    Catalog("eleswood.csv", "feeds/eleswood.csv.gz"),
    Catalog("eleswood.xml", "feeds/eleswood.xml.gz"),
    Catalog("huenox.xml", "feeds/huenox.xml.gz"),
    Catalog("storebot.xml", "feeds/storebot.xml.gz"),
    Catalog("hurom_cz_google.xml", "feeds/hurom_cz_google.xml.gz", "hurom_cz_google"),
    Catalog("newmerchant_br.xml", "feeds/newmerchant_br.xml.gz"),
    Catalog("newmerchant_br.xml --salvage", "feeds/newmerchant_br.xml.gz", salvage=True),
    Catalog("hurom_cz_heureka.xml", "feeds/hurom_cz_heureka.xml.gz"),
    Catalog("hurom_cz_zbozi.xml", "feeds/hurom_cz_zbozi.xml.gz"),
    Catalog("hurom_cz_facebook.xml", "feeds/hurom_cz_facebook.xml.gz"),
)


class FeedsDisagree(AssertionError):
    """The two feeds, the offers or the counts of a market contradict each other."""


def main() -> None:
    """Runs the chosen catalogs one after the other and prints the page's tables; a disagreement ends with its error."""
    parser = argparse.ArgumentParser(prog="python -m bench.real_catalogs", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with catalogs/ and feeds/")
    parser.add_argument("--only", default="", help="names, such as icecat,zh_pms")
    parser.add_argument("--keep", type=Path, help="a folder where the workspaces stay, for tradewind explain and catalog gaps")
    arguments = parser.parse_args()
    chosen = [catalog for catalog in CATALOGS if not arguments.only or catalog.name in arguments.only.split(",")]
    work = arguments.keep or Path(tempfile.mkdtemp(prefix="tradewind-real-"))
    work.mkdir(parents=True, exist_ok=True)
    work.chmod(0o755)  # the embedded database runs as another user when root starts it
    try:
        outcomes = []
        for catalog in chosen:
            print(catalog.name, file=sys.stderr, flush=True)
            outcomes.append(outcome_of(catalog, arguments.data, work / re.sub(r"\W+", "-", catalog.name)))
    finally:
        if not arguments.keep:
            shutil.rmtree(work, ignore_errors=True)
    print("\n".join(page(outcomes)))


def outcome_of(catalog: Catalog, data: Path, home: Path) -> Outcome:
    """Imports and runs one catalog in its own workspace, and checks its feeds."""
    words = ["catalog", "import", str(data / catalog.path), "--json"]
    words += ["--mapping", str(MAPPINGS / f"{catalog.mapping}.mapping.toml")] if catalog.mapping else []
    words += ["--salvage"] if catalog.salvage else []
    done, import_seconds = tradewind(home, words)
    if done.returncode:
        return Outcome(catalog, {}, import_seconds, 0.0, (), {}, refused=done.stderr.replace(f"{data}/", "").strip())
    counts = json.loads(done.stdout)["counts"]
    agree(counts["rows_accepted"] + counts["rows_quarantined"] == counts["rows_read"], catalog, "accepted + quarantined = read")
    done, run_seconds = tradewind(home, ["run", "--markets", ",".join(MARKETS), "--by", "bench", "--json"])
    if done.returncode not in (0, FOUND_ISSUES):
        raise RuntimeError(f"{catalog.name}: tradewind run ended with {done.returncode}: {done.stderr[-2000:]}")
    run = json.loads(done.stdout)
    verdicts = {}
    for market in run["markets"]:
        code = market["market"]
        agree(
            market["chosen"] + sum(reason["count"] for reason in market["left_out"]) == market["considered"], catalog, f"{code}: all judged"
        )
        agree(catalog.name != "icecat" or market["offers"] >= ICECAT_OFFERS, catalog, f"{code}: {market['offers']} offers are too few")
        verdicts[code] = read_back(catalog, home, run["run_id"], code, market["offers"])
    return Outcome(catalog, counts, import_seconds, run_seconds, tuple(run["markets"]), verdicts)


def tradewind(home: Path, words: list[str]) -> tuple[subprocess.CompletedProcess[str], float]:
    """One command in the workspace, and its wall seconds."""
    outside = {key: value for key, value in os.environ.items() if not key.startswith("TRADEWIND_")}
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "tradewind", *words],
        env={**outside, "TRADEWIND_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done, time.perf_counter() - started


def read_back(catalog: Catalog, home: Path, run_id: str, market: str, offers: int) -> Counter[str]:
    """Compares both published feeds with the offers of the run, by id and price; the verdicts."""
    tsv, xml = (home / "feeds" / market / f"products.{kind}" for kind in ("tsv", "xml"))
    table, items = prices_in_table(tsv), prices_in_xml(xml)
    with duckdb.connect() as connection:
        offers_now = Workspace(home).rows(run_id, market, "offers.parquet").sql
        found = connection.execute(f"SELECT offer_id, price_minor, currency, verdict FROM {offers_now}").fetchall()
    computed = sorted((offer_id, f"{minor // 100}.{minor % 100:02} {currency}") for offer_id, minor, currency, _ in found)
    agree(len(computed) == offers, catalog, f"{market}: the summary counts {offers} offers, the run holds {len(computed)}")
    agree(sorted(table) == computed, catalog, f"{market}: products.tsv is not the offers")
    agree(sorted(items) == computed, catalog, f"{market}: products.xml is not the offers")
    agree(len(dict(table)) == len(table), catalog, f"{market}: an id is there twice")
    return Counter(verdict for *_, verdict in found)


def prices_in_table(path: Path) -> list[tuple[str, str]]:
    """(id, price) of each row, read with the csv module."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["id"], row["price"]) for row in csv.DictReader(file, delimiter="\t", strict=True)]


def prices_in_xml(path: Path) -> list[tuple[str, str]]:
    """(id, price) of each item, read with lxml, which refuses what is not well-formed."""
    items = etree.parse(path).iterfind("channel/item")
    return [(str(item.findtext(f"{_G}id")), str(item.findtext(f"{_G}price"))) for item in items]


def agree(holds: bool, catalog: Catalog, claim: str) -> None:
    if not holds:
        raise FeedsDisagree(f"{catalog.name}: {claim}")


def page(outcomes: list[Outcome]) -> list[str]:
    """The tables in Markdown: what was read and chosen, why the rest stayed at home, what Google would say, what was refused."""
    taken = [outcome for outcome in outcomes if not outcome.refused]
    lines = [
        "| catalog | rows read | accepted | quarantined | issues | variants | chosen us | de | th | import s | run s |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for outcome in taken:
        counts = [outcome.counts[name] for name in ("rows_read", "rows_accepted", "rows_quarantined", "issues", "variants")]
        numbers = [*counts, *(market["chosen"] for market in outcome.markets)]
        cells = " | ".join(f"{number:,}" for number in numbers)
        lines.append(f"| {outcome.catalog.name} | {cells} | {outcome.import_seconds:.1f} | {outcome.run_seconds:.1f} |")
    lines += ["", "| catalog | market | left out | top reasons |", "|---|---|--:|---|"]
    lines += [reasons_line(outcome.catalog, group) for outcome in taken for group in alike(outcome.markets)]
    lines += ["", "| catalog | market | ok | warning | limited | disapproved |", "|---|---|--:|--:|--:|--:|"]
    for outcome in taken:
        for code, found in outcome.verdicts.items():
            if found:
                cells = " | ".join(f"{found[verdict]:,}" for verdict in ("ok", "warning", "limited", "disapproved"))
                lines.append(f"| {outcome.catalog.name} | {code} | {cells} |")
    lines += ["", *(f"- `{outcome.catalog.name}`: {' '.join(outcome.refused.split())}" for outcome in outcomes if outcome.refused)]
    return lines


def alike(markets: tuple[dict[str, Any], ...]) -> list[tuple[str, dict[str, Any]]]:
    """The markets of a run, those with the same reasons on one line."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for market in markets:
        groups.setdefault(json.dumps(market["left_out"]), []).append(market)
    return [(", ".join(market["market"] for market in group), group[0]) for group in groups.values()]


def reasons_line(catalog: Catalog, group: tuple[str, dict[str, Any]]) -> str:
    codes, market = group
    shown = [f"`{reason['code']}` {reason['count']:,}" for reason in market["left_out"][:REASONS_SHOWN]]
    left_out = market["considered"] - market["chosen"]
    return f"| {catalog.name} | {codes} | {left_out:,} | {', '.join(shown) or '-'} |"


if __name__ == "__main__":
    main()
