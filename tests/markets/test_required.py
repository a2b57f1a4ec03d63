"""Withdrawal function, battery classes and the list of everything that an article must show or hold."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tradewind.markets import (
    Goods,
    Level,
    battery_class,
    holidays_of,
    load_market,
    load_markets,
    load_seller,
    required,
    withdrawal_function,
)

TODAY = date(2026, 11, 23)
HEADPHONES = Goods("851830", "Lumio", "contained")


@pytest.mark.parametrize(
    ("code", "day", "days"),
    [("de", date(2026, 6, 18), None), ("de", date(2026, 6, 19), 14), ("fr", TODAY, 14), ("us", TODAY, None), ("gb", TODAY, None)],
)
def test_the_withdrawal_function_is_of_the_union_and_of_its_day(code: str, day: date, days: int | None) -> None:
    found = withdrawal_function(load_market(code), day)
    assert (found.days if found else None) == days
    assert found is None or "2023/2673" in found.source


@pytest.mark.parametrize(
    ("received", "last"),
    [(date(2026, 11, 2), date(2026, 11, 16)), (date(2026, 10, 31), date(2026, 11, 16)), (date(2026, 12, 11), date(2026, 12, 28))],
)
def test_the_period_ends_on_a_working_day(received: date, last: date) -> None:
    market = load_market("de")
    found = withdrawal_function(market, TODAY)
    assert found is not None
    assert found.last_day(received, holidays_of(market, received.year)) == last
    assert found.is_open(last, received, holidays_of(market, received.year))
    assert not found.is_open(last + timedelta(1), received, holidays_of(market, received.year))
    assert found.is_open(TODAY, None)


@given(some.dates(date(2026, 6, 19), date(2030, 1, 1)))
def test_nobody_has_less_time_than_the_law_gives(received: date) -> None:
    found = withdrawal_function(load_market("de"), TODAY)
    assert found is not None
    assert found.last_day(received) >= received + timedelta(days=14)


@pytest.mark.parametrize(
    ("battery", "number"), [("contained", "UN 3481"), ("packed", "UN 3481"), ("standalone", "UN 3480"), ("none", None), (None, None)]
)
def test_a_battery_has_its_un_number(battery: str | None, number: str | None) -> None:
    found = battery_class(battery)
    assert (found.ion[0] if found else None) == number
    assert found is None or number in found.words


def test_the_list_names_places_parties_and_numbers() -> None:
    found = {one.rule_id: one for one in required(load_market("de"), TODAY, HEADPHONES, load_seller())}
    assert found["EU.withdrawal.button"].places == ("account", "offer")
    assert found["EU.gpsr.offer"].shown
    assert "DE1234567890123" in found["DE.epr.packaging"].shown
    assert {one.kind for one in found.values()} == {"notice", "paper"}


def test_what_the_seller_lacks_is_named() -> None:
    nobody = replace(load_seller(), registrations=(), makers=())
    found = {one.rule_id: one.missing for one in required(load_market("de"), TODAY, HEADPHONES, nobody)}
    assert found["EU.gpsr.offer"] == "the maker and a responsible person: seller.toml"
    assert "epr_packaging" in found["DE.epr.packaging"]


def test_flags_of_customs_decide_about_the_food_and_drug_administration() -> None:
    lotion = Goods("330499", None, "none")
    for flags, is_asked in ((None, True), (("FD2",), True), ((), False)):
        found = {one.rule_id for one in required(load_market("us"), TODAY, lotion, load_seller(), flags=flags)}
        assert ("US.fda" in found) is is_asked


def test_every_market_holds_notices_with_source_and_certainty() -> None:
    for market in load_markets().values():
        found = required(market, TODAY, Goods(), load_seller())
        assert len(found) >= 6, market.code
        assert all(one.source and one.text and one.certainty in {"certain", "likely", "estimate"} for one in found)
        own = [one for one in found if one.rule_id.startswith(market.country) and not one.rule_id.endswith("battery.shipping")]
        outside = market.level is Level.PRICEABLE and not any(rule.id.startswith("EU.") for rule in market.rules)
        assert not outside or {one.certainty for one in own} == {"likely"}
