"""A region of regions.toml where an offer costs less, or is not to be had: the checkout keeps to what the channel shows there."""

from dataclasses import replace

import pytest
from counter import ANNA, NEW_YORK, Counter

from tradewind.bootstrap.selling import regional_terms
from tradewind.checkout import CheckoutSession, RegionalTerms
from tradewind.settings import Settings

HAWAII = replace(NEW_YORK, region="HI", postcode="96801", city="Honolulu")


def regional(counter: Counter, *terms: RegionalTerms) -> None:
    """From now on the counter's desk knows these terms for S1."""
    desks = counter.sessions.shop.desks
    shop = replace(counter.sessions.shop, desks=lambda market, day: replace(desks(market, day), regional={"S1": terms}))
    counter.sessions.shop = shop


def unit_price(session: CheckoutSession) -> int:
    return session.lines[0].unit_price


def test_a_region_costs_less_and_leaving_it_costs_what_all_pay(counter: Counter) -> None:
    plain = unit_price(counter.create(("S1", 1)))
    regional(counter, RegionalTerms(("967*", "968*"), plain - 500))
    session = counter.create(("S1", 1), buyer=ANNA, destination=NEW_YORK)
    assert unit_price(session) == plain
    session = counter.update(session, destination=HAWAII)
    assert unit_price(session) == plain - 500
    assert unit_price(counter.update(session, destination=HAWAII)) == plain - 500
    assert unit_price(counter.update(counter.get(session))) == plain


def test_a_higher_price_of_a_region_is_never_charged(counter: Counter) -> None:
    plain = unit_price(counter.create(("S1", 1)))
    regional(counter, RegionalTerms(("96801",), plain + 500))
    assert unit_price(counter.create(("S1", 1), buyer=ANNA, destination=HAWAII)) == plain


def test_what_is_not_sold_in_a_region_cannot_be_sent_there(counter: Counter) -> None:
    regional(counter, RegionalTerms(("967*", "968*"), None, is_sold=False))
    refused = counter.create(("S1", 1), buyer=ANNA, destination=HAWAII)
    assert "address_undeliverable" in [one.code for one in refused.messages if one.path == "$.destination"]
    assert counter.create(("S1", 1), buyer=ANNA, destination=NEW_YORK).status == "ready_for_complete"


@pytest.mark.parametrize(("pattern", "postcode", "held"), [("967*", " 96701", True), ("SW1*", "sw1a 1aa", True), ("967", "96701", False)])
def test_a_postcode_lies_in_a_region_by_its_beginning_or_as_a_whole(pattern: str, postcode: str, held: bool) -> None:
    assert RegionalTerms((pattern,), 1).holds_at(postcode) is held


def test_terms_come_from_regions_toml(workspace: Settings) -> None:
    workspace.rules_folder.mkdir(parents=True, exist_ok=True)
    text = '[[region]]\nid = "r"\ncountry = "US"\npostcodes = ["967*"]\n'
    text += '[[offer]]\nmarket = "us"\nlanguage = "en"\noffer_id = "S1"\nregion = "r"\navailable = false\n'
    (workspace.rules_folder / "regions.toml").write_text(text)
    assert regional_terms(workspace, "us") == {"S1": [RegionalTerms(("967*",), None, is_sold=False)]}
    assert regional_terms(workspace, "de") == {}
