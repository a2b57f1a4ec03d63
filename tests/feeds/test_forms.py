"""Attributes of several values or parts, written in both feeds and read back by parsers that know nothing of ours."""

import csv
import io
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from test_google_feeds import G, a_listing, fragments, read_tsv

from tradewind.adapters.feeds import PARTS, TSV_HEADER, XML_FOOTER, xml_header

words = st.text(st.sampled_from("ab ,:\"<&>;'\\หé漢"), min_size=1, max_size=12).map(lambda text: f"x{text}y")
values = st.lists(words, min_size=2, max_size=4)
details = st.lists(st.tuples(st.just("Technische Daten"), words, words), min_size=1, max_size=3)


def written(**attributes: str | None) -> tuple[dict[str, str], etree._Element]:
    with TemporaryDirectory() as name:
        folder = fragments(Path(name), [a_listing("A", **attributes)])
        tsv, xml = ((folder / part).read_bytes() for part in PARTS)
    item = etree.fromstring(xml_header("Shop", "http://shop.example") + xml + XML_FOOTER).find("channel/item")
    assert item is not None
    return read_tsv(TSV_HEADER + tsv)[0], item


def items(cell: str) -> list[str]:
    return next(csv.reader(io.StringIO(cell)))


def parts(item: str) -> list[str]:
    found = re.findall(r'(?:^|:)("(?:[^"]|"")*"|[^:]*)', item)
    return [part[1:-1].replace('""', '"') if part.startswith('"') else part for part in found]


@settings(max_examples=25)
@given(values)
def test_highlights_are_parted_by_commas_in_tsv_and_are_elements_in_rss(highlights: list[str]) -> None:
    row, item = written(product_highlight="\x1f".join(highlights))
    assert items(row["product_highlight"]) == highlights
    assert [found.text for found in item.iterfind(f"{G}product_highlight")] == highlights


@settings(max_examples=25)
@given(details)
def test_details_keep_their_three_parts(told: list[tuple[str, str, str]]) -> None:
    row, item = written(product_detail="\x1f".join("\x1e".join(one) for one in told))
    assert [tuple(parts(one)) for one in items(row["product_detail"])] == told
    assert [tuple(part.text for part in one) for one in item.iterfind(f"{G}product_detail")] == told


@settings(max_examples=25)
@given(words)
def test_a_text_by_a_model_says_so_and_stays_what_it_is(text: str) -> None:
    row, item = written(title=None, structured_title=f"trained_algorithmic_media:{text}")
    source, _, quoted = row["structured_title"].partition(":")
    assert (row["title"], source, quoted[1:-1].replace('""', '"')) == ("", "trained_algorithmic_media", text)
    group = item.find(f"{G}structured_title")
    assert group is not None
    assert (group.findtext(f"{G}digital_source_type"), group.findtext(f"{G}content")) == ("trained_algorithmic_media", text)
    assert item.find("title") is None


def test_groups_and_repeated_values_are_elements_of_their_own() -> None:
    row, item = written(certification="EC:EPREL:1234567", excluded_destination="Display_ads,Free_listings", shipping=None)
    assert (row["certification"], row["excluded_destination"]) == ("EC:EPREL:1234567", "Display_ads,Free_listings")
    assert [part.text for part in item.iterfind(f"{G}certification/*")] == ["EC", "EPREL", "1234567"]
    assert [element.text for element in item.iterfind(f"{G}excluded_destination")] == ["Display_ads", "Free_listings"]
    assert item.find(f"{G}shipping") is None
