"""The files of one language: what is withdrawn stands in none, the checkout's only where it is open, and an earlier run's are still whole."""

from datetime import date
from pathlib import Path

import pytest
from lxml import etree
from test_google_feeds import G

from tradewind.adapters.feeds import assemble_market
from tradewind.adapters.feeds.languages import FeedRequest, write_feeds
from tradewind.adapters.feeds.reading import read_feed
from tradewind.db import duck
from tradewind.listings import ATTRIBUTES, CHECKOUT_ATTRIBUTES
from tradewind.pipeline.published import PublishedFiles
from tradewind.pipeline.rows import Rows

DAY = date(2026, 11, 23)
IDS = ("A", "B", "C")


def published(folder: Path, columns: tuple[str, ...]) -> PublishedFiles:
    """Three listings: B is not eligible, C is German."""
    folder.mkdir(parents=True)
    given = dict.fromkeys(columns, "NULL::VARCHAR") | {
        "id": "id", "title": "'Thing & ' || id", "description": "'d'", "link": "'https://shop.example/' || id", "price": "'1.00 USD'",
        "availability": "'in_stock'", "condition": "'new'", "custom_label_1": "'supplier'",
    }  # fmt: skip
    if "native_commerce" in columns:
        given |= {"native_commerce": "CASE WHEN id <> 'B' THEN 'true' END", "consumer_notice": "'prop_65:Lead & more.'"}
    listed = ", ".join(f"{sql} AS {name}" for name, sql in given.items())
    rows = f"(SELECT unnest({list(IDS)}) AS id)"
    with duck.connect(threads=1, memory_limit_mb=256) as connection:
        connection.execute(f"COPY (SELECT id AS offer_id, {listed} FROM {rows}) TO '{folder}/listings.parquet' (FORMAT parquet)")
        language = "CASE WHEN id = 'C' THEN 'de' ELSE 'en' END AS language"
        connection.execute(f"COPY (SELECT id AS offer_id, {language} FROM {rows}) TO '{folder}/offers.parquet' (FORMAT parquet)")
    return PublishedFiles("us", Rows.of([folder], "listings.parquet"), Rows.of([folder], "offers.parquet"), ())


def made(tmp_path: Path, columns: tuple[str, ...], country: str = "US", withdrawn: frozenset[str] = frozenset()) -> dict[str, Path]:
    request = FeedRequest("en", country, tmp_path / "en", "https://shop.example", DAY, withdrawn)
    return {path.name: path for path in write_feeds(published(tmp_path / "shard", columns), request)}


def test_the_supplemental_feeds_name_eligible_products_with_their_notices(tmp_path: Path) -> None:
    files = made(tmp_path, (*ATTRIBUTES, *CHECKOUT_ATTRIBUTES))
    assert list(read_feed(files["supplemental.tsv"])) == [{"id": "A", "native_commerce": "true", "consumer_notice": "prop_65:Lead & more."}]
    (item,) = etree.parse(files["supplemental.xml"]).iterfind("channel/item")
    assert [part.text for part in item.iterfind(f"{G}consumer_notice/*")] == ["prop_65", "Lead & more."]
    assert [item["id"] for item in read_feed(files["products.tsv"])] == ["A", "B"]
    assert not set(CHECKOUT_ATTRIBUTES) & set(files["products.tsv"].read_text("utf-8").splitlines()[0].split("\t"))


def test_what_is_withdrawn_stands_in_no_file(tmp_path: Path) -> None:
    files = made(tmp_path, (*ATTRIBUTES, *CHECKOUT_ATTRIBUTES), withdrawn=frozenset("A"))
    assert [item["id"] for item in read_feed(files["products.xml"])] == ["B"]
    assert list(read_feed(files["supplemental.tsv"])) == []


@pytest.mark.parametrize("country", ["DE", "CA"])
def test_no_other_country_has_a_supplemental_feed(tmp_path: Path, country: str) -> None:
    assert not [name for name in made(tmp_path, ATTRIBUTES, country) if name.startswith("supplemental")]


def test_a_run_of_an_earlier_release_still_makes_feeds_whose_columns_fit(tmp_path: Path) -> None:
    earlier = tuple(name for name in ATTRIBUTES if name not in {"structured_title", "product_detail", "custom_label_4"})
    files = made(tmp_path, earlier)
    assert [item["title"] for item in read_feed(files["products.tsv"])] == ["Thing & A", "Thing & B"]
    (tmp_path / "shard" / "products.tsv.part").write_text("A\t" + "\t" * (len(earlier) - 2) + "\n", encoding="utf-8")
    (tmp_path / "shard" / "products.xml.part").write_text("<item><g:id>A</g:id></item>\n", encoding="utf-8")
    assemble_market([tmp_path / "shard"], tmp_path / "whole", "Shop", "https://shop.example")
    header, row = (tmp_path / "whole" / "products.tsv").read_text("utf-8").splitlines()
    assert tuple(header.split("\t")) == earlier
    assert len(row.split("\t")) == len(earlier)
