"""What forbids a launch: each blocker names its way out."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tradewind.kit import Currency, Money
from tradewind.markets import (
    Confidence,
    Confirmation,
    Finding,
    Level,
    Market,
    Registration,
    Rule,
    RuleKind,
    Seller,
    TariffState,
    gaps_rule,
    launch_blockers,
    load_market,
    load_seller,
    permit_states,
    rate_blockers,
    tariff_state,
    tax_collected,
)

from .tariff_files import a_csv, loaded

TODAY = date(2026, 11, 23)


def a_rule(kind: RuleKind, name: str = "DE.rule", **more: object) -> Rule:
    return replace(Rule(name, kind, date(2020, 1, 1), None, "a law", Confidence.CERTAIN), **more)  # type: ignore[arg-type]


def a_market(*rules: Rule, **more: object) -> Market:
    base = replace(load_market("de"), level=Level.LAUNCHABLE, gaps=(), tariff_to_load=False, **more)  # type: ignore[arg-type]
    kept = tuple(rule for rule in base.rules if rule.registration is None and rule.confidence is not Confidence.DISPUTED)
    return replace(base, rules=(*kept, *rules))


def a_seller(*registrations: Registration, invented: bool = False) -> Seller:
    return Seller("Hangzhou Lamps Ltd", "CN", registrations, invented, "Mei")


def a_registration(kind: str = "vat", jurisdiction: str = "DE") -> Registration:
    return Registration(kind, jurisdiction, "DE123456788", date(2026, 1, 1), None, "Hangzhou Lamps Ltd")


def blockers(market: Market, seller: Seller | None = None, **more: object) -> tuple[Finding, ...]:
    return launch_blockers(market, seller or a_seller(), TODAY, {}, **more)  # type: ignore[arg-type]


AT_SALE = a_rule(RuleKind.TAX_AT_SALE, "DE.ioss", registration="ioss", at_most=Money(15000, Currency("EUR")), counts=("goods",))


def test_a_complete_market_and_a_real_seller_have_no_blocker() -> None:
    assert blockers(a_market()) == ()


def test_the_invented_seller_of_the_demo_blocks_every_launch() -> None:
    assert "seller" in [one.code for one in blockers(a_market(), load_seller())]


def test_a_market_that_is_only_priceable_is_never_launched_by_accident() -> None:
    assert [one.code for one in blockers(replace(a_market(), level=Level.PRICEABLE))] == ["level"]


def test_a_missing_registration_blocks_and_its_tax_is_not_collected() -> None:
    (found,) = blockers(a_market(AT_SALE))
    assert (found.code, found.rule) == ("registration", "DE.ioss")
    assert "not collected" in found.message
    assert not tax_collected(a_market(AT_SALE), a_seller(), TODAY, {})


def test_a_registration_of_the_union_lifts_the_blocker() -> None:
    seller = a_seller(a_registration("ioss", "EU"))
    assert blockers(a_market(AT_SALE), seller) == ()
    assert tax_collected(a_market(AT_SALE), seller, TODAY, {})


@pytest.mark.parametrize(("goods", "expected"), [(None, 1), (("851830",), 1), (("42",), 0)])
def test_a_paper_for_some_goods_blocks_only_who_sells_them(goods: tuple[str, ...] | None, expected: int) -> None:
    paper = a_rule(RuleKind.PAPER, "DE.weee", registration="epr_weee", text="register", hs=("85",))
    assert len(blockers(a_market(paper), goods=goods)) == expected


def test_a_missing_paper_does_not_stop_the_tax() -> None:
    paper = a_rule(RuleKind.PAPER, "DE.weee", registration="epr_weee", text="register")
    assert tax_collected(a_market(paper), a_seller(), TODAY, {})


def test_sales_tax_asks_for_a_permit_of_any_state() -> None:
    market = replace(a_market(), country="US")
    seller = a_seller(a_registration("sales_tax_permit", "US-TX"), a_registration("sales_tax_permit", "US-CA"))
    assert [one.rule for one in blockers(market)] == ["sales_tax_permit"]
    assert blockers(market, seller) == ()
    assert permit_states(seller, TODAY) == ("CA", "TX")


def test_a_member_knows_the_table_that_was_loaded_for_its_bloc(tmp_path: Path) -> None:
    assert not tariff_state(load_market("de", tmp_path)).loaded
    loaded(tmp_path, a_csv(tmp_path, "code,rate\n610910,12%\n"), tariff="eu", currency="EUR")
    assert all(tariff_state(load_market(code, tmp_path)).loaded for code in ("de", "fr"))
    assert not tariff_state(load_market("th", tmp_path)).loaded


@pytest.mark.parametrize(("state", "expected"), [(None, 1), (TariffState(loaded=False), 1), (TariffState(loaded=True, edition="2026"), 0)])
def test_a_market_without_an_open_tariff_asks_for_a_loaded_one(state: TariffState | None, expected: int) -> None:
    assert len(blockers(replace(a_market(), tariff_to_load=True), tariff_state=state)) == expected


def test_an_expired_rule_blocks_until_a_person_confirms_it() -> None:
    market = a_market(a_rule(RuleKind.NOTICE, "DE.old", text="a text", valid_to=date(2026, 9, 30)))
    word = Confirmation("DE.old", date(2026, 12, 31), "Mei", TODAY)
    assert [one.code for one in blockers(market)] == ["expired"]
    assert launch_blockers(market, a_seller(), TODAY, {"DE.old": word}) == ()


def test_a_disputed_rule_blocks_until_a_person_confirms_it() -> None:
    market = a_market(a_rule(RuleKind.NOTICE, "DE.doubt", text="a text", confidence=Confidence.DISPUTED))
    word = Confirmation("DE.doubt", date(2026, 12, 31), "Mei", TODAY)
    assert [one.code for one in blockers(market)] == ["disputed"]
    assert launch_blockers(market, a_seller(), TODAY, {"DE.doubt": word}) == ()


def test_stated_gaps_need_a_persons_word() -> None:
    market = replace(a_market(), gaps=("children's clothing stays at the standard rate",))
    word = Confirmation(gaps_rule(market), date(2026, 12, 31), "Mei", TODAY)
    assert "children's clothing" in blockers(market)[0].message
    assert launch_blockers(market, a_seller(), TODAY, {word.rule: word}) == ()


def test_every_blocker_names_its_way_out() -> None:
    market = replace(a_market(AT_SALE), tariff_to_load=True, gaps=("a gap",), level=Level.PRICEABLE)
    assert all(one.hint and one.message for one in blockers(market, load_seller()))


@pytest.mark.parametrize(
    ("newest", "invented", "expected"),
    [
        (date(2026, 11, 16), False, []),
        (date(2026, 11, 15), False, ["expired"]),
        (None, False, ["fx_missing"]),
        (date(2026, 11, 20), True, ["fx_invented"]),
    ],
)
def test_old_missing_and_invented_exchange_rates_block(newest: date | None, invented: bool, expected: list[str]) -> None:
    assert [one.code for one in rate_blockers(a_market(), newest, TODAY, 7, {}, invented=invented)] == expected


def test_old_rates_are_lifted_by_a_persons_word() -> None:
    word = Confirmation("fx.age", date(2026, 12, 31), "Mei", TODAY)
    assert rate_blockers(a_market(), date(2026, 10, 30), TODAY, 7, {"fx.age": word}) == ()
