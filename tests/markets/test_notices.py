"""Notices and papers: by goods, place and day, with what the seller can show."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tradewind.markets import Goods, Seller, TariffOrder, flags_for, load_market, load_seller, load_tariff, notices_for, papers_for

TODAY = date(2026, 11, 23)
HEADPHONES, SHIRT = Goods("851830", "Lumio", "contained"), Goods("610910", "Lumio", "none")


def topics(code: str, goods: Goods = SHIRT, place: str = "offer", day: date = TODAY) -> set[str]:
    return {one.topic for one in notices_for(load_market(code), day, goods, load_seller(), place)}


def a_seller_without_anything() -> Seller:
    return replace(load_seller(), registrations=(), makers=())


def test_an_offer_in_the_union_names_the_maker_and_the_responsible_person() -> None:
    (found,) = [one for one in notices_for(load_market("de"), TODAY, SHIRT, load_seller()) if one.topic == "product_safety"]
    assert found.maker is not None
    assert found.person is not None
    assert found.maker.address
    assert found.person.email


def test_what_the_seller_does_not_know_is_not_invented() -> None:
    found = next(one for one in notices_for(load_market("de"), TODAY, SHIRT, a_seller_without_anything()) if one.topic == "product_safety")
    assert (found.maker, found.person) == (None, None)


@pytest.mark.parametrize(("day", "expected"), [(date(2026, 6, 18), False), (date(2026, 6, 19), True), (date(2026, 11, 23), True)])
def test_the_withdrawal_function_is_shown_since_its_day(day: date, expected: bool) -> None:
    assert ("withdrawal" in topics("de", day=day)) is expected


@pytest.mark.parametrize(("day", "expected"), [(date(2026, 9, 26), False), (date(2026, 9, 27), True)])
def test_the_legal_guarantee_is_told_since_its_day(day: date, expected: bool) -> None:
    assert ("legal_guarantee" in topics("de", day=day)) is expected


def test_electrical_goods_tell_of_their_waste_and_clothes_of_their_fibers() -> None:
    assert "electrical_waste" in topics("de", HEADPHONES)
    assert "electrical_waste" not in topics("de", SHIRT)
    assert "textile_fibers" in topics("de", SHIRT)


@pytest.mark.parametrize(("battery", "expected"), [("contained", True), ("none", False), (None, True)])
def test_a_known_battery_goes_before_what_the_code_lets_suppose(battery: str | None, expected: bool) -> None:
    assert ("battery_waste" in topics("de", Goods("851830", None, battery))) is expected


def test_a_battery_in_goods_of_another_code_is_told_too() -> None:
    assert "battery_shipping" in topics("us", Goods("610910", None, "contained"), "parcel")


def test_each_topic_is_told_once_by_the_countrys_own_rule() -> None:
    found = notices_for(load_market("de"), TODAY, HEADPHONES, load_seller())
    assert len({one.topic for one in found}) == len(found)
    assert {one.rule_id for one in found if one.topic == "battery_waste"} == {"DE.batteries.notice"}


def test_goods_without_a_code_get_every_notice() -> None:
    assert {"electrical_waste", "textile_fibers", "energy_label", "unit_price"} <= topics("de", Goods())


def test_notices_of_another_place_are_left_out() -> None:
    assert "battery_shipping" not in topics("us", HEADPHONES, "offer")
    assert "full_price" in topics("us", HEADPHONES, "checkout")


def test_papers_say_which_registration_the_seller_holds() -> None:
    found = {one.rule_id: one for one in papers_for(load_market("de"), TODAY, HEADPHONES, load_seller())}
    packaging = found["DE.epr.packaging"].registration
    assert packaging is not None
    assert packaging.number == "DE1234567890123"
    assert not found["DE.epr.packaging"].is_missing


def test_a_paper_that_the_seller_lacks_is_missing() -> None:
    found = {one.rule_id: one for one in papers_for(load_market("de"), TODAY, HEADPHONES, a_seller_without_anything())}
    assert found["DE.epr.weee"].is_missing
    assert not found["EU.ce_mark"].is_missing


def test_every_notice_and_paper_names_its_source() -> None:
    for code in ("us", "de", "gb", "th", "vn"):
        market, seller = load_market(code), load_seller()
        told = (*notices_for(market, TODAY, Goods(), seller), *papers_for(market, TODAY, Goods(), seller))
        assert all(one.source and one.text for one in told)


PGA = """Tariff Number,Description,Effective Date,Expiration Date,PGA 1,PGA 2
8518302000,HEADPHONES,1/1/2002,12/31/2030,FD1,EP7
6109100012,SHIRTS,1/1/2002,12/31/2030,,
"""


def with_flags(folder: Path) -> Path:
    (folder / "pga_2026-02-21.csv").write_text(PGA, encoding="utf-8")
    load_tariff(
        folder / "tariffs", TariffOrder(folder / "pga_2026-02-21.csv", "us", "USD", "Mei", TODAY, "us-pga-flags", date(2026, 2, 21))
    )
    return folder


def test_loaded_flags_of_customs_decide_about_an_agencys_paper(tmp_path: Path) -> None:
    folder, market, seller = with_flags(tmp_path), load_market("us"), load_seller()
    found = {code: flags_for(folder, code, TODAY) for code in ("851830", "610910")}
    assert found == {"851830": ("EP7", "FD1"), "610910": ()}
    needed = {code: {one.topic for one in papers_for(market, TODAY, Goods(code), seller, flags=flags)} for code, flags in found.items()}
    assert ["fda" in needed[code] for code in ("851830", "610910")] == [True, False]


def test_without_the_file_our_list_of_codes_decides(tmp_path: Path) -> None:
    assert flags_for(tmp_path, "851830", TODAY) is None
    assert flags_for(None, "851830", TODAY) is None
    assert "fda" in {one.topic for one in papers_for(load_market("us"), TODAY, Goods("330499"), load_seller())}
