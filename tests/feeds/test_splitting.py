"""Feed files within a limit: parts hold whole items, names stay, and everything reads back as one feed."""

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_google_feeds import a_listing, fragments

from tradewind.adapters.feeds import assemble_market
from tradewind.adapters.feeds.reading import read_feed
from tradewind.adapters.feeds.splitting import FeedCannotBeSplit, split, zipped
from tradewind.adapters.feeds.targets import FolderTarget
from tradewind.listings import ATTRIBUTES


def a_feed(folder: Path, items: int) -> Path:
    shard = fragments(folder / "shard", [a_listing(f"P-{number:03d}", title=f"Thing & {number}") for number in range(items)])
    assemble_market([shard], folder / "whole", "Shop", "http://shop.example")
    return folder / "whole"


@settings(max_examples=10)
@given(st.integers(0, 30), st.integers(1200, 6000), st.sampled_from(["products.tsv", "products.xml"]))
def test_the_parts_hold_every_item_once_and_none_is_too_large(items: int, limit: int, name: str) -> None:
    with TemporaryDirectory() as work:
        source, out = a_feed(Path(work), items) / name, Path(work) / "out"
        out.mkdir()
        parts = split(source, out, limit=limit)
        assert all(part.stat().st_size <= limit for part in parts)
        assert [item for part in parts for item in read_feed(part)] == list(read_feed(source))
        assert sorted(part.name for part in parts) == sorted(path.name for path in out.iterdir())


def test_one_part_keeps_the_name_and_several_are_numbered(tmp_path: Path) -> None:
    source = a_feed(tmp_path, 12) / "products.tsv"
    several = split(source, tmp_path, limit=1500)
    assert [part.name for part in several][:2] == ["products-001.tsv", "products-002.tsv"]
    (alone,) = split(source, tmp_path)
    assert (alone.name, alone.read_bytes()) == ("products.tsv", source.read_bytes())
    assert not list(tmp_path.glob("products-*"))


def test_an_item_that_no_file_can_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedCannotBeSplit, match=r"products\.xml"):
        split(a_feed(tmp_path, 1) / "products.xml", tmp_path, limit=300)


def test_the_gzipped_copy_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    source = a_feed(tmp_path, 3) / "products.xml"
    first = zipped(source).read_bytes()
    assert gzip.decompress(first) == source.read_bytes()
    assert zipped(source).read_bytes() == first
    assert list(read_feed(source)) == list(read_feed(source.with_name("products.xml.gz")))


def test_both_forms_read_back_as_the_same_attributes(tmp_path: Path) -> None:
    whole = a_feed(tmp_path, 5)
    tsv, xml = list(read_feed(whole / "products.tsv")), list(read_feed(whole / "products.xml"))
    assert tsv == xml
    assert set(tsv[0]) <= set(ATTRIBUTES)


def test_files_are_handed_over_to_the_same_places(tmp_path: Path) -> None:
    source = a_feed(tmp_path, 2)
    (done,) = FolderTarget(tmp_path / "share").hand_over([source / "products.tsv"], tmp_path)
    assert done == str(tmp_path / "share/whole/products.tsv")
    assert [path.name for path in Path(done).parent.iterdir()] == ["products.tsv"]
