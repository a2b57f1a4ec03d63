"""CSV, TSV and their kin."""

import pytest

from tradewind.adapters.sources import errors

TABLE = "sku,title,price\nA1,红色 Kettle,19.90\nA2,,5\n"


def test_a_clean_table_is_staged_as_text_with_row_numbers(read):
    found = read("spring.csv", TABLE)
    assert found.rows == [(1, "A1", "红色 Kettle", "19.90"), (2, "A2", None, "5")]
    assert (found.table.name, found.table.columns, found.table.shape) == ("spring", ("sku", "title", "price"), "columns")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(read, delimiter):
    found = read("t.csv", TABLE.replace(",", delimiter))
    assert found.table.delimiter == delimiter
    assert found.rows[0] == (1, "A1", "红色 Kettle", "19.90")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_every_encoding_gives_the_same_rows(read, encoding, name):
    text = TABLE.replace("红色 Kettle", "无线蓝牙耳机，红色")
    assert read(name, text, encoding).rows == [(1, "A1", "无线蓝牙耳机，红色", "19.90"), (2, "A2", None, "5")]


def test_another_encoding_can_be_named(read):
    assert read("t.csv", "sku;name\n1;Odšťavňovač\n", "windows-1250", encoding="windows-1250").rows == [(1, "1", "Odšťavňovač")]


def test_bytes_that_are_no_text_are_named_with_byte_and_line(read):
    with pytest.raises(errors.BytesAreInvalid, match=r"e9 at byte 20 \(line 3\)") as caught:
        read("t.csv", b"sku,name\n1,x\n2,cafe \xe9\n")
    assert "encoding =" in caught.value.hint


def test_quoted_line_ends_delimiters_and_quotes_belong_to_the_field(read):
    found = read("t.csv", 'a,b\r\n"x\r\ny","say ""hi"", twice"\r\n"p\nq",2\r\n')
    assert found.rows == [(1, "x\r\ny", 'say "hi", twice'), (2, "p\nq", "2")]


def test_rows_with_too_many_and_too_few_fields_are_rejected_by_number(read):
    found = read("t.csv", "a,b\n1,2\n1,2,3\n\n4\n5,6\n")
    assert found.rows == [(1, "1", "2"), (4, "5", "6")]
    assert [(reject[0], reject[3]) for reject in found.rejects] == [
        (2, "it has 3 fields, the header has 2: too many (line 3)"),
        (3, "it has 1 fields, the header has 2: too few (line 5)"),
    ]


def test_an_unclosed_quote_costs_one_row_and_not_the_rest_of_the_file(read):
    found = read("t.csv", 'a,b\n1,2\n"open,2\n3,4\n5,6\n')
    assert [row[0] for row in found.rows] == [1, 3, 4]
    assert "never closed" in found.rejects[0][3]


def test_text_after_a_closing_quote_is_rejected_and_never_cut(read):
    found = read("t.csv", 'a,b\n"abc"def,2\n3,5" pipe\n')
    assert found.rows == [(2, "3", '5" pipe')]
    assert found.rejects[0][3] == "text follows a closing quote (line 2)"


def test_mixed_line_ends_lose_nothing(read):
    assert [row[1] for row in read("t.csv", "a,b\r\n1,2\n3,4\r5,6\r\n").rows] == ["1", "3", "5"]


def test_a_nul_character_rejects_its_row(read):
    found = read("t.csv", b"a,b\n1,x\0y\n2,z\n")
    assert found.rows == [(2, "2", "z")]
    assert found.rejects[0][3].startswith('the field "b" holds a NUL')


def test_more_columns_than_memory_of_one_row_group_stay_in_order(read):
    body = "".join(f'{number},"line\n{number}"\n' for number in range(30_000))
    found = read("t.csv", "n,text\n" + body)
    assert [row[1] for row in found.rows] == [str(number) for number in range(30_000)]


@pytest.mark.parametrize(
    ("header", "error", "words"),
    [
        ("a,b,a", errors.HeaderIsDuplicated, 'columns 1 and 3 are both named "a"'),
        ("ID,b,id", errors.HeaderIsDuplicated, "columns 1 and 3"),
        ("a,,c", errors.HeaderIsEmpty, "column 2 of 3 has no name"),
        ("_row,b", errors.HeaderIsReserved, '"_row"'),
        (",,", errors.HeaderIsMissing, "no column names"),
    ],
)
def test_a_bad_header_is_refused_by_column(read, header, error, words):
    with pytest.raises(error, match=words):
        read("t.csv", f"{header}\n1,2,3\n")


def test_a_line_longer_than_the_limit_is_named(read):
    with pytest.raises(errors.LineIsTooLong, match="line 3 is longer than 1000 bytes"):
        read("t.csv", "a,b\n1,2\n" + "x" * 2000 + ",3\n", max_line_bytes=1000)


def test_more_rows_than_the_limit_are_refused(read):
    with pytest.raises(errors.RowsAreTooMany, match="more than 1 rows"):
        read("t.csv", TABLE, max_rows=1)


def test_a_name_with_pattern_characters_is_only_a_name(read):
    assert len(read("t[1]*'?.csv", TABLE).rows) == 2


def test_a_header_alone_is_a_table_without_rows(read):
    assert read("t.csv", "a,b\n").rows == []


def test_shopify_and_google_tables_are_recognized_by_their_header(read):
    shopify = read("s.csv", "Handle,Title,Variant SKU,Variant Price\nmug,Mug,M-1,9.90\nmug,,M-2,9.90\n")
    google = read("g.txt", "id\ttitle\tlink\tprice\n1\tMug\thttps://x.example/1\t9.90 USD\n")
    assert (shopify.table.format, google.table.format) == ("shopify_csv", "google_tsv")
    assert len(shopify.rows) == 2


def test_nothing_is_left_behind_by_an_error(read, tmp_path):
    with pytest.raises(errors.HeaderIsEmpty):
        read("t.csv", "a,\n1,2\n")
    assert list((tmp_path / "staged").iterdir()) == []
