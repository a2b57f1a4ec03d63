"""The batch engine's connections: their settings, and the macro that rounds as Python does."""

from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.db import duck
from tradewind.kit import Rounding, divide

ENGINE = duck.connect(threads=1, memory_limit_mb=256)
NUMBERS = st.integers(-(2**62), 2**62)


@given(NUMBERS, st.integers(-(2**61), 2**61).filter(bool))
def test_half_up_rounds_as_the_kit_does(numerator: int, denominator: int) -> None:
    row = ENGINE.execute("SELECT half_up(?::BIGINT, ?::BIGINT)", [numerator, denominator]).fetchone()
    assert row == (divide(numerator, denominator, Rounding.HALF_UP),)


@pytest.mark.parametrize("call", ["half_up(1, 0)", "half_up(9223372036854775807 * 2, 1)", "half_up(1.5::DOUBLE, 2)", "half_up(1.5, 2)"])
def test_what_has_no_honest_integer_is_refused(call: str) -> None:
    with pytest.raises(duckdb.Error):
        ENGINE.execute(f"SELECT {call}").fetchone()


def test_half_up_of_nothing_is_nothing() -> None:
    assert ENGINE.execute("SELECT half_up(NULL::BIGINT, 3), typeof(half_up(7, 3))").fetchone() == (None, "BIGINT")


def test_a_connection_fetches_nothing_prints_nothing_and_spills_where_it_is_told(tmp_path: Path) -> None:
    engine = duck.connect(threads=2, memory_limit_mb=300, temp_folder=tmp_path)
    rows = engine.execute("SELECT name, value FROM duckdb_settings()").fetchall()
    settings = dict(rows)
    assert settings["autoinstall_known_extensions"] == settings["autoload_known_extensions"] == "false"
    assert settings["enable_progress_bar"] == settings["preserve_insertion_order"] == "false"
    assert settings["temp_directory"] == str(tmp_path)
    assert settings["threads"] == "2"
