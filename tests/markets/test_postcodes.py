"""A postcode that no address of the country can have is told from one that may exist."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tradewind.markets import load_markets, postcode_problem

COUNTRIES = sorted({market.country for market in load_markets().values()})


@pytest.mark.parametrize(
    ("country", "postcode", "region"),
    [
        ("DE", "10115", None), ("de", " 10115 ", ""), ("GB", "sw1a 1aa", None), ("GB", "BFPO 12", None), ("US", "90001-1234", "CA"),
        ("US", "90001", "ca"), ("VN", "700000", None), ("IE", "A65 F4E2", None), ("CA", "H3Z 2Y7", "QC"), ("DE", "10115", "Berlin"),
        ("HK", "none at all", None), ("ZZ", "12", None),
    ],
)  # fmt: skip
def test_a_postcode_that_may_exist_has_no_problem(country: str, postcode: str, region: str | None) -> None:
    assert postcode_problem(country, postcode, region) is None


@pytest.mark.parametrize(
    ("country", "postcode", "told"),
    [
        ("DE", "1011", "such as 26133"), ("DE", "ABCDE", "ABCDE"), ("GB", "SW1A", "EC1Y"), ("US", "9000", "95014"), ("TH", "101500", "10150"),
        ("PL", "00950", "00-950"), ("SG", "12345", "546080"), ("FR", "7" * 1000, "FR"), ("JP", "1540", "154-0023"),
    ],
)  # fmt: skip
def test_a_malformed_one_is_named_with_an_example(country: str, postcode: str, told: str) -> None:
    assert told in (postcode_problem(country, postcode) or "")


def test_a_zip_code_of_another_state_is_told() -> None:
    assert postcode_problem("US", "90001", "NY") == 'the postcode "90001" does not lie in NY'


@given(some.sampled_from(COUNTRIES), some.text(max_size=15), some.sampled_from([None, "", "CA", "Berlin", "\0"]))
def test_any_text_has_an_answer(country: str, postcode: str, region: str | None) -> None:
    assert postcode_problem(country, postcode, region) in {None, postcode_problem(country, postcode, region)}
    assert postcode_problem(country, f"{postcode}!?") is not None
