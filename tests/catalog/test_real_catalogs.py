"""The catalogs and feeds of the reference data, imported for real with their committed mappings."""

from pathlib import Path

import pytest
from tests.catalog.building import quarantine, real, rows, variants

from tradewind.catalog.errors import NothingWasAccepted
from tradewind.kit import TradewindError

CATALOGS, FEEDS = "data/catalogs", "data/feeds"


def number(query: str) -> int:
    return int(next(iter(rows(query)[0].values())))


def test_litemall_groups_skus_and_drops_brand_zero(tmp_path: Path, shared_data: Path) -> None:
    snapshot = real(tmp_path, shared_data / CATALOGS / "zh_litemall", "zh_litemall")
    found = variants(snapshot)
    assert (snapshot.counts.rows_read, snapshot.counts.rows_quarantined, snapshot.counts.variants) == (239, 0, 244)
    assert sum(1 for row in {row["product_id"]: row for row in found}.values() if row["brand"] is None) == 201
    assert sum(1 for row in {row["product_id"]: row for row in found}.values() if row["home_category"]) == 239
    assert len([row for row in found if row["product_id"] == "1181000"]) == 6


def test_litemall_variants_carry_named_options_and_the_retail_price(tmp_path: Path, shared_data: Path) -> None:
    found = [row for row in variants(real(tmp_path, shared_data / CATALOGS / "zh_litemall", "zh_litemall")) if row["sku"] == "1181000-1"]
    assert found[0]["options"] == {"规格": "1.5m床垫*1+枕头*2", "颜色": "浅杏粉"}
    assert (found[0]["color"], found[0]["home_price_minor"], found[0]["home_price_currency"]) == ("浅杏粉", 99900, "CNY")
    assert found[0]["cost_from"] == "derived"


def test_litemall_has_no_fact_that_nobody_gave(tmp_path: Path, shared_data: Path) -> None:
    found = variants(real(tmp_path, shared_data / CATALOGS / "zh_litemall", "zh_litemall"))
    assert {row["gtin_from"] for row in found} == {"missing"}
    assert {row["weight_from"] for row in found} == {"category_default"}
    assert {row["hs_from"] for row in found} == {"category_default"}


def test_pms_reads_null_as_nothing_and_zero_weights_as_missing(tmp_path: Path, shared_data: Path) -> None:
    snapshot = real(tmp_path, shared_data / CATALOGS / "zh_pms", "zh_pms")
    found = variants(snapshot)
    products = {row["product_id"]: row for row in found}
    assert (snapshot.counts.rows_read, snapshot.counts.variants, len(products)) == (38, 114, 38)
    assert sum(1 for row in products.values() if row["weight_from"] == "category_default") == 30
    assert sum(1 for row in found if row["sku"].startswith("pms-")) == 18
    assert not [row for row in found for value in row.values() if value == "NULL"]


def test_pms_options_come_from_its_json(tmp_path: Path, shared_data: Path) -> None:
    found = [row for row in variants(real(tmp_path, shared_data / CATALOGS / "zh_pms", "zh_pms")) if row["sku"] == "201808270027001"]
    assert found[0]["options"] == {"颜色": "黑色", "容量": "32G"}
    assert (found[0]["color"], found[0]["home_price_minor"], found[0]["category"]) == ("黑色", 269900, "phones")


def test_best_buy_gets_ids_made_of_its_fields(tmp_path: Path, shared_data: Path) -> None:
    snapshot = real(tmp_path, shared_data / CATALOGS / "bestbuy3k" / "ecommerce.json.gz", "bestbuy3k")
    assert (snapshot.counts.rows_read, snapshot.counts.variants) == (3291, 3291)
    assert number(f"SELECT count(*) FROM read_parquet('{snapshot.all_products}') WHERE condition = 'refurbished'") > 20


def test_the_retail_demo_store_imports_from_yaml(tmp_path: Path, shared_data: Path) -> None:
    snapshot = real(tmp_path, shared_data / CATALOGS / "retail_demo_store" / "products.yaml.gz", "retail_demo_store")
    assert (snapshot.counts.rows_read, snapshot.counts.stock_rows) == (2465, 2465)
    assert number(f"SELECT count(*) FROM read_parquet('{snapshot.all_products}') WHERE category IS NULL") == 2


def test_dummyjson_reports_its_invented_barcodes(tmp_path: Path, shared_data: Path) -> None:
    snapshot = real(tmp_path, shared_data / CATALOGS / "dummyjson" / "products.json.gz", "dummyjson")
    assert snapshot.counts.variants == 194
    assert sum(1 for issue in quarantine(snapshot, "issues") if issue["field"] == "gtin") == 181


@pytest.mark.slow
def test_icecat_has_the_facts_for_five_thousand_offers(tmp_path: Path, shared_data: Path) -> None:
    snapshot = real(tmp_path, shared_data / CATALOGS / "icecat" / "products.jsonl.gz", "icecat")
    ready = "category IS NOT NULL AND cost_minor > 0 AND weight_g IS NOT NULL AND hs_code IS NOT NULL AND origin IS NOT NULL AND len(images) > 0"
    assert snapshot.counts.rows_read == snapshot.counts.variants == 19_406
    assert number(f"SELECT count(*) FROM read_parquet('{snapshot.all_products}') WHERE {ready}") > 12_000
    assert number(f"SELECT count(*) FROM read_parquet('{snapshot.all_products}') WHERE weight_from = 'measured'") == 6_953
    assert number(f"SELECT count(DISTINCT location_id) FROM read_parquet('{snapshot.all_stock}')") == 4


@pytest.mark.parametrize(
    ("name", "rows_read"), [("eleswood.csv.gz", 133), ("eleswood.xml.gz", 133), ("huenox.xml.gz", 123), ("storebot.xml.gz", 26)]
)
def test_google_feeds_need_no_mapping(tmp_path: Path, shared_data: Path, name: str, rows_read: int) -> None:
    snapshot = real(tmp_path, shared_data / FEEDS / name)
    assert (snapshot.counts.rows_read, snapshot.counts.rows_accepted) == (rows_read, rows_read)
    assert number(f"SELECT count(*) FROM read_parquet('{snapshot.all_products}') WHERE home_price_minor IS NULL") == 0


def test_a_feed_without_currencies_is_reported_and_a_mapping_says_the_currency(tmp_path: Path, shared_data: Path) -> None:
    bare = real(tmp_path, shared_data / FEEDS / "hurom_cz_google.xml.gz")
    assert {issue["reason"] for issue in quarantine(bare, "issues") if issue["field"] == "home_price"} == {"the price has no currency"}
    told = variants(real(tmp_path, shared_data / FEEDS / "hurom_cz_google.xml.gz", "hurom_cz_google"))
    assert {row["home_price_currency"] for row in told} == {"CZK"}


def test_a_feed_that_is_not_well_formed_names_the_place(tmp_path: Path, shared_data: Path) -> None:
    with pytest.raises(TradewindError, match="line 13, column"):
        real(tmp_path, shared_data / FEEDS / "newmerchant_br.xml.gz")


def test_salvaging_a_feed_whose_items_are_all_broken_says_so(tmp_path: Path, shared_data: Path) -> None:
    with pytest.raises(NothingWasAccepted, match="5 were rejected, the first because the item from line 8"):
        real(tmp_path, shared_data / FEEDS / "newmerchant_br.xml.gz", salvage=True)
