"""Layers of duty added up: inheritance, ranges, exclusions, floors, days, and origins."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.markets import Confidence, LayerMode, TariffLayer, layers_in_force, load_market
from tradewind.pricing import DutyRate, duty_of
from tradewind.pricing.duties import duty_table, unpacked

DAY = date(2026, 10, 1)
CODES = ("61", "6109", "610910", "61091000", "6109100012", "61099010", "8471", "847130")


def a_layer(name: str, **changes: Any) -> TariffLayer:
    facts: dict[str, Any] = {"mode": LayerMode.ADD, "valid_from": date(2026, 1, 1), "valid_to": None, "source": "test"}
    return TariffLayer(id=name, **(facts | {"confidence": Confidence.CERTAIN} | changes))


def a_base(**changes: Any) -> TariffLayer:
    return a_layer("base", **({"chapters": (("61", 300_000), ("84", 100_000))} | changes))


def rate(layers: list[TariffLayer], code: str, origin: str | None = "CN") -> DutyRate:
    found, _ = duty_of(layers, "US", origin, code, DAY)
    assert found is not None
    return found


def test_a_code_takes_the_rate_of_its_longest_known_prefix() -> None:
    base = a_base(rates=(("610910", 165_000), ("6109100012", 50_000)))
    assert [rate([base], code).ppm for code in ("61091000", "6109100012", "610990")] == [165_000, 50_000, 300_000]
    assert rate([base], "610990").certainty == "estimate"


def test_a_code_that_is_partly_known_gives_the_range_of_its_lines() -> None:
    listed = a_layer("list", origins=("CN",), rates=(("61091000", 75_000),))
    found = rate([a_base(rates=(("610910", 165_000),)), listed], "610910")
    assert (found.low_ppm, found.ppm, found.certainty) == (165_000, 240_000, "likely")


def test_a_layer_is_not_owed_where_another_excludes_it() -> None:
    metal = a_layer("metal", rates=(("610910", 250_000),))
    flat = a_layer("flat", every_code_ppm=125_000, excluded_by=("metal",))
    base = a_base(rates=(("610910", 20_000), ("610990", 20_000)))
    assert (rate([base, metal, flat], "610910").ppm, rate([base, metal, flat], "610990").ppm) == (270_000, 145_000)


def test_a_floor_lifts_the_whole_duty_to_its_rate_and_no_further() -> None:
    floor = a_layer("floor", mode=LayerMode.UP_TO, tops_up="base", origins=("JP",), every_code_ppm=125_000)
    base = a_base(rates=(("610910", 165_000), ("610990", 20_000)))
    assert (rate([base, floor], "610910", "JP").ppm, rate([base, floor], "610990", "JP").ppm) == (165_000, 125_000)


def test_an_exemption_stays_below_its_prefix() -> None:
    flat = a_layer("flat", every_code_ppm=125_000, exempt=("847130",))
    assert (rate([a_base(), flat], "8471300100").ppm, rate([a_base(), flat], "847141").ppm) == (100_000, 225_000)


def test_a_list_that_nobody_gave_us_makes_an_estimate_from_nothing_to_its_rate() -> None:
    listed = a_layer("unlisted", origins=("CA",), every_code_ppm=500_000, unlisted=True, confidence=Confidence.DISPUTED)
    found = rate([a_base(rates=(("610910", 165_000),)), listed], "610910", "CA")
    assert (found.low_ppm, found.ppm, found.certainty) == (165_000, 665_000, "estimate")


def test_goods_made_at_home_owe_nothing_and_an_unknown_origin_the_dearest() -> None:
    listed = a_layer("list", origins=("CN",), every_code_ppm=250_000)
    base = a_base(rates=(("610910", 165_000),))
    assert [rate([base, listed], "610910", origin).ppm for origin in ("US", "VN", None)] == [0, 165_000, 415_000]


def test_a_code_of_no_chapter_has_no_rate() -> None:
    assert duty_of([a_base()], "US", "CN", "990000", DAY)[0] is None
    assert duty_of([], "US", "CN", "610910", DAY)[0] is None


RATES = st.integers(0, 1_000_000)
BASES = st.builds(
    lambda rates, ranged: a_base(rates=tuple(sorted(rates.items())), top_of_range=tuple(sorted(ranged & rates.keys()))),
    st.dictionaries(st.sampled_from(CODES), RATES),
    st.sets(st.sampled_from(CODES)),
)
LISTS = st.builds(
    lambda number, rates: a_layer(f"list {number}", rates=tuple(sorted(rates.items()))),
    st.integers(0, 10**9),
    st.dictionaries(st.sampled_from(CODES), RATES),
)


@given(BASES, st.lists(LISTS, max_size=3, unique_by=lambda layer: layer.id), st.sampled_from(CODES), st.booleans())
def test_one_more_layer_never_lowers_a_sum_and_the_range_holds(base: TariffLayer, lists: list[TariffLayer], code: str, tops: bool) -> None:
    more = a_layer("more", mode=LayerMode.UP_TO if tops else LayerMode.ADD, tops_up="base" if tops else None, every_code_ppm=125_000)
    before, after = rate([base, *lists], code), rate([base, *lists, more], code)
    assert 0 <= before.low_ppm <= before.ppm
    assert (after.low_ppm >= before.low_ppm, after.ppm >= before.ppm) == (True, True)
    assert after.ppm - before.ppm <= 125_000


@given(BASES, LISTS, st.sampled_from(CODES[:-1]))
def test_a_finer_code_stays_within_the_range_of_its_heading_when_both_are_lines(base: TariffLayer, listed: TariffLayer, code: str) -> None:
    if code not in dict(base.rates):
        return
    whole = rate([base, listed], code)
    for finer in (one for one in CODES if one.startswith(code)):
        found = rate([base, listed], finer)
        assert whole.low_ppm <= found.low_ppm <= found.ppm <= whole.ppm


@given(st.lists(st.builds(DutyRate, st.sampled_from(["*", "like CN"]), st.sampled_from(CODES), RATES, st.just(("a", "b")), st.just("likely")),
                unique_by=lambda one: (one.group, one.prefix), max_size=12))  # fmt: skip
def test_a_table_survives_being_packed(rates: list[DutyRate]) -> None:
    table = duty_table(rates)
    again = unpacked(table.packed())
    assert (again, again.digest, set(again)) == (table, table.digest, set(rates))
    assert all(table.find(one.group, one.prefix) == DutyRate("", "", one.ppm, one.rule_ids, one.certainty) for one in rates)


def test_a_table_that_is_cut_off_is_refused() -> None:
    packed = duty_table([DutyRate("*", "61", 1, (), "certain")]).packed()
    with pytest.raises(ValueError, match="cut off"):
        unpacked(packed[:-4])


def on_day(day: date, code: str = "610910", origin: str = "CN") -> DutyRate | None:
    market = load_market("us")
    return duty_of(layers_in_force(market, day, {}), "US", origin, code, day)[0]


EDGES = [
    (date(2026, 2, 23), None),  # duties of that time were struck down since, and are not held
    (date(2026, 2, 24), {"US.mfn", "US.301.lists", "US.122.surcharge"}),
    (date(2026, 7, 23), {"US.mfn", "US.301.lists", "US.122.surcharge"}),
    (date(2026, 7, 24), {"US.mfn", "US.301.lists", "US.301fl.flat_12_5"}),
    (date(2027, 1, 1), {"US.mfn", "US.301.lists", "US.301fl.flat_12_5"}),
]


@pytest.mark.parametrize(("day", "layers"), EDGES)
def test_the_american_layers_of_a_shirt_change_on_their_days(day: date, layers: set[str] | None) -> None:
    found = on_day(day)
    assert (set(found.rule_ids) if found else None) == layers


def test_metals_owe_their_own_duty_from_their_day_and_no_surcharge() -> None:
    before, after = on_day(date(2026, 4, 5), "732393", "VN"), on_day(date(2026, 4, 6), "732393", "VN")
    assert before is not None
    assert after is not None
    assert (before.ppm, after.ppm) == (20_000 + 100_000, 20_000 + 250_000)


@pytest.mark.parametrize(("origin", "day"), [("CA", date(2026, 8, 19)), ("BR", date(2026, 7, 22))])
def test_a_measure_without_its_list_is_an_estimate_from_its_day(origin: str, day: date) -> None:
    before, after = on_day(day - timedelta(days=1), "611020", origin), on_day(day, "611020", origin)
    assert before is not None
    assert after is not None
    assert (before.certainty, after.certainty) == ("likely", "estimate")
    assert after.ppm > before.ppm
