"""`tradewind price`: a price by the rules of any day, a basket as a whole, and what is said of wrong words."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from running import Tradewind

from tradewind.db import Database
from tradewind.pricing import record_prices
from tradewind.settings import Settings

HEAD = "sku,title,cost,weight_g,hs_code,origin,category,gtin"
CSV = f"{HEAD}\nHX-1,Headphones,212.00,420,851830,CN,headphones,4006381333931\nNO-CODE,Thing,20.00,100,,CN,headphones,\n"


@pytest.fixture
def tradewind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tradewind:
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.csv").write_text(CSV, encoding="utf-8")
    found = Tradewind(tmp_path / "var", capsys)
    assert found("catalog", "map", "own.csv", "--currency", "CNY", "--language", "en", "--output", "own.mapping.toml").code == 0
    assert found("catalog", "import", "own.csv", "--mapping", "own.mapping.toml").code == 0
    return found


DIRECT = ("--market", "de", "--lane", "SZX-1.de")


def test_the_flat_duty_is_shown_with_its_regulation_from_its_first_day(tradewind: Tradewind) -> None:
    said = json.loads(tradewind("price", "explain", "HX-1", *DIRECT, "--as-of", "2026-07-01", "--compare", "2026-06-30", "--json").out)
    duty = next(one for one in said["differences"] if one["label"] == "duty")
    assert duty["change"] == 300
    assert "2026/382" in duty["after"]["source"]
    assert duty["before"]["rule_id"] == "EU.duty.relief_150"


def test_a_price_is_told_line_by_line_and_the_lines_add_up(tradewind: Tradewind) -> None:
    said = json.loads(tradewind("price", "explain", "HX-1", *DIRECT, "--as-of", "2026-07-01", "--json").out)
    assert sum(line["amount"] for line in said["lines"][:-1]) == said["price_minor"]
    assert "EU.duty.flat_per_line" in tradewind("price", "explain", "HX-1", *DIRECT, "--as-of", "2026-07-01").out


def test_a_basket_is_quoted_from_lines_and_from_a_file(tradewind: Tradewind, tmp_path: Path) -> None:
    by_lines = json.loads(tradewind("price", "quote", "--market", "gb", "--line", "HX-1=2", "--postcode", "SW1A 1AA", "--json").out)
    (tmp_path / "basket.json").write_text(
        '{"lines": [{"sku": "HX-1", "quantity": 2}], "address": {"postcode": "SW1A 1AA"}}', encoding="utf-8"
    )
    assert json.loads(tradewind("price", "quote", "--market", "gb", "--file", "basket.json", "--json").out) == by_lines
    assert by_lines["total"] == by_lines["listed"] - by_lines["discount"] < by_lines["listed"]


def test_sales_tax_is_added_by_destination_and_marked(tradewind: Tradewind) -> None:
    said = tradewind("price", "quote", "--market", "us", "--line", "HX-1=1", "--postcode", "90001", "--region", "CA").out
    assert "sales tax, estimate" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("explain", "HX-9", "--market", "de"), "HX-9"),
        (("explain", "HX-1", "--market", "xx"), "xx"),
        (("explain", "HX-1", "--market", "de", "--as-of", "2026-13-01"), "2026-13-01"),
        (("explain", "HX-1", "--market", "de", "--as-of", "1999-01-01"), "1999-01-01"),
        (("explain", "HX-1", "--market", "de", "--lane", "moon"), "moon"),
        (("explain", "HX-1", "--market", "fr", "--lane", "LAX-1.fr"), "LAX-1.fr"),
        (("explain", "NO-CODE", "--market", "de"), "tariff code"),
        (("quote", "--market", "de"), "empty"),
        (("quote", "--market", "de", "--line", "HX-1"), "HX-1"),
        (("quote", "--market", "de", "--line", "HX-1=-2"), "HX-1=-2"),
        (("quote", "--market", "de", "--line", "HX-1=0"), "quantity"),
        (("quote", "--market", "de", "--line", "HX-1=1", "--postcode", "27498"), "Heligoland"),
        (("quote", "--market", "de", "--line", "HX-1=1", "--postcode", "1011"), "1011"),
        (("quote", "--market", "us", "--line", "HX-1=1", "--postcode", "90001", "--region", "NY"), "NY"),
        (("quote", "--market", "de", "--line", "NO-CODE=1"), "tariff code"),
        (("quote", "--market", "de", "--file", "own.csv"), "own.csv"),
    ],
)
def test_what_is_wrong_is_named(tradewind: Tradewind, words: tuple[str, ...], told: str) -> None:
    said = tradewind("price", *words)
    assert said.code != 0
    assert told in said.err + said.out


def test_a_rule_that_has_run_out_by_then_is_told_beside_the_price(tradewind: Tradewind) -> None:
    told = tradewind("price", "explain", "HX-1", "--market", "de", "--lane", "SZX-1.de", "--as-of", "2029-01-01").out
    assert "EU.duty.flat_per_line has run out, and nobody has confirmed it" in told
    assert "this price is estimate" in told
    assert "has run out" not in tradewind("price", "explain", "HX-1", "--market", "de", "--as-of", "2026-10-30").out


def test_set_prices_are_checked_and_told(tradewind: Tradewind, tmp_path: Path) -> None:
    folder = tmp_path / "var" / "markets"
    folder.mkdir(parents=True)
    rows = ["de,HX-1,sale,59.99,EUR,2026-01-01,", "de,HX-9,fixed,9,EUR,2026-01-01,", "gb,HX-1,fixed,9,GBP,2026-01-01,",
            "us,HX-1,fixed,9,EUR,2026-01-01,", "xx,HX-1,fixed,9,EUR,2026-01-01,", "th,HX-1,sale,9000,THB,2026-01-01,"]  # fmt: skip
    (folder / "prices.csv").write_text("\n".join(["market,sku,kind,price,currency,from,to", *rows]), encoding="utf-8")
    said = tradewind("price", "check", "--json")
    found = {(one["market"], one["code"]) for one in json.loads(said.out)["findings"]}
    assert found == {("de", "sku"), ("gb", "below_floor"), ("us", "currency"), ("xx", "market"), ("th", "sale_not_below")}
    assert said.code == 3
    told = tradewind("price", "explain", "HX-1", "--market", "de").out
    assert "EUR 59.99" in told
    assert "what the set price leaves" in told
    assert "below its floor" in tradewind("price", "explain", "HX-1", "--market", "gb").out


def test_a_workspace_without_set_prices_has_nothing_to_check(tradewind: Tradewind) -> None:
    said = tradewind("price", "check")
    assert (said.code, said.out) == (0, "")


def test_history_shows_what_was_published(
    database: Database, workspace: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRADEWIND_HOME", str(workspace.home))
    assert workspace.database_url is not None
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", workspace.database_url.get_secret_value())
    with database.transaction() as tx:
        tx.execute("CREATE TABLE shown (market text, offer_id text, price_minor bigint, currency text)")
        tx.execute("INSERT INTO shown VALUES ('de', 'HX-1', 6499, 'EUR')")
        record_prices(tx, "de", "run_1", datetime(2026, 11, 1, tzinfo=UTC), published="shown")
    ask = Tradewind(workspace.home, capsys)
    alone = ask("price", "history", "HX-1", "--market", "de").out
    assert "EUR 64.99" in alone
    assert "no reduction may be announced" in alone
    with database.transaction() as tx:
        tx.execute("UPDATE shown SET price_minor = 4999")
        record_prices(tx, "de", "run_2", datetime(2026, 12, 2, tzinfo=UTC), published="shown")
    assert "23 % off may be announced, from EUR 64.99" in ask("price", "history", "HX-1", "--market", "de").out
    told = json.loads(ask("price", "history", "HX-1", "--market", "de", "--json").out)
    assert ([one["price_minor"] for one in told["prices"]], told["reduction"]["percent"]) == ([6499, 4999], 23)
    assert "ever published" in ask("price", "history", "HX-2", "--market", "de").err
