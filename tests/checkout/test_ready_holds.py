"""Where a market asks for it, units are held from the moment a session is ready; nobody holds more than there is, nor for ever."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from bench.checkout_stage import Article, desks
from counter import ANNA, NEW_YORK, Counter, open_counter

from tradewind.checkout import CheckoutSession, CreateSession, MarketDesk, WantedLine
from tradewind.markets import MarketIsInvalid, load_market
from tradewind.settings import Settings

MINUTES = 10
WHOLE = CreateSession("us", (WantedLine("S1", 1),), buyer=ANNA, destination=NEW_YORK)


@pytest.fixture
def holding(workspace: Settings) -> Iterator[Counter]:
    """A counter whose markets hold for ten minutes, with five units of S1."""
    kept = desks()

    def held(market: str, day: date) -> MarketDesk:
        desk = kept(market, day)
        return replace(desk, market=replace(desk.market, hold_minutes=MINUTES))

    with open_counter(workspace, (Article("S1", units=5), Article("S2", kind=1))) as counter:
        counter.sessions.shop = replace(counter.sessions.shop, desks=held)
        yield counter


def codes(session: CheckoutSession) -> list[str]:
    return [one.code for one in session.messages if one.type == "error"]


def reserved(counter: Counter) -> int:
    (row,) = counter.rows("SELECT reserved FROM stock_level WHERE sku = 'S1'")
    return int(row["reserved"])


def test_a_ready_session_holds_its_units_and_the_next_buyer_is_told(holding: Counter) -> None:
    first = holding.ready(("S1", 4))
    assert (first.status, reserved(holding)) == ("ready_for_complete", 4)
    second = holding.ready(("S1", 2))
    assert (second.status, codes(second)) == ("incomplete", ["out_of_stock"])
    assert holding.complete(first).status == "completed"
    assert (reserved(holding), holding.available("S1"), holding.proven()) == (0, 1, True)


def test_what_is_not_ready_holds_nothing(holding: Counter) -> None:
    session = holding.create(("S1", 4))
    assert (session.status, reserved(holding)) == ("incomplete", 0)


def test_one_s_own_hold_never_stands_in_one_s_own_way(holding: Counter) -> None:
    session = holding.ready(("S1", 5))
    for quantity in (5, 3, 5):
        session = holding.update(session, ("S1", quantity))
        assert (session.status, reserved(holding)) == ("ready_for_complete", quantity)


def test_a_session_that_becomes_incomplete_or_is_canceled_gives_its_units_back(holding: Counter) -> None:
    session = holding.update(holding.ready(("S1", 5)), destination=None)
    assert (session.status, reserved(holding)) == ("incomplete", 0)
    session = holding.update(session)
    assert reserved(holding) == 5
    holding.run(holding.completing.cancel(session.session_id))
    assert (reserved(holding), holding.proven()) == (0, True)


def test_after_ten_minutes_somebody_else_may_have_them_and_the_first_is_told(holding: Counter) -> None:
    first = holding.ready(("S1", 5))
    holding.clock.now += timedelta(minutes=MINUTES, seconds=1)
    second = holding.ready(("S1", 5))
    assert second.status == "ready_for_complete"
    late = holding.complete(first)
    assert (late.status, codes(late)) == ("incomplete", ["out_of_stock"])
    assert (holding.complete(second).status, holding.proven()) == ("completed", True)


def test_an_expired_hold_that_nobody_took_still_buys(holding: Counter) -> None:
    session = holding.ready(("S1", 5))
    holding.clock.now += timedelta(minutes=MINUTES, seconds=1)
    assert (holding.complete(session).status, holding.proven()) == ("completed", True)


def test_nobody_holds_for_ever_by_changing_something_now_and_then(holding: Counter) -> None:
    session = holding.ready(("S1", 5))
    for _ in range(7):
        holding.clock.now += timedelta(minutes=MINUTES - 1)
        session = holding.update(session)
    assert (session.status, reserved(holding)) == ("ready_for_complete", 0)


def test_a_declined_card_gives_the_units_back(holding: Counter) -> None:
    session = holding.complete(holding.ready(("S1", 5)), "tok_decline")
    assert (codes(session), reserved(holding), holding.proven()) == (["payment_declined"], 0, True)


def test_of_many_who_become_ready_at_once_exactly_those_are_that_can_be_served(holding: Counter) -> None:
    async def all_at_once() -> list[CheckoutSession]:
        return await asyncio.gather(*(holding.sessions.create(WHOLE, f"k{number}") for number in range(16)))

    made = holding.run(all_at_once())
    assert sorted(one.status for one in made) == ["incomplete"] * 11 + ["ready_for_complete"] * 5
    assert (reserved(holding), holding.available("S1")) == (5, 0)
    done = [holding.complete(one) for one in made if one.status == "ready_for_complete"]
    assert [one.status for one in done] == ["completed"] * 5
    assert (reserved(holding), holding.proven()) == (0, True)


def test_the_same_key_at_once_holds_once(holding: Counter) -> None:
    async def twice() -> list[CheckoutSession]:
        return await asyncio.gather(*(holding.sessions.create(WHOLE, "k") for _ in range(2)))

    first, second = holding.run(twice())
    assert (first.session_id == second.session_id, reserved(holding)) == (True, 1)


def test_a_market_says_so_in_its_file(workspace: Settings) -> None:
    assert load_market("de").hold_minutes == 0
    folder = workspace.home / "rules"
    folder.mkdir()
    for minutes, accepted in ((10, True), (61, False)):
        (folder / "de.toml").write_text(
            f'market = "de"\nextends = ["eu"]\nlevel = "priceable"\nname = "Germany"\ncountry = "DE"\ncurrency = "EUR"\nlanguages = ["de"]\n'
            f"ending = {{ step = 100, last = 99 }}\nhold_minutes = {minutes}\n",
            "utf-8",
        )
        if accepted:
            assert load_market("de", folder).hold_minutes == minutes
        else:
            with pytest.raises(MarketIsInvalid):
                load_market("de", folder)
