"""Public ids and clean lines: the SQL macros and their twins agree, whatever a supplier writes."""

from hypothesis import given
from hypothesis import strategies as st

from tradewind.db import duck
from tradewind.offers import load_macros, offer_path, public_id

engine = duck.connect(threads=1, memory_limit_mb=256)
load_macros(engine)
texts = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), max_size=60)


def by_sql(expression: str, value: str) -> str | None:
    row = engine.execute(f"SELECT {expression}", [value]).fetchone()
    return None if row is None or row[0] is None else str(row[0])


@given(texts | st.from_regex(r"\A[A-Za-z0-9._-]{0,55}\Z"))
def test_both_forms_make_the_same_public_id(sku: str) -> None:
    assert by_sql("public_id(?)", sku) == public_id(sku)


def test_a_plain_sku_is_its_own_id_and_any_other_becomes_a_digest() -> None:
    assert public_id("HX-4411_BLK.2") == "HX-4411_BLK.2"
    assert public_id("HX 4411").startswith("tw-")
    assert len(public_id("x" * 51)) == 23
    assert offer_path("de", "HX-1") == "/de/p/HX-1"


@given(texts)
def test_a_clean_line_holds_nothing_that_breaks_a_feed(text: str) -> None:
    line = by_sql("one_line(?)", text)
    assert line is None or not any(ord(char) < 32 or 127 <= ord(char) < 160 or char in "\u2028\u2029\ufffe\uffff" for char in line)


@given(texts)
def test_clean_paragraphs_keep_their_line_ends_only(text: str) -> None:
    kept = by_sql("paragraphs(?)", text)
    assert kept is None or not any(ord(char) < 32 and char != "\n" for char in kept)


def test_text_that_is_clean_stays_as_it_is() -> None:
    for text in ("Headphones & more", 'a "quoted" name', "หูฟังไร้สาย", "耳机 双耳", "👩‍👧 e\u0301"):
        assert by_sql("one_line(?)", text) == text


def test_blank_text_is_no_text() -> None:
    assert by_sql("one_line(?)", " \t\n") is None
