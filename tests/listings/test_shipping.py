"""Lanes as account-level shipping services: what they say, and what Google's form cannot."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tradewind.listings.shipping import MAX_DAYS, SERVICES_PER_COUNTRY, ShippingPlan, compile_shipping, lane_labels, short_returns
from tradewind.markets import Market, load_market
from tradewind.network import Lane, Network, load_network

DAY = date(2026, 11, 23)
NETWORK = load_network()


def compiled(*codes: str, network: Network = NETWORK, day: date = DAY) -> ShippingPlan:
    return compile_shipping([load_market(code) for code in codes], network, day)


def lanes_to_us(*changes: dict[str, object]) -> Network:
    """A network whose only lanes are copies of the first one to the United States."""
    lane = NETWORK.lanes_to("us")[0]
    lanes = tuple(replace(lane, lane_id=f"lane-{number}", **change) for number, change in enumerate(changes))  # type: ignore[arg-type]
    return Network(NETWORK.locations, lanes)


def test_every_market_of_the_demo_has_a_service_in_its_own_currency() -> None:
    plan = compiled("us", "de", "th")
    assert [(one.name, one.country, one.currency.code) for one in plan.services] == [
        ("tradewind us", "US", "USD"),
        ("tradewind de", "DE", "EUR"),
        ("tradewind th", "TH", "THB"),
    ]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(0, 9), st.integers(0, 20)), min_size=1, max_size=5))
def test_no_lane_is_slower_or_faster_than_its_service_says(spans: list[tuple[int, int, int, int]]) -> None:
    changes = [{"handling_days": (a, a + b), "transit_days": (c, c + d)} for a, b, c, d in spans]
    network = lanes_to_us(*changes)
    service = compiled("us", network=network).services[0]
    for lane in network.lanes:
        for said, real in ((service.handling_days, lane.handling_days), (service.transit_days, lane.transit_days)):
            assert said[0] <= real[0] <= real[1] <= said[1]


def test_lanes_that_differ_are_told() -> None:
    plan = compiled("us", network=lanes_to_us({"transit_days": (1, 2)}, {"transit_days": (5, 9), "takes_batteries": False}))
    assert {one.subject for one in plan.misfits} >= {"days", "batteries"}
    assert not any(one.at_item for one in plan.misfits)


def test_a_market_that_is_not_reached_has_no_service() -> None:
    plan = compiled("us", network=lanes_to_us())
    assert (plan.services, [one.subject for one in plan.misfits]) == ((), ["lanes"])
    assert compiled("us", day=date(2020, 1, 1)).services == ()


def test_what_is_slower_than_google_shows_stays_with_the_listings() -> None:
    plan = compiled("us", network=lanes_to_us({"transit_days": (5, MAX_DAYS + 1)}))
    assert (plan.services, [(one.subject, one.at_item) for one in plan.misfits]) == ((), [("days", True)])


def test_a_country_takes_only_so_many_services() -> None:
    markets: list[Market] = [load_market("us")] * (SERVICES_PER_COUNTRY + 1)
    plan = compile_shipping(markets, NETWORK, DAY)
    assert len(plan.services) == SERVICES_PER_COUNTRY
    assert [one.subject for one in plan.misfits if one.at_item] == ["services"]


def test_the_heaviest_rate_card_ends_the_service() -> None:
    lane: Lane = NETWORK.lanes_to("us")[0]
    card = lane.rate_cards[0]
    lighter = replace(card, bands=((500, 1000),))
    plan = compiled("us", network=lanes_to_us({"rate_cards": (lighter,)}, {"rate_cards": (card,)}))
    assert plan.services[0].max_weight_g == card.max_weight_g
    assert "weight" in {one.subject for one in plan.misfits}


def test_a_return_policy_must_give_the_days_of_the_law() -> None:
    germany = [load_market("de")]
    assert [one.subject for one in short_returns(germany, {"DE": 7}, DAY, {})] == ["returns"]
    assert "no return policy covers DE" in short_returns(germany, {}, DAY, {})[0].message
    assert short_returns(germany, {"DE": 14}, DAY, {}) == ()


def test_lanes_that_differ_have_services_of_their_own_by_label() -> None:
    network = lanes_to_us({"transit_days": (1, 2)}, {"transit_days": (5, 9)}, {"transit_days": (1, 2)})
    plan = compile_shipping([load_market("us")], network, DAY, {"us"})
    assert lane_labels(load_market("us"), network, DAY) == {"lane-0": "lane-0", "lane-1": "lane-1", "lane-2": "lane-0"}
    told = [(one.name, one.label, one.transit_days, one.other_labels) for one in plan.services]
    assert told == [
        ("tradewind us", "", (1, 9), ("lane-0", "lane-1")),
        ("tradewind us lane-0", "lane-0", (1, 2), ()),
        ("tradewind us lane-1", "lane-1", (5, 9), ()),
    ]
    assert [one.subject for one in plan.misfits if one.subject in {"labels", "days"}] == ["labels"]


def test_lanes_that_promise_the_same_need_no_label() -> None:
    assert lane_labels(load_market("us"), lanes_to_us({}, {}), DAY) == {}
    assert len(compile_shipping([load_market("us")], lanes_to_us({}, {}), DAY, {"us"}).services) == 1


def test_more_groups_than_google_takes_are_told_and_stay_one_service() -> None:
    network = lanes_to_us(*({"transit_days": (1, number)} for number in range(2, 12)))
    plan = compile_shipping([load_market("us")] * 2, network, DAY, {"us"})
    assert len(plan.services) == 12
    assert any("room for 8 more services" in one.message for one in plan.misfits)
