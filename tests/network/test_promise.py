"""When a parcel arrives, and networks that are refused."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tradewind.network import NetworkIsInvalid, cut_off, load_network, parse_network, promise

NETWORK = load_network()


def arrival(lane_id: str, country: str, ordered_at: datetime) -> tuple[date, date]:
    lane = next(lane for lane in NETWORK.lanes if lane.lane_id == lane_id)
    found = promise(lane, NETWORK.location(lane.location_id), country, ordered_at)
    return found.earliest, found.latest


def test_an_order_before_the_cut_off_leaves_the_same_day() -> None:
    assert arrival("DUI-1.de", "DE", datetime(2026, 11, 23, 9, tzinfo=UTC)) == (date(2026, 11, 24), date(2026, 11, 27))


def test_an_order_after_the_cut_off_leaves_a_day_later() -> None:
    assert arrival("DUI-1.de", "DE", datetime(2026, 11, 23, 16, tzinfo=UTC)) == (date(2026, 11, 25), date(2026, 11, 30))


@given(some.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=some.just(UTC)))
def test_a_promise_holds_until_the_cut_off_and_not_longer(ordered_at: datetime) -> None:
    lane = next(lane for lane in NETWORK.lanes if lane.lane_id == "SZX-1.us")
    ends = cut_off(lane, NETWORK.location("SZX-1"), ordered_at)
    assert ends > ordered_at
    assert arrival("SZX-1.us", "US", ordered_at) == arrival("SZX-1.us", "US", ends - timedelta(seconds=1))
    assert arrival("SZX-1.us", "US", ends) > arrival("SZX-1.us", "US", ordered_at)


def test_holidays_and_weekends_do_not_count() -> None:
    assert arrival("DUI-1.de", "DE", datetime(2026, 12, 24, 9, tzinfo=UTC))[0] == date(2026, 12, 28)


def test_every_invented_rate_card_says_so() -> None:
    cards = {card for lane in NETWORK.lanes for card in lane.rate_cards}
    assert all(card.invented and card.signed_by and card.source.startswith("invented") for card in cards)


@pytest.mark.parametrize("text", ["surprise = 1", "[[lane]]\nid = 'a'\nlocation = 'nowhere'", "not toml ["])
def test_a_network_that_contradicts_itself_is_refused(text: str) -> None:
    with pytest.raises(NetworkIsInvalid):
        parse_network(text)
