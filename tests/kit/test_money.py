"""Money: integer minor units, sums that are preserved, one rounding function."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.kit import AmountIsInvalid, CurrenciesDiffer, Currency, CurrencyUnknown, InputIsInvalid, Money, Rounding, divide, sum_of

USD, JPY, KWD = Currency("USD"), Currency("JPY"), Currency("KWD")
DECIMAL_MODES = {
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.HALF_EVEN: ROUND_HALF_EVEN,
    Rounding.DOWN: ROUND_DOWN,
    Rounding.UP: ROUND_UP,
}
amounts = st.integers(-(10**12), 10**12)


@given(amounts, st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_shares_always_add_up_to_the_amount(minor: int, weights: list[int]) -> None:
    shares = Money(minor, USD).split(weights)
    assert sum_of(shares, USD) == Money(minor, USD)


@given(amounts, st.lists(st.integers(1, 10**6), min_size=1, max_size=20))
def test_a_share_is_never_further_than_one_unit_from_its_proportion(minor: int, weights: list[int]) -> None:
    for share, weight in zip(Money(minor, USD).split(weights), weights, strict=True):
        assert abs(share.minor * sum(weights) - minor * weight) < sum(weights)


@given(amounts, st.integers(-(10**6), 10**6).filter(bool), st.sampled_from(list(Rounding)))
def test_division_rounds_as_decimal_arithmetic_does(numerator: int, denominator: int, mode: Rounding) -> None:
    exact = Decimal(numerator) / Decimal(denominator)
    assert divide(numerator, denominator, mode) == int(exact.quantize(Decimal(1), rounding=DECIMAL_MODES[mode]))


@given(amounts, st.sampled_from([USD, JPY, KWD]))
def test_a_written_amount_reads_back_the_same(minor: int, currency: Currency) -> None:
    amount = Money(minor, currency)
    assert Money.parse(amount.plain(), currency) == amount


@pytest.mark.parametrize(
    ("minor", "currency", "text"), [(1999, USD, "USD 19.99"), (-5, USD, "USD -0.05"), (1999, JPY, "JPY 1999"), (1, KWD, "KWD 0.001")]
)
def test_money_is_written_with_its_currency(minor: int, currency: Currency, text: str) -> None:
    assert str(Money(minor, currency)) == text


@pytest.mark.parametrize("text", ["", "1,5", "1.999", "１", "1e3", "--1", "NaN", "1."])
def test_a_text_that_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(AmountIsInvalid):
        Money.parse(text, USD)


def test_currencies_never_mix() -> None:
    with pytest.raises(CurrenciesDiffer):
        Money(1, USD) + Money(1, JPY)


def test_an_unknown_currency_is_refused_by_name() -> None:
    with pytest.raises(CurrencyUnknown, match="XYZ"):
        Currency("XYZ")


def test_a_split_without_weights_is_refused() -> None:
    with pytest.raises(InputIsInvalid):
        Money(100, USD).split([])


def test_a_rate_in_millionths_is_rounded_once() -> None:
    assert Money(5550, USD).share(190_000, Rounding.HALF_UP) == Money(1055, USD)
