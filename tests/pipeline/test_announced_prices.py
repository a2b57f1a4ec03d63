"""A dated sale is announced from the pinned history, on offers and listings alike, and a shard reads nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from run_builders import a_planner, a_request, a_snapshot, runs_of
from shard_builders import TODAY, a_plan, a_spec, a_variant, compute, rows

from tradewind.db import Database, duck
from tradewind.pipeline.model import MarketPlan, ShardSpec
from tradewind.pricing import PublishedPrice, parse_prices, write_past
from tradewind.settings import Settings

HEAD = "market,sku,kind,price,currency,from,to"
AT = datetime(2026, 9, 15, 9, tzinfo=UTC)
SALE = "de,HX-1,sale,65.00,EUR,2026-09-15,2026-09-20"
ASKED = ((90, 10_000),)


def priced(*lines: str, market: str = "de") -> MarketPlan:
    table = parse_prices("\n".join([HEAD, *lines]))
    return replace(a_plan(market), set_prices=tuple(row for row in table.rows if row.holds(TODAY)))


def pinned(folder: Path, asked: Sequence[tuple[int, int | None]], sku: str = "HX-1", market: str = "de") -> Path:
    history = [PublishedPrice(AT - timedelta(days=days), minor, "EUR", "run") for days, minor in asked]
    folder.mkdir(parents=True, exist_ok=True)
    with duck.connect(threads=1, memory_limit_mb=256) as connection:
        write_past(connection, [(market, sku, history)], folder / "prices.parquet", AT)
    return folder / "prices.parquet"


def a_sale(folder: Path, run: str = "run_1", asked: Sequence[tuple[int, int | None]] = ASKED, **changes: Any) -> ShardSpec:
    variants = [a_variant(), a_variant("HX-2", gtin=None)]
    common: dict[str, Any] = {"plans": (priced(SALE),), "prices": pinned(folder / f"past-{run}", asked), "pinned_at": AT}
    return a_spec(folder, variants, run, **(common | changes))


def offers(spec: ShardSpec) -> dict[str, Any]:
    compute(spec)
    return {row["sku"]: row for row in rows(spec.target / "de" / "offers.parquet")}


def test_an_offer_and_its_listing_announce_the_same_reduction(tmp_path: Path) -> None:
    spec = a_sale(tmp_path)
    found = offers(spec)
    names = ("price_minor", "list_price_minor", "sale_starts", "sale_ends")
    assert [found["HX-1"][name] for name in names] == [6_500, 10_000, TODAY, date(2026, 9, 20)]
    assert [found["HX-2"][name] for name in names[1:]] == [None, None, None]
    listing = next(row for row in rows(spec.target / "de" / "listings.parquet") if row["id"] == "HX-1")
    assert (listing["price"], listing["sale_price"]) == ("100.00 EUR", "65.00 EUR")
    assert listing["sale_price_effective_date"] == "2026-09-15T00:00+0000/2026-09-20T23:59+0000"


def test_feeds_carry_both_prices_and_the_days(tmp_path: Path) -> None:
    spec = a_sale(tmp_path)
    compute(spec)
    assert (
        "\t100.00 EUR\t65.00 EUR\t2026-09-15T00:00+0000/2026-09-20T23:59+0000\t" in (spec.target / "de" / "products.tsv.part").read_text()
    )
    assert "<g:sale_price>65.00 EUR</g:sale_price>" in (spec.target / "de" / "products.xml.part").read_text()


def test_without_history_nothing_is_struck_through(tmp_path: Path) -> None:
    for run, asked in (("run_1", ()), ("run_2", ((29, 10_000),))):
        found = offers(a_sale(tmp_path, run, asked))["HX-1"]
        assert (found["price_minor"], found["list_price_minor"]) == (6_500, None)


def test_the_home_shops_strike_price_never_travels(tmp_path: Path) -> None:
    variants = [a_variant(home_price_minor=99_900, home_price_currency="CNY")]
    spec = a_spec(tmp_path, variants, plans=(priced(SALE),), pinned_at=AT)
    assert offers(spec)["HX-1"]["list_price_minor"] is None
    assert "999" not in str(rows(spec.target / "de" / "listings.parquet")[0]["price"])


def test_a_history_of_another_market_says_nothing(tmp_path: Path) -> None:
    spec = a_sale(tmp_path, prices=pinned(tmp_path / "us", ASKED, market="us"))
    assert offers(spec)["HX-1"]["list_price_minor"] is None


def test_an_announcement_changes_the_hashes_and_its_absence_does_not(tmp_path: Path) -> None:
    announced, silent = offers(a_sale(tmp_path)), offers(a_sale(tmp_path, "run_2", ()))
    assert announced["HX-1"]["content_hash"] != silent["HX-1"]["content_hash"]
    assert announced["HX-2"]["content_hash"] == silent["HX-2"]["content_hash"]


def test_a_new_day_judges_what_is_announced_anew_and_the_same_day_does_not(tmp_path: Path) -> None:
    first = a_sale(tmp_path)
    compute(first)
    earlier = {"reusable": {"de": first.target / "de"}}
    same = a_sale(tmp_path, "run_2", pinned_at=AT + timedelta(hours=3), **earlier)
    later = a_sale(tmp_path, "run_3", pinned_at=AT + timedelta(days=1), **earlier)
    assert compute(same).markets[0].computed == 0
    assert compute(later).markets[0].computed == 1


def dated_planner(markets: Sequence[str], as_of: date) -> tuple[MarketPlan, ...]:
    rows = [f"us,SKU-{number:02d},sale,9.00,USD,2026-11-20,2026-11-30" for number in range(2)]
    table = parse_prices("\n".join([HEAD, *rows, "us,SKU-05,fixed,9.00,USD,2026-11-20,"]))
    return tuple(replace(plan, set_prices=table.rows) for plan in a_planner(markets, as_of))


def test_a_run_pins_what_its_dated_offers_were_published_at(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, {f"SKU-{number:02d}": 1_000 for number in range(10)})
    specs: list[ShardSpec] = []
    runs = runs_of(workspace, database)
    runs.run(a_request())
    again = runs_of(workspace, database, planner=dated_planner, shard_function=lambda spec: specs.append(spec) or runs.shard_function(spec))
    run = again.run(a_request())
    assert specs[0].pinned_at == run.created_at
    assert specs[0].prices is not None
    found = rows(specs[0].prices, "market, sku, price_minor")
    assert found == [{"market": "us", "sku": f"SKU-{number:02d}", "price_minor": 2_000} for number in range(2)]
    assert run.prices_sha256


def test_a_run_without_dated_prices_pins_none(workspace: Settings, database: Database) -> None:
    a_snapshot(workspace.home, {"SKU-01": 1_000})
    run = runs_of(workspace, database).run(a_request())
    assert run.prices_sha256 is None
    assert not (workspace.home / "runs" / run.run_id / "prices.parquet").exists()
