"""Every real catalog and feed, counted by an independent reader."""

import csv
import gzip
import io
import json
import re

import pytest
import yaml

from tradewind.adapters.sources import errors

LINES = [
    "icecat/products",
    *(f"zh_litemall/litemall_{part}" for part in ("goods", "goods_product", "goods_specification", "goods_attribute")),
]
LINES += ["zh_litemall/litemall_brand", "zh_litemall/litemall_category", "zh_pms/pms_product", "zh_pms/pms_sku_stock"]
DOCUMENTS = ["bestbuy3k/ecommerce", "bestbuy3k/categories", "bestbuy3k/stores", "dummyjson/products"]
FEEDS = ["eleswood", "huenox", "hurom_cz_google", "storebot"]


def text_of(path):
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


@pytest.mark.parametrize("name", LINES)
def test_every_line_of_a_catalog_is_read(shared_data, staged, name):
    path = shared_data / f"data/catalogs/{name}.jsonl.gz"
    found = staged(path)
    expected = [json.loads(line) for line in text_of(path).split("\n") if line]
    assert found.rejects == []
    assert [json.loads(row[1]) for row in found.rows] == expected


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_object_of_a_document_is_read(shared_data, staged, name):
    path = shared_data / f"data/catalogs/{name}.json.gz"
    assert [json.loads(row[1]) for row in staged(path).rows] == json.loads(text_of(path))


@pytest.mark.slow
def test_every_item_of_a_yaml_catalog_is_read(shared_data, staged):
    path = shared_data / "data/catalogs/retail_demo_store/products.yaml.gz"
    expected = yaml.load(text_of(path), Loader=yaml.CSafeLoader)
    assert [json.loads(row[1]) for row in staged(path).rows] == expected


def test_every_row_of_the_tables_is_read(shared_data, staged):
    shop = shared_data / "data/feeds/eleswood.csv.gz"
    expected = list(csv.reader(io.StringIO(text_of(shop))))[1:]
    found = staged(shop)
    assert [[value or "" for value in row[1:]] for row in found.rows] == expected
    codes = shared_data / "data/catalogs/barcodes_62k.tsv.gz"
    assert staged(codes).table.rows_read == text_of(codes).count("\n") - 1 == 61_935


@pytest.mark.parametrize("name", FEEDS)
def test_every_item_of_a_feed_is_read(shared_data, staged, name):
    path = shared_data / f"data/feeds/{name}.xml.gz"
    text = re.sub(r"<!--.*?-->", "", text_of(path), flags=re.DOTALL)
    found = staged(path)
    assert (found.table.rows, found.table.rejected_rows) == (len(re.findall(r"<item>", text)), 0)
    assert "id" in found.table.columns


def test_a_feed_that_is_not_well_formed_is_refused_and_can_be_salvaged(shared_data, staged):
    path = shared_data / "data/feeds/newmerchant_br.xml.gz"
    with pytest.raises(errors.XmlIsBroken, match="line 13, column 197"):
        staged(path)
    found = staged(path, salvage=True)
    assert found.table.rows_read == text_of(path).count("<item>") == 5
    assert all("not well-formed" in reject[3] for reject in found.rejects)


@pytest.mark.parametrize(("name", "shape"), [("heureka", "Heureka"), ("zbozi", "Zboží"), ("facebook", "Facebook")])
def test_other_channels_feeds_are_refused_by_name(shared_data, staged, name, shape):
    with pytest.raises(errors.FormatIsNotASource, match=shape):
        staged(shared_data / f"data/feeds/hurom_cz_{name}.xml.gz")
