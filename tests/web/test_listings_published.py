"""What a demo publishes, judged, and its feeds made by language: real files from a real run."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from web_running import Running

from tradewind.adapters.feeds.languages import FeedRequest, languages, write_feeds
from tradewind.adapters.feeds.reading import read_feed
from tradewind.checks.published import ListingsCheck
from tradewind.db import duck, open_database
from tradewind.markets import load_market
from tradewind.pipeline.published import NothingIsPublished, PublishedFiles, published_files, published_runs

pytestmark = pytest.mark.slow
DAYS = (date(2026, 11, 23), date(2027, 2, 1))


def files_of(shop: Running, market: str) -> PublishedFiles:
    with open_database(shop.settings) as database:
        return published_files(shop.settings.home, published_runs(database), market)


def test_published_listings_are_judged_and_every_verdict_is_written(demo_shop: Running, tmp_path: Path) -> None:
    files = files_of(demo_shop, "de")
    told = ListingsCheck(1, 512, *DAYS).judge(files, load_market("de"), tmp_path / "de.parquet")
    assert told.offers == files.count == sum(told.verdicts_then.values())
    with duck.connect(threads=1, memory_limit_mb=256) as connection:
        counted = connection.execute(f"SELECT verdict, count(*) FROM '{tmp_path}/de.parquet' GROUP BY 1").fetchall()
    assert dict(counted) == {verdict: count for verdict, count in told.verdicts_then.items() if count}


def test_small_pictures_of_the_catalog_break_on_the_day(demo_shop: Running, tmp_path: Path) -> None:
    files = files_of(demo_shop, "us")
    with duck.connect(threads=1, memory_limit_mb=256) as connection:
        smaller = f"SELECT * REPLACE (400::BIGINT AS image_width) FROM {duck.parquet(files.products)}"
        connection.execute(f"COPY ({smaller}) TO '{tmp_path}/products.parquet' (FORMAT parquet)")
    told = ListingsCheck(1, 512, *DAYS).judge(replace(files, products=(tmp_path / "products.parquet",)), load_market("us"))
    assert told.breaks
    assert told.newly_disapproved == told.offers
    assert told.at_risk_minor > 0


def test_feeds_by_language_hold_what_the_markets_feed_holds(demo_shop: Running, tmp_path: Path) -> None:
    files = files_of(demo_shop, "us")
    items: dict[str, dict[str, str]] = {}
    for language in languages(files):
        made = write_feeds(files, FeedRequest(language, "US", tmp_path / language, "https://shop.example", DAYS[0], limit=100_000))
        items |= {
            item["id"]: dict(item)
            for path in made
            if path.name.startswith("products") and path.suffix == ".tsv"
            for item in read_feed(path)
        }
        assert all(path.stat().st_size <= 100_000 for path in made if path.name.startswith("products"))
        chosen = [item["native_commerce"] for item in read_feed(tmp_path / language / "supplemental.tsv")]
        assert set(chosen) <= {"true"}
    assert items == {item["id"]: dict(item) for item in read_feed(demo_shop.settings.home / "feeds/us/products.tsv")}


def test_markets_outside_the_allowlist_get_no_supplemental_feed(demo_shop: Running, tmp_path: Path) -> None:
    made = write_feeds(files_of(demo_shop, "de"), FeedRequest("de", "DE", tmp_path / "de", "https://shop.example", DAYS[0]))
    assert not [path for path in made if path.name.startswith("supplemental")]


def test_a_market_without_a_publication_is_refused(demo_shop: Running) -> None:
    with pytest.raises(NothingIsPublished, match="fr"):
        files_of(demo_shop, "fr")
