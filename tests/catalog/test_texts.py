"""Cleaning in SQL takes short cuts; the plain way, step by step in Python, must say the same of every text."""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.catalog.sql import run
from tradewind.catalog.texts import descriptions_map, entity_macro, text_columns, text_statements
from tradewind.db import duck

LANGUAGES = ["zh", "en"]
SCRIPTS = re.compile(r"(?is)<(?:script|style)(?![A-Za-z0-9_]).*?</(?:script|style)[\t\n\f\r ]*>|<!--.*?-->|</?[a-z!][^<>]*>")
TAGS = re.compile(r"</?[a-zA-Z!][^<>]*>")
CONTROLS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060\ufeff\ufffd]")
WIDE = "０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ％＆＋－．／＝＠＃＊　"
NARROW = str.maketrans(WIDE, unicodedata.normalize("NFKC", WIDE))
PHRASES = (
    "free (?:worldwide |fast )?(?:shipping|delivery)|best price|hot sale|on sale|big sale|limited time(?: offer)?|buy now|order now|lowest price"
    "|100% guarantee|包邮|限时|特价|爆款|促销|秒杀|清仓|热卖|新品上市"
)
PROMOTION = re.compile(rf"(?i)[\[【(（!★☆*]*[\t\n\f\r ]*(?:{PHRASES})[\t\n\f\r ]*[\]】)）!！★☆*]*")
PIECES = [
    "<b>",
    "</b>",
    "<",
    "<<",
    ">",
    "->",
    "-->",
    "<!--",
    "<!-->",
    "<!--->",
    "<!---->",
    "<b<!--x-->>",
    "<b<i>>",
    "<script>x</script>",
    "<SCRIPT",
    "</script",
    ">",
    "<style>p</style>",
    "<style",
    "&amp;",
    "&amp;lt;",
    "&lt;b&gt;",
    "&nbsp;",
    "&#39;",
    "&#x1F600;",
    "&nonsense;",
    "&",
    "hot",
    "HOT",
    "sale",
    "SALE",
    "free",
    "shipping!!",
    "best",
    "price★",
    "包邮",
    "【限时】",
    "特价",
    "ＡＢ１",
    "％",
    "WORD",
    "LOUD",
    "nice",
    "好的",
    "é",
    "x",
    "1",
    "<1>",
    "<!doctype",
    "<br/>",
    "<img",
]
texts = st.lists(
    st.sampled_from([*PIECES, " ", "  ", "   ", "\n", "\r\n", "\t", "\xa0", "\u3000", "\u200b", "\x07", "\x85"])
    | st.characters(codec="utf-8", exclude_characters="\0")
)


@pytest.fixture(scope="module")
def sql() -> Iterator[duckdb.DuckDBPyConnection]:
    with duck.connect(threads=1, memory_limit_mb=256) as connection:
        connection.execute("CREATE TEMP MACRO currency_scale(code) AS 100")
        run(connection, "macros.sql")
        yield connection


def cleaned(sql: duckdb.DuckDBPyConnection, rows: Sequence[tuple[str | None, str | None]]) -> list[tuple[dict[str, str], set[str]]]:
    """Descriptions by language and the flags of each row, the way the import makes them."""
    keys = "source_row BIGINT, unit_row BIGINT"
    sql.execute(f"CREATE OR REPLACE TEMP TABLE raw_chunk ({keys}, title_0 VARCHAR, title_1 VARCHAR)")
    sql.execute(f"CREATE OR REPLACE TEMP TABLE raw_texts ({keys}, description_0 VARCHAR, description_1 VARCHAR)")
    sql.execute(f"CREATE OR REPLACE TEMP TABLE text_runs ({keys}, is_first_of_run BOOLEAN, text_run BIGINT)")
    number = 0
    for place, row in enumerate(rows):
        first = place == 0 or rows[place - 1] != row
        number += first
        sql.execute("INSERT INTO raw_chunk VALUES (?, 0, 'A title', NULL)", [place])
        sql.execute("INSERT INTO raw_texts VALUES (?, 0, ?, ?)", [place, *row])
        sql.execute("INSERT INTO text_runs VALUES (?, 0, ?, ?)", [place, first, number])
    entity_macro(sql, text_columns(LANGUAGES))
    for statement in text_statements(LANGUAGES):
        sql.execute(statement)
    return [
        (found, set(flags))
        for found, flags in sql.execute(
            f"SELECT {descriptions_map(LANGUAGES)}, text_flags FROM text_chunk JOIN described USING (text_run) ORDER BY source_row"
        ).fetchall()
    ]


def plainly(text: str, entities: Sequence[str]) -> tuple[str, set[str]]:
    """The text cleaned step by step, and what was done."""
    steps = [text]
    for entity in entities:
        steps[0] = steps[0].replace(entity, html.unescape(entity))
    opened = steps[0]
    if "<!--" in opened or re.search(r"<(?i:script|style)", opened):
        opened = SCRIPTS.sub(" ", opened)
    steps += [TAGS.sub(" ", opened)]
    steps += [CONTROLS.sub("", steps[-1])]
    steps += [steps[-1].translate(NARROW)]
    steps += [PROMOTION.sub(" ", steps[-1])]
    names = ("html_removed", "control_characters", "fullwidth", "promotion_removed")
    flags = {name for name, before, after in zip(names, steps, steps[1:], strict=False) if before != after}
    if len(steps[0]) != len(text):
        flags.add("entities_decoded")
    clean = re.sub(" +", " ", re.sub("[\n\r\t\xa0]", " ", steps[-1]))
    return clean.strip("".join(letter for letter in map(chr, range(0x3001)) if unicodedata.category(letter) == "Zs")), flags


@given(rows=st.lists(st.tuples(texts.map("".join), texts.map("".join)), min_size=1, max_size=4), twice=st.booleans())
def test_the_short_cuts_clean_like_the_plain_way(sql: duckdb.DuckDBPyConnection, rows: list[tuple[str, str]], twice: bool) -> None:
    rows = [row for row in rows for _ in range(1 + twice)]
    found = {entity for row in rows for text in row for entity in re.findall("&#?[A-Za-z0-9]{2,31};", text)}
    entities = sorted(found, key=lambda entity: (entity == "&amp;", entity))
    for row, (descriptions, flags) in zip(rows, cleaned(sql, rows), strict=True):
        plain = [plainly(text, entities) for text in row]
        assert descriptions == {language: text for language, (text, _) in zip(LANGUAGES, plain, strict=True) if text}
        assert flags - {"description_without_text"} == plain[0][1] | plain[1][1]
        assert ("description_without_text" in flags) == any(not text for text, _ in plain)


def test_each_text_of_a_run_is_cleaned_once(sql: duckdb.DuckDBPyConnection) -> None:
    cleaned(sql, [("<p>one", None), ("<p>one", None), ("<p>two", None), ("<p>one", None)])
    assert sql.execute("SELECT description_0_text FROM described ORDER BY text_run").fetchall() == [("one",), ("two",), ("one",)]


def test_rows_without_a_description_have_none(sql: duckdb.DuckDBPyConnection) -> None:
    assert cleaned(sql, [(None, None), (None, "text")]) == [({}, set()), ({"en": "text"}, set())]
