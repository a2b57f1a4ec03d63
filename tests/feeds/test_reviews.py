"""Product reviews: valid by Google's schema, of one market, untranslated, whatever their rating."""

import csv
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tradewind.adapters.feeds.reviews import ReviewsAreInvalid, write_reviews

WORDS = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=30)


def a_review(number: int, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "review_id": f"r{number}", "offer_id": f"P-{number}", "market": "us", "rating": "5", "content": "Sounds <good> & lasts",
        "created_at": "2026-10-01T12:00:00+02:00", "reviewer": "Ann", "title": "", "gtin": "4006381333931", "translated_from": "",
    }  # fmt: skip
    return row | changes


def written(folder: Path, rows: list[dict[str, Any]]) -> tuple[dict[str, int], etree._ElementTree]:
    source, target = folder / "all.jsonl", folder / "us.xml"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return write_reviews(source, target, "us", shop="Tradewind", public_url="https://shop.example"), etree.parse(target)


@pytest.mark.shared_data
@pytest.mark.parametrize("count", [0, 3])
def test_the_file_is_valid_by_googles_schema(shared_data: Path, tmp_path: Path, count: int) -> None:
    schema = etree.XMLSchema(etree.parse(shared_data / "reference/google/product_reviews.xsd"))
    changes: list[dict[str, Any]] = [
        {},
        {"reviewer": "", "title": "Ok"},
        {"gtin": "", "brand": "Acme", "mpn": "M", "content": "หูฟัง\x00 👍"},
    ]
    counts, tree = written(tmp_path, [a_review(number, **changes[number]) for number in range(count)])
    schema.assertValid(tree)
    assert counts["written"] == count


def test_every_rating_is_kept_and_what_is_left_out_is_counted(tmp_path: Path) -> None:
    others = [
        {"market": "de"},
        {"translated_from": "zh"},
        {"rating": "6"},
        {"created_at": "yesterday"},
        {"content": " "},
        {"review_id": "r1"},
    ]
    rows = [a_review(star, rating=star) for star in range(1, 6)] + [a_review(9, **change) for change in others]
    counts, tree = written(tmp_path, rows)
    assert [one.text for one in tree.iterfind(".//overall")] == ["1", "2", "3", "4", "5"]
    reasons = ("other_market", "translation", "rating_unknown", "time_unknown", "incomplete", "repeated")
    assert counts == {"written": 5} | dict.fromkeys(reasons, 1)


@settings(max_examples=20)
@given(st.lists(WORDS.filter(str.strip), max_size=4))
def test_words_come_back_as_they_were_written_without_control_characters(contents: list[str]) -> None:
    with TemporaryDirectory() as folder:
        _, tree = written(Path(folder), [a_review(number, content=text) for number, text in enumerate(contents)])
    kept = ["".join(char for char in text if (char >= " " and char not in "\ufffe\uffff") or char in "\t\n\r") for text in contents]
    assert [one.text for one in tree.iterfind(".//content")] == [text for text in kept if text.strip()]


def test_csv_is_read_too_and_a_missing_column_is_named(tmp_path: Path) -> None:
    source = tmp_path / "all.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(a_review(1)))
        writer.writeheader()
        writer.writerow(a_review(1))
    assert write_reviews(source, tmp_path / "us.xml", "us", shop="S", public_url="https://s.example") == {"written": 1}
    source.write_text("review_id,offer_id\n1,2\n", encoding="utf-8")
    with pytest.raises(ReviewsAreInvalid, match="column market"):
        write_reviews(source, tmp_path / "us.xml", "us", shop="S", public_url="https://s.example")
