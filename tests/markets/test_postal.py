"""An address is written as its country writes it."""

from collections.abc import Mapping

import pytest

from tradewind.markets import load_markets, postal_lines

PARTS = {"name": "Anna Schmidt", "lines": ["350 5th Ave", "Apt 3"], "city": "New York", "region": "NY", "postcode": "10001"}


@pytest.mark.parametrize(
    ("place", "lines"),
    [
        ({**PARTS, "country": "US"}, ("Anna Schmidt", "350 5th Ave", "Apt 3", "New York, NY 10001")),
        ({**PARTS, "country": "DE", "region": ""}, ("Anna Schmidt", "350 5th Ave", "Apt 3", "10001 New York")),
        ({**PARTS, "country": "gb"}, ("Anna Schmidt", "350 5th Ave", "Apt 3", "New York", "10001")),
        ({"country": "US", "city": "New York"}, ("New York",)),
        ({"country": "US", "region": "NY", "postcode": "10001"}, ("NY 10001",)),
        ({"country": "JP", "name": "A", "lines": ["1"]}, ("1", "A")),
        ({"country": "ZZ", "name": "A", "city": "B", "lines": None}, ("A", "B")),
        ({}, ()),
    ],
)
def test_the_order_is_the_country_s_and_nothing_stands_for_what_is_not_known(place: Mapping[str, object], lines: tuple[str, ...]) -> None:
    assert postal_lines(place) == lines


@pytest.mark.parametrize("country", sorted({market.country for market in load_markets().values()}))
def test_name_and_street_are_in_every_address(country: str) -> None:
    assert {"Anna Schmidt", "350 5th Ave"} <= set(postal_lines({**PARTS, "country": country}))
