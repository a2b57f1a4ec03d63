"""The sample catalog: deterministic, full of sound facts, broken where it means to be."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from tradewind.adapters.demo import SampleCatalog, build_sample_catalog
from tradewind.adapters.demo.broken import broken_rows
from tradewind.adapters.demo.maker import COLUMNS, Row, make_products
from tradewind.adapters.demo.pictures import drawing_names
from tradewind.adapters.demo.words import words
from tradewind.catalog import categories
from tradewind.kit import Gtin, HsCode, gtin_problem

SOUND = [made.row for made in make_products(1)]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleCatalog:
    """The files without their pictures, which take ten seconds to paint."""
    folder = tmp_path_factory.mktemp("sample")
    return build_sample_catalog(folder, folder / "media", seed=1, paint=lambda _pictures, _folder: 0)


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> SampleCatalog:
    folder = tmp_path_factory.mktemp("painted")
    return build_sample_catalog(folder, folder / "media", seed=1)


def rows_of(sample: SampleCatalog) -> list[Row]:
    with sample.catalog.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_equal_seeds_give_equal_bytes(sample: SampleCatalog, tmp_path: Path) -> None:
    again = build_sample_catalog(tmp_path, sample.media.parent, seed=1, paint=lambda _pictures, _folder: 0)
    assert again.catalog.read_bytes() == sample.catalog.read_bytes()
    assert again.stock.read_bytes() == sample.stock.read_bytes()


@pytest.mark.slow
def test_pictures_that_exist_are_not_painted_again(painted: SampleCatalog, tmp_path: Path) -> None:
    assert build_sample_catalog(tmp_path, painted.media.parent, seed=1).pictures_painted == 0


def test_another_seed_gives_another_catalog() -> None:
    assert [made.row for made in make_products(2)] != SOUND


def test_there_are_about_three_hundred_products_and_more_variants(sample: SampleCatalog) -> None:
    products = {row["款号"] for row in SOUND}
    assert 250 <= len(products) <= 320
    assert 400 <= len(SOUND) == sample.rows - sample.broken <= 500


def test_sound_skus_and_gtins_are_unique_and_valid() -> None:
    gtins = [row["条形码"] for row in SOUND if row["条形码"]]
    assert len({row["商品编码"] for row in SOUND}) == len(SOUND)
    assert len(set(gtins)) == len(gtins) > len(SOUND) // 2
    assert all(Gtin(digits) for digits in gtins)


def test_every_kind_has_a_drawing_a_category_and_a_tariff_code() -> None:
    for kind in words().kinds:
        assert kind.drawing in drawing_names()
        assert kind.slug in categories()
        assert HsCode(kind.hs_code)
        assert len(kind.models) >= kind.products


def test_every_drawing_is_used() -> None:
    assert {kind.drawing for kind in words().kinds} == drawing_names()


def test_titles_are_told_in_four_languages() -> None:
    told = Counter(column for row in SOUND for column in ("商品名称", "英文名称", "德文名称", "泰文名称") if row[column])
    assert told["商品名称"] == len(SOUND) > told["英文名称"] > told["德文名称"] >= told["泰文名称"] > len(SOUND) // 2


def test_titles_of_variants_differ() -> None:
    assert len({row["商品名称"] for row in SOUND}) == len(SOUND)


def test_the_broken_rows_are_broken_as_they_say() -> None:
    broken = dict(broken_rows(SOUND))
    assert gtin_problem(broken["wrong check digit"]["条形码"]) == "its check digit is wrong"
    assert broken["no cost"]["采购价"] == ""
    assert broken["a sku that exists already"]["商品编码"] in {row["商品编码"] for row in SOUND}
    assert broken["the GTIN of another seller"]["条形码"] in {row["条形码"] for row in SOUND}
    assert "\x00" in broken["a NUL character"]["型号"]
    assert len(broken) >= 12


def test_the_mapping_names_columns_that_the_file_has(sample: SampleCatalog) -> None:
    from tradewind.catalog.mapping import load_mapping

    mapping = load_mapping(sample.mapping)
    columns = {source.column for sources in mapping.attributes.values() for source in sources}
    assert columns == set(COLUMNS)
    assert set(mapping.categories.values()) >= {kind.slug for kind in words().kinds}


def test_stock_lies_in_four_places(sample: SampleCatalog) -> None:
    with sample.stock.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["location_id"] for row in rows} == {"SZX-1", "LAX-1", "DUI-1", "BKK-1"}
    assert {row["sku"] for row in rows} <= {row["商品编码"] for row in SOUND}
    assert sum(row["on_hand"] == "0" for row in rows) > 0


@pytest.mark.slow
def test_pictures_are_large_and_light(painted: SampleCatalog) -> None:
    named = {name.strip() for row in rows_of(painted) for name in row["图片"].split("|") if name.strip().endswith(".webp")}
    for name in named:
        path = painted.media.parent / name
        assert path.stat().st_size <= 25_000
        with Image.open(path) as picture:
            assert picture.size == (800, 800)
