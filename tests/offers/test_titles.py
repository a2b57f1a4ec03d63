"""A title made of words holds only what its readers can read."""

from functools import cache
from importlib import resources

import duckdb
import pytest

from tradewind.content import glossary, load
from tradewind.db import duck


@cache
def engine() -> duckdb.DuckDBPyConnection:
    connection = duck.connect(threads=1, memory_limit_mb=256)
    load(connection, glossary(("en", "de", "th", "zh")))
    connection.execute(resources.files("tradewind.offers").joinpath("macros.sql").read_text("utf-8"))
    return connection


def said(expression: str, *values: str) -> str | None:
    row = engine().execute(f"SELECT {expression}", list(values)).fetchone()
    return None if row is None else row[0]


@pytest.mark.parametrize(
    ("brand", "language", "shown"),
    [
        ("小米", "en", "Xiaomi"),
        ("小米", "zh", "小米"),
        ("Acme", "de", "Acme"),
        ("某某牌", "en", None),
        ("Adidas制造商", "en", None),
        ("PetitBateau小帆船", "de", "PetitBateau"),
        ("厚木 ATSUGI", "en", "ATSUGI"),
        ("iPhone适用", "en", None),
    ],
)
def test_a_chinese_brand_is_named_as_it_calls_itself_abroad_or_not_at_all(brand: str, language: str, shown: str | None) -> None:
    assert said("title_brand(?, ?)", brand, language) == shown


@pytest.mark.parametrize(
    ("word", "language", "shown"), [("星光色", "de", None), ("星光色", "zh", "星光色"), ("Polarstern", "de", "Polarstern")]
)
def test_a_title_has_no_word_that_its_readers_cannot_read(word: str, language: str, shown: str | None) -> None:
    assert said("readable_word(?, ?)", word, language) == shown


@pytest.mark.parametrize("digest", ["9f86d081884c7d659a2feaa0c55ad015", "my-9f86d081884c7d65", "123e4567-e89b-12d3-a456-426614174000"])
def test_a_digest_is_no_model(digest: str) -> None:
    assert said("title_mpn(?)", digest) is None


@pytest.mark.parametrize("model", ["HX-4411", "WH-1000XM5", "3700823", "ABCDEF12"])
def test_a_model_is_kept(model: str) -> None:
    assert said("title_mpn(?)", model) == model


def test_one_product_is_called_in_the_singular() -> None:
    names = {(name.category, name.language): name.text for name in glossary(("en", "de")).categories}
    assert (names["phones", "en"], names["headphones", "de"], names["kitchen", "en"]) == ("Mobile Phone", "Kopfhörer", "Kitchenware")
