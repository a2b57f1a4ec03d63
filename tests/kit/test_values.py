"""Identifiers, ids and the state machine engine."""

import pickle
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean

from tradewind.kit import (
    Gtin,
    GtinIsInvalid,
    HsCode,
    HsCodeIsInvalid,
    InputIsInvalid,
    StateMachine,
    TradewindError,
    Transition,
    TransitionNotAllowed,
    fixed_clock,
    gtin_problem,
    new_id,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize("digits", ["4006381333931", "036000291452", "90311017", "10614141000415"])
def test_a_real_gtin_is_accepted(digits: str) -> None:
    assert Gtin(digits).digits == digits


@pytest.mark.parametrize(
    ("digits", "why"),
    [("4006381333932", "check digit"), ("123", "3 digits"), ("２006381333931", "digits only"), ("2012345678903", "reserved")],
)
def test_a_wrong_gtin_says_why(digits: str, why: str) -> None:
    with pytest.raises(GtinIsInvalid, match=why):
        Gtin(digits)


@given(st.from_regex(r"[34][0-9]{11}", fullmatch=True))
def test_changing_one_digit_breaks_a_gtin(body: str) -> None:
    digits = body + ean.calc_check_digit(body)
    broken = str((int(digits[0]) + 1) % 10) + digits[1:]
    assert gtin_problem(digits) == ""
    assert gtin_problem(broken) != ""


def test_an_hs_code_knows_its_international_part() -> None:
    assert HsCode("8518300000").subheading == "851830"


@pytest.mark.parametrize("digits", ["8518", "85.18.30", "85183", "851830000000"])
def test_a_wrong_hs_code_is_refused(digits: str) -> None:
    with pytest.raises(HsCodeIsInvalid):
        HsCode(digits)


@given(st.timedeltas(timedelta(milliseconds=1), timedelta(days=9000)))
def test_ids_sort_by_the_time_they_were_made(later: timedelta) -> None:
    first = new_id("run", clock=fixed_clock(NOON), random_bits=lambda _bits: 2**50 - 1)
    second = new_id("run", clock=fixed_clock(NOON + later), random_bits=lambda _bits: 0)
    assert first < second


DOOR = StateMachine(
    "door",
    (Transition("open", "closed", "opened"), Transition("close", "opened", "closed"), Transition("lock", "closed", "locked", guard=bool)),
)


def test_a_transition_moves_the_state() -> None:
    assert DOOR.fire("closed", "open") == "opened"


def test_a_guard_that_says_no_stops_the_transition() -> None:
    with pytest.raises(TransitionNotAllowed, match="does not hold"):
        DOOR.fire("closed", "lock", subject=False)


@pytest.mark.parametrize("state", DOOR.states)
@pytest.mark.parametrize("name", ["open", "close", "lock"])
def test_only_the_table_decides(state: str, name: str) -> None:
    allowed = any(step.source == state and step.name == name for step in DOOR.transitions)
    if allowed:
        assert DOOR.fire(state, name, subject=True) in DOOR.states
    else:
        with pytest.raises(TransitionNotAllowed, match="no such step"):
            DOOR.fire(state, name, subject=True)


def test_final_states_have_no_way_out() -> None:
    assert DOOR.final_states == {"locked"}


def test_an_error_keeps_its_hint_across_processes() -> None:
    error = pickle.loads(pickle.dumps(InputIsInvalid("x is wrong", hint="use y")))
    assert (type(error), error.message, error.hint) == (InputIsInvalid, "x is wrong", "use y")
    assert isinstance(error, TradewindError)
