"""Whole files: gzip, Parquet, workbooks, and files that are none."""

import datetime as dt
import gzip
import os

import duckdb
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.adapters.sources import FORMATS, detect, errors, stage
from tradewind.adapters.sources.shared_strings import SharedStrings
from tradewind.adapters.sources.streams import SourceFile
from tradewind.catalog.ports import ReadOptions
from tradewind.kit import TradewindError

# Each example writes and reads files: a third of the profile's number keeps the fast suite fast.
FEWER = settings(max_examples=max(1, settings.default.max_examples // 3))
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


def a_workbook(path, rows, title="Products"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_truncated_gzip_is_named_with_its_byte(a_file, staged):
    whole = gzip.compress(os.urandom(5000).hex().encode())
    path = a_file("t.csv", whole[:3000])
    with pytest.raises(errors.GzipIsBroken, match="ends at byte 3000"):
        staged(path)


def test_a_damaged_gzip_is_refused(a_file, staged):
    whole = bytearray(gzip.compress(b"a,b\n1,2\n" * 1000))
    whole[-6] ^= 255
    with pytest.raises(errors.GzipIsBroken, match="incorrect data check"):
        staged(a_file("t.csv", bytes(whole)))


def test_gzip_members_one_after_another_are_one_file(a_file, staged):
    found = staged(a_file("t.csv", gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n")))
    assert [row[1:] for row in found.rows] == [("1", "2"), ("3", "4")]


def test_a_path_that_is_no_file_is_named(tmp_path, a_file):
    for path, error in ((tmp_path / "none.csv", errors.SourceIsMissing), (tmp_path, errors.SourceIsFolder)):
        with pytest.raises(error, match=path.name):
            detect(path)
    with pytest.raises(errors.SourceIsEmpty):
        detect(a_file("empty.csv", ""))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_named(a_file):
    path = a_file("t.csv", "a,b\n")
    path.chmod(0)
    with pytest.raises(errors.SourceIsUnreadable, match=r"t\.csv"):
        detect(path)


def test_a_file_that_grows_while_it_is_read_is_refused(a_file):
    path = a_file("t.csv", "a,b\n1,2\n")
    with SourceFile(path) as source:
        path.write_bytes(path.read_bytes() + b"3,4\n")
        with pytest.raises(errors.SourceChanged, match="8 bytes at first"):
            source.finish()


def test_parquet_becomes_text_and_nested_values_json(tmp_path, staged):
    path = tmp_path / "p.parquet"
    query = (
        "SELECT 1 AS id, 19.99::DOUBLE AS price, ['a'] AS tags, {'k': 1} AS box, NULL AS gone UNION ALL SELECT 2, 5, [], {'k': 2}, chr(0)"
    )
    duckdb.execute(f"COPY ({query} ORDER BY id) TO '{path}'")
    found = staged(path)
    assert found.rows == [(1, "1", "19.99", '["a"]', '{"k":1}', None)]
    assert found.rejects[0][:2] == (2, "gone")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(errors.ParquetIsBroken, match=r"p\.parquet"):
        staged(path)


def test_a_workbook_gives_plain_text(tmp_path, staged):
    when = dt.datetime(2026, 11, 23)
    rows = [
        ["sku", "gtin", "price", "day", "at", "on"],
        ["A", 8809069585921, 0.1 + 0.2, when, when.replace(hour=8), True],
        ["B", 1e21, 2.0],
    ]
    found = staged(a_workbook(tmp_path / "w.xlsx", rows))
    assert found.rows[0] == (1, "A", "8809069585921", "0.3", "2026-11-23", "2026-11-23T08:00:00", "true")
    assert found.rows[1] == (2, "B", "1000000000000000000000", "2", None, None, None)


def test_a_workbook_rejects_values_beyond_the_header_and_names_its_sheets(tmp_path, staged):
    path = a_workbook(tmp_path / "w.xlsx", [[], ["a", "b"], [1, 2], [], [1, 2, 3]])
    found = staged(path)
    assert ([row[0] for row in found.rows], [reject[0] for reject in found.rejects]) == ([1], [3])
    with pytest.raises(errors.SheetIsMissing) as caught:
        staged(path, sheet="Prices")
    assert "Products" in caught.value.hint


def test_shared_texts_of_a_workbook_lie_on_disk(tmp_path):
    strings = SharedStrings(tmp_path / "texts")
    for number in range(20_000):
        strings.add(f"文本 {number} \ud800")
    strings.finish()
    assert (strings[0], strings[19_999]) == ("文本 0 \ud800", "文本 19999 \ud800")
    with pytest.raises(IndexError):
        strings[20_000]
    strings.close()


def test_a_picture_named_as_a_workbook_is_called_a_picture(a_file, staged):
    with pytest.raises(errors.FormatIsUnknown, match="is a PNG picture file"):
        staged(a_file("w.xlsx", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(200))))
    with pytest.raises(errors.FormatIsUnknown, match="is binary and of no known kind: its first bytes are 77 4f 46 32 00 01") as caught:
        staged(a_file("w2.xlsx", b"wOF2\x00\x01\x00\x00" + bytes(range(200))))
    assert caught.value.message.isprintable()


def test_a_broken_workbook_and_an_old_one_are_refused(a_file, staged):
    with pytest.raises(errors.WorkbookIsBroken):
        staged(a_file("w.xlsx", b"PK\x03\x04" + b"x" * 500))
    with pytest.raises(errors.FormatIsNotASource, match=r"\.xls"):
        staged(a_file("w.xls", b"\xd0\xcf\x11\xe0" + b"x" * 500))


@pytest.mark.parametrize(
    ("content", "format_"),
    [
        ("a,b\n1,2\n", "csv"),
        ("a\tb\n1\t2\n", "tsv"),
        ('{"a": 1}\n{"a": 2}\n', "jsonl"),
        ('[\n{"a": 1}]', "json"),
        ('{"a": [{"b": 1}]}', "json"),
        ("- a: 1\n", "yaml"),
        ("<rss></rss>", "google_xml"),
    ],
)
def test_the_format_is_found_by_content(a_file, content, format_):
    assert detect(a_file("file.json" if format_ == "json" else "file", content)) == format_ in FORMATS


def test_an_unknown_format_lists_the_known_ones(a_file):
    with pytest.raises(errors.FormatIsUnknown) as caught:
        detect(a_file("notes", "hello world\n"))
    assert "Parquet" in caught.value.hint


@FEWER
@given(st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=8))
def test_any_text_survives_csv(tmp_path_factory, rows):
    import csv

    folder = tmp_path_factory.mktemp("csv")
    with (folder / "t.csv").open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle, quoting=csv.QUOTE_ALL).writerows([("a", "b", "c"), *rows])
    assert contents(folder / "t.csv") == [tuple(value or None for value in row) for row in rows]


def contents(path):
    table = stage(path, path.parent / "out", ReadOptions(threads=1, memory_limit_mb=512, encoding="utf-8"))
    assert table.rejected_rows == 0
    rows = duckdb.execute("SELECT * EXCLUDE (_row) FROM read_parquet(?) ORDER BY _row", [str(table.parquet)]).fetchall()
    return list(rows)


@FEWER
@given(
    st.lists(
        st.dictionaries(TEXT, st.one_of(TEXT, st.integers(), st.none(), st.lists(TEXT, max_size=3)), max_size=4), min_size=1, max_size=6
    )
)
def test_any_record_survives_json_lines(tmp_path_factory, records):
    import json

    path = tmp_path_factory.mktemp("jsonl") / "t.jsonl"
    path.write_text("".join(json.dumps(record, ensure_ascii=len(record) % 2 == 0) + "\n" for record in records), encoding="utf-8")
    assert [json.loads(row[0]) for row in contents(path)] == records


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="_=\ufffe\uffff"), max_size=10)


