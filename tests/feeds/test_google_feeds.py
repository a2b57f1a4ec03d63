"""Google's feed files: read back by parsers that know nothing of ours, merged and assembled byte by byte."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tradewind.adapters.feeds import PARTS, TSV_HEADER, XML_FOOTER, GoogleFragments, assemble, assemble_market, xml_header
from tradewind.db import duck
from tradewind.listings import ATTRIBUTES

G = "{http://base.google.com/ns/1.0}"
FREE = ("title", "description", "brand", "mpn", "product_type", "color", "size", "material", "pattern")
ids = st.from_regex(r"\A[A-Za-z0-9._-]{1,12}\Z")
nasty = st.one_of(
    st.sampled_from(['"', '""', "'", "&amp;", "]]>", "<b>", "a;b", "#red", "หูฟัง", "👩‍👩‍👧", "a\u200bb", "\\N", "\\", ",", " x", "NULL"]),
    st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp"), blacklist_characters="\ufffe\uffff"), min_size=1, max_size=30),
)
Listing = dict[str, str | None]


def a_listing(identity: str, **changes: str | None) -> Listing:
    facts: Listing = dict.fromkeys(ATTRIBUTES)
    facts |= {
        "id": identity, "title": "Headphones", "description": "Good ones", "link": f"http://shop.example/de/p/{identity}",
        "image_link": "http://shop.example/a.jpg?b=1&c=2", "availability": "in_stock", "price": "66.99 EUR", "condition": "new",
        "shipping": "DE:::0.00 EUR", "custom_label_0": "own_facts", "custom_label_1": "supplier",
    }  # fmt: skip
    return facts | changes


def fragments(folder: Path, listings: list[Listing]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with duck.connect(threads=1, memory_limit_mb=256, preserve_insertion_order=True) as connection:
        connection.execute(f"CREATE TEMP TABLE listings ({', '.join(f'{name} VARCHAR' for name in ATTRIBUTES)})")
        for listing in sorted(listings, key=lambda row: str(row["id"])):
            connection.execute(f"INSERT INTO listings VALUES ({', '.join('?' * len(ATTRIBUTES))})", [listing[name] for name in ATTRIBUTES])
        GoogleFragments().write(connection, folder)
    return folder


def read_tsv(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), delimiter="\t"))


def read_xml(data: bytes) -> list[dict[str, str]]:
    return [_item(item) for item in etree.fromstring(data).iter("item")]


def _item(item: etree._Element) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for element in item:
        name = str(element.tag).removeprefix(G)
        text = element.text or ""
        if name == "shipping":
            text = f"{element.findtext(f'{G}country')}:::{element.findtext(f'{G}price')}"
        found.setdefault(name, []).append(text)
    return {name: ",".join(values) for name, values in found.items()}


@settings(max_examples=25)
@given(st.dictionaries(ids, st.dictionaries(st.sampled_from(FREE), nasty, max_size=6), max_size=4))
def test_independent_parsers_read_every_attribute_back(rows: dict[str, dict[str, str]]) -> None:
    listings = [a_listing(identity, **changes) for identity, changes in sorted(rows.items())]
    with TemporaryDirectory() as name:
        folder = fragments(Path(name), listings)
        tsv, xml = ((folder / part).read_bytes() for part in PARTS)
        assert tsv.count(b"\n") == xml.count(b"\n") == len(listings)
        assert read_tsv(TSV_HEADER + tsv) == [{key: value or "" for key, value in listing.items()} for listing in listings]
        read = read_xml(xml_header("Shop", "http://shop.example") + xml + XML_FOOTER)
        assert read == [{key: value for key, value in listing.items() if value} for listing in listings]


@settings(max_examples=10)
@given(st.sets(ids, max_size=12), st.sets(ids, max_size=5), st.data())
def test_merging_equals_writing_all_again(before: set[str], new: set[str], data: st.DataObject) -> None:
    touched = data.draw(st.sets(st.sampled_from(sorted(before)))) if before else set()
    gone = {identity for identity in touched if data.draw(st.booleans())}
    fresh = [a_listing(identity, title="Changed") for identity in (touched - gone) | (new - before)]
    kept = [a_listing(identity) for identity in before - touched]
    with TemporaryDirectory() as name:
        earlier = fragments(Path(name) / "earlier", [a_listing(identity) for identity in before])
        delta, whole = fragments(Path(name) / "delta", fresh), fragments(Path(name) / "whole", kept + fresh)
        merged = Path(name) / "merged"
        merged.mkdir()
        GoogleFragments().merge(earlier, delta, touched, merged)
        assert all((merged / part).read_bytes() == (whole / part).read_bytes() for part in PARTS)


def test_pictures_beyond_the_first_are_elements_of_their_own(tmp_path: Path) -> None:
    folder = fragments(tmp_path, [a_listing("A", additional_image_link="http://a/1.jpg,http://a/2.jpg")])
    assert (folder / PARTS[1]).read_bytes().count(b"<g:additional_image_link>") == 2


def test_fragments_are_joined_in_the_order_of_the_shards_between_head_and_foot(tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    one.write_bytes(b"one\n")
    two.write_bytes(b"two\n" * 1000)
    size = assemble([two, one], tmp_path / "feed", b"head\n", b"foot\n")
    written = (tmp_path / "feed").read_bytes()
    assert written == b"head\n" + b"two\n" * 1000 + b"one\nfoot\n"
    assert size == len(written)


def test_a_feed_replaces_the_former_one_and_leaves_no_scratch_file(tmp_path: Path) -> None:
    shard = fragments(tmp_path / "shard", [a_listing("A")])
    for _ in range(2):
        sizes = assemble_market([shard], tmp_path / "feeds", "Shop & more", "http://shop.example")
    assert sorted(path.name for path in (tmp_path / "feeds").iterdir()) == ["products.tsv", "products.xml"] == sorted(sizes)
    assert read_xml((tmp_path / "feeds" / "products.xml").read_bytes())[0]["id"] == "A"
