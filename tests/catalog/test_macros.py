"""The SQL readings of numbers, amounts and identifiers: exact, and the same as the kit's."""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.catalog.lookups import fill_lookups
from tradewind.catalog.sql import run
from tradewind.db import duck
from tradewind.kit import AmountIsInvalid, Currency, Money, gtin_problem


@pytest.fixture(scope="module")
def sql() -> Iterator[duckdb.DuckDBPyConnection]:
    with duck.connect(threads=1, memory_limit_mb=256) as connection:
        fill_lookups(connection)
        run(connection, "macros.sql")
        run(connection, "normalize_macros.sql")
        yield connection


def value(sql: duckdb.DuckDBPyConnection, expression: str, *given_values: object) -> Any:
    row = sql.execute(f"SELECT {expression}", list(given_values)).fetchone()
    assert row is not None
    return row[0]


def with_check_digit(body: str) -> str:
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return body + str(-total % 10)


gtins = st.integers(7, 13).flatmap(lambda size: st.text("0123456789", min_size=size, max_size=size)).map(with_check_digit)


@given(text=gtins | st.text("0123456789", max_size=15) | st.text(max_size=6))
def test_sql_and_kit_agree_on_every_gtin(sql: duckdb.DuckDBPyConnection, text: str) -> None:
    assert value(sql, "gtin_problem($1::VARCHAR)", text) == gtin_problem(text)


@given(minor=st.integers(0, 10**12), currency=st.sampled_from(["USD", "CNY", "JPY", "KWD"]))
def test_a_written_amount_is_read_back_exactly(sql: duckdb.DuckDBPyConnection, minor: int, currency: str) -> None:
    money = Money(minor, Currency(currency))
    read = "SELECT amount_number($1::VARCHAR) AS n, amount_code($1::VARCHAR) AS code"
    scaled = f"SELECT plain_number(n, '.') AS n, currency_scale(code) AS scale FROM ({read})"
    assert value(sql, f"minor_units(n, scale) FROM ({scaled})", f"{money.plain()} {currency}") == minor


@given(text=st.from_regex(r"[0-9]{1,6}(\.[0-9]{1,4})?", fullmatch=True))
def test_sql_and_kit_agree_on_how_many_decimals_a_dollar_has(sql: duckdb.DuckDBPyConnection, text: str) -> None:
    try:
        expected: int | None = Money.parse(text, Currency("USD")).minor
    except AmountIsInvalid:
        expected = None
    assert value(sql, "minor_units(plain_number($1, '.'), 100)", text) == expected


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("1,299.00", ".", "1299.00"),
        ("1.299,00", ",", "1299.00"),
        ("1,2", ".", None),
        ("1,2", ",", "1.2"),
        ("12,34,567", ".", None),
        (".5", ".", ".5"),
        ("1 299,00", ",", "1299.00"),
        ("1\u202f299\xa0000,5", ",", "1299000.5"),
        ("1'299.00", ".", "1299.00"),
        ("1 299,00", ".", None),
        ("1 29", ".", None),
    ],
)
def test_separators_are_never_guessed(sql: duckdb.DuckDBPyConnection, text: str, mark: str, expected: str | None) -> None:
    assert value(sql, "plain_number($1, $2)", text, mark) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.5 kg", 1500),
        ("2斤", 1000),
        ("0.05 lb", 23),
        ("8 oz", 227),
        ("750克", 750),
        ("1.2公斤", 1200),
        ("300mg", 0),
        ("7 stone", None),
        ("1.5 กก.", 1500),
        ("500 ก.", 500),
        ("2 ก.ก.", 2000),
        ("250 กรัม", 250),
        ("3 ขีด", 300),
        ("1 200 g", 1200),
        ("1 20 g", None),
    ],
)
def test_weights_become_grams_exactly(sql: duckdb.DuckDBPyConnection, text: str, expected: int | None) -> None:
    # In layers, as the import does it: macros are inlined, and nested ones take a second to plan.
    read = "SELECT measure_number($1::VARCHAR) AS m, measure_unit($1::VARCHAR, NULL) AS unit"
    tenths = f"SELECT ten_thousandths(n) AS tenths, unit FROM (SELECT plain_number(m, '.') AS n, unit FROM ({read}))"
    assert value(sql, f"grams(tenths, unit) FROM ({tenths})", text) == expected


@pytest.mark.parametrize(
    ("code", "country", "expected"),
    [
        ("9503.00.99.90", None, "9503009990"),
        ("8517129000999", "CN", "851712"),
        ("8517129000999", None, None),
        ("8517", "CN", None),
        ("851830", "CN", "851830"),
    ],
)
def test_a_chinese_tariff_code_gives_its_first_six_digits(
    sql: duckdb.DuckDBPyConnection, code: str, country: str | None, expected: str | None
) -> None:
    assert value(sql, "hs_of($1, $2)", code, country) == expected


@pytest.mark.parametrize(
    ("text", "number", "code", "sign"),
    [
        ("THB 1299.50", "1299.50", "THB", None),
        ("1 299,00 €", "1 299,00", "", "EUR"),
        ("฿ 1,299", "1,299", "", "THB"),
        ("199 บาท", "199", "", "THB"),
        ("Rs. 799", "799", "", None),
        ("12 34", "", "", None),
    ],
)
def test_an_amount_stands_beside_its_currency(sql: duckdb.DuckDBPyConnection, text: str, number: str, code: str, sign: str | None) -> None:
    assert value(sql, "[amount_number($1::VARCHAR), amount_code($1::VARCHAR), amount_sign($1)]", text) == [number, code, sign]


@pytest.mark.parametrize(
    ("text", "expected"), [("30 x 20 x 5 ซม.", 300), ("30ซม.x20ซม.x5ซม.", 300), ("300*200*50mm", 300), ("12 นิ้ว x 3 x 4 นิ้ว", 305)]
)
def test_lengths_become_millimeters(sql: duckdb.DuckDBPyConnection, text: str, expected: int) -> None:
    read = "SELECT dimension_number($1::VARCHAR, 1) AS n, dimension_unit($1::VARCHAR, NULL) AS unit"
    assert value(sql, f"millimeters(ten_thousandths(n), unit) FROM ({read})", text) == expected
