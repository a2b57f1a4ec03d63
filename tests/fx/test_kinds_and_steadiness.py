"""Kinds of rate stay apart, and a rate that was used stays until it moved too far."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.adapters.fx import CUSTOMS, INVENTED, EcbHistory, load_rates, load_used, save_used
from tradewind.bootstrap import planner
from tradewind.markets import load_market
from tradewind.network import load_network
from tradewind.pricing import DatedRate, RateIsInvalid, SteadyRates, load_margins, price_book, rate_to_use
from tradewind.settings import Settings

DAY = date(2026, 11, 20)
CSV = """date,base,quote,rate,source,kind
2026-11-02,USD,VND,25410.5,my bank,shop
2026-11-01,USD,VND,25000,customs notice,customs
2026-11-01,EUR,GBP,0.84,HMRC monthly,customs
"""


def a_rate(numerator: int, denominator: int = 1000, day: date = DAY, base: str = "CNY") -> DatedRate:
    return DatedRate(base, "USD", numerator, denominator, day, "ECB")


def own(folder: Path, text: str = CSV) -> Path:
    (folder / "rates.csv").write_text(text, encoding="utf-8")
    return folder


def test_a_customs_rate_is_never_a_shop_rate(tmp_path: Path) -> None:
    behind = EcbHistory()
    shop, customs = (load_rates(own(tmp_path), behind, kind) for kind in ("shop", CUSTOMS))
    assert [one.rate("EUR", "GBP", DAY).source for one in (shop, customs)] == ["ECB 2026-10-30", "HMRC monthly 2026-11-01"]  # type: ignore[union-attr]
    assert [one.rate("USD", "VND", DAY).source for one in (shop, customs)] == ["my bank 2026-11-02", "customs notice 2026-11-01"]  # type: ignore[union-attr]


def test_a_customs_rate_that_is_lacking_is_the_shops_and_says_so(tmp_path: Path) -> None:
    found = load_rates(own(tmp_path), EcbHistory(), CUSTOMS).rate("EUR", "THB", DAY)
    assert found is not None
    assert "a shop rate" in found.source


def test_a_currency_that_a_bank_quotes_in_dollars_only_is_crossed_over_them(tmp_path: Path) -> None:
    rates = load_rates(own(tmp_path), EcbHistory())
    dong, yuan = rates.rate("CNY", "VND", DAY), rates.rate("CNY", "USD", DAY)
    assert dong is not None
    assert yuan is not None
    assert dong.numerator * yuan.denominator * 10 == dong.denominator * yuan.numerator * 254105
    assert (dong.day, dong.source) == (yuan.day, "my bank 2026-11-02 over ECB 2026-10-30")
    back = rates.rate("VND", "CNY", DAY)
    assert back is not None
    assert (back.numerator, back.denominator) == (dong.denominator, dong.numerator)


def test_the_dong_of_the_demo_is_invented_and_says_so() -> None:
    found = load_rates(None, EcbHistory()).rate("CNY", "VND", DAY)
    assert found is not None
    assert INVENTED in found.source


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("2026-11-01,USD,VND,25000,bank,spot", "spot"),
        ("2026-11-01,USD,DONG,25000,bank,shop", "DONG"),
        ("2026-11-01,USD,VND,0,bank,shop", "not above 0"),
        ("soon,USD,VND,25000,bank,shop", "soon"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line(row: str, word: str, tmp_path: Path) -> None:
    with pytest.raises(RateIsInvalid, match=word):
        load_rates(own(tmp_path, CSV + row + "\n"), EcbHistory())


@pytest.mark.parametrize(("newest", "kept"), [(1000, True), (1005, True), (995, True), (1006, False), (994, False)])
def test_a_used_rate_stays_while_the_newest_is_near(newest: int, kept: bool) -> None:
    used = rate_to_use(a_rate(1000, day=date(2026, 11, 1)), a_rate(newest), 5000)
    assert used.numerator == (1000 if kept else newest)
    assert used.day == DAY


def test_small_moves_add_up_to_a_change() -> None:
    used, seen = a_rate(10_000, 10_000), []
    for step in range(1, 8):
        used = rate_to_use(used, a_rate(10_000 + 20 * step, 10_000), 5000)
        seen.append(used.numerator)
    assert seen == [10_000, 10_000, 10_060, 10_060, 10_060, 10_120, 10_120]


def test_the_reason_of_a_kept_rate_does_not_grow() -> None:
    used = a_rate(1000, day=date(2026, 11, 1))
    for _ in range(3):
        used = rate_to_use(used, a_rate(1001), 5000)
    assert used.source == "ECB, kept on 2026-11-20: moved by 1000 ppm"


def test_planning_twice_on_one_day_gives_the_same_rate_to_the_letter() -> None:
    for newest in (1000, 1003, 1100):
        first = rate_to_use(a_rate(1000, day=date(2026, 11, 1)), a_rate(newest), 5000)
        assert rate_to_use(first, a_rate(newest), 5000) == first


def test_a_look_back_does_not_take_the_place_of_a_later_rate(tmp_path: Path) -> None:
    save_used(tmp_path, {("CNY", "USD"): a_rate(1000)})
    save_used(tmp_path, {("CNY", "USD"): a_rate(900, day=date(2026, 6, 30))})
    assert load_used(tmp_path)["CNY", "USD"].numerator == 1000


def test_a_plan_prices_with_the_used_rate_and_remembers_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    planner(settings)(["us"], DAY)
    pair = ("CNY", "USD")
    shipped = load_used(tmp_path)[pair]
    near = replace(shipped, numerator=shipped.numerator * 1001, denominator=shipped.denominator * 1000, day=date(2026, 10, 1))
    (tmp_path / "fx-used.json").unlink()
    save_used(tmp_path, {pair: near})
    (plan,) = planner(settings)(["us"], DAY)
    assert any("kept on 2026-10-30" in rate.source for rate in plan.price.fx)
    assert (
        load_used(tmp_path)[pair].numerator * shipped.denominator * 1000 == shipped.numerator * load_used(tmp_path)[pair].denominator * 1001
    )


def test_a_look_at_an_earlier_day_never_uses_a_later_rate() -> None:
    earlier = a_rate(1001, day=date(2026, 6, 30))
    assert rate_to_use(a_rate(1000), earlier, 5000) == earlier


def test_another_pair_is_never_taken() -> None:
    assert rate_to_use(a_rate(1000, base="EUR"), a_rate(1001), 5000) == a_rate(1001)


@given(used=st.integers(1, 10**9), newest=st.integers(1, 10**9), threshold=st.integers(0, 10**6))
def test_what_prices_is_never_further_from_the_newest_than_the_threshold(used: int, newest: int, threshold: int) -> None:
    chosen = rate_to_use(a_rate(used), a_rate(newest), threshold)
    assert abs(chosen.numerator - newest) * 10**6 <= threshold * used


def test_used_rates_survive_the_disk(tmp_path: Path) -> None:
    steady = SteadyRates(EcbHistory(), load_used(tmp_path), 5000)
    first = steady.rate("CNY", "USD", DAY)
    save_used(tmp_path, steady.taken)
    assert load_used(tmp_path) == {("CNY", "USD"): first}
    save_used(tmp_path, {("EUR", "USD"): a_rate(7, base="EUR")})
    assert len(load_used(tmp_path)) == 2


def test_a_broken_memory_is_said(tmp_path: Path) -> None:
    (tmp_path / "fx-used.json").write_text("[{}]", encoding="utf-8")
    with pytest.raises(RateIsInvalid, match="fx-used"):
        load_used(tmp_path)


def test_a_retired_currency_has_no_rate_and_makes_no_other_look_old() -> None:
    rates = EcbHistory()
    assert rates.rate("BGN", "EUR", date(2025, 12, 15)) is not None
    assert rates.rate("BGN", "EUR", date(2026, 10, 30)) is None
    book = price_book(load_market("de"), date(2026, 10, 30), load_network(), rates, load_margins(), {})
    assert not [issue for issue in book.issues if issue.startswith("fx older")]


def test_a_threshold_in_euros_is_turned_by_the_customs_rate_once_it_is_loaded(tmp_path: Path) -> None:
    customs = "2026-11-01,EUR,PLN,4.1234,NBP for customs,customs"
    rates = load_rates(own(tmp_path, f"date,base,quote,rate,source,kind\n{customs}\n"), EcbHistory())
    loaded, plain = (price_book(load_market("pl"), DAY, load_network(), one, load_margins(), {}) for one in (rates, EcbHistory()))
    assert next(band.up_to for band in loaded.bands[0] if band.up_to) == 61_851
    said = [next(text for rule, text, _ in book.sources if rule == "EU.vat.ioss") for book in (loaded, plain)]
    assert "EUR 150.00 counted as PLN 618.51 by the customs rate (NBP for customs 2026-11-01)" in said[0]
    assert "by the shop's rate, as no customs rate is loaded" in said[1]