@FEWER
@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5))
def test_any_text_survives_a_workbook(tmp_path_factory, rows):
    path = a_workbook(tmp_path_factory.mktemp("xlsx") / "t.xlsx", [["k", "a", "b"], *[["x", a, b] for a, b in rows]])
    assert contents(path) == [("x", a or None, b or None) for a, b in rows]


MAGIC = [
    b"",
    b"PAR1",
    b"PK\x03\x04",
    b"\x1f\x8b\x08",
    b"<rss>",
    b"{",
    b"[{",
    b"- a: ",
    b"a,b\n1,",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"id\ttitle\n",
]


@given(st.sampled_from(MAGIC), st.binary(max_size=200), st.sampled_from(["", ".csv", ".yaml", ".jsonl"]), st.booleans())
def test_random_bytes_give_rows_or_an_error_of_ours(tmp_path_factory, magic, data, ending, salvage):
    folder = tmp_path_factory.mktemp("fuzz")
    path = folder / f"t{ending}"
    path.write_bytes(magic + data)
    try:
        table = stage(path, folder / "out", ReadOptions(threads=1, memory_limit_mb=512, salvage=salvage))
    except TradewindError as error:
        problem = error
        told = bool(problem.message and problem.hint)
    else:
        told = table.rows_read == table.rows + table.rejected_rows
    assert told


def test_a_clean_parquet_file_is_kept_and_read_like_a_copy(tmp_path, staged):
    path = tmp_path / "p.parquet"
    duckdb.execute(f"COPY (SELECT 1 AS id, 19.99::DOUBLE AS price, ['a'] AS tags, {{'k': 1}} AS box, '' AS gone) TO '{path}'")
    found = staged(path)
    assert found.table.parquet.read_bytes() == path.read_bytes()
    assert found.rows == [(1, "1", "19.99", '["a"]', '{"k":1}', None)]


@pytest.mark.parametrize("query", ["SELECT 1 AS \" id\", 'x' AS t", "SELECT range AS id FROM range(150000)"])
def test_a_parquet_file_with_odd_names_or_huge_groups_is_copied(tmp_path, staged, query):
    path = tmp_path / "p.parquet"
    duckdb.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 200000)")
    found = staged(path)
    assert found.table.kinds is None
    assert found.rows[0][:2] == (1, "0" if "range" in query else "1")
