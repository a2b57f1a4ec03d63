"""The gate's rules and the states of a market in a run."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.kit import TransitionNotAllowed
from tradewind.pipeline.rules import MARKET_RUN, Comparison, GateLimits, Shift, about, judge, percent

LIMITS = GateLimits(50_000, 30_000, 300_000, 1_700_000)
CALM = Comparison(
    market="us", run_id="run_b", compared_with="run_a", before_count=1000, after_count=1000, vanished_count=0, vanished=(),
    median_before=2000, median_after=2000, moved_count=0, moved_most_ppm=0, moved=(), shifts=(),
)  # fmt: skip


def rules_of(**changes: object) -> list[str]:
    return [finding.rule for finding in judge(replace(CALM, **changes), LIMITS)]


def test_a_calm_market_passes() -> None:
    assert rules_of() == []


@pytest.mark.parametrize(("vanished", "holds"), [(50, False), (51, True)])
def test_a_market_waits_when_more_than_five_percent_vanish(vanished: int, holds: bool) -> None:
    assert (rules_of(vanished_count=vanished) == ["vanished"]) is holds


@pytest.mark.parametrize(("median", "holds"), [(2060, False), (2061, True), (1940, False), (1939, True)])
def test_a_market_waits_when_its_median_price_moves_more_than_three_percent(median: int, holds: bool) -> None:
    assert (rules_of(median_after=median) == ["median_price"]) is holds


@pytest.mark.parametrize(("move", "holds"), [(300_000, False), (300_001, True)])
def test_a_market_waits_when_one_price_moves_more_than_thirty_percent(move: int, holds: bool) -> None:
    assert (rules_of(moved_most_ppm=move, moved_count=1) == ["single_price"]) is holds


@pytest.mark.parametrize(
    ("fact", "before", "after", "looks"),
    [
        ("cost", 21_200, 212, "hundredfold"),
        ("cost", 212, 2_120, "tenfold"),
        ("weight", 500, 1_000, "twofold"),
        ("weight", 500, 500_000, "thousandfold"),
    ],
)
def test_a_unit_mistake_in_a_category_is_named(fact: str, before: int, after: int, looks: str) -> None:
    shift = Shift(fact, "audio", 40, before, after, ())
    (finding,) = judge(replace(CALM, shifts=(shift,)), LIMITS)
    assert finding.rule == f"category_{fact}"
    assert looks in finding.message


def test_a_small_shift_and_a_tiny_category_say_nothing() -> None:
    assert rules_of(shifts=(Shift("cost", "audio", 40, 1000, 1200, ()), Shift("cost", "toys", 2, 100, 1, ()))) == []


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_what_a_change_looks_like_does_not_depend_on_its_direction(before: int, after: int) -> None:
    assert about(before, after) == about(after, before)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_more_vanished_offers_never_open_the_gate(few: int, more: int) -> None:
    low, high = sorted((few, more))
    assert len(rules_of(vanished_count=low)) <= len(rules_of(vanished_count=high))


def test_percentages_are_rounded_once() -> None:
    assert [percent(ppm) for ppm in (0, 53_149, 53_150, 1_000_000)] == ["0.0 %", "5.3 %", "5.3 %", "100.0 %"]


def test_every_state_can_be_left_only_by_its_own_steps() -> None:
    allowed = {(step.source, step.name): step.target for step in MARKET_RUN.transitions}
    names = {step.name for step in MARKET_RUN.transitions}
    for state in MARKET_RUN.states:
        for name in names:
            if (state, name) in allowed:
                assert MARKET_RUN.fire(state, name) == allowed[state, name]
            else:
                with pytest.raises(TransitionNotAllowed):
                    MARKET_RUN.fire(state, name)


def test_a_rejected_market_is_final() -> None:
    assert MARKET_RUN.final_states == {"rejected"}
